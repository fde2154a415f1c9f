"""What the protocol asks of a store, for one of the account's identities, within a transaction.

``now_ms`` is the time that what is stored gets;
set it again before each transaction of a long run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import UntrustedIdentity
from sigcli.store import identity_keys, prekeys, sender_keys, sessions

if TYPE_CHECKING:
    from uuid import UUID

    from sigcli.crypto.curve import KeyPair, PublicKey
    from sigcli.protocol import ports
    from sigcli.protocol.prekeys import KyberPreKeyRecord, PreKeyRecord, SignedPreKeyRecord
    from sigcli.protocol.sender_keys import SenderKeyRecord
    from sigcli.protocol.session_record import SessionRecord
    from sigcli.store.account_data import AccountKeys
    from sigcli.store.database import Transaction
    from sigcli.store.identity_keys import TrustPolicy
    from sigcli.wire.addresses import ProtocolAddress, ServiceId, ServiceIdKind


class AccountProtocolStore:
    """The protocol's store ports for the ACI or the PNI of an account."""

    def __init__(
        self,
        database: Transaction,
        keys: AccountKeys,
        own: ServiceIdKind,
        policy: TrustPolicy,
        now_ms: int,
    ) -> None:
        """Raises AccountIncomplete if the account lacks this identity."""
        self.database = database
        self.own = own
        self.policy = policy
        self.now_ms = now_ms
        self.identity_changes: list[ServiceId] = []
        """Peers whose key was replaced; the client takes them out and ends their sessions."""
        self._key_pair = keys.identity(own)
        self._registration_id = keys.local_registration_id(own)
        self._own_keys = {keys.aci: keys.aci_identity.public_key}
        if keys.pni is not None and keys.pni_identity is not None:
            self._own_keys[keys.pni] = keys.pni_identity.public_key

    # --- identities --------------------------------------------------------------------------

    def identity_key_pair(self) -> KeyPair:
        """This account's identity key pair."""
        return self._key_pair

    def local_registration_id(self) -> int:
        """This device's registration id."""
        return self._registration_id

    def save_identity(self, address: ProtocolAddress, identity_key: PublicKey) -> bool:
        """Remember a peer's key at the level that the policy gives; true if it replaces another.

        Raises UntrustedIdentity for one of the account's devices with a key that is not the account's.
        """
        own_key = self._own_keys.get(address.service_id)
        if own_key is not None:
            if own_key != identity_key:
                raise _foreign_key(identity_key)
            return False
        changed = identity_keys.save_peer_identity(
            self.database, address.service_id, identity_key, self.policy, self.now_ms
        )
        if changed:
            self.identity_changes.append(address.service_id)
        return changed

    def is_trusted_identity(
        self, address: ProtocolAddress, identity_key: PublicKey, direction: ports.Direction
    ) -> bool:
        """Whether this key may be used with this peer now: the policy is the same both ways."""
        own_key = self._own_keys.get(address.service_id)
        if own_key is not None:
            return own_key == identity_key
        known = identity_keys.find_identity(self.database, address.service_id)
        return identity_keys.is_trusted(known, identity_key, self.policy)

    def identity(self, address: ProtocolAddress) -> PublicKey | None:
        """The peer's identity key, if one is known."""
        own_key = self._own_keys.get(address.service_id)
        if own_key is not None:
            return own_key
        known = identity_keys.find_identity(self.database, address.service_id)
        return None if known is None else known.identity_key

    def take_identity_changes(self) -> list[ServiceId]:
        """The peers whose key was replaced since the last call."""
        changes, self.identity_changes = self.identity_changes, []
        return changes

    # --- prekeys -----------------------------------------------------------------------------

    def prekey(self, prekey_id: int) -> PreKeyRecord:
        """Load a one-time key; raises InvalidPrekeyId."""
        return prekeys.load_prekey(self.database, self.own, prekey_id)

    def remove_prekey(self, prekey_id: int) -> None:
        """Forget a one-time key that was used."""
        prekeys.remove_prekey(self.database, self.own, prekey_id)

    def signed_prekey(self, signed_prekey_id: int) -> SignedPreKeyRecord:
        """Load a signed key; raises InvalidPrekeyId."""
        return prekeys.load_signed_prekey(self.database, self.own, signed_prekey_id)

    def kyber_prekey(self, kyber_prekey_id: int) -> KyberPreKeyRecord:
        """Load a Kyber key of either kind; raises InvalidPrekeyId."""
        return prekeys.load_kyber_prekey(self.database, self.own, kyber_prekey_id)

    def mark_kyber_prekey_used(
        self, kyber_prekey_id: int, signed_prekey_id: int, base_key: PublicKey
    ) -> None:
        """Forget a one-time key, remember a last-resort key's use; InvalidMessage at its second."""
        prekeys.use_kyber_prekey(
            self.database, self.own, kyber_prekey_id, signed_prekey_id, base_key
        )

    # --- sessions and sender keys ------------------------------------------------------------

    def session(self, address: ProtocolAddress) -> SessionRecord | None:
        """Load the session with a device; raises InvalidSession."""
        return sessions.load_session(self.database, self.own, address)

    def store_session(self, address: ProtocolAddress, record: SessionRecord) -> None:
        """Replace the session with a device."""
        sessions.save_session(self.database, self.own, address, record)

    def sender_key(self, sender: ProtocolAddress, distribution_id: UUID) -> SenderKeyRecord | None:
        """Load the sender key of a device for a distribution; raises InvalidSession."""
        return sender_keys.load_sender_key(self.database, self.own, sender, distribution_id)

    def store_sender_key(
        self, sender: ProtocolAddress, distribution_id: UUID, record: SenderKeyRecord
    ) -> None:
        """Replace the sender key of a device for a distribution."""
        sender_keys.save_sender_key(
            self.database, self.own, sender, distribution_id, record, self.now_ms
        )


if TYPE_CHECKING:

    def _serves_the_ports(store: AccountProtocolStore) -> ports.ProtocolStore:
        return store


def _foreign_key(identity_key: PublicKey) -> UntrustedIdentity:
    return UntrustedIdentity(
        "a device of this account has a foreign identity key",
        identity_key=identity_key.serialize(),
    )
