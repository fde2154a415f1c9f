"""One command that the daemon runs for a caller: the surroundings are the caller's, the account is one kept open."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

from sigcli.client.base.settings import settings_of
from sigcli.client.base.waiting import StopFlag
from sigcli.daemon.counters import DONE
from sigcli.daemon.handover.frame import ACCEPTED, DECLINED, EXIT, HEEDS, INPUT, OUTPUT
from sigcli.errors import SigcliError
from sigcli.lazy_dataclass import replace
from sigcli.operations.table import ACCOUNT, ADMIN, OPERATIONS
from sigcli.store.hand_overs import note_begun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sigcli.client.base.account import Account
    from sigcli.client.base.settings import Settings
    from sigcli.client.live.live_account import LiveAccount
    from sigcli.daemon.core import Core
    from sigcli.daemon.handover.frame import Frame

_LOCAL_ONLY = ("verbose", "log_file", "no_daemon")
"""Commands with these options are run by the caller: they concern the shared connections."""
_SHORT = 64
INTERRUPTED = 130
"""The exit code of a command that was interrupted."""


class Declined(BaseException):
    """The caller must run it itself; not an Exception, so that it is not taken for a failure of the command."""


class Visit:
    """The surroundings of one command (see ``cli/surroundings.py``), used by the thread that runs it."""

    def __init__(
        self, core: Core, frame: Frame, descriptors: tuple[int, ...], connection: socket.socket
    ) -> None:
        self._core = core
        self._id = frame.id
        self._descriptors = descriptors
        self._connection = connection
        self.live: LiveAccount | None = None
        """The account, once it is known."""
        self._takes_effect_at_once = False
        self._stop_flag = StopFlag()
        self._on_stop: Callable[[], None] | None = None
        self._is_interrupted = False
        self._is_broken_off = False
        self._said: set[bytes] = set()
        self._lock = threading.Lock()
        self.name = ""
        """The command, once it is known."""
        self.outcome = DONE
        """``ok``, or the code of the error that it reported."""
        self.environ: Mapping[str, str] = frame.environ
        self.stdin, self.stdout, self.stderr = (
            _stream(descriptor, mode, *stream)
            for descriptor, mode, stream in zip(descriptors, "rww", frame.streams, strict=True)
        )

    # --- surroundings ------------------------------------------------------------------------

    def accept(self, name: str, settled: Mapping[str, Any] | None) -> None:
        """Raises Declined if the caller must run the command."""
        self.name = name
        entry = OPERATIONS[name]
        if settled is None or not entry.hand_over or entry.needs != ACCOUNT:
            raise Declined
        if any(settled.get(option) for option in _LOCAL_ONLY):
            raise Declined
        settings = settings_of(settled, warn=self._core.settings.warn, environ=self.environ)
        if not _is_same(settings, self._core.settings):
            raise Declined
        directory = settings.data_directory
        try:
            folder = directory.choose(settings.account, settings.stored_environment).folder
        except SigcliError:
            raise Declined from None  # another error may have to be reported first
        self.live = next(
            (live for live in self._core.all_accounts() if live.entry.folder == folder), None
        )
        if self.live is None or (name == "receive" and not self.live.is_receiving):
            raise Declined
        self._takes_effect_at_once = entry.scope == ADMIN
        self._say(ACCEPTED)
        if self._is_interrupted:  # the caller is gone, and runs it itself
            raise Declined

    @contextmanager
    def opened(self, settings: Settings) -> Iterator[Account]:
        """The account kept open, with the caller's settings, warnings and standard input."""
        live = self.live
        assert live is not None, "accept comes first"
        with live.opened() as account:
            database, stop, own_input = account.database, account.stop, account.standard_input
            account.settings, account.stop = self._while_heard(settings), self._stop_flag
            account.standard_input = self._standard_input
            database.hand_over_id = self._id
            database.before_transaction = self._go_on
            try:
                if self._takes_effect_at_once:
                    with database.transaction() as transaction:
                        note_begun(transaction, None, account.now_ms())
                yield account
            finally:
                database.hand_over_id = database.before_transaction = None
                account.stop, account.standard_input = stop, own_input
                account.forget_streams()

    def input_begins(self) -> None:
        self._say_once(INPUT)

    def output_begins(self) -> None:
        self._say_once(OUTPUT)

    def fails(self, code: str) -> None:
        self.outcome = code

    def heed_stop_signals(self, on_signal: Callable[[], None]) -> Callable[[], None]:
        with self._lock:
            self._on_stop = on_signal
            if self._is_interrupted:
                on_signal()
        self._say_once(HEEDS)

        def heed_no_more() -> None:
            with self._lock:
                self._on_stop = None

        return heed_no_more

    def leave_now(self) -> None:
        """Does nothing: the caller leaves, this process stays."""

    # --- for the listening side -----------------------------------------------------------

    def watch(self) -> None:
        """Wait until the command is over; stop it if the caller says so or goes away."""
        data = b"?"
        while data:
            try:
                data = self._connection.recv(_SHORT)
            except OSError:
                data = b""
            if not data:
                self._say_no_more()
            self.stop()

    def _say_no_more(self) -> None:
        """The caller is gone: something else writes to its terminal by now."""
        with suppress(OSError), open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), self._descriptors[2], inheritable=False)

    def stop(self) -> None:
        """End the command: after its current step if it supports that, otherwise before its next transaction."""
        with self._lock:
            self._stop_flag.request()
            if self._on_stop is None:
                self._is_interrupted = True
            else:
                self._on_stop()

    def break_off(self) -> None:
        """End it because the daemon ends: the caller continues, or reports what is unknown."""
        self._is_broken_off = True
        self.stop()

    def decline(self) -> None:
        """Tell the caller that nothing was done."""
        self._say(DECLINED)

    def finish(self, exit_code: int) -> None:
        """Pass on the output, then the exit code, unless the command was only broken off."""
        for stream in (self.stdout, self.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        if self._is_broken_off and (exit_code == INTERRUPTED or HEEDS in self._said):
            return
        self._say(EXIT + str(exit_code).encode())

    def end(self) -> None:
        """The command is over: nothing more is read from the caller."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Call it when nothing watches any more."""
        self._stop_flag.close()

    # --- within ------------------------------------------------------------------------------

    def _while_heard(self, settings: Settings) -> Settings:
        """The settings, whose progress also ends the command when the caller is gone: an upload has no transactions."""
        report = settings.progress
        if report is None:
            return settings

        def told(what: str, done: int | None, total: int) -> None:
            if done is not None:
                self._go_on()
            report(what, done, total)

        return replace(settings, progress=told)

    def _go_on(self) -> None:
        if self._is_interrupted:
            raise KeyboardInterrupt

    def _standard_input(self) -> int:
        self.input_begins()
        return os.dup(self._descriptors[0])

    def _say_once(self, word: bytes) -> None:
        if word not in self._said:
            self._said.add(word)
            self._say(word)

    def _say(self, word: bytes) -> None:
        try:
            self._connection.sendall(word + b"\n")
        except OSError:
            self._is_interrupted = True


def _stream(descriptor: int, mode: str, encoding: str, errors: str) -> TextIO:
    return cast(
        "TextIO",
        open(descriptor, mode, encoding=encoding, errors=errors, closefd=False),
    )


def _is_same(settings: Settings, own: Settings) -> bool:
    """Whether both paths are the same data directory."""
    try:
        return os.path.samefile(settings.data_dir, own.data_dir)
    except OSError:
        return False
