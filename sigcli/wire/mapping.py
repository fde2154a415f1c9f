"""Protobuf messages to frozen values and back, by tables.

A table names, for each attribute of a value class, the protobuf field it stands for and how the two
are converted. An attribute without a default is always written and reads as zero where the message
lacks it; an attribute with a default is written only if it differs from that.
"""

from __future__ import annotations

import enum
import importlib
from collections.abc import Callable, Iterable
from dataclasses import MISSING
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from google.protobuf.message import DecodeError

from sigcli.errors import InvalidServiceId, MalformedMessage
from sigcli.lazy_dataclass import dataclass, fields
from sigcli.wire.addresses import ServiceId
from sigcli.wire.limits import MAX_PARTS

if TYPE_CHECKING:
    from google.protobuf.message import Message

V = TypeVar("V")
E = TypeVar("E", bound=enum.IntEnum)
_UNKNOWN = "unknown_fields"
_NEVER = object()


class Value:
    """Base of all values in this package: its repr shows which fields are set, never their contents."""

    __slots__ = ()

    def __repr__(self) -> str:
        names = [
            one.name
            for one in fields(self)  # type: ignore[arg-type]  # every subclass is a dataclass
            if getattr(self, one.name) not in (None, (), one.default)
        ]
        return f"{type(self).__name__}({', '.join(names)})"


@dataclass(frozen=True, slots=True)
class Field:
    """How one attribute is read and written."""

    name: str
    read: Callable[[Any], Any] | None
    """Converts the protobuf value; None: unchanged. A result of None leaves the attribute at its default."""
    write: Callable[[Any, str, Any], None]
    """Writes into the field of that name of a protobuf message."""
    zero: object = None
    twin: tuple[str, Callable[[Any], Any]] | None = None
    """An older form of the same field, with a lower number: read if the newer form is missing."""
    codec: Codec[Any] | str | None = None
    """The codec of a nested message."""


class Codec(Generic[V]):
    """Reads and writes one value class; ``table`` maps its attributes to fields.

    If the class has an attribute ``unknown_fields``, it gets the numbers of fields that the schema lacks.
    """

    __slots__ = (
        "_held",
        "_readers",
        "_reports_unknown",
        "_writers",
        "_zeros",
        "table",
        "value_class",
    )

    def __init__(self, value_class: type[V], table: dict[str, Field]) -> None:
        self.table = table
        self.value_class = value_class
        self._readers: dict[str, tuple[str, Callable[[Any], Any] | None]] = {}
        self._writers: list[tuple[str, object, Callable[[Any, str, Any], None]]] = []
        self._zeros: dict[str, object] = {}
        defaults = {one.name: one.default for one in fields(value_class)}  # type: ignore[arg-type]
        self._reports_unknown = _UNKNOWN in defaults
        for attribute, one in table.items():
            default = defaults[attribute]
            if default is MISSING:
                self._zeros[attribute] = one.zero
                default = _NEVER
            self._readers[one.name] = (attribute, one.read)
            if one.twin:
                self._readers[one.twin[0]] = (attribute, one.twin[1])
            self._writers.append((one.name, default, one.write))
        # Of fewer than two it would give no tuple.
        self._held = attrgetter(*table, "__class__", "__class__")

    def read(self, message: Message) -> V:
        """The value of a parsed message; never raises.

        A repeated field loses what it has beyond the limit of its field.
        """
        values = self._zeros.copy()
        readers = self._readers
        # In the order of field numbers, so that a newer form replaces its twin.
        for descriptor, raw in message.ListFields():
            entry = readers.get(descriptor.name)
            if entry is None:
                continue
            attribute, read = entry
            value = raw if read is None else read(raw)
            if value is not None:
                values[attribute] = value
        if self._reports_unknown and (unknown := _unknown_fields(message)):
            values[_UNKNOWN] = unknown
        return self.value_class(**values)

    def write(self, value: V, message: Message) -> None:
        """Fill an empty message; raises TypeError or ValueError for what a field cannot hold."""
        for (name, default, write), held in zip(self._writers, self._held(value), strict=False):
            # Most are what they are by default, many of them objects that take their time to compare.
            if held is not None and held is not default and held != default:
                write(message, name, held)

    def overwrite(self, value: V, message: Message) -> None:
        """Change a filled message to a value, writing only fields that differ; raises TypeError or ValueError."""
        before = self.read(message)
        for (attribute, one), (name, default, write) in zip(
            self.table.items(), self._writers, strict=True
        ):
            held = getattr(value, attribute)
            if held == getattr(before, attribute):
                continue
            if isinstance(one.codec, Codec) and one.zero is None and held is not None:
                nested = getattr(message, name)
                nested.SetInParent()
                one.codec.overwrite(held, nested)
                continue
            message.ClearField(name)
            if one.twin:
                message.ClearField(one.twin[0])
            if held is not None and held != default:
                write(message, name, held)

    def decode_and_shorten(self, message_class: type[Message], data: bytes) -> tuple[V, bytes]:
        """Parse bytes, and give them without the surplus that ``read`` deletes; raises MalformedMessage."""
        try:
            message = message_class.FromString(data)
        except (DecodeError, UnicodeDecodeError) as error:
            raise MalformedMessage from error
        value = self.read(message)
        return value, message.SerializeToString()

    def decode(self, message_class: type[Message], data: bytes) -> V:
        """Parse bytes; raises MalformedMessage."""
        try:
            return self.read(message_class.FromString(data))
        except (DecodeError, UnicodeDecodeError) as error:
            raise MalformedMessage from error

    def encode(self, message_class: type[Message], value: V) -> bytes:
        """Serialise; raises MalformedMessage if a number or a text does not fit its field."""
        return _serialise(self.write, value, message_class())

    def encode_over(self, message_class: type[Message], original: bytes, value: V) -> bytes:
        """Serialise, keeping what ``original`` holds beside the table's fields; raises MalformedMessage."""
        try:
            message = message_class.FromString(original)
        except (DecodeError, UnicodeDecodeError) as error:
            raise MalformedMessage from error
        return _serialise(self.overwrite, value, message)


