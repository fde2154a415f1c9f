"""How a request is declared: its type, version and fields, once. Checks and the protocol document follow from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sigcli.daemon.signald.call import Call

    Serve = Callable[[Call], Any]

V0 = "v0"
V1 = "v1"

STRING = "String"
BOOLEAN = "Boolean"
LONG = "long"


@dataclass(frozen=True, slots=True)
class Structure:
    """An object with named fields, in a request or an answer."""

    name: str
    fields: tuple[Field, ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()
    at_least_one: tuple[tuple[str, ...], ...] = ()
    doc: str = ""
    version: str = V1


@dataclass(frozen=True, slots=True)
class Field:
    """One field; ``kind`` is a scalar's name or a structure."""

    name: str
    kind: str | Structure
    required: bool = False
    many: bool = False
    doc: str = ""

    @property
    def type_name(self) -> str:
        return self.kind if isinstance(self.kind, str) else self.kind.name


@dataclass(frozen=True, slots=True)
class Declared:
    """A request that is served. ``answer``: the form of its data, None for an empty object."""

    type: str
    version: str
    doc: str
    fields: tuple[Field, ...]
    answer: Structure | None
    serve: Serve
    exactly_one: tuple[tuple[str, ...], ...] = ()
    at_least_one: tuple[tuple[str, ...], ...] = ()
    keeps_order: bool = False
    """Whether requests of this type to one conversation run one after the other."""

    @property
    def request(self) -> Structure:
        """The request as a structure."""
        words = "".join(word.capitalize() for word in self.type.split("_"))
        return Structure(
            f"{words}Request",
            self.fields,
            self.exactly_one,
            self.at_least_one,
            self.doc,
            self.version,
        )


REQUESTS: dict[tuple[str, str], Declared] = {}
"""By version and type; filled by the modules of ``requests`` and ``older``."""


def served(
    type: str,
    fields: Iterable[Field] = (),
    *,
    version: str = V1,
    answer: Structure | None = None,
    exactly_one: tuple[tuple[str, ...], ...] = (),
    at_least_one: tuple[tuple[str, ...], ...] = (),
    keeps_order: bool = False,
) -> Callable[[Serve], Serve]:
    """Declare a request; the decorated function serves it, and its docstring is the description."""

    def declare(serve: Serve) -> Serve:
        doc = (serve.__doc__ or "").strip()
        REQUESTS[version, type] = Declared(
            type,
            version,
            doc,
            tuple(fields),
            answer,
            serve,
            exactly_one,
            at_least_one,
            keeps_order,
        )
        return serve

    return declare


def text(name: str, *, required: bool = False, doc: str = "") -> Field:
    return Field(name, STRING, required, doc=doc)


def texts(name: str, *, required: bool = False, doc: str = "") -> Field:
    return Field(name, STRING, required, many=True, doc=doc)


def flag(name: str, *, required: bool = False, doc: str = "") -> Field:
    return Field(name, BOOLEAN, required, doc=doc)


def number(name: str, *, required: bool = False, doc: str = "") -> Field:
    return Field(name, LONG, required, doc=doc)


def numbers(name: str, *, required: bool = False, doc: str = "") -> Field:
    return Field(name, LONG, required, many=True, doc=doc)


def one(name: str, kind: Structure, *, required: bool = False, doc: str = "") -> Field:
    return Field(name, kind, required, doc=doc)


def several(name: str, kind: Structure, *, required: bool = False, doc: str = "") -> Field:
    return Field(name, kind, required, many=True, doc=doc)
