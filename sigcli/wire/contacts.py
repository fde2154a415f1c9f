"""The stream of contacts that a primary device sends: bytes to typed values and back.

Format: Signal's ``SignalService.proto``. Each ContactDetails is preceded by its length as a varint; the bytes of its
avatar, if any, follow directly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sigcli.lazy_dataclass import dataclass, replace
from sigcli.wire.addresses import ServiceId
from sigcli.wire.byte_reader import ByteReader, encode_varint
from sigcli.wire.generated import signal_service_pb2 as pb
from sigcli.wire.mapping import Codec, Value, aci, message, number, text

_LONGEST_LENGTH = 5
"""The most bytes of a varint that is a length."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ContactAvatar(Value):
    """A contact's picture; ``length`` counts its bytes in the stream."""

    content_type: str | None = None
    length: int = 0
    data: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ContactDetails(Value):
    """One contact of the account, and the timer of the conversation with them."""

    aci: ServiceId | None = None
    number: str | None = None
    name: str | None = None
    avatar: ContactAvatar | None = None
    expire_timer_s: int | None = None
    expire_timer_version: int | None = None
    inbox_position: int | None = None


CONTACT_AVATAR = Codec(
    ContactAvatar, {"content_type": text("contentType"), "length": number("length")}
)
CONTACT_DETAILS = Codec(
    ContactDetails,
    {
        "aci": aci("aciBinary", "aci"),
        "number": text("number"),
        "name": text("name"),
        "avatar": message("avatar", CONTACT_AVATAR),
        "expire_timer_s": number("expireTimer"),
        "expire_timer_version": number("expireTimerVersion"),
        "inbox_position": number("inboxPosition"),
    },
)


def decode_contacts(stream: bytes) -> Iterator[ContactDetails]:
    """The contacts one by one; raises MalformedMessage at the first broken one."""
    reader = ByteReader(stream, "the list of contacts")
    while reader.left:
        serialised = reader.take(reader.varint(_LONGEST_LENGTH))
        contact = CONTACT_DETAILS.decode(pb.ContactDetails, serialised)
        if contact.avatar:
            picture = reader.take(contact.avatar.length)
            contact = replace(contact, avatar=replace(contact.avatar, data=picture))
        yield contact


def encode_contacts(contacts: Iterable[ContactDetails]) -> bytes:
    """The stream of these contacts; an avatar's length is taken from its data."""
    stream = bytearray()
    for contact in contacts:
        picture = b""
        if contact.avatar:
            picture = contact.avatar.data
            contact = replace(contact, avatar=replace(contact.avatar, length=len(picture)))
        serialised = CONTACT_DETAILS.encode(pb.ContactDetails, contact)
        stream += encode_varint(len(serialised)) + serialised + picture
    return bytes(stream)
