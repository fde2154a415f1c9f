"""Contacts as signal-cli lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Result
from sigcli.operations.shapes.scalars import base64_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.store.recipient_values import Recipient


class ProfileShape(TypedDict):
    """What somebody shows of themselves."""

    lastUpdateTimestamp: int
    givenName: str | None
    familyName: str | None
    about: str | None
    aboutEmoji: str | None
    hasAvatar: bool
    mobileCoinAddress: str | None


class InternalShape(TypedDict):
    """What the service told."""

    capabilities: list[str]
    unidentifiedAccessMode: str
    sharesPhoneNumber: bool | None
    discoverableByPhonenumber: bool | None


class ContactShape(TypedDict):
    """Somebody as this account notes them."""

    number: str | None
    uuid: str | None
    username: str | None
    name: str
    givenName: str | None
    familyName: str | None
    nickName: str | None
    nickGivenName: str | None
    nickFamilyName: str | None
    note: str | None
    color: str | None
    isArchived: bool
    isBlocked: bool
    isHidden: bool
    messageExpirationTime: int
    profileSharing: bool
    unregistered: bool
    profile: ProfileShape | None
    internal: NotRequired[InternalShape]


@dataclass(frozen=True, slots=True)
class Contacts(Result):
    """The contacts that were asked for; ``detailed`` is for text, where less is shown without it."""

    contacts: Sequence[Recipient]
    detailed: bool = False
    internal: bool = False

    def to_json(self) -> list[ContactShape]:
        return [contact_shape(contact, internal=self.internal) for contact in self.contacts]


def contact_shape(recipient: Recipient, *, internal: bool) -> ContactShape:
    """The element of ``listContacts``."""
    contact, profile = recipient.contact, recipient.profile
    shape: ContactShape = {
        "number": recipient.number,
        "uuid": str(recipient.aci) if recipient.aci else None,
        "username": recipient.username,
        "name": recipient.contact.name,
        "givenName": contact.given_name,
        "familyName": contact.family_name,
        "nickName": contact.nickname,
        "nickGivenName": contact.nickname_given,
        "nickFamilyName": contact.nickname_family,
        "note": contact.note,
        "color": contact.color,
        "isArchived": contact.archived,
        "isBlocked": contact.blocked,
        "isHidden": contact.hidden,
        "messageExpirationTime": contact.expire_timer_s,
        "profileSharing": contact.profile_sharing,
        "unregistered": contact.unregistered_ms is not None,
        "profile": _profile(recipient),
    }
    if internal:
        shape["internal"] = {
            "capabilities": sorted(profile.capabilities),
            "unidentifiedAccessMode": profile.access_mode.name,
            "sharesPhoneNumber": profile.shares_number,
            "discoverableByPhonenumber": profile.discoverable,
        }
    return shape


def _profile(recipient: Recipient) -> ProfileShape | None:
    profile = recipient.profile
    if not (profile.fetched_ms or profile.name):
        return None
    address = profile.mobile_coin_address
    return {
        "lastUpdateTimestamp": profile.fetched_ms,
        "givenName": profile.given_name,
        "familyName": profile.family_name,
        "about": profile.about,
        "aboutEmoji": profile.about_emoji,
        "hasAvatar": profile.avatar_path is not None,
        "mobileCoinAddress": base64_text(address) if address else None,
    }
