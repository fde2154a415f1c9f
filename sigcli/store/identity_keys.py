"""Identity keys of others, and how far each is trusted.

A peer has one key, whichever of the account's identities is talking. What happens to a changed key is the trust
policy's to say (see the table); the account's devices are no question of policy: their key is the account's
one, anything else is an attack.

    policy            first key             changed key
    on-first-use      TRUSTED_UNVERIFIED    UNTRUSTED
    unless-verified   TRUSTED_UNVERIFIED    TRUSTED_UNVERIFIED, UNTRUSTED if it was ever verified
    always            TRUSTED_UNVERIFIED    TRUSTED_UNVERIFIED, and nothing is refused
    never             UNTRUSTED             UNTRUSTED
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.store.record_cache import cache_of
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from sigcli.crypto.curve import PublicKey
    from sigcli.store.database import Database, Transaction


class TrustLevel(enum.IntEnum):
    """How far a key is trusted; names as signal-cli prints them."""

    UNTRUSTED = 0
    TRUSTED_UNVERIFIED = 1
    TRUSTED_VERIFIED = 2


class TrustPolicy(enum.Enum):
    """What to do with keys that are new; the values of ``--trust-new-identities``."""

    ON_FIRST_USE = "on-first-use"
    UNLESS_VERIFIED = "unless-verified"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """A peer's present key."""

    service_id: ServiceId
    identity_key: PublicKey
    trust_level: TrustLevel
    added_ms: int
    verified_before: bool = False
    """Whether an earlier key was verified, and nobody has accepted the change since."""
    decided_ms: int = 0
    """When the user last decided how far it is trusted, here or on another of the account's devices; 0 for never."""

    @property
    def was_verified(self) -> bool:
        """Whether it is verified, or takes the place of one that was."""
        return self.verified_before or self.trust_level is TrustLevel.TRUSTED_VERIFIED


def find_identity(database: Database, service_id: ServiceId) -> KnownIdentity | None:
    """What is known of a peer's key."""
    cache = cache_of(database, "identity")
    known: KnownIdentity | None = cache.get(service_id)
    if known is not None:
        return known
    row = database.row(
        f"SELECT {_COLUMNS} FROM identity WHERE service_id = ?",  # noqa: S608
        (service_id.to_fixed_width(),),
    )
    if row is None:
        return None
    known = _known(*row)
    cache.put(service_id, known)
    return known


def list_identities(database: Database) -> list[KnownIdentity]:
    """All known keys, oldest first."""
    rows = database.rows(f"SELECT {_COLUMNS} FROM identity ORDER BY added_ms, service_id")  # noqa: S608
    return [_known(*row) for row in rows]


def is_trusted(known: KnownIdentity | None, identity_key: PublicKey, policy: TrustPolicy) -> bool:
    """Whether a peer's key may be used now."""
    if policy is TrustPolicy.ALWAYS:
        return True
    if known is None:
        return policy is not TrustPolicy.NEVER
    if known.identity_key == identity_key:
        return known.trust_level is not TrustLevel.UNTRUSTED
    return _level_of_new(known, policy) is not TrustLevel.UNTRUSTED


def save_peer_identity(
    database: Transaction,
    service_id: ServiceId,
    identity_key: PublicKey,
    policy: TrustPolicy,
    now_ms: int,
) -> bool:
    """Remember a peer's key at the level that the policy gives it.

    True if it replaces a different one: sessions and shared sender keys are then the caller's to
    end. A key that is known keeps its level.
    """
    known = find_identity(database, service_id)
    if known is not None and known.identity_key == identity_key:
        return False
    verified_before = known is not None and known.was_verified
    cache_of(database, "identity").discard(service_id)
    database.write(
        "INSERT INTO identity (service_id, identity_key, trust_level, verified_before, added_ms) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (service_id) DO UPDATE SET "
        "identity_key = excluded.identity_key, trust_level = excluded.trust_level, "
        "verified_before = excluded.verified_before, added_ms = excluded.added_ms",
        (
            service_id.to_fixed_width(),
            identity_key.serialize(),
            int(_level_of_new(known, policy)),
            verified_before,
            now_ms,
        ),
    )
    return known is not None


def set_trust_level(
    database: Transaction,
    service_id: ServiceId,
    identity_key: PublicKey,
    level: TrustLevel,
    decided_ms: int = 0,
) -> bool:
    """Change a key's level; false if the peer's present key is another one.

    Trusting a key accepts its change: that an earlier one was verified is forgotten. ``decided_ms``: when the user
    decided so; what was decided before that no longer counts.
    """
    cache_of(database, "identity").discard(service_id)
    return bool(
        database.write(
            "UPDATE identity SET trust_level = ?, "
            "verified_before = CASE WHEN ? THEN verified_before ELSE 0 END, "
            "decided_ms = max(decided_ms, ?) "
            "WHERE service_id = ? AND identity_key = ?",
            (
                int(level),
                level is TrustLevel.UNTRUSTED,
                decided_ms,
                service_id.to_fixed_width(),
                identity_key.serialize(),
            ),
        )
    )


def forget_identity(database: Transaction, service_id: ServiceId) -> None:
    """Remove a peer's key."""
    cache_of(database, "identity").discard(service_id)
    database.write("DELETE FROM identity WHERE service_id = ?", (service_id.to_fixed_width(),))


_COLUMNS = "service_id, identity_key, trust_level, added_ms, verified_before, decided_ms"


def _level_of_new(known: KnownIdentity | None, policy: TrustPolicy) -> TrustLevel:
    if policy is TrustPolicy.NEVER:
        return TrustLevel.UNTRUSTED
    changed = known is not None
    if changed and policy is TrustPolicy.ON_FIRST_USE:
        return TrustLevel.UNTRUSTED
    if known is not None and policy is TrustPolicy.UNLESS_VERIFIED and known.was_verified:
        return TrustLevel.UNTRUSTED
    return TrustLevel.TRUSTED_UNVERIFIED


def _known(
    service_id: bytes,
    identity_key: bytes,
    level: int,
    added_ms: int,
    verified_before: int,
    decided_ms: int,
) -> KnownIdentity:
    from sigcli.crypto.curve import PublicKey

    return KnownIdentity(
        ServiceId.from_fixed_width(service_id),
        PublicKey.deserialize(identity_key),
        TrustLevel(level),
        added_ms,
        bool(verified_before),
        decided_ms,
    )
