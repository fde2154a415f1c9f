"""What becomes of an envelope: the row of the inbox that it leaves, if any."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.client.applying.decryption_failures import structure_failure
from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.store.inbox_values import EnvelopeMetadata, InboxFailure, InboxMessage


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be stored of an envelope; ``is_shown`` false: only that it was handled."""

    metadata: EnvelopeMetadata
    content: bytes | None = field(default=None, repr=False)
    message: InboxMessage | None = None
    failure: InboxFailure | None = None
    is_shown: bool = True
    is_held: bool = False
    held_key: bytes | None = None
    """The sender's identity key that has to be trusted first (33 bytes)."""
    awaits_group: bytes | None = None
    """The group that has yet to judge it."""


def malformed(metadata: EnvelopeMetadata, reason: str) -> Outcome:
    """The failure of a message that was decrypted, or needs no decrypting, and makes no sense."""
    return Outcome(metadata, failure=structure_failure(MalformedMessage(reason)))
