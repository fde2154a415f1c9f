"""How an operation is declared: a class whose fields are its parameters.

    @operation
    class SendReaction(ToAudience):
        \"\"\"React to a message with an emoji.\"\"\"

        emoji: str = option("-e", "--emoji", help="one emoji")
        remove: bool = option("-r", "--remove", default=False, help="take the reaction back")

        def run(self, account: Account) -> Sent: ...

A parameter without ``default`` is required. The annotation says what it takes: ``bool`` is a flag, ``bool | None`` the
word true or false, ``Many[…]`` many values, which are held as a tuple.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast, dataclass_transform

from sigcli.errors import UsageError
from sigcli.lazy_dataclass import dataclass
from sigcli.operations.table import OPERATIONS, class_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from sigcli.operations.results import Result

T = TypeVar("T", bound="type[Declaration]")

# What a value may be completed to.
FILES = "files"
DIRECTORIES = "directories"
RECIPIENTS = "recipients"
GROUPS = "groups"

Many = Sequence
"""The annotation of a parameter that takes many values."""
_REQUIRED: Any = object()
_KINDS: dict[str, tuple[type, bool]] = {
    # annotation: (kind of one value, whether there may be many)
    **{
        text: (kind, False)
        for kind in (str, int, float, bool)
        for text in (kind.__name__, f"{kind.__name__} | None")
    },
    **{
        text: (kind, True)
        for kind in (str, int)
        for text in (f"Many[{kind.__name__}]", f"tuple[{kind.__name__}, ...]")
    },
}


class Parameter:
    """One parameter of an operation; what it is called and takes follows from where it stands."""

    __slots__ = (
        "any_word",
        "choices",
        "cli_only",
        "completes",
        "default",
        "first",
        "greedy",
        "help",
        "json_name",
        "kind",
        "many",
        "metavar",
        "minimum",
        "name",
        "names_in_json",
        "path_at",
        "reads_path",
        "required",
        "secret",
        "spellings",
        "suggestions",
        "takes_value",
        "value_if_bare",
    )

    name: str
    """The field."""
    json_name: str
    """Its name in JSON: camelCase, in the singular."""
    names_in_json: tuple[str, ...]
    """All its names in JSON, in camelCase: where none is given, those of its long spellings."""
    kind: type
    """str, int, float or bool: of one value."""
    many: bool
    takes_value: bool
    """False for a flag."""

    def __init__(
        self,
        spellings: tuple[str, ...],
        *,
        default: Any,
        help: str,
        json: str | None,
        metavar: str | None,
        choices: tuple[str, ...],
        minimum: int | None,
        greedy: bool,
        value_if_bare: str | None,
        completes: str | None,
        reads_path: bool,
        path_at: int,
        cli_only: bool,
        secret: bool,
        first: bool,
        any_word: bool,
        suggestions: tuple[str, ...],
    ) -> None:
        self.spellings = spellings
        self.required = default is _REQUIRED
        self.default = None if self.required else default
        self.help = help
        self.json_name = json or ""
        self.names_in_json = () if json is None else (json,)
        self.metavar = metavar
        self.choices = choices
        self.minimum = minimum
        self.greedy = greedy
        self.value_if_bare = value_if_bare
        self.completes = completes
        self.reads_path = reads_path
        self.path_at = path_at
        self.cli_only = cli_only
        self.secret = secret
        self.first = first
        self.any_word = any_word
        self.suggestions = suggestions

    def _place(self, name: str, annotation: str) -> None:
        """Take name and kind from the field."""
        self.name = name
        self.kind, self.many = _KINDS[annotation]
        self.takes_value = annotation != "bool"
        if not self.names_in_json:
            long = [one[2:] for one in self.spellings if one.startswith("--")]
            self.names_in_json = tuple(dict.fromkeys(map(camel_case, long or [name])))
            self.json_name = self.names_in_json[0]

    @property
    def is_argument(self) -> bool:
        """Whether it stands without a name on the command line."""
        return not self.spellings

    @property
    def long_name(self) -> str:
        """The first long spelling of an option; an argument's metavar."""
        return next((one for one in self.spellings if one.startswith("--")), self.shown_value)

    @property
    def shown_value(self) -> str:
        """What stands for a value where the parameter is shown."""
        if self.choices:
            return "|".join(self.choices)
        if self.kind is bool:
            return "true|false"
        return self.metavar or self.name.upper().replace("_", "-")

    @property
    def value_name(self) -> str:
        """What stands for one value in help and man pages."""
        if self.is_argument:
            name = self.name.upper().replace("_", "-")
            return name.removesuffix("S") if self.many else name
        if self.value_if_bare is not None:
            return f"[{self.shown_value}]"
        if self.choices or self.kind is bool or self.metavar:
            return self.shown_value
        long = self.long_name
        return "TIMESTAMP" if long.endswith("-timestamp") else long[2:].upper()

    def path_in(self, word: str) -> str:
        """The path that a value of a parameter that ``reads_path`` names; empty if it names none."""
        parts = word.split(":", self.path_at)
        return parts[self.path_at] if len(parts) > self.path_at else ""

    def fitted(self, value: Any) -> Any:
        """The value as the field holds it: tuples for many, a choice as it is spelled here.

        Raises ValueError with what the parameter takes.
        """
        if value is None:
            return None
        if self.many:
            return tuple(map(self._fitted, (value,) if isinstance(value, str) else value))
        return self._fitted(value)

    def _fitted(self, value: Any) -> Any:
        if self.choices:
            folded = _folded(value)
            for choice in self.choices:
                if _folded(choice) == folded:
                    return choice
            raise ValueError(_listed(self.choices))
        if self.minimum is not None and value < self.minimum:
            raise ValueError(f"a number from {self.minimum}")
        return value


