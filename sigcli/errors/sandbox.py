"""The sandbox and the demo."""

from __future__ import annotations

from sigcli.errors.base import SigcliError, UserError


class SandboxFailed(UserError):
    """The sandbox cannot start."""


class SandboxNotRunning(UserError):
    """No sandbox is running for this environment file."""

    hint = "start one with `sigcli sandbox run`"


class DemoFailed(SigcliError):
    """The demo failed."""

    hint = "the reason is shown above; report it unless it lies with this machine"


class SandboxRefused(UserError):
    """The sandbox refused that."""
