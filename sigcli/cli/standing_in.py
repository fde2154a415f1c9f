"""Standing in for signal-cli: what differs when the command is called by that name.

Scripts and programs that call ``signal-cli`` find this command under that name, a link to it, or set
``SIGCLI_COMPAT=signal-cli``. Everything they see differently is a value of ``Manner``; the rest is the same.

Facts: signal-cli 0.14.6. Imports next to nothing: every command uses it.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sigcli.errors import SigcliError

SIGNAL_CLI = "signal-cli"
VARIABLE = "SIGCLI_COMPAT"
VERSION_VARIABLE = "SIGCLI_COMPAT_VERSION"
SERVED_VERSION = "0.14.6"
"""The version of signal-cli whose interface is served."""


class Manner:
    """How the command speaks to its caller. A plain class: ``--version`` does not wait for an import."""

    __slots__ = (
        "error",
        "failures_on_stdout",
        "hint",
        "json_errors",
        "needs_command",
        "notice",
        "program",
        "served_version",
        "stamps_details",
        "stands_in",
        "warning",
    )

    def __init__(
        self,
        program: str,
        *,
        error: str,
        hint: str,
        warning: str,
        notice: str,
        stands_in: bool,
        served_version: str | None = None,
    ) -> None:
        self.program = program
        """Its name in help and version output."""
        self.error, self.hint, self.warning, self.notice = error, hint, warning, notice
        """How a line on stderr begins."""
        self.stands_in = stands_in
        self.served_version = served_version
        """The version that programs are told; None for the real one."""
        self.json_errors = not stands_in
        """Whether an error is also printed as an object when JSON is asked for."""
        self.failures_on_stdout = stands_in
        """Whether stdout names the recipients who did not get a message, and its timestamp even if nobody got it."""
        self.needs_command = stands_in
        """Whether a call without a command is an error rather than a request for help."""
        self.stamps_details = not stands_in
        """Whether the lines of -v begin with the time; those of a log file always do."""

    def version_line(self) -> str:
        """The answer to ``--version``."""
        from sigcli import __version__

        return f"{self.program} {self.served_version or __version__}"

    def named(self, text: str) -> str:
        """The text with its commands under the name by which the program was called."""
        if not self.stands_in:
            return text
        import re

        from sigcli.operations.table import OPERATIONS

        # An import never runs under signal-cli's name.
        commands = rf"\bsigcli(?!.* import )(?= (?:-|(?:{'|'.join(OPERATIONS)})\b))"
        return re.sub(commands, self.program, text)

    def sentence(self, error: SigcliError) -> str:
        """The sentence for an error; scripts look for the beginnings of signal-cli's sentences."""
        message = self.named(error.message)
        theirs = _SENTENCES.get(error.code) if self.stands_in else None
        if theirs is None or message.startswith(theirs):
            return message
        return f"{theirs}: {message}"

    def exit_code(self, error: SigcliError, command: str | None = None) -> int:
        """The exit code of a command that ends with an error."""
        if not self.stands_in:
            return error.exit_code
        for key in ((command, error.code), (None, error.code)):
            if key in _EXIT_CODES:
                return _EXIT_CODES[key]
        return error.exit_code

    def forgives(self, error: SigcliError, command: str | None, words: Sequence[str]) -> bool:
        """Whether it is no failure that nothing has to be done, because it was done before."""
        condition = _FORGIVEN.get((command, error.code)) if self.stands_in else None
        return condition is not None and (not condition or condition in words)

    def forgets_account(self, command: str) -> bool:
        """Whether a command ignores the account that was named."""
        return self.stands_in and command == "link"


_SENTENCES = {
    **dict.fromkeys(
        ("sendFailed", "networkFailure", "unregistered", "nobodyInGroup"), "Failed to send message"
    ),
    "untrustedIdentity": "Failed to send message due to untrusted identities",
    "rateLimited": "Failed to send message due to rate limiting",
}
"""signal-cli's, by error code."""
_EXIT_CODES: dict[tuple[str | None, str], int] = {
    (None, "networkFailure"): 1,
    ("verify", "wrongVerificationCode"): 2,
    ("verify", "nothingToVerify"): 2,
}
"""signal-cli's exit codes where they differ, by command and error code; None for any command."""
_FORGIVEN: dict[tuple[str | None, str], str] = {
    ("removeDevice", "noSuchDevice"): "",
    ("sendSyncRequest", "linkedDeviceOnly"): "",
    ("deleteLocalAccountData", "unknownLocalAccount"): "--ignore-registered",
}
"""Command and error code, and the option that must have been given, if any."""

OWN = Manner(
    "sigcli",
    error="sigcli: error: ",
    hint="sigcli: hint: ",
    warning="sigcli: warning: ",
    notice="sigcli: ",
    stands_in=False,
)


def stands_in(environ: Mapping[str, str]) -> bool:
    """Whether the command is signal-cli to its caller."""
    return environ.get(VARIABLE) == SIGNAL_CLI


def manner(environ: Mapping[str, str] | None = None) -> Manner:
    """The manner of this run."""
    if environ is None:
        from sigcli.cli.surroundings import here

        environ = here().environ
    if not stands_in(environ):
        return OWN
    return Manner(
        SIGNAL_CLI,
        error="ERROR ",
        hint="INFO  ",
        warning="WARN  ",
        notice="INFO  ",
        stands_in=True,
        served_version=environ.get(VERSION_VARIABLE) or SERVED_VERSION,
    )


def note_name(called: str) -> None:
    """Note in the environment that the command was called by signal-cli's name."""
    name = os.path.basename(called)
    if name.removesuffix(".exe") == SIGNAL_CLI:
        os.environ[VARIABLE] = SIGNAL_CLI
