"""Identity keys in contact records: what another linked device says of a key, taken with care.

    what the record says     of the key that is known here          of another key
    VERIFIED                 verified here as well                  the key is taken over, verified
    DEFAULT                  no longer verified, if it was before   nothing: messages and profiles tell of new keys
    UNVERIFIED               not trusted                            nothing
    anything, key unknown    known by the trust policy, with the record's state

That a phone has accepted a changed key in silence does not make it trusted here: the user's policy decides. A key that
the user has verified here, of which the records do not know yet, is not replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import InvalidKey
from sigcli.lazy_dataclass import replace
from sigcli.store.identity_keys import (
    TrustLevel,
    find_identity,
    save_peer_identity,
    set_trust_level,
)
from sigcli.wire.storage_records import IdentityState

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.crypto.curve import PublicKey
    from sigcli.store.database import Transaction
    from sigcli.store.identity_keys import KnownIdentity
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.storage_records import ContactRecord


def take_identity(
    account: Account,
    transaction: Transaction,
    aci: ServiceId,
    record: ContactRecord,
    last_seen: ContactRecord | None,
    now_ms: int,
) -> ServiceId | None:
    """Take over what a new record says of somebody's key; gives them if they are trusted by it."""
    key = _key_of(record)
    if key is None or (last_seen is not None and _claim(last_seen) == _claim(record)):
        return None
    database, state = transaction, record.identity_state
    known = find_identity(database, aci)
    if known is not None and known.identity_key != key:
        if state != IdentityState.VERIFIED or _is_edited(known, last_seen):
            return None
        from sigcli.store.sender_keys import forget_shared_with
        from sigcli.store.sessions import archive_sessions

        archive_sessions(database, aci)
        forget_shared_with(database, aci)
        known = None
    if known is None:
        save_peer_identity(database, aci, key, account.trust_policy, now_ms)
        known = find_identity(database, aci)
        assert known is not None  # just saved
    level = _level(known, state, last_seen)
    if level is not None and level is not known.trust_level:
        set_trust_level(database, aci, key, level, now_ms)
    return aci if state == IdentityState.VERIFIED else None


def edited_identity(account: Account, record: ContactRecord, person: Recipient) -> ContactRecord:
    """The record with the key that is known here, where this device may say what it is."""
    known = None if person.aci is None else find_identity(account.database, person.aci)
    if known is None:
        return record
    state = _state(known, record)
    key = known.identity_key.serialize()
    if key != record.identity_key:
        is_verified = known.trust_level is TrustLevel.TRUSTED_VERIFIED
        if not (is_verified or account.keys.is_primary):
            return record
        return replace(record, identity_key=key, identity_state=state)
    return record if state == record.identity_state else replace(record, identity_state=state)


def _level(
    known: KnownIdentity, state: IdentityState | int, last_seen: ContactRecord | None
) -> TrustLevel | None:
    """How far the known key is to be trusted now; None: as before."""
    if state == IdentityState.VERIFIED:
        return TrustLevel.TRUSTED_VERIFIED
    if state == IdentityState.UNVERIFIED:
        return TrustLevel.UNTRUSTED
    was_verified = last_seen is not None and last_seen.identity_state == IdentityState.VERIFIED
    if was_verified and known.trust_level is TrustLevel.TRUSTED_VERIFIED:
        return TrustLevel.TRUSTED_UNVERIFIED
    return None


def _state(known: KnownIdentity, record: ContactRecord) -> IdentityState | int:
    """What the record is to say of the known key."""
    if known.trust_level is TrustLevel.TRUSTED_VERIFIED:
        return IdentityState.VERIFIED
    is_same_key = record.identity_key == known.identity_key.serialize()
    if known.trust_level is TrustLevel.TRUSTED_UNVERIFIED:
        is_newer_state = is_same_key and not isinstance(record.identity_state, IdentityState)
        return record.identity_state if is_newer_state else IdentityState.DEFAULT
    was_verified = is_same_key and record.identity_state == IdentityState.VERIFIED
    if known.verified_before or was_verified:
        return IdentityState.UNVERIFIED
    return record.identity_state if is_same_key else IdentityState.DEFAULT


def _is_edited(known: KnownIdentity, last_seen: ContactRecord | None) -> bool:
    """Whether the key was verified here, and not yet written."""
    present = (known.identity_key.serialize(), int(IdentityState.VERIFIED))
    is_verified = known.trust_level is TrustLevel.TRUSTED_VERIFIED
    return is_verified and (last_seen is None or _claim(last_seen) != present)


def _claim(record: ContactRecord) -> tuple[bytes, int]:
    return record.identity_key, int(record.identity_state)


def _key_of(record: ContactRecord) -> PublicKey | None:
    from sigcli.crypto.curve import PublicKey

    try:
        return PublicKey.deserialize(record.identity_key)
    except InvalidKey:
        return None