def option(
    *spellings: str,
    default: Any = _REQUIRED,
    help: str,
    json: str | None = None,
    metavar: str | None = None,
    choices: tuple[str, ...] = (),
    minimum: int | None = None,
    greedy: bool = True,
    value_if_bare: str | None = None,
    completes: str | None = None,
    reads_path: bool = False,
    path_at: int = 0,
    cli_only: bool = False,
    secret: bool = False,
    first: bool = False,
    any_word: bool = False,
    suggestions: tuple[str, ...] = (),
) -> Any:
    """A parameter with a name on the command line; its names in JSON are those of its long spellings, unless ``json``.

    ``greedy``: one that takes many takes all words that follow, not only the next. ``value_if_bare``: what it means
    where its value is left out. ``reads_path``: the value names a file on this machine, after ``path_at`` colons.
    ``cli_only``: other front doors do not know it. ``secret``: never shown or logged. ``first``: helps show it before
    what is inherited. ``any_word``: of a boolean, that any other word than true is false on the command line, as
    for signal-cli. ``suggestions``: what shells complete a value to that may be any other.
    """
    return Parameter(
        spellings,
        default=default,
        help=help,
        json=json,
        metavar=metavar,
        choices=choices,
        minimum=minimum,
        greedy=greedy,
        value_if_bare=value_if_bare,
        completes=completes,
        reads_path=reads_path,
        path_at=path_at,
        cli_only=cli_only,
        secret=secret,
        first=first,
        any_word=any_word,
        suggestions=suggestions,
    )


def argument(
    *,
    default: Any = _REQUIRED,
    help: str,
    json: str | None = None,
    metavar: str | None = None,
    choices: tuple[str, ...] = (),
    completes: str | None = None,
    reads_path: bool = False,
    secret: bool = False,
    suggestions: tuple[str, ...] = (),
) -> Any:
    """A parameter that the command line takes by its place."""
    return option(
        default=default,
        help=help,
        json=json,
        metavar=metavar,
        choices=choices,
        completes=completes,
        reads_path=reads_path,
        secret=secret,
        suggestions=suggestions,
    )