def number(name: str) -> Field:
    """An integer or a float."""
    return Field(name, None, setattr, 0)


def flag(name: str) -> Field:
    """A boolean."""
    return Field(name, None, setattr, False)


def data(name: str) -> Field:
    """Bytes."""
    return Field(name, None, setattr, b"")


def text(name: str) -> Field:
    """A string; invalid UTF-8 in it is replaced."""
    return Field(name, _text, setattr, "")


def enumeration(name: str, members: type[E], zero: E | None = None) -> Field:
    """A member of ``members``, or the number itself if it is unknown; ``zero`` defaults to the first."""
    known = {int(member): member for member in members}

    def read(raw: int) -> E | int:
        return known.get(raw, raw)

    return Field(name, read, _write_enumeration, next(iter(members)) if zero is None else zero)


def numbers(name: str, at_most: int | None = None) -> Field:
    """A tuple of integers or floats; at most ``at_most`` are read."""
    return Field(name, lambda raw: tuple(_within(raw, at_most)), _extend, ())


def blobs(name: str) -> Field:
    """A tuple of bytes."""
    return Field(name, tuple, _extend, ())


def texts(name: str, at_most: int | None = None) -> Field:
    """A tuple of strings; at most ``at_most`` are read."""
    return Field(name, lambda raw: tuple(map(_text, _within(raw, at_most))), _extend, ())


def aci(name: str, twin: str | None = None) -> Field:
    """The ACI in a binary field, else in its string twin; None if neither has one."""
    return Field(name, read_aci, _write_service_id, None, (twin, parse_aci) if twin else None)


def service_id(name: str, twin: str | None = None) -> Field:
    """The ACI or PNI in a binary field, else in its string twin; None if neither has one."""
    return Field(
        name, read_service_id, _write_service_id, None, (twin, parse_service_id) if twin else None
    )


def service_id_text(name: str) -> Field:
    """The ACI or PNI in a string field that has no binary twin."""
    return Field(name, parse_service_id, _write_service_id_text)


def untyped_pni(name: str, twin: str | None = None) -> Field:
    """A PNI in a field of 16 bytes, without a type byte."""
    return Field(name, read_pni, _write_uuid, None, (twin, parse_pni) if twin else None)


def acis(name: str, twin: str) -> Field:
    """A tuple of ACIs; invalid ones are left out."""

    def reader(one: Callable[[Any], ServiceId | None]) -> Callable[[Any], Any]:
        return lambda raw: tuple(filter(None, map(one, raw))) or None

    return Field(name, reader(read_aci), _extend_acis, (), (twin, reader(parse_aci)))


