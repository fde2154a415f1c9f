"""Every value that the content classes can hold, built from their type hints, with texts that attack a terminal."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import pkgutil
import random
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import sigcli.wire.content as content_package
from sigcli.client.base import events
from sigcli.client.base.events import Failure, Person, ReceivedEvent
from sigcli.client.groups.change_values import Change
from sigcli.store.inbox_values import Withdrawal
from sigcli.wire import key_types
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import AttachmentPointer, Content
from sigcli.wire.content.message_parts import GroupContext
from tests.unit.client.groups.modifications import every_modification

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
_INTEGERS = [0, 1, -1, 7, 127, 1700000000123, 2**31, 2**32 - 1, 2**63, 2**64 - 1, -(2**63)]
_FLOATS = [0.0, 1.0, 0.1, -1.5, 1e300, float("nan"), float("inf")]
_BYTES = [b"", b"\x1b", b"m" * 32, b"k" * 40]


@cache
def _names() -> dict[str, Any]:
    """What the hints of the package may name."""
    found: dict[str, Any] = (
        vars(events)
        | vars(key_types)
        | {
            "AttachmentPointer": AttachmentPointer,
            "Mapping": Mapping,
            "Withdrawal": Withdrawal,
        }
    )
    for one in pkgutil.iter_modules(content_package.__path__, "sigcli.wire.content."):
        found |= vars(importlib.import_module(one.name))
    return found


@cache
def _hints(value_class: type) -> dict[str, Any]:
    return typing.get_type_hints(value_class, localns=_names())


class Maker:
    """Makes values of any type; a field that has a default is set with the probability ``share``."""

    def __init__(self, seed: int, share: float, texts: list[str]) -> None:
        self._source = random.Random(seed)
        self._share = share
        self._texts = texts
        self._scalars: dict[object, Callable[[], object]] = {
            int: lambda: self._source.choice(_INTEGERS),
            bool: lambda: self._source.random() < 0.5,
            float: lambda: self._source.choice(_FLOATS),
            str: lambda: self._source.choice(texts),
            bytes: lambda: self._source.choice(_BYTES),
            ServiceId: self._service_id,
            types.NoneType: lambda: None,
        }

    def value(self, hint: Any) -> Any:
        """A value of this type."""
        hint = getattr(hint, "__supertype__", hint)
        if hint in self._scalars:
            return self._scalars[hint]()
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is Mapping:
            return {self.value(arguments[0]): self.value(arguments[1])}
        if origin is tuple:
            return tuple(self.value(arguments[0]) for _ in range(self._source.randint(0, 2)))
        if origin is dict:
            pairs = range(self._source.randint(0, 2))
            return {self.value(arguments[0]): self.value(arguments[1]) for _ in pairs}
        if origin in (typing.Union, types.UnionType):
            if types.NoneType in arguments and self._source.random() < self._share:
                arguments = tuple(one for one in arguments if one is not types.NoneType)
            return self.value(self._source.choice(arguments))
        if issubclass(hint, enum.Enum):
            return self._source.choice(list(hint))
        return self.instance(hint)

    def instance(self, value_class: type) -> Any:
        """An instance of a dataclass."""
        held = {
            field.name: self.value(_hints(value_class)[field.name])
            for field in dataclasses.fields(value_class)
            if field.default is dataclasses.MISSING or self._source.random() < self._share
        }
        return value_class(**held)

    def event(self) -> ReceivedEvent:
        """An event with any content; two of three are no failures."""
        event: ReceivedEvent = self.instance(ReceivedEvent)
        failure = None if self._source.random() < 2 / 3 else self.instance(Failure)
        content = self.instance(Content)
        return dataclasses.replace(event, failure=failure, content=content)

    def _service_id(self) -> ServiceId:
        kind = self._source.choice([ServiceId.aci, ServiceId.pni])
        return kind(bytes([self._source.randint(0, 255)]) * 16)


def any_events() -> st.SearchStrategy[ReceivedEvent]:
    """Events from anybody, or nobody, with content of any kinds."""
    return st.builds(
        lambda seed, share, texts: Maker(seed, share, texts).event(),
        st.integers(0, 2**32),
        st.floats(0, 1),
        st.lists(hostile_texts, min_size=1, max_size=4),
    )


class HostileDirectory:
    """Everybody and everything is called the same."""

    def __init__(self, name: str) -> None:
        self._name = name

    def person(self, service_id: ServiceId) -> Person:
        """The id with the name."""
        return Person(aci=service_id, name=self._name)

    def people(self, service_ids: Sequence[ServiceId]) -> list[Person]:
        """Each of them."""
        return [self.person(one) for one in service_ids]

    def person_by_number(self, number: str) -> Person:
        """The number with the name."""
        return Person(number=number, username=self._name, name=self._name)

    def group_name(self, group_id: bytes) -> str | None:
        """The name."""
        return self._name

    def group_change(self, group: GroupContext) -> Change | None:
        """Everything that can happen, under that name."""
        return every_modification(self._name)

    def attachment(self, pointer: AttachmentPointer) -> tuple[str | None, Path | None]:
        """A file that does not exist."""
        return self._name, Path("/nowhere") / self._name.replace("\0", "0")
