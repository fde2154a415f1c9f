"""All accounts of a data directory kept open, also those that come and go while it runs."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from sigcli.client.live.live_account import LiveAccount
from sigcli.errors import SigcliError
from sigcli.lazy_dataclass import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.settings import Settings
    from sigcli.client.live.live_options import LiveOptions
    from sigcli.store.accounts_file import LocalAccount


_RETRY_S = 30.0
"""How often an account that could not be opened is tried again."""


class LiveAccounts:
    """``settings.account`` limits it to one account. ``on_change`` is called with what came and what went."""

    def __init__(
        self,
        settings: Settings,
        options: LiveOptions,
        on_change: Callable[[list[LiveAccount], list[LiveAccount]], None],
    ) -> None:
        self._settings = settings
        self._options = options
        self._on_change = on_change
        self._seen: object = None
        self._by_folder: dict[str, LiveAccount] = {}
        self._refused: set[str] = set()
        """Folders whose account cannot be opened, which was said."""
        self._retry_at = 0.0
        self._lock = threading.Lock()

    def all(self) -> list[LiveAccount]:
        """Those that are open now, in the order of the list of accounts."""
        return list(self._by_folder.values())

    def refresh(self) -> None:
        """Open what is new in the list of accounts and close what is gone; raises AccountsFileDamaged."""
        with self._lock:
            state = self._settings.data_directory.list_state()
            now = time.monotonic()
            if state == self._seen and not (self._refused and now >= self._retry_at):
                return
            self._retry_at = now + _RETRY_S
            entries = {entry.folder: entry for entry in self._wanted()}
            gone = [live for folder, live in self._by_folder.items() if folder not in entries]
            come = []
            by_folder: dict[str, LiveAccount] = {}
            for folder, entry in entries.items():
                live = self._by_folder.get(folder) or self._open(entry, several=len(entries) > 1)
                if live is None:
                    continue
                if folder not in self._by_folder:
                    come.append(live)
                live.entry = entry
                by_folder[folder] = live
            self._by_folder = by_folder
            self._refused &= set(entries)
            self._seen = state
        if come or gone:
            self._on_change(come, gone)
        for live in gone:
            live.close()

    def close(self) -> None:
        """Close all of them at once."""
        with self._lock:
            lives, self._by_folder = self.all(), {}
        for live in lives:
            live.request_stop()
        for live in lives:
            live.close()

    def _wanted(self) -> list[LocalAccount]:
        settings = self._settings
        entries = settings.data_directory.accounts(settings.stored_environment)
        if settings.account is not None:
            entries = [entry for entry in entries if entry.is_called(settings.account)]
        return entries

    def _open(self, entry: LocalAccount, *, several: bool) -> LiveAccount | None:
        try:
            live = LiveAccount(
                self._named(entry) if several else self._settings, entry, self._options
            )
        except SigcliError as error:
            if entry.folder not in self._refused:
                self._settings.warn(f"the account {_mark(entry)} cannot be opened: {error.message}")
            self._refused.add(entry.folder)
            return None
        self._refused.discard(entry.folder)
        return live

    def _named(self, entry: LocalAccount) -> Settings:
        """Settings whose warnings say which account they are about."""
        warn = self._settings.warn
        return replace(self._settings, warn=lambda text: warn(f"{_mark(entry)}: {text}"))


def _mark(entry: LocalAccount) -> str:
    """Enough of an account to know it by, and too little to give it away."""
    return f"…{entry.label[-4:]}"
