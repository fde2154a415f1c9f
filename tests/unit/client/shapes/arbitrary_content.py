"""Every value that the content classes can hold, built from their type hints, with texts that attack a terminal."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import pkgutil
import types
import typing
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import sigcli.wire.content as content_package
from sigcli.client.events import Failure, Person, ReceivedEvent
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import AttachmentPointer, Content

_ATTACKS = [
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x9b31m",
    "\x90q",
    "\u202e",
    "\u2066",
    "\u200f",
    "\u2028",
    "\r",
    "\n",
    "\r\n",
    "\n\n",
    "\t",
    "\x00",
    "\x08",
    "\x7f",
    "\x85",
    "\ud800",
    "\nEnvelope from: “Bank” +15550199 (device: 1) to you",
    "é😀",
]
hostile_texts = st.lists(st.sampled_from(_ATTACKS) | st.characters(), max_size=4).map("".join)
_integers = st.sampled_from(
    [0, 1, -1, 7, 127, 1700000000123, 2**31, 2**32 - 1, 2**63, 2**64 - 1, -(2**63)]
)
_service_ids = st.builds(
    lambda kind, byte: kind(bytes([byte]) * 16),
    st.sampled_from([ServiceId.aci, ServiceId.pni]),
    st.integers(0, 255),
)
_SCALARS: dict[object, st.SearchStrategy[Any]] = {
    int: _integers,
    bool: st.booleans(),
    float: st.floats(),
    str: hostile_texts,
    bytes: st.sampled_from([b"", b"\x1b", b"m" * 32, b"k" * 40]),
    ServiceId: _service_ids,
    type(None): st.none(),
}


@cache
def _names() -> dict[str, Any]:
    """What the hints of the package may name."""
    found: dict[str, Any] = {}
    for one in pkgutil.iter_modules(content_package.__path__, "sigcli.wire.content."):
        found |= vars(importlib.import_module(one.name))
    return found


def _values(hint: Any) -> st.SearchStrategy[Any]:
    """All values of a type."""
    if hint in _SCALARS:
        return _SCALARS[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return st.lists(_values(arguments[0]), max_size=2).map(tuple)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([_values(one) for one in arguments])
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return st.sampled_from(hint)
    return st.deferred(lambda: instances(hint))


@cache
def instances(value_class: type) -> st.SearchStrategy[Any]:
    """All instances of a class, with any of the fields that have a default left out."""
    hints = typing.get_type_hints(value_class, localns=_names())
    required, optional = {}, {}
    for field in dataclasses.fields(value_class):
        needed = field.default is dataclasses.MISSING
        (required if needed else optional)[field.name] = _values(hints[field.name])
    return st.fixed_dictionaries(required, optional=optional).map(lambda held: value_class(**held))


def any_contents() -> st.SearchStrategy[Content]:
    """Content of each kind, and sometimes of several."""
    hints = typing.get_type_hints(Content, localns=_names())
    single = [
        _values(hint).map(lambda held, name=name: Content(**{name: held}))
        for name, hint in hints.items()
        if name != "unknown_fields"
    ]
    unknown = st.lists(_integers, max_size=2).map(lambda held: Content(unknown_fields=tuple(held)))
    return st.one_of(*single, unknown)


class HostileDirectory:
    """Everybody and everything is called the same."""

    def __init__(self, name: str) -> None:
        self._name = name

    def person(self, service_id: ServiceId) -> Person:
        """The id with the name."""
        return Person(aci=service_id, name=self._name)

    def person_by_number(self, number: str) -> Person:
        """The number with the name."""
        return Person(number=number, username=self._name, name=self._name)

    def group_name(self, group_id: bytes) -> str | None:
        """The name."""
        return self._name

    def attachment(self, pointer: AttachmentPointer) -> tuple[str | None, Path | None]:
        """A file that does not exist."""
        return self._name, Path("/nowhere") / self._name.replace("\0", "0")


_people = st.builds(
    Person,
    aci=st.none() | _service_ids,
    pni=st.none() | _service_ids,
    number=st.none() | hostile_texts,
    username=st.none() | hostile_texts,
    name=st.none() | hostile_texts,
)


def any_events() -> st.SearchStrategy[ReceivedEvent]:
    """Events with any content, or none, from anybody, or nobody."""
    return st.builds(
        ReceivedEvent,
        row_id=st.just(1),
        account=_people,
        source=st.none() | _people,
        source_device=st.none() | _integers,
        timestamp_ms=_integers,
        server_received_ms=_integers,
        server_delivered_ms=_integers,
        server_guid=st.none() | hostile_texts,
        sealed=st.booleans(),
        message_request=st.booleans(),
        content=any_contents(),
        failure=st.none()
        | st.none()
        | st.builds(
            Failure, type=hostile_texts, message=hostile_texts, untrusted_identity=st.booleans()
        ),
        is_delivery_receipt=st.booleans(),
    )
