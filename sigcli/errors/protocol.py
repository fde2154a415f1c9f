"""Bytes from a peer or the service that break a rule of the protocol."""

from __future__ import annotations

from sigcli.errors.base import SigcliError


class ProtocolError(SigcliError):
    """The bytes of a peer or the server break a rule of the protocol."""


class InvalidServiceId(ProtocolError):
    """This is not a service id."""


class MalformedMessage(ProtocolError):
    """The bytes do not parse as the message they should be."""


class InvalidKey(ProtocolError):
    """The bytes are not a valid public or private key."""


class InvalidSignature(ProtocolError):
    """A signature does not verify."""


class InvalidMessage(ProtocolError):
    """The message fails authentication or cannot be decrypted."""


class LegacyMessage(ProtocolError):
    """The message has a version that is no longer accepted."""


class UnrecognisedMessageVersion(ProtocolError):
    """The message has a version that this program does not know."""


class DuplicateMessage(ProtocolError):
    """The message was decrypted before."""


class NoSession(ProtocolError):
    """There is no session that could decrypt or encrypt this message."""


class InvalidPrekeyId(ProtocolError):
    """The message names a prekey that this device does not hold."""


class InvalidSession(ProtocolError):
    """A stored session record is damaged."""


class UntrustedIdentity(ProtocolError):
    """The identity key of a peer is not trusted."""

    exit_code = 4

    def __init__(
        self,
        message: str | None = None,
        *,
        identity_key: bytes | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.identity_key = identity_key
        """The key that was refused, 33 bytes."""


class UnsealableRecipients(ProtocolError):
    """A message to several recipients cannot be sealed for some of them."""

    def __init__(self, problems: dict[str, ProtocolError]) -> None:
        super().__init__()
        self.problems = problems
        """What is wrong with each, by its service id as text."""


class InvalidCertificate(ProtocolError):
    """A sender certificate is not valid: wrong signer, expired, or malformed."""


class SelfSend(ProtocolError):
    """A sealed message that this very device sent came back."""


class LimitExceeded(ProtocolError):
    """A message jumps further ahead than the protocol allows."""


class ZkProofFailed(ProtocolError):
    """A zero-knowledge proof or an encrypted group attribute does not verify."""


class InvalidCredential(ProtocolError):
    """A credential or endorsement is not valid at this time."""

    hint = "check the clock of this computer"


class InvalidGroupChange(ProtocolError):
    """A group or a change to it is inconsistent."""
