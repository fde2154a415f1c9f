"""The outcome of a check, also of one that fails itself."""

from __future__ import annotations

import enum
import threading
from typing import TYPE_CHECKING

from sigcli.errors import SigcliError, UnexpectedError
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable


class Status(enum.StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, but will not for ever."""
    FAILED = "failed"
    """It must be mended."""
    SKIPPED = "skipped"
    """It could not be checked."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check: a sentence, and where there is something to do, what."""

    name: str
    status: Status
    message: str
    hint: str | None = None


def ok(name: str, message: str) -> Finding:
    return Finding(name, Status.OK, message)


def warning(name: str, message: str, hint: str | None = None) -> Finding:
    return Finding(name, Status.WARNING, message, hint)


def failed(name: str, message: str, hint: str | None = None) -> Finding:
    return Finding(name, Status.FAILED, message, hint)


def skipped(name: str, message: str) -> Finding:
    return Finding(name, Status.SKIPPED, message)


@dataclass(frozen=True, slots=True)
class Check:
    """One look at something, with the name that its finding bears."""

    name: str
    look: Callable[[], Finding]

    def finding(self) -> Finding:
        """The outcome; an error, whatever it is, is one as well."""
        try:
            return self.look()
        except SigcliError as error:
            return failed(self.name, error.message, error.hint)
        except Exception as error:  # one check must not end the others
            return failed(
                self.name, f"the check ended with {type(error).__name__}", UnexpectedError.hint
            )


def all_findings(checks: list[Check]) -> list[Finding]:
    """The outcomes of checks that wait for nothing, in their order."""
    return [check.finding() for check in checks]


def findings_side_by_side(checks: list[Check], patience_s: float) -> list[Finding]:
    """The outcomes of checks that wait for the network, each on a thread of its own, in their order.

    A check without an answer after ``patience_s`` is given up (a name server can be silent for long).
    """
    outcomes: dict[str, Finding] = {}

    def carry_out(check: Check) -> None:
        outcomes[check.name] = check.finding()

    from time import monotonic

    threads = [
        threading.Thread(target=carry_out, args=(check,), name="sigcli-doctor", daemon=True)
        for check in checks
    ]
    for thread in threads:
        thread.start()
    deadline = monotonic() + patience_s
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    return [outcomes.get(check.name) or _too_late(check.name, patience_s) for check in checks]


def _too_late(name: str, patience_s: float) -> Finding:
    return failed(
        name,
        f"no answer within {patience_s:g} seconds",
        "check the network connection, its name server and the proxy settings",
    )
