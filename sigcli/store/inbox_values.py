"""What a row of the inbox consists of."""

from __future__ import annotations

import enum
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.wire.addresses import ServiceId, ServiceIdKind


@dataclass(frozen=True, slots=True)
class EnvelopeMetadata:
    """What is known of an envelope beside its content; the sender as far as it is known."""

    server_guid: str | None
    envelope_type: int
    timestamp_ms: int
    server_received_ms: int
    server_delivered_ms: int
    source: ServiceId | None = None
    source_device: int | None = None
    destination: ServiceIdKind | None = None
    """Which of the account's identities it was for."""
    sealed: bool = False
    urgent: bool = True
    story: bool = False


class Withdrawal(enum.IntEnum):
    """Why a message has no content any more."""

    DELETED = 1
    """By its author or an administrator of the group, for everybody."""
    EXPIRED = 2
    """Its timer has run out."""
    OPENED = 3
    """It was to be viewed once, and was: here or on another of the account's devices."""
    DELETED_FOR_ME = 4
    """On another of the account's devices, for this account alone."""


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """The message that a row holds; with the row's source ``sent_ms`` names it across the network."""

    sent_ms: int
    edits_ms: int | None = None
    """The message that it is a new version of."""
    expires_ms: int | None = None
    """When its content goes, once that is known."""


@dataclass(frozen=True, slots=True)
class InboxFailure:
    """Why an envelope has no content: an error's ``code`` and its sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One envelope of the inbox: with content, or a failure, or neither (a bare server receipt)."""

    id: int
    metadata: EnvelopeMetadata
    content: bytes | None = field(repr=False)
    failure: InboxFailure | None
    envelope: bytes | None = field(repr=False)
    """The original envelope while the row is held."""
    stored_ms: int
    delivered_ms: int | None
    message: InboxMessage | None = None
    """None for receipts, typing indicators and most of what the account's devices tell one another."""
    withdrawn: Withdrawal | None = None
    held_key: bytes | None = None
    """The identity key under which the row is held (33 bytes); None if it is not held, or the key was not noted."""
    printed_ahead: bool = False
    """Whether a run that waited for it has printed it before the command line's consumer came there."""
