"""What a program may not do, and the tokens that say what it may."""

from __future__ import annotations

from sigcli.errors.base import UserError


class AccessDenied(UserError):
    """The token does not allow that."""

    hint = "sigcli token list shows what each token allows; sigcli token create --scope --account makes another"


class PathNotAllowed(UserError):
    """A caller over the network names no file on this machine."""

    hint = "send the content as a data: URI, or start the daemon with --attachment-root DIR"
