"""Profiles, fetched now and then, and the account's own when a device may have changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sigcli.client.base.task_items import account_target
from sigcli.errors import InvalidKey, NotFound, ProtocolError, Unauthorized
from sigcli.protocol import profile_fields
from sigcli.protocol.access_keys import derive_access_key, verifies_access_key
from sigcli.service.credentials import AccessKey
from sigcli.service.resources import profiles as service_profiles
from sigcli.service.resources.profiles import Profile
from sigcli.store.recipient_merging import recipient_id_of
from sigcli.store.recipient_values import AccessMode
from sigcli.store.recipients import (
    PROFILE_REFRESH_MS,
    RecipientChange,
    load_recipient,
    set_profile_key,
    update_recipient,
)
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.key_types import ProfileKeyBytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId

_T = TypeVar("_T")


def profile_version(profile_key: ProfileKeyBytes, aci: ServiceId) -> str:
    """The name of a profile's version in the service's paths."""
    from sigcli.zkgroup.profile_key import ProfileKey

    return ProfileKey(profile_key).get_profile_key_version(aci)


def fetch_due(account: Account, recipient: Recipient) -> bool:
    """Whether a profile is old enough to be fetched again."""
    return account.now_ms() - recipient.profile.fetched_ms >= PROFILE_REFRESH_MS


def fetch_profile(account: Account, recipient: Recipient) -> None:
    """Fetch somebody's profile and store what it says; raises ServiceError.

    Asks without a login where the access key is known, else with it. A person who is not registered is marked so.
    """
    if recipient.aci is None:
        return
    try:
        profile = request_profile(account, recipient.aci, recipient.profile.key)
    except NotFound:
        profile = None
    store_profile(account, recipient, profile)


def store_profile(account: Account, recipient: Recipient, profile: Profile | None) -> None:
    """Keep what the service has said of somebody, None if it does not know them; opens transactions."""
    aci, now_ms = recipient.aci, account.now_ms()
    if aci is None:
        return
    if profile is None:
        with account.database.transaction() as transaction:
            update_recipient(
                transaction, recipient.id, unregistered_ms=now_ms, profile_fetched_ms=now_ms
            )
        return
    with account.database.transaction() as transaction:
        present = load_recipient(transaction, recipient.id)
        if present is None or present.profile.key != recipient.profile.key:
            return  # replaced meanwhile: what was fetched belongs to the old key
        change = _change(recipient, profile, now_ms)
        update_recipient(transaction, recipient.id, **change)
    if change.get("avatar_path") != present.profile.avatar_path:
        account.files.write_profile_avatar(aci, None)  # of another picture


def request_profile(account: Account, aci: ServiceId, key: ProfileKeyBytes | None) -> Profile:
    """Ask for somebody's profile, on any thread; raises NotFound, ServiceError."""
    if key is None:
        return service_profiles.get(account.identified, aci)
    version = profile_version(key, aci)
    try:
        access = AccessKey.of(key)
        return service_profiles.get_anonymously(account.unidentified, aci, access, version)
    except Unauthorized:
        return service_profiles.get(account.identified, aci, version)


def _change(recipient: Recipient, profile: Profile, now_ms: int) -> RecipientChange:
    change: RecipientChange = {
        "profile_fetched_ms": now_ms,
        "unregistered_ms": None,
        "capabilities": profile.capabilities,
        "access_mode": _access_mode(recipient.profile.key, profile),
    }
    key = recipient.profile.key
    if key is None:
        return change
    if (name := _decrypted(key, profile.name, profile_fields.decrypt_name)) is not None:
        change["profile_given_name"] = name.given
        change["profile_family_name"] = name.family or None
    change["about"] = _decrypted(key, profile.about, profile_fields.decrypt_text)
    change["about_emoji"] = _decrypted(key, profile.about_emoji, profile_fields.decrypt_text)
    change["mobile_coin_address"] = _decrypted(
        key, profile.payment_address, profile_fields.decrypt_payment_address
    )
    change["shares_number"] = _decrypted(
        key, profile.phone_number_sharing, profile_fields.decrypt_boolean
    )
    change["avatar_path"] = profile.avatar
    return change


def _access_mode(key: bytes | None, profile: Profile) -> AccessMode:
    if profile.unrestricted_access:
        return AccessMode.UNRESTRICTED
    if key is None or profile.access_checksum is None:
        return AccessMode.DISABLED
    try:
        fits = verifies_access_key(derive_access_key(key), profile.access_checksum)
    except InvalidKey:
        return AccessMode.DISABLED
    return AccessMode.ENABLED if fits else AccessMode.DISABLED


def _decrypted(key: bytes, field: bytes | None, decrypt: Callable[[bytes, bytes], _T]) -> _T | None:
    """A field's plaintext; None where it is empty or was not made with this key."""
    if not field:
        return None
    try:
        return decrypt(key, field)
    except ProtocolError:
        return None


def have_own_profile_fetched(account: Account, transaction: Transaction) -> None:
    """Have the account's own profile fetched, however new the known one is: some device may have changed it."""
    row_id = recipient_id_of(transaction, account.aci)
    set_profile_key(transaction, row_id, account.keys.profile_key)
    update_recipient(transaction, row_id, profile_fetched_ms=0)
    target = account_target(account.aci)
    add_task(transaction, TaskKind.PROFILE_FETCH, target, now_ms=account.now_ms())
