"""What a run of a command line depends on: its streams, its environment, how it gets an account, how it is stopped.

They are the process's own, or those of a caller for whom a daemon runs the command. They belong to the context of the
run, not to the process: many runs go on side by side, each on its own thread.
"""

from __future__ import annotations

import os
import sys
from contextvars import ContextVar

TYPE_CHECKING = False  # --version does not wait for typing to be imported
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from types import TracebackType
    from typing import Any, Protocol, TextIO

    from sigcli.client.base.account import Account
    from sigcli.client.base.settings import Settings

    class Surroundings(Protocol):
        """``OwnSurroundings`` describes each member."""

        @property
        def environ(self) -> Mapping[str, str]: ...
        @property
        def stdin(self) -> TextIO: ...
        @property
        def stdout(self) -> TextIO: ...
        @property
        def stderr(self) -> TextIO: ...
        def accept(self, name: str, settled: Mapping[str, Any] | None) -> None: ...
        def opened(self, settings: Settings) -> AbstractContextManager[Account]: ...
        def input_begins(self) -> None: ...
        def output_begins(self) -> None: ...
        def fails(self, code: str) -> None: ...
        def heed_stop_signals(self, on_signal: Callable[[], None]) -> Callable[[], None]: ...
        def leave_now(self) -> None: ...


class OwnSurroundings:
    """The surroundings of this process."""

    @property
    def environ(self) -> Mapping[str, str]:
        return os.environ

    @property
    def stdin(self) -> TextIO:
        return sys.stdin

    @property
    def stdout(self) -> TextIO:
        return sys.stdout

    @property
    def stderr(self) -> TextIO:
        return sys.stderr

    def accept(self, name: str, settled: Mapping[str, Any] | None) -> None:
        """Agree to run a command with the settled options (None: only its help), before it does anything."""

    def opened(self, settings: Settings) -> AbstractContextManager[Account]:
        """The account that the settings name; raises UserError unless there is exactly one."""
        from sigcli.client.base.account import open_account

        return open_account(settings)

    def input_begins(self) -> None:
        """Something is about to be read from stdin."""

    def output_begins(self) -> None:
        """Something is about to be written to stdout."""

    def fails(self, code: str) -> None:
        """An error with this code was reported."""

    def heed_stop_signals(self, on_signal: Callable[[], None]) -> Callable[[], None]:
        """Call a function at SIGINT and SIGTERM, until the returned function is called."""
        import signal

        from sigcli.client.base.waiting import heed_signals

        return heed_signals(on_signal, signal.SIGINT, signal.SIGTERM)

    def leave_now(self) -> None:
        """Asked twice to stop: end at once, interrupted; nothing is lost, only printed again."""
        from sigcli.cli.app import EXIT_INTERRUPTED

        os._exit(EXIT_INTERRUPTED)


_OWN = OwnSurroundings()
_HERE: ContextVar[Surroundings] = ContextVar("surroundings", default=_OWN)


def here() -> Surroundings:
    """The surroundings of the current run."""
    return _HERE.get()


class surrounded_by:
    """Run a ``with`` block in other surroundings."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    def __enter__(self) -> None:
        self._token = _HERE.set(self._surroundings)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _HERE.reset(self._token)
