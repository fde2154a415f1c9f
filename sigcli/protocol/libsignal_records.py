"""Converting libsignal's record of the sessions with a device."""

from __future__ import annotations

from typing import NamedTuple

from sigcli.errors import InvalidSession, MalformedMessage
from sigcli.protocol.session_record import ArchivedState, SessionRecord
from sigcli.protocol.session_state import SessionState
from sigcli.protocol.spqr.foreign import convert
from sigcli.wire.libsignal_sessions import decode_libsignal_record


class ConvertedRecord(NamedTuple):
    """The record, and how many sessions could not be converted: the current one, or archived ones."""

    record: SessionRecord
    lost_current: int
    lost_archived: int


def convert_record(data: bytes) -> ConvertedRecord:
    """Convert the sessions with one device; raises InvalidSession for a record that does not parse."""
    try:
        stored = decode_libsignal_record(data)
    except MalformedMessage as error:
        raise InvalidSession from error
    current, lost_current = None, 0
    if stored.current is not None:
        try:
            current = SessionState.deserialize(stored.current, _converted(stored.current_spqr))
        except InvalidSession:
            lost_current = 1
    archived = []
    for session, spqr in stored.previous:
        try:
            archived.append(ArchivedState(session, _converted(spqr)))
        except InvalidSession:
            continue
    record = SessionRecord(current, tuple(archived))
    return ConvertedRecord(record, lost_current, len(stored.previous) - len(archived))


def _converted(spqr: bytes) -> bytes:
    """A session from before the ratchet has no state."""
    return convert(spqr).serialize() if spqr else b""
