"""All sessions with one device: the current one and the archived ones, newest first.

Source: libsignal ``rust/protocol/src/state/session.rs``. A record is a value: every change returns a new one. Archived
sessions stay bytes until they are needed.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.crypto.constant_time import equal
from sigcli.errors import InvalidSession, MalformedMessage, NoSession
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.protocol.limits import MAX_ARCHIVED_BYTES, MAX_ARCHIVED_STATES
from sigcli.protocol.session_state import SessionState
from sigcli.wire.ciphertexts import PRE_KYBER_VERSION
from sigcli.wire.session_storage import StoredRecord, decode_record, encode_record

if TYPE_CHECKING:
    from sigcli.crypto.curve import PublicKey


@dataclass(frozen=True, slots=True)
class ArchivedState:
    """A session that is no longer current, still encoded."""

    session: bytes = field(repr=False)
    spqr: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """The size in bytes."""
        return len(self.session) + len(self.spqr)

    def may_hold(self, key: bytes) -> bool:
        """Whether a ratchet key of the peer, or a base key (33 bytes), may belong to this session."""
        # Either is stored verbatim in it: only a likely session is parsed.
        return key in self.session

    def open(self) -> SessionState:
        """Parse it; raises InvalidSession."""
        return SessionState.deserialize(self.session, self.spqr)


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """What a store keeps for one device of a peer; the default value is an empty record."""

    current: SessionState | None = None
    archived: tuple[ArchivedState, ...] = field(default=(), repr=False)

    def serialize(self) -> bytes:
        """The stored form: sigcli's versioned message around libsignal's record."""
        current = self.current
        return encode_record(
            StoredRecord(
                current=None if current is None else current.serialize(),
                current_spqr=b"" if current is None else current.spqr,
                previous=tuple((state.session, state.spqr) for state in self.archived),
            )
        )

    @classmethod
    def deserialize(cls, data: bytes) -> SessionRecord:
        """Read the stored form; raises InvalidSession."""
        try:
            stored = decode_record(data)
        except MalformedMessage as error:
            raise InvalidSession from error
        current = None
        if stored.current is not None:
            current = SessionState.deserialize(stored.current, stored.current_spqr)
        return cls(current, tuple(ArchivedState(*state) for state in stored.previous))

    # --- questions ---------------------------------------------------------------------------

    @property
    def remote_registration_id(self) -> int:
        """The peer device's registration id; raises NoSession."""
        return self._current().remote_registration_id

    @property
    def local_registration_id(self) -> int:
        """This device's registration id when the session began; raises NoSession."""
        return self._current().local_registration_id

    @property
    def session_version(self) -> int:
        """3 before Kyber, 4 with it; raises NoSession."""
        return self._current().version

    @property
    def remote_identity_key(self) -> PublicKey:
        """The peer's identity key in the current session; raises NoSession."""
        return self._current().remote_identity()

    def has_usable_sender_chain(self, now_ms: int) -> bool:
        """Whether the current session can send: it is not stale, has Kyber and SPQR, and does not only receive."""
        current = self.current
        return (
            current is not None
            and current.ratchet.sends
            and not current.is_stale(now_ms)
            and current.version > PRE_KYBER_VERSION
            and bool(current.spqr)
        )

    def current_ratchet_key_matches(self, key: PublicKey) -> bool:
        """Whether the current session sends with this ratchet key (needed for retry requests)."""
        current = self.current
        return current is not None and current.ratchet.sender_chain.ratchet_key == key.serialize()

    # --- changes -----------------------------------------------------------------------------

    def with_current(self, state: SessionState) -> SessionRecord:
        """The record after a step of the current session."""
        return replace(self, current=state)

    def archive_current(self) -> SessionRecord:
        """The record without a current session; the oldest beyond 40 archived ones, or 2 MiB of them, are dropped."""
        if self.current is None:
            return self
        state = self.current.acknowledged()
        newest = ArchivedState(state.serialize(), state.spqr)
        return SessionRecord(None, (newest, *_within_bounds(self.archived, newest.size)))

    def promote(self, state: SessionState) -> SessionRecord:
        """The record with a new current session, the old one archived."""
        return self.archive_current().with_current(state)

    def without_sending(self) -> SessionRecord:
        """The record of a restored copy: no current session, and archived ones that only decrypt.

        Raises InvalidSession for a damaged one.
        """
        archived = []
        for one in self.archive_current().archived:
            state = one.open().without_sending()
            archived.append(ArchivedState(state.serialize(), state.spqr))
        return SessionRecord(None, tuple(archived))

    def after_archived(self, position: int, state: SessionState) -> SessionRecord:
        """The record after an archived session has decrypted: it becomes the current one, unless it only receives."""
        if state.ratchet.sends:
            return self.promote_archived(position, state)
        newest = ArchivedState(state.serialize(), state.spqr)
        archived = (*self.archived[:position], newest, *self.archived[position + 1 :])
        return replace(self, archived=archived)

    def promote_archived(self, position: int, state: SessionState) -> SessionRecord:
        """The record with an archived session, in its newest state, as the current one."""
        archived = self.archived[:position] + self.archived[position + 1 :]
        return replace(self, archived=archived).promote(state)

    def promote_matching(self, version: int, base_key: bytes) -> SessionRecord | None:
        """The record with the session that has this base key as the current one, None if none has it.

        Raises InvalidSession if that session is damaged.
        """
        if self.current is not None and _matches(self.current, version, base_key):
            return self
        for position, archived in enumerate(self.archived):
            if not archived.may_hold(base_key):
                continue
            state = archived.open()
            if _matches(state, version, base_key):
                return self.promote_archived(position, state)
        return None

    def _current(self) -> SessionState:
        if self.current is None:
            raise NoSession
        return self.current


def _matches(state: SessionState, version: int, base_key: bytes) -> bool:
    return state.version == version and equal(state.base_key, base_key)


def _within_bounds(archived: tuple[ArchivedState, ...], taken: int) -> tuple[ArchivedState, ...]:
    """The newest of the archived sessions that fit beside one more of that many bytes."""
    count = 0
    for state in archived[: MAX_ARCHIVED_STATES - 1]:
        taken += state.size
        if taken > MAX_ARCHIVED_BYTES:
            break
        count += 1
    return archived[:count]
