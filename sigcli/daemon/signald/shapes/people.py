"""People, accounts, profiles and identity keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.operations.shapes.scalars import base64_text

if TYPE_CHECKING:
    from sigcli.client.account.people.identities import ListedIdentity
    from sigcli.client.base.account import Account
    from sigcli.client.base.events import Directory, Person
    from sigcli.store.accounts_file import LocalAccount
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId

_CAPABILITIES = (
    "storage",
    "gv2",
    "gv1-migration",
    "sender_key",
    "announcement_group",
    "change_number",
    "stories",
)


def address_of(person: Person | None) -> dict[str, Any]:
    """Number and UUID, as far as known, and nothing else: clients build objects from these two keys."""
    if person is None:
        return {}
    uuid = person.uuid or (str(person.pni) if person.pni else None)
    return {"number": person.number, "uuid": uuid}


def address_of_id(service_id: ServiceId | None, directory: Directory) -> dict[str, Any] | None:
    """The person with a service id."""
    return None if service_id is None else address_of(directory.person(service_id))


def recipient_address(recipient: Recipient) -> dict[str, Any]:
    """A person from the store."""
    service_id = recipient.service_id
    return {"number": recipient.number, "uuid": str(service_id) if service_id else None}


def account_shape(account: Account) -> dict[str, Any]:
    """A local account; ``account_id`` is its number, or its ACI without one."""
    return {
        "account_id": account.number or str(account.aci),
        "device_id": account.device_id,
        "address": {"number": account.number, "uuid": str(account.aci)},
        "pending": False,
        "pni": str(account.pni) if account.pni else None,
    }


def older_account_shape(
    entry: LocalAccount, device_id: int, *, is_subscribed: bool
) -> dict[str, Any]:
    """The same in v0."""
    return {
        "deviceId": device_id,
        "username": entry.number or str(entry.aci),
        "uuid": str(entry.aci),
        "registered": True,
        "has_keys": True,
        "subscribed": is_subscribed,
    }


def profile_shape(account: Account, recipient: Recipient) -> dict[str, Any]:
    """``Profile``: name is the contact's, else the profile's."""
    contact, profile = recipient.contact, recipient.profile
    avatar = None
    if recipient.aci is not None:
        avatar = account.files.profile_avatar(recipient.aci)
    address = profile.mobile_coin_address
    return {
        "name": contact.name or profile.name,
        "profile_name": profile.name or None,
        "contact_name": contact.name or None,
        "about": profile.about,
        "emoji": profile.about_emoji,
        "avatar": avatar,
        "address": recipient_address(recipient),
        # Every account now supports what was new then.
        "capabilities": dict.fromkeys(_CAPABILITIES, True),
        "color": contact.color,
        "expiration_time": contact.expire_timer_s,
        "mobilecoin_address": base64_text(address) if address else None,
        "visible_badge_ids": [],
    }


def identity_shape(identity: ListedIdentity) -> dict[str, Any]:
    """``IdentityKey``: exactly these four keys."""
    return {
        "added": identity.added_ms,
        "safety_number": identity.safety_number.replace(" ", ""),
        "qr_code_data": identity.scannable_base64,
        "trust_level": identity.trust_level,
    }


def older_identity_shape(identity: ListedIdentity) -> dict[str, Any]:
    """The same in v0."""
    return {
        **identity_shape(identity),
        "fingerprint": identity.fingerprint_hex,
        "address": address_of(identity.person),
    }


def older_contact_shape(recipient: Recipient) -> dict[str, Any]:
    """An element of v0's ``contact_list``."""
    contact, key = recipient.contact, recipient.profile.key
    return {
        "name": recipient.name,
        "address": recipient_address(recipient),
        "color": contact.color,
        "profileKey": base64_text(key) if key else None,
        "messageExpirationTime": contact.expire_timer_s,
    }
