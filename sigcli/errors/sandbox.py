"""The sandbox and the demo."""

from __future__ import annotations

from sigcli.errors.base import SigcliError, UserError


class SandboxFailed(UserError):
    """The sandbox does not start."""


class SandboxNotRunning(UserError):
    """No sandbox is running for this environment file."""

    hint = "start one with `sigcli sandbox run`"


class DemoFailed(SigcliError):
    """The demo has not come to its good end."""

    hint = "what went wrong stands above; report it if this machine is not the reason"


class SandboxRefused(UserError):
    """The sandbox does not do that."""