class Declaration:
    """What has declared parameters: an operation, or a command that only the command line has."""

    __slots__ = ()
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    to_be_fitted: ClassVar[tuple[Parameter, ...]] = ()
    """Those that do not take every value of their kind, or take many."""
    refuses_unknown: ClassVar[bool] = False
    """Whether JSON with names that are no parameters is refused."""

    def __post_init__(self) -> None:
        for parameter in self.to_be_fitted:
            given = getattr(self, parameter.name)
            if given == parameter.default:
                continue
            try:
                value = parameter.fitted(given)
            except ValueError as error:
                raise UsageError(f"{parameter.long_name} takes {error}") from None
            object.__setattr__(self, parameter.name, value)
        self.check()

    def check(self) -> None:
        """Raises UserError for parameters that make no sense together, before anything is opened."""

    def __repr__(self) -> str:
        said = [one.name for one in self.parameters if getattr(self, one.name) != one.default]
        return f"{type(self).__name__}({', '.join(f'{name}=…' for name in said)})"


class Operation(Declaration):
    """Something that sigcli can be told to do, with its parameters.

    ``run`` never prints and never reads stdin; what it has to say beside its result goes through ``warn`` of what it
    is run on. Edits that the other devices shall learn of are handed in before it returns.
    """

    __slots__ = ()

    def run(self, on: Any, /) -> Result:
        """Do it, on an open account, or on the settings where its entry in the table says so."""
        raise NotImplementedError

    @classmethod
    def from_json(cls, params: Mapping[str, Any]) -> Self:
        """Read the parameters as programs write them; raises InvalidParameters, naming the parameter."""
        from sigcli.operations.reading import read_json

        return read_json(cls, params)

    @classmethod
    def parameters_schema(cls) -> dict[str, Any]:
        """JSON Schema (2020-12) of the parameters."""
        from sigcli.operations.schemas import parameters_schema

        return parameters_schema(cls)

    @classmethod
    def result_schema(cls) -> dict[str, Any]:
        """JSON Schema (2020-12) of the result."""
        from sigcli.operations.schemas import result_schema

        return result_schema(cls)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(option, argument))
def operation(cls: T) -> T:
    """Make a class a frozen value of its parameters: those of its bases, and those that it declares."""
    own: list[Parameter] = []
    # inspect.get_annotations gives the same, and costs an import.
    annotations = cls.__dict__.get("__annotations__", {})  # noqa: RUF063
    for name, annotation in annotations.items():
        parameter = cls.__dict__[name]
        parameter._place(name, annotation)
        own.append(parameter)
        if parameter.required:
            delattr(cls, name)
        else:
            setattr(cls, name, parameter.default)
    leading = [one for one in own if one.required or one.first]
    following = [one for one in own if one not in leading]
    made: Any = dataclass(frozen=True, slots=True, kw_only=True, repr=False)(cls)
    made.parameters = (*leading, *cls.parameters, *following)
    made.to_be_fitted = tuple(
        [one for one in made.parameters if one.choices or one.many or one.minimum is not None]
    )
    return cast("T", made)


def load(name: str) -> type[Operation]:
    """The operation of this name; imports its module alone. KeyError for a name that programs do not know."""
    entry = OPERATIONS[name]
    if not entry.programs:
        raise KeyError(name)
    module = import_module(f"sigcli.operations.{entry.module}")
    found: type[Operation] = getattr(module, class_name(name))
    return found


def camel_case(text: str) -> str:
    """``target-timestamp`` or ``target_timestamp`` as ``targetTimestamp``."""
    head, *tail = text.replace("_", "-").split("-")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


def _folded(word: str) -> str:
    # Programs write enabledWithApproval.
    return word.replace("-", "").replace("_", "").lower()


def _listed(choices: tuple[str, ...]) -> str:
    if len(choices) == 2:
        return " or ".join(choices)
    return f"one of {', '.join(choices)}"
