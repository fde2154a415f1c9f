"""What a program may not do, the tokens that say what it may, and the doors of the daemon."""

from __future__ import annotations

from sigcli.errors.base import SigcliError, UserError


class AccessDenied(UserError):
    """The token does not allow that."""

    hint = "sigcli token list shows what each token allows; sigcli token create --scope --account makes another"


class NotAdmitted(UserError):
    """The daemon does not know the caller."""

    hint = "give a token: sigcli token create NAME makes one"


class PathNotAllowed(UserError):
    """A caller over the network names no file on this machine."""

    hint = "send the content as a data: URI, or start the daemon with --attachment-root DIR"


class TooManyRequests(SigcliError):
    """The caller asks too often."""

    exit_code = 5

    def __init__(self, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


# --- tokens ---------------------------------------------------------------------------------------------------------


class InvalidTokenName(UserError):
    """This is no name for a token."""

    hint = "take 1 to 64 letters, digits and . _ - ; command-line is the command line's own"


class TokenExists(UserError):
    """There is a token of this name already."""

    hint = "sigcli token remove takes it back; each program has a token of its own"


class UnknownToken(UserError):
    """There is no token of this name."""

    hint = "sigcli token list shows those that there are"


class TokensDamaged(UserError):
    """The list of tokens cannot be read."""

    hint = "remove daemon.tokens.json from the data directory and make new tokens"


# --- doors ----------------------------------------------------------------------------------------------------------


class ChannelUnavailable(UserError):
    """The daemon cannot listen there."""

    hint = "another program may listen there already: name another address"


class DoorOpen(UserError):
    """That would let anybody in."""

    hint = "listen on a loopback address such as localhost:8080, or leave the option out and use tokens"


class SameUserUnavailable(UserError):
    """The daemon cannot tell whose programs call."""

    hint = "use tokens: sigcli token create NAME makes one"
