"""Protobuf messages filled with arbitrary values that survive a round trip through sigcli's own."""

from __future__ import annotations

import random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from sigcli.wire.addresses import ServiceId

_LIMITS = {
    FieldDescriptor.TYPE_UINT32: 2**32 - 1,
    FieldDescriptor.TYPE_FIXED32: 2**32 - 1,
    FieldDescriptor.TYPE_UINT64: 2**64 - 1,
    FieldDescriptor.TYPE_FIXED64: 2**64 - 1,
}
_ENUMERATIONS_WITH_ONE_MEMBER = {
    "signalservice.SyncMessage.CallLinkUpdate.type",
    "signalservice.SyncMessage.AttachmentBackfillResponse.error",
}
_UUID_FIELDS = {"pni", "updatedPniBinary", "serverGuidBinary"}


def fill(message: Message, source: random.Random, share: float = 1.0) -> None:
    """Set each field with the probability ``share``, to something other than its default.

    Of a oneof the last one set stays. String twins of binary ids are left out: they are only read.
    """
    fields: list[Any] = list(message.DESCRIPTOR.fields)
    source.shuffle(fields)
    names = {one.name for one in fields}
    for one in fields:
        if one.name + "Binary" in names or source.random() > share:
            continue
        fill_field(message, one, source, share)


def fill_field(message: Message, one: Any, source: random.Random, share: float = 1.0) -> None:
    """Set one field, given by its descriptor; what is inside a message as ``fill`` does."""
    held = getattr(message, one.name)
    if one.message_type is None:
        if one.is_repeated:
            held.extend(_scalar(one, source) for _ in range(3))
        else:
            setattr(message, one.name, _scalar(one, source))
    elif one.is_repeated:
        for _ in range(2):
            fill(held.add(), source, share)
    else:
        held.SetInParent()
        fill(held, source, share)


def _scalar(one: FieldDescriptor, source: random.Random) -> Any:
    if one.type == FieldDescriptor.TYPE_BOOL:
        return True
    if one.type == FieldDescriptor.TYPE_INT32:  # an enumeration
        return 0 if one.full_name in _ENUMERATIONS_WITH_ONE_MEMBER else 1
    if one.type == FieldDescriptor.TYPE_FLOAT:
        return source.choice([0.25, 1.0])
    if one.type == FieldDescriptor.TYPE_BYTES:
        return _bytes(one.name, source)
    if one.type == FieldDescriptor.TYPE_STRING:
        if one.name == "recipientServiceId":
            return str(ServiceId.aci(source.randbytes(16)))
        return source.choice(["text", "ünïcödé 😀", "x"])
    return source.randint(1, _LIMITS[one.type])


def _bytes(name: str, source: random.Random) -> bytes:
    if name.lower().endswith(("acibinary", "acisbinary")) or name in _UUID_FIELDS:
        return source.randbytes(16)
    if name.endswith("ServiceIdBinary"):
        kind = source.choice([ServiceId.aci, ServiceId.pni])
        return kind(source.randbytes(16)).to_binary()
    return source.randbytes(source.choice([1, 32, 40]))
