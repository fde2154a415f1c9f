"""Every failure has a name: the whole error tree of sigcli. Imports nothing.

A class carries a stable ``code`` (for JSON), an ``exit_code`` and a ``hint`` that says what to do next. Data travels
as attributes. No message holds message text, key bytes or a full phone number.

    SigcliError                         2
    ├── UserError                       1   what the user can mend
    ├── ServiceError                    3   server, network, a lock that stayed taken
    ├── UntrustedIdentityError          4
    ├── RateLimitedError                5
    ├── CaptchaRejectedError            6
    ├── StoreError                      2   the account on disk
    └── ProtocolError                   2   a peer's or the server's bytes break a rule
"""

from __future__ import annotations


class SigcliError(Exception):
    """Something went wrong inside sigcli."""

    code = "unexpected"
    exit_code = 2
    hint: str | None = None

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])
        if hint is not None:
            self.hint = hint

    @property
    def message(self) -> str:
        return str(self.args[0])


class UnexpectedError(SigcliError):
    """A bug in sigcli: this should not have happened."""

    hint = "run the command again with -v and report what it prints"

    def __init__(self, name: str) -> None:
        super().__init__(f"unexpected {name} inside sigcli")


# --- what the user can mend ---------------------------------------------------------------------------------------


class UserError(SigcliError):
    """The command cannot be carried out as given."""

    code = "userError"
    exit_code = 1


class UsageError(UserError):
    """The command line is not complete or not understood."""

    code = "usage"
    hint = "sigcli --help lists the commands, sigcli COMMAND --help what one takes"


# --- bytes from a peer or the server ------------------------------------------------------------------------------


class ProtocolError(SigcliError):
    """The bytes of a peer or the server break a rule of the protocol."""

    code = "protocolError"


class InvalidServiceId(ProtocolError):
    """This is not a service id."""

    code = "invalidServiceId"


class MalformedMessage(ProtocolError):
    """The bytes do not parse as the message they should be."""

    code = "malformedMessage"


class InvalidKey(ProtocolError):
    """The bytes are not a valid public or private key."""

    code = "invalidKey"


class InvalidSignature(ProtocolError):
    """A signature does not verify."""

    code = "invalidSignature"


class InvalidMessage(ProtocolError):
    """The message fails its authentication or cannot be decrypted."""

    code = "invalidMessage"


class LegacyMessage(ProtocolError):
    """The message has a version that is no longer accepted."""

    code = "legacyMessage"


class UnrecognisedMessageVersion(ProtocolError):
    """The message has a version that this program does not know."""

    code = "unrecognisedMessageVersion"


class DuplicateMessage(ProtocolError):
    """The message was decrypted before."""

    code = "duplicateMessage"


class NoSession(ProtocolError):
    """There is no session that could decrypt or encrypt this message."""

    code = "noSession"


class InvalidPrekeyId(ProtocolError):
    """The message names a prekey that this device does not hold."""

    code = "invalidPrekeyId"


class InvalidSession(ProtocolError):
    """A stored session record is damaged."""

    code = "invalidSession"


class UntrustedIdentity(ProtocolError):
    """The identity key of a peer is not trusted."""

    code = "untrustedIdentity"
    exit_code = 4


class InvalidCertificate(ProtocolError):
    """A sender certificate is not valid: wrong signer, expired, or malformed."""

    code = "invalidCertificate"


class SelfSend(ProtocolError):
    """A sealed message that this very device sent came back."""

    code = "selfSend"


class LimitExceeded(ProtocolError):
    """A message jumps further ahead than the protocol allows."""

    code = "limitExceeded"


# --- the machine --------------------------------------------------------------------------------------------------


class MissingPrimitive(SigcliError):
    """The installed cryptography libraries lack a primitive that the Signal Protocol needs."""

    code = "missingPrimitive"
    exit_code = 1
    hint = "install the wheels of cryptography (48 or newer) and PyNaCl (1.6 or newer) from PyPI"
