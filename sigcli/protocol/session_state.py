"""One session with one device: everything that two devices have agreed on, as a value.

Source: libsignal ``rust/protocol/src/state/session.rs``.
"""

from __future__ import annotations

from dataclasses import field

from sigcli.crypto.curve import KEY_TYPE, SERIALIZED_LENGTH, PublicKey
from sigcli.errors import InvalidSession, MalformedMessage
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.protocol.limits import MAX_UNACKNOWLEDGED_AGE_S
from sigcli.protocol.ratchet import RatchetState
from sigcli.wire.session_storage import (
    PendingPreKey,
    StoredSession,
    decode_session,
    encode_session,
)

_KEY_LENGTH = 32
# Sessions from before versions were stored are of version 2.
_UNWRITTEN_VERSION = 2


@dataclass(frozen=True, slots=True)
class SessionState:
    """One session; keys of identities and the base key are in their 33-byte form."""

    version: int
    local_identity_key: bytes
    remote_identity_key: bytes
    local_registration_id: int
    remote_registration_id: int
    base_key: bytes
    """The initiator's key, by which a repeated prekey message is recognised."""
    pending: PendingPreKey | None
    """Present until the peer has answered a session that was started here."""
    ratchet: RatchetState
    spqr: bytes = field(repr=False)
    """The encoded state of the post-quantum ratchet; empty in older sessions."""

    def remote_identity(self) -> PublicKey:
        """The peer's identity key."""
        return PublicKey.deserialize(self.remote_identity_key)

    def is_stale(self, now_ms: int) -> bool:
        """Whether this session was started here too long ago without an answer."""
        pending = self.pending
        return (
            pending is not None and (pending.timestamp_s + MAX_UNACKNOWLEDGED_AGE_S) * 1000 < now_ms
        )

    def acknowledged(self) -> SessionState:
        """The session once the peer has answered, or when it is archived."""
        return self if self.pending is None else replace(self, pending=None)

    def without_sending(self) -> SessionState:
        """The session that only decrypts: its sending keys may have been used elsewhere."""
        return replace(self, ratchet=self.ratchet.without_sending())

    def serialize(self) -> bytes:
        """libsignal's SessionStructure, without the SPQR state."""
        ratchet = self.ratchet
        return encode_session(
            StoredSession(
                version=self.version,
                local_identity_key=self.local_identity_key,
                remote_identity_key=self.remote_identity_key,
                root_key=ratchet.root_key,
                previous_counter=ratchet.previous_counter,
                sender_chain=ratchet.sender_chain,
                receiver_chains=ratchet.receiver_chains,
                pending=self.pending,
                remote_registration_id=self.remote_registration_id,
                local_registration_id=self.local_registration_id,
                base_key=self.base_key,
            )
        )

    @classmethod
    def deserialize(cls, data: bytes, spqr: bytes) -> SessionState:
        """Read the stored form and its SPQR state; raises InvalidSession."""
        try:
            stored = decode_session(data)
        except MalformedMessage as error:
            raise InvalidSession from error
        sender = stored.sender_chain
        if (
            sender is None
            or len(stored.root_key) != _KEY_LENGTH
            or len(sender.chain_key) not in (0, _KEY_LENGTH)
            or len(sender.ratchet_private_key) != _KEY_LENGTH
            or not _is_public_key(sender.ratchet_key)
            or not _is_public_key(stored.local_identity_key)
            or not _is_public_key(stored.remote_identity_key)
        ):
            raise InvalidSession("a stored session lacks a key")
        ratchet = RatchetState(
            stored.root_key, stored.previous_counter, sender, stored.receiver_chains
        )
        return cls(
            version=stored.version or _UNWRITTEN_VERSION,
            local_identity_key=stored.local_identity_key,
            remote_identity_key=stored.remote_identity_key,
            local_registration_id=stored.local_registration_id,
            remote_registration_id=stored.remote_registration_id,
            base_key=stored.base_key,
            pending=stored.pending,
            ratchet=ratchet,
            spqr=spqr,
        )


def _is_public_key(data: bytes) -> bool:
    return len(data) == SERIALIZED_LENGTH and data[0] == KEY_TYPE
