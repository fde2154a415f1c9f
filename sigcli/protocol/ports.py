"""The interfaces of the stores that the protocol needs, named as in libsignal's ``storage/traits.rs``.

Every method runs inside the caller's transaction: the protocol never commits. A store returns records as values;
changing one has no effect until it is stored again.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from uuid import UUID

    from sigcli.crypto.curve import KeyPair, PublicKey
    from sigcli.protocol.prekeys import KyberPreKeyRecord, PreKeyRecord, SignedPreKeyRecord
    from sigcli.protocol.sender_keys import SenderKeyRecord
    from sigcli.protocol.session_record import SessionRecord
    from sigcli.wire.addresses import ProtocolAddress


class Direction(enum.Enum):
    """Whether a message is about to be sent to an identity or was received from it."""

    SENDING = "sending"
    RECEIVING = "receiving"


class IdentityKeyStore(Protocol):
    """This account's identity, and what is known about other people's."""

    def identity_key_pair(self) -> KeyPair:
        """This account's identity key pair (of the ACI or of the PNI: each store serves one of them)."""

    def local_registration_id(self) -> int:
        """This device's registration id, 1 to 16383."""

    def save_identity(self, address: ProtocolAddress, identity_key: PublicKey) -> bool:
        """Remember a peer's identity key; true if it replaces a different one."""

    def is_trusted_identity(
        self, address: ProtocolAddress, identity_key: PublicKey, direction: Direction
    ) -> bool:
        """Whether this key may be used with this peer now."""

    def identity(self, address: ProtocolAddress) -> PublicKey | None:
        """The peer's identity key, if one is known."""


class PreKeyStore(Protocol):
    """One-time curve prekeys."""

    def prekey(self, prekey_id: int) -> PreKeyRecord:
        """Load one; raises InvalidPrekeyId."""

    def remove_prekey(self, prekey_id: int) -> None:
        """Delete one that was used."""


class SignedPreKeyStore(Protocol):
    """Signed curve prekeys, current and past."""

    def signed_prekey(self, signed_prekey_id: int) -> SignedPreKeyRecord:
        """Load one; raises InvalidPrekeyId."""


class KyberPreKeyStore(Protocol):
    """One-time and last-resort Kyber prekeys."""

    def kyber_prekey(self, kyber_prekey_id: int) -> KyberPreKeyRecord:
        """Load one; raises InvalidPrekeyId."""

    def mark_kyber_prekey_used(
        self, kyber_prekey_id: int, signed_prekey_id: int, base_key: PublicKey
    ) -> None:
        """Delete a one-time key; for a last-resort key remember the triple.

        Raises InvalidMessage at the second use of a triple: a recorded first message is being replayed.
        """


class SessionStore(Protocol):
    """Sessions, one for each device of a peer."""

    def session(self, address: ProtocolAddress) -> SessionRecord | None:
        """Load the session with a device."""

    def store_session(self, address: ProtocolAddress, record: SessionRecord) -> None:
        """Replace the session with a device."""


class SenderKeyStore(Protocol):
    """Sender keys of groups: this device's and those of other members' devices."""

    def sender_key(self, sender: ProtocolAddress, distribution_id: UUID) -> SenderKeyRecord | None:
        """Load the sender key of a device for a distribution."""

    def store_sender_key(
        self, sender: ProtocolAddress, distribution_id: UUID, record: SenderKeyRecord
    ) -> None:
        """Replace the sender key of a device for a distribution."""


class ProtocolStore(
    IdentityKeyStore,
    PreKeyStore,
    SignedPreKeyStore,
    KyberPreKeyStore,
    SessionStore,
    SenderKeyStore,
    Protocol,
):
    """All stores of one of the account's identities (ACI or PNI)."""
