"""Why an envelope could not be decrypted, in signal-cli's words, and which failures are asked about again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import (
    InvalidKey,
    InvalidPrekeyId,
    LegacyMessage,
    NoSession,
    ProtocolError,
    SigcliError,
    UnrecognisedMessageVersion,
    UntrustedIdentity,
)
from sigcli.store.inbox_values import InboxFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

UNTRUSTED = "UntrustedIdentityException"
INVALID_STRUCTURE = "InvalidMessageStructureException"
_INVALID_MESSAGE = "ProtocolInvalidMessageException"
_UNEXPECTED = "UnexpectedErrorException"
_OF_SESSIONS: Mapping[type[SigcliError], str] = {
    UntrustedIdentity: UNTRUSTED,
    NoSession: "ProtocolNoSessionException",
    InvalidPrekeyId: "ProtocolInvalidKeyIdException",
    InvalidKey: "ProtocolInvalidKeyException",
    LegacyMessage: "ProtocolLegacyMessageException",
    UnrecognisedMessageVersion: "ProtocolInvalidVersionException",
}
_NOT_ASKED_AGAIN = (UntrustedIdentity, LegacyMessage, UnrecognisedMessageVersion)


def session_failure(error: Exception) -> InboxFailure:
    """The failure of a message whose sender is known."""
    if not isinstance(error, SigcliError):
        return InboxFailure(_UNEXPECTED, f"unexpected {type(error).__name__} inside sigcli")
    return InboxFailure(_OF_SESSIONS.get(type(error), _INVALID_MESSAGE), error.message)


def sealing_failure(error: Exception) -> InboxFailure:
    """The failure of a sealed message before its sender was known."""
    if isinstance(error, UnrecognisedMessageVersion):
        return InboxFailure("InvalidMetadataVersionException", error.message)
    if isinstance(error, ProtocolError):
        return InboxFailure("InvalidMetadataMessageException", error.message)
    return session_failure(error)


def structure_failure(error: SigcliError) -> InboxFailure:
    """The failure of a message that was decrypted, or needs no decrypting, and makes no sense."""
    return InboxFailure(INVALID_STRUCTURE, error.message)


def is_asked_again(error: Exception) -> bool:
    """Whether the sender can help by sending the message once more."""
    return isinstance(error, ProtocolError) and not isinstance(error, _NOT_ASKED_AGAIN)
