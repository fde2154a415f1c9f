"""Contacts as signal-cli prints them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sigcli.cli.terminal import neutral_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.store.recipients import Recipient


def contact_json(recipient: Recipient, *, internal: bool) -> dict[str, Any]:
    """The element of ``listContacts`` in JSON."""
    contact, profile = recipient.contact, recipient.profile
    shape: dict[str, Any] = {
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


def contact_lines(recipient: Recipient, *, detailed: bool, internal: bool) -> Iterator[str]:
    """The lines of ``listContacts`` in text."""
    contact, profile = recipient.contact, recipient.profile
    timer = f"{contact.expire_timer_s}s" if contact.expire_timer_s else "disabled"
    yield (
        f"Number: {recipient.number or ''} ACI: {recipient.aci or ''}"
        f" Name: {neutral_line(recipient.contact.name)}"
        f" Profile name: {neutral_line(profile.name)}"
        f" Username: {neutral_line(recipient.username or '')}"
        f" Color: {neutral_line(contact.color or '')}"
        f" Blocked: {str(contact.blocked).lower()} Message expiration: {timer}"
    )
    if detailed:
        yield (
            f"    PNI: {recipient.pni or ''}"
            f" Given name: {neutral_line(contact.given_name or '')}"
            f" Family name: {neutral_line(contact.family_name or '')}"
            f" Nickname: {neutral_line(contact.nickname or '')}"
            f" Note: {neutral_line(contact.note or '')}"
            f" Archived: {str(contact.archived).lower()} Hidden: {str(contact.hidden).lower()}"
            f" Profile sharing: {str(contact.profile_sharing).lower()}"
            f" Unregistered: {str(contact.unregistered_ms is not None).lower()}"
        )
    if internal:
        yield (
            f"    Capabilities: {', '.join(sorted(profile.capabilities))}"
            f" Unidentified access mode: {profile.access_mode.name}"
            f" Shares number: {profile.shares_number}"
            f" Discoverable by number: {profile.discoverable}"
        )


def _profile(recipient: Recipient) -> dict[str, Any] | None:
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
        "mobileCoinAddress": base64.b64encode(address).decode() if address else None,
    }
