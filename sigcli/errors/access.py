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
    """A caller over the network may not name files on this machine."""

    hint = "send the content as a data: URI, or start the daemon with --attachment-root DIR"


class TooManyRequests(SigcliError):
    """The caller sends too many requests."""

    exit_code = 5

    def __init__(self, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


# --- tokens ---------------------------------------------------------------------------------------------------------


class InvalidTokenName(UserError):
    """This is not a valid name for a token."""

    hint = "use 1 to 64 letters, digits and . _ - ; command-line is reserved for the command line"


class TokenExists(UserError):
    """A token with this name already exists."""

    hint = "choose another name, since each program has its own token; sigcli token remove revokes the old one"


class UnknownToken(UserError):
    """There is no token with this name."""

    hint = "sigcli token list shows the tokens that exist"


class TokensDamaged(UserError):
    """The list of tokens cannot be read."""

    hint = "remove daemon.tokens.json from the data directory and make new tokens"


# --- doors ----------------------------------------------------------------------------------------------------------


class ChannelUnavailable(UserError):
    """The daemon cannot listen there."""

    hint = "another program may be listening there already: choose another address"


class DoorOpen(UserError):
    """That would let anyone in."""

    hint = "listen on a loopback address such as localhost:8080, or leave the option out and use tokens"


class SameUserUnavailable(UserError):
    """The daemon cannot tell which user's programs are calling."""

    hint = "use tokens: sigcli token create NAME makes one"
