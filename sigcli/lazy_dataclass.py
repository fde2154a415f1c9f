"""``dataclass`` as the standard library has it, without its cost at start-up. Imports nothing of sigcli.

The standard decorator compiles every method of every class when its module is imported, about half a millisecond
a class; a command imports a hundred classes and uses some of them. This one compiles a method when it is first
called. Type checkers see the standard decorator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses

    _BUILT = ("__init__", "__eq__", "__hash__", "__repr__")
    _COMPARISONS = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}

    def dataclass(cls=None, /, **options):
        """Make a class a dataclass; takes the options of the standard decorator that this project uses."""
        return _make(cls, **options) if cls is not None else lambda cls: _make(cls, **options)

    def _make(cls, *, frozen=False, slots=False, order=False, kw_only=False, eq=True, repr=True):
        own = {name for name in _BUILT if name in cls.__dict__}
        made = dataclasses.dataclass(
            cls, init=False, repr=False, eq=False, slots=slots, kw_only=kw_only
        )
        _late(made, "__init__", lambda: _init(made, frozen))
        if repr and "__repr__" not in own:
            _late(made, "__repr__", lambda: _repr(made))
        if eq and "__eq__" not in own:
            _late(made, "__eq__", lambda: _comparison(made, "__eq__", "=="))
        if eq and frozen and "__hash__" not in own:
            _late(made, "__hash__", lambda: _hash(made))
        elif eq and "__hash__" not in own:
            made.__hash__ = None
        if order:
            for name, sign in _COMPARISONS.items():
                _late(made, name, lambda name=name, sign=sign: _comparison(made, name, sign))
        if frozen:
            shared = {
                "__setattr__": _refuse,
                "__delattr__": _refuse,
                "__getstate__": _getstate,
                "__setstate__": _setstate,
            }
            for name, method in shared.items():
                if name not in made.__dict__:
                    setattr(made, name, method)
        return made

    def _late(cls, name, build):
        """Put a method in place that replaces itself by the compiled one when it is first called."""

        def first_call(self, *args, **kwargs):
            method = build()
            method.__qualname__ = f"{cls.__qualname__}.{name}"
            setattr(cls, name, method)
            return method(self, *args, **kwargs)

        setattr(cls, name, first_call)

    def _init(cls, frozen):
        scope = {"_set": object.__setattr__, "_MISSING": dataclasses.MISSING}
        plain, keyword, body = [], [], []
        for field in dataclasses.fields(cls):
            name = field.name
            value = name
            parameter = name
            if field.default is not dataclasses.MISSING:
                scope[f"_default_{name}"] = field.default
                parameter = f"{name}=_default_{name}"
            elif field.default_factory is not dataclasses.MISSING:
                scope[f"_factory_{name}"] = field.default_factory
                parameter = f"{name}=_MISSING"
                value = f"_factory_{name}() if {name} is _MISSING else {name}"
            if field.init:
                (keyword if field.kw_only else plain).append(parameter)
            elif field.default is not dataclasses.MISSING:
                value = f"_default_{name}"
            elif field.default_factory is not dataclasses.MISSING:
                value = f"_factory_{name}()"
            else:
                continue
            body.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
        if hasattr(cls, "__post_init__"):
            body.append("self.__post_init__()")
        parameters = ["self", *plain, *(["*", *keyword] if keyword else [])]
        return _function("__init__", parameters, body or ["pass"], scope)

    def _repr(cls):
        shown = ", ".join(
            f"{field.name}={{self.{field.name}!r}}"
            for field in dataclasses.fields(cls)
            if field.repr
        )
        body = [f'return f"{{self.__class__.__qualname__}}({shown})"']
        return _function("__repr__", ["self"], body, {})

    def _comparison(cls, name, sign):
        body = [
            "if other.__class__ is not self.__class__: return NotImplemented",
            f"return {_compared(cls, 'self')} {sign} {_compared(cls, 'other')}",
        ]
        return _function(name, ["self", "other"], body, {})

    def _hash(cls):
        return _function("__hash__", ["self"], [f"return hash({_compared(cls, 'self')})"], {})

    def _compared(cls, who):
        names = [field.name for field in dataclasses.fields(cls) if field.compare]
        return "(" + "".join(f"{who}.{name}, " for name in names) + ")"

    def _function(name, parameters, body, scope):
        lines = "\n ".join(body)
        exec(f"def {name}({', '.join(parameters)}):\n {lines}", scope)  # noqa: S102
        return scope[name]

    def _refuse(self, name, *_):
        raise dataclasses.FrozenInstanceError(f"cannot change field {name!r}")

    def _getstate(self):
        return [getattr(self, field.name) for field in dataclasses.fields(self)]

    def _setstate(self, state: list[Any]):
        for field, value in zip(dataclasses.fields(self), state, strict=True):
            object.__setattr__(self, field.name, value)


__all__ = ["dataclass"]
