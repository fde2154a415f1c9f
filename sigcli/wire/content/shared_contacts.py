"""Contacts from an address book, shared in a message."""

from __future__ import annotations

import enum

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.content.attachments import ATTACHMENT_POINTER, AttachmentPointer
from sigcli.wire.limits import MAX_ATTACHMENTS
from sigcli.wire.mapping import Codec, Value, enumeration, flag, message, messages, text


class ContactFieldType(enum.IntEnum):
    """What a telephone number or an e-mail address is for."""

    HOME = 1
    MOBILE = 2
    WORK = 3
    CUSTOM = 4


class PostalAddressType(enum.IntEnum):
    """What a postal address is for."""

    HOME = 1
    WORK = 2
    CUSTOM = 3


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SharedContactName(Value):
    """The parts of a name."""

    given: str | None = None
    family: str | None = None
    prefix: str | None = None
    suffix: str | None = None
    middle: str | None = None
    nickname: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SharedContactField(Value):
    """A telephone number or an e-mail address; ``label`` names a custom type."""

    value: str
    type: ContactFieldType | int
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SharedContactAddress(Value):
    """A postal address; ``label`` names a custom type."""

    type: PostalAddressType | int
    label: str | None = None
    street: str | None = None
    pobox: str | None = None
    neighborhood: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SharedContactAvatar(Value):
    """A contact's picture; from their profile, or from the address book."""

    attachment: AttachmentPointer | None = None
    is_profile: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SharedContact(Value):
    """One entry of an address book."""

    name: SharedContactName | None = None
    phones: tuple[SharedContactField, ...] = ()
    emails: tuple[SharedContactField, ...] = ()
    addresses: tuple[SharedContactAddress, ...] = ()
    avatar: SharedContactAvatar | None = None
    organization: str | None = None


SHARED_CONTACT_NAME = Codec(
    SharedContactName,
    {
        "given": text("givenName"),
        "family": text("familyName"),
        "prefix": text("prefix"),
        "suffix": text("suffix"),
        "middle": text("middleName"),
        "nickname": text("nickname"),
    },
)
SHARED_CONTACT_FIELD = Codec(
    SharedContactField,
    {
        "value": text("value"),
        "type": enumeration("type", ContactFieldType),
        "label": text("label"),
    },
)
SHARED_CONTACT_ADDRESS = Codec(
    SharedContactAddress,
    {
        "type": enumeration("type", PostalAddressType),
        "label": text("label"),
        "street": text("street"),
        "pobox": text("pobox"),
        "neighborhood": text("neighborhood"),
        "city": text("city"),
        "region": text("region"),
        "postcode": text("postcode"),
        "country": text("country"),
    },
)
SHARED_CONTACT_AVATAR = Codec(
    SharedContactAvatar,
    {"attachment": message("avatar", ATTACHMENT_POINTER), "is_profile": flag("isProfile")},
)
SHARED_CONTACT = Codec(
    SharedContact,
    {
        "name": message("name", SHARED_CONTACT_NAME),
        "phones": messages("number", SHARED_CONTACT_FIELD, MAX_ATTACHMENTS),
        "emails": messages("email", SHARED_CONTACT_FIELD, MAX_ATTACHMENTS),
        "addresses": messages("address", SHARED_CONTACT_ADDRESS, MAX_ATTACHMENTS),
        "avatar": message("avatar", SHARED_CONTACT_AVATAR),
        "organization": text("organization"),
    },
)
