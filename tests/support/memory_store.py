"""A protocol store in memory, with the semantics that real stores have: for tests and sandboxes."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, TypeVar

from sigcli.errors import InvalidMessage, InvalidPrekeyId
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from uuid import UUID

    from sigcli.crypto.curve import KeyPair, PublicKey
    from sigcli.protocol.ports import Direction
    from sigcli.protocol.prekeys import KyberPreKeyRecord, PreKeyRecord, SignedPreKeyRecord
    from sigcli.protocol.sender_keys import SenderKeyRecord
    from sigcli.protocol.session_record import SessionRecord
    from sigcli.wire.addresses import ProtocolAddress

Record = TypeVar("Record")


@dataclass(slots=True)
class InMemoryProtocolStore:
    """Everything that one identity holds; a first identity key is trusted, a changed one is not."""

    key_pair: KeyPair = field(repr=False)
    registration_id: int
    identities: dict[ProtocolAddress, PublicKey] = field(default_factory=dict)
    prekeys: dict[int, PreKeyRecord] = field(default_factory=dict, repr=False)
    signed_prekeys: dict[int, SignedPreKeyRecord] = field(default_factory=dict, repr=False)
    kyber_prekeys: dict[int, KyberPreKeyRecord] = field(default_factory=dict, repr=False)
    last_resort_kyber_ids: set[int] = field(default_factory=set)
    used_last_resorts: set[tuple[int, int, PublicKey]] = field(default_factory=set)
    sessions: dict[ProtocolAddress, SessionRecord] = field(default_factory=dict, repr=False)
    sender_keys: dict[tuple[ProtocolAddress, UUID], SenderKeyRecord] = field(
        default_factory=dict, repr=False
    )

    # --- identities --------------------------------------------------------------------------

    def identity_key_pair(self) -> KeyPair:
        """The own identity key pair."""
        return self.key_pair

    def local_registration_id(self) -> int:
        """The own registration id."""
        return self.registration_id

    def save_identity(self, address: ProtocolAddress, identity_key: PublicKey) -> bool:
        """Remember a peer's identity key; true if it replaces a different one."""
        old = self.identities.get(address)
        self.identities[address] = identity_key
        return old is not None and old != identity_key

    def is_trusted_identity(
        self, address: ProtocolAddress, identity_key: PublicKey, direction: Direction
    ) -> bool:
        """Trust on first use, in both directions."""
        return self.identities.get(address, identity_key) == identity_key

    def identity(self, address: ProtocolAddress) -> PublicKey | None:
        """The peer's identity key, if one is known."""
        return self.identities.get(address)

    # --- prekeys -----------------------------------------------------------------------------

    def prekey(self, prekey_id: int) -> PreKeyRecord:
        """Load a one-time prekey; raises InvalidPrekeyId."""
        return _load(self.prekeys, prekey_id)

    def remove_prekey(self, prekey_id: int) -> None:
        """Forget a one-time prekey that was used."""
        self.prekeys.pop(prekey_id, None)

    def signed_prekey(self, signed_prekey_id: int) -> SignedPreKeyRecord:
        """Load a signed prekey; raises InvalidPrekeyId."""
        return _load(self.signed_prekeys, signed_prekey_id)

    def kyber_prekey(self, kyber_prekey_id: int) -> KyberPreKeyRecord:
        """Load a Kyber prekey; raises InvalidPrekeyId."""
        return _load(self.kyber_prekeys, kyber_prekey_id)

    def mark_kyber_prekey_used(
        self, kyber_prekey_id: int, signed_prekey_id: int, base_key: PublicKey
    ) -> None:
        """Forget a one-time key; remember the use of a last resort, InvalidMessage at the second."""
        if kyber_prekey_id not in self.last_resort_kyber_ids:
            self.kyber_prekeys.pop(kyber_prekey_id, None)
            return
        use = (kyber_prekey_id, signed_prekey_id, base_key)
        if use in self.used_last_resorts:
            raise InvalidMessage("the base key of the prekey message was used before")
        self.used_last_resorts.add(use)

    # --- sessions ----------------------------------------------------------------------------

    def session(self, address: ProtocolAddress) -> SessionRecord | None:
        """Load the session with a device."""
        return self.sessions.get(address)

    def store_session(self, address: ProtocolAddress, record: SessionRecord) -> None:
        """Replace the session with a device."""
        self.sessions[address] = record

    def sender_key(self, sender: ProtocolAddress, distribution_id: UUID) -> SenderKeyRecord | None:
        """Load the sender key of a device for a distribution."""
        return self.sender_keys.get((sender, distribution_id))

    def store_sender_key(
        self, sender: ProtocolAddress, distribution_id: UUID, record: SenderKeyRecord
    ) -> None:
        """Replace the sender key of a device for a distribution."""
        self.sender_keys[(sender, distribution_id)] = record


def _load(records: dict[int, Record], id: int) -> Record:
    try:
        return records[id]
    except KeyError:
        raise InvalidPrekeyId from None