def message(name: str, codec: Codec[Any] | str) -> Field:
    """A nested message; a codec is named as ``module:NAME`` if it should be imported only when needed."""
    return Field(
        name,
        codec.read if isinstance(codec, Codec) else lambda raw: load(codec).read(raw),
        lambda m, n, v: _write_message(m, n, v, load(codec)),
        codec=codec,
    )


def messages(name: str, codec: Codec[Any] | str, at_most: int | None = None) -> Field:
    """A tuple of nested messages; at most ``at_most`` are read."""
    return Field(
        name,
        lambda raw: tuple(map(load(codec).read, _within(raw, at_most))),
        lambda m, n, v: _write_messages(m, n, v, load(codec)),
        (),
        codec=codec,
    )


def load(codec: Codec[Any] | str) -> Codec[Any]:
    """The codec that ``module:NAME`` names."""
    if isinstance(codec, Codec):
        return codec
    module, _, name = codec.partition(":")
    found: Codec[Any] = getattr(importlib.import_module(module), name)
    return found


def read_service_id(raw: bytes) -> ServiceId | None:
    """The binary form: 16 bytes for an ACI, 17 for a PNI; None for anything else."""
    try:
        return ServiceId.from_binary(raw)
    except InvalidServiceId:
        return None


def parse_service_id(raw: str | bytes) -> ServiceId | None:
    """The string form; None for anything else."""
    try:
        return ServiceId.parse(_text(raw))
    except InvalidServiceId:
        return None


def read_aci(raw: bytes) -> ServiceId | None:
    """The 16 bytes of an ACI; None for anything else."""
    found = read_service_id(raw)
    return found if found and found.is_aci else None


def parse_aci(raw: str | bytes) -> ServiceId | None:
    """The string form of an ACI; None for anything else."""
    found = parse_service_id(raw)
    return found if found and found.is_aci else None


def read_pni(raw: bytes) -> ServiceId | None:
    """A PNI of 16 bytes, or of 17 with its type byte; None for anything else."""
    found = read_service_id(raw)
    return ServiceId.pni(found.uuid_bytes) if found else None


def parse_pni(raw: str | bytes) -> ServiceId | None:
    """The string form of a PNI, with or without its prefix; None for anything else."""
    try:
        return ServiceId.pni(_text(raw))
    except InvalidServiceId:
        return None


def _serialise(write: Callable[[V, Message], None], value: V, message: Message) -> bytes:
    try:
        write(value, message)
        return message.SerializeToString()
    except (TypeError, ValueError) as error:
        raise MalformedMessage("a value does not fit its field") from error


def _within(repeated: Any, at_most: int | None) -> Any:
    """A repeated field, without the surplus in it."""
    if at_most is not None and len(repeated) > at_most:
        del repeated[at_most:]
    return repeated


def _text(raw: str | bytes) -> str:
    # The runtime returns bytes if a string field is not UTF-8.
    return raw if isinstance(raw, str) else raw.decode("utf-8", "replace")


def _unknown_fields(message: Message) -> tuple[int, ...]:
    from google.protobuf.unknown_fields import UnknownFieldSet

    found = UnknownFieldSet(message)
    if not len(found):
        return ()
    return tuple(sorted({found[index].field_number for index in range(min(len(found), MAX_PARTS))}))


def _extend(message: Message, name: str, held: Iterable[Any]) -> None:
    getattr(message, name).extend(held)


def _extend_acis(message: Message, name: str, held: Iterable[ServiceId]) -> None:
    getattr(message, name).extend(one.to_binary() for one in held)


def _write_enumeration(message: Message, name: str, held: int) -> None:
    setattr(message, name, int(held))


def _write_service_id(message: Message, name: str, held: ServiceId) -> None:
    setattr(message, name, held.to_binary())


def _write_service_id_text(message: Message, name: str, held: ServiceId) -> None:
    setattr(message, name, str(held))


def _write_uuid(message: Message, name: str, held: ServiceId) -> None:
    setattr(message, name, held.uuid_bytes)


def _write_message(message: Message, name: str, held: Any, codec: Codec[Any]) -> None:
    nested = getattr(message, name)
    nested.SetInParent()
    codec.write(held, nested)


def _write_messages(message: Message, name: str, held: Iterable[Any], codec: Codec[Any]) -> None:
    nested = getattr(message, name)
    for one in held:
        codec.write(one, nested.add())
