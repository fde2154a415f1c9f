"""``dataclass`` as in the standard library, without its cost at start-up. Imports nothing of sigcli.

The standard decorator inspects every field and compiles every method of every class at import, about half a millisecond
a class; a command imports a hundred classes and uses most of them only a few times. This one inspects the fields
itself, runs each method as a loop for its first calls, and compiles it after that. What only the standard library can
do (``dataclasses.fields``) is prepared when it is first asked for. Type checkers see the standard decorator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass, fields, replace
else:
    import dataclasses
    from types import MemberDescriptorType

    _MISSING = dataclasses.MISSING
    _COMPARISONS = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}
    _FIELDS = "_lazy_fields"
    _ASIDE = ("ClassVar", "typing.ClassVar", "InitVar", "dataclasses.InitVar", "KW_ONLY")
    _LOOPS = 32
    """A method runs as a loop this often; compiling it costs as much as forty such calls, and most values are few."""
    _set = object.__setattr__

    class _Field:
        """What making and comparing values needs to know about a field."""

        __slots__ = ("compare", "default", "factory", "init", "kw_only", "name", "repr")

        def __init__(self, name, default, kw_only):
            self.name = name
            own = default if isinstance(default, dataclasses.Field) else None
            self.default = default if own is None else own.default
            self.factory = _MISSING if own is None else own.default_factory
            self.init = own is None or own.init
            self.repr = own is None or own.repr
            self.compare = own is None or own.compare
            asked = _MISSING if own is None else own.kw_only
            self.kw_only = kw_only if asked is _MISSING else asked

    class _Asked:
        """An attribute that the standard decorator sets on its classes, made on first access."""

        def __init__(self, name, make):
            self._name = name
            self._make = make

        def __get__(self, instance, owner):
            return getattr(self._make(), self._name)

    def dataclass(cls=None, /, **options):
        """Make a class a dataclass; takes the options of the standard decorator that this project uses."""
        return _make(cls, **options) if cls is not None else lambda cls: _make(cls, **options)

    def _make(cls, *, frozen=False, slots=False, order=False, kw_only=False, eq=True, repr=True):
        # inspect.get_annotations gives the same, and costs an import.
        annotations = cls.__dict__.get("__annotations__", {})  # noqa: RUF063
        own = {}
        for name, annotation in annotations.items():
            annotation = str(annotation)
            if not annotation.startswith(_ASIDE):
                own[name] = cls.__dict__.get(name, _MISSING)
            elif not annotation.startswith(_ASIDE[:2]):
                raise TypeError(f"{annotation} is left to the standard decorator")
        found = {}
        for base in cls.__mro__[-1:0:-1]:
            found.update(base.__dict__.get(_FIELDS) or _standard_fields(base))
        for name, default in own.items():
            if default.__class__.__hash__ is None:
                raise ValueError(f"the default of {name} is mutable: use default_factory")
            found[name] = _Field(name, default, kw_only)
        places = tuple([name for name, one in found.items() if one.init and not one.kw_only])
        made = []
        added = {
            _FIELDS: found,
            "__match_args__": places,
            **_like_the_standard(made, annotations, own, frozen=frozen, kw_only=kw_only),
            "__init__": _late(made, "__init__", _init_by_loop, lambda cls: _init(cls, frozen)),
        }
        methods = cls.__dict__
        if repr and "__repr__" not in methods:
            added["__repr__"] = _late(made, "__repr__", None, _repr)
        if eq and "__eq__" not in methods:
            added["__eq__"] = _late(
                made, "__eq__", _eq_by_loop, lambda cls: _comparison(cls, "__eq__", "==")
            )
        if eq and "__hash__" not in methods:
            added["__hash__"] = _late(made, "__hash__", _hash_by_loop, _hash) if frozen else None
        if order:
            for name, sign in _COMPARISONS.items():
                build = lambda cls, name=name, sign=sign: _comparison(cls, name, sign)  # noqa: E731
                added[name] = _late(made, name, None, build)
        if frozen:
            added.update(
                [(name, method) for name, method in _FROZEN.items() if name not in methods]
            )
        made.append(_with_slots(cls, own, added) if slots else _in_place(cls, own, added))
        return made[0]

    def fields(kind, /):
        """What ``dataclasses.fields`` gives, without types and metadata and without its preparation."""
        cls = kind if isinstance(kind, type) else kind.__class__
        found = cls.__dict__.get(_FIELDS)
        return dataclasses.fields(kind) if found is None else tuple(found.values())

    def replace(value, /, **changes):
        """``dataclasses.replace`` at a fraction of its cost, for the many values that change with each ratchet step."""
        change = _changing.get((value.__class__, *changes))
        if change is not None:
            return change(value, changes)
        cls = value.__class__
        found = cls.__dict__.get(_FIELDS)
        if found is None or not changes.keys() <= found.keys():
            return dataclasses.replace(value, **changes)
        if hasattr(cls, "__post_init__"):
            if not all(one.init for one in found.values()):
                return dataclasses.replace(value, **changes)
            for name in found:
                if name not in changes:
                    changes[name] = getattr(value, name)
            return cls(**changes)
        kind = (cls, *changes)
        calls = _changed[kind] = _changed.get(kind, 0) + 1
        if calls > _LOOPS:
            _changing[kind] = _change(cls, changes)
        made = cls.__new__(cls)
        for name in found:
            _set(made, name, changes[name] if name in changes else getattr(value, name))
        return made

    _changed = {}
    """How often values of a class were made with other values in certain fields, by class and names."""
    _changing = {}
    """The functions that do so, of what is done often."""

    # --- the class ---------------------------------------------------------------------------

    def _standard_fields(base):
        """The fields of a base class that the standard decorator made."""
        if "__dataclass_fields__" not in base.__dict__:
            return {}
        return {one.name: _Field(one.name, one, one.kw_only) for one in dataclasses.fields(base)}

    def _with_slots(cls, own, added):
        """Rebuild the class with a slot for each of its own fields, and without the defaults as class attributes."""
        inherited = {
            slot
            for base in cls.__mro__[1:-1]
            for slot in _slots_of(base.__dict__.get("__slots__", ()))
        }
        namespace = {**cls.__dict__, **added, "__qualname__": cls.__qualname__}
        for name in (*own, "__dict__", "__weakref__"):
            namespace.pop(name, None)
        namespace["__slots__"] = tuple([name for name in own if name not in inherited])
        return type(cls)(cls.__name__, cls.__bases__, namespace)

    def _slots_of(slots):
        return (slots,) if isinstance(slots, str) else tuple(slots)

    def _in_place(cls, own, added):
        for name, default in own.items():
            if isinstance(default, dataclasses.Field):
                if default.default is _MISSING:
                    delattr(cls, name)
                else:
                    setattr(cls, name, default.default)
        for name, attribute in added.items():
            setattr(cls, name, attribute)
        return cls

    def _like_the_standard(made, annotations, own, *, frozen, kw_only):
        """What lets the standard library's functions see a dataclass: a twin class, made when they look."""

        def beside():
            cls = made[0]
            bases = tuple(
                base for base in cls.__bases__ if getattr(base, "__dataclass_fields__", None)
            )
            defaults = {name: one for name, one in own.items() if one is not _MISSING}
            namespace = {
                "__module__": cls.__module__,
                "__qualname__": cls.__qualname__,
                "__doc__": cls.__doc__ or cls.__name__,
                "__annotations__": annotations,
                **defaults,
            }
            standard = dataclasses.dataclass(
                type(cls)(cls.__name__, bases, namespace),
                init=False,
                repr=False,
                eq=False,
                frozen=frozen,
                kw_only=kw_only,
            )
            for name in names:
                type.__setattr__(cls, name, getattr(standard, name))
            return standard

        names = ("__dataclass_fields__", "__dataclass_params__")
        return {name: _Asked(name, beside) for name in names}

    # --- its methods -------------------------------------------------------------------------

    def _late(made, name, loop, build):
        """A method that compiles itself: after its first calls, or at once if there is no ``loop`` for it."""
        calls = 0

        def first_calls(self, *args, **kwargs):
            nonlocal calls
            cls = made[0]
            calls += 1
            if calls <= _LOOPS and loop is not None:
                done = loop(cls, self, *args, **kwargs)
                if done is not _MISSING:
                    return done
            method = build(cls)
            method.__qualname__ = f"{cls.__qualname__}.{name}"
            setattr(cls, name, method)
            return method(self, *args, **kwargs)

        return first_calls

    def _init_by_loop(cls, self, *args, **kwargs):
        """Set the fields of a new value; MISSING if the compiled method has to raise the error."""
        fields = getattr(cls, _FIELDS)
        places = cls.__match_args__
        if len(args) > len(places):
            return _MISSING
        given = dict(zip(places, args, strict=False))
        for name, value in kwargs.items():
            if name in given or name not in fields or not fields[name].init:
                return _MISSING
            given[name] = value
        for name, one in fields.items():
            if name in given:
                value = given[name]
            elif one.default is not _MISSING:
                value = one.default
            elif one.factory is not _MISSING:
                value = one.factory()
            elif one.init:
                return _MISSING
            else:
                continue
            _set(self, name, value)
        if hasattr(cls, "__post_init__"):
            self.__post_init__()
        return None

    def _eq_by_loop(cls, self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return _values(cls, self) == _values(cls, other)

    def _hash_by_loop(cls, self):
        return hash(_values(cls, self))

    def _values(cls, value):
        return tuple(
            [getattr(value, name) for name, one in getattr(cls, _FIELDS).items() if one.compare]
        )

    def _init(cls, frozen):
        scope = {"_set": _set, "_MISSING": _MISSING}
        plain, keyword, body = [], [], []
        for name, field in getattr(cls, _FIELDS).items():
            value = name
            parameter = name
            if field.default is not _MISSING:
                scope[f"_default_{name}"] = field.default
                parameter = f"{name}=_default_{name}"
            elif field.factory is not _MISSING:
                scope[f"_factory_{name}"] = field.factory
                parameter = f"{name}=_MISSING"
                value = f"_factory_{name}() if {name} is _MISSING else {name}"
            if field.init:
                (keyword if field.kw_only else plain).append(parameter)
            elif field.default is not _MISSING:
                value = f"_default_{name}"
            elif field.factory is not _MISSING:
                value = f"_factory_{name}()"
            else:
                continue
            if not frozen:
                body.append(f"self.{name} = {value}")
            else:
                body.append(_putting(cls, "self", name, value, scope))
        if hasattr(cls, "__post_init__"):
            body.append("self.__post_init__()")
        parameters = ["self", *plain, *(["*", *keyword] if keyword else [])]
        return _function("__init__", parameters, body or ["pass"], scope)

    def _change(cls, names):
        scope = {"_new": cls.__new__, "_cls": cls, "_set": _set}
        body = ["made = _new(_cls)"]
        for name in getattr(cls, _FIELDS):
            source = f"changes[{name!r}]" if name in names else f"value.{name}"
            body.append(_putting(cls, "made", name, source, scope))
        return _function("replace", ["value", "changes"], [*body, "return made"], scope)

    def _putting(cls, target, name, source, scope):
        """The statement that sets a field of a frozen value."""
        slot = getattr(cls, name, None)
        if isinstance(slot, MemberDescriptorType):
            # Which finds its place by itself, faster than it is looked up by name.
            scope[f"_put_{name}"] = slot.__set__
            return f"_put_{name}({target}, {source})"
        return f"_set({target}, {name!r}, {source})"

    def _repr(cls):
        shown = ", ".join(
            f"{name}={{self.{name}!r}}" for name, one in getattr(cls, _FIELDS).items() if one.repr
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
        names = [name for name, one in getattr(cls, _FIELDS).items() if one.compare]
        return "(" + "".join(f"{who}.{name}, " for name in names) + ")"

    def _function(name, parameters, body, scope):
        lines = "\n ".join(body)
        exec(f"def {name}({', '.join(parameters)}):\n {lines}", scope)  # noqa: S102
        return scope[name]

    def _refuse(self, name, *_):
        raise dataclasses.FrozenInstanceError(f"cannot change field {name!r}")

    def _getstate(self):
        return [getattr(self, name) for name in getattr(self, _FIELDS)]

    def _setstate(self, state: list[Any]):
        for name, value in zip(getattr(self, _FIELDS), state, strict=True):
            _set(self, name, value)

    _FROZEN = {
        "__setattr__": _refuse,
        "__delattr__": _refuse,
        "__getstate__": _getstate,
        "__setstate__": _setstate,
    }


__all__ = ["dataclass", "fields", "replace"]
