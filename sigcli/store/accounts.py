"""The accounts in a data directory: ``accounts.toml`` and a folder for each.

An account is made in a folder with a temporary name and becomes one only when its line is in
``accounts.toml``: whatever ends a registration or a link before that leaves no half of an account.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS
from sigcli.errors import (
    AccountExists,
    NoLocalAccount,
    OnlySignalCliAccounts,
    SeveralLocalAccounts,
    UnknownLocalAccount,
)
from sigcli.store.accounts_file import ACCOUNTS_FILE, FORMAT, FileLock, LocalAccount, parse_accounts
from sigcli.store.database import DEFAULT_LOCK_TIMEOUT_S, Database
from sigcli.store.files import MEDIA_FOLDERS, AccountFiles
from sigcli.store.private_files import (
    TEMPORARY_PREFIX,
    make_private_folder,
    require_safe_folder,
    storage_error,
    sync_folder,
    write_private_file,
)
from sigcli.store.shared_attachments import drop_broken_links
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

DATABASE_FILE = "account.db"
_SECRET_NAMES = ("accounts.", "account.db", "daemon.")
_SECRET_FOLDERS = ("sandbox",)
_ABANDONED_AGE_MS = DAY_MS


class DataDirectory:
    """The folder that holds all accounts."""

    __slots__ = ("_lock_timeout_s", "path")

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        lock_timeout_s: float = DEFAULT_LOCK_TIMEOUT_S,
    ) -> None:
        self.path = os.fspath(path)
        self._lock_timeout_s = lock_timeout_s

    # --- finding -----------------------------------------------------------------------------

    def accounts(self, environment: str | None = None) -> list[LocalAccount]:
        """All accounts, or those of one service environment; raises AccountsFileDamaged or DataDirectoryUnsafe."""
        require_safe_folder(self.path)
        path = os.path.join(self.path, ACCOUNTS_FILE)
        try:
            with open(path, "rb") as file:
                data = file.read()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise storage_error(error) from error
        found = parse_accounts(data)
        return [a for a in found if environment is None or a.environment == environment]

    def choose(self, name: str | None, environment: str | None = None) -> LocalAccount:
        """The account named by number or ACI; without a name the only one there is.

        Raises NoLocalAccount, SeveralLocalAccounts, UnknownLocalAccount, AccountsFileDamaged.
        """
        accounts = self.accounts(environment)
        if not accounts:
            self.require_no_signal_cli()
        if name is None:
            if not accounts:
                raise NoLocalAccount
            if len(accounts) > 1:
                raise SeveralLocalAccounts
            return accounts[0]
        called = [account for account in accounts if account.is_called(name)]
        if not called:
            # The sentence that scripts look for; the name is the caller's own.
            raise UnknownLocalAccount(
                f"User {name} is not registered.", hint=_hint_for(name, accounts)
            )
        if len(called) > 1:
            raise SeveralLocalAccounts(
                "the account is here in more than one service environment",
                hint="choose one with --service-environment",
            )
        return called[0]

    def require_no_signal_cli(self) -> None:
        """Raises OnlySignalCliAccounts for a directory that holds accounts of signal-cli and none of ours."""
        from sigcli.store.signal_cli.place import holds_signal_cli_accounts

        if holds_signal_cli_accounts(self.path) and not self.accounts():
            raise OnlySignalCliAccounts(self.path)

    def folder_of(self, account: LocalAccount) -> str:
        """The path of an account's folder."""
        return os.path.join(self.path, account.folder)

    def files_of(self, account: LocalAccount) -> AccountFiles:
        """The files beside an account's database."""
        return AccountFiles(self.folder_of(account))

    def open_database(self, account: LocalAccount, *, any_thread: bool = False) -> Database:
        """Open an account's database; ``any_thread`` and what is raised are those of ``Database.open``."""
        folder = self.folder_of(account)
        require_safe_folder(folder)
        path = os.path.join(folder, DATABASE_FILE)
        return Database.open(path, lock_timeout_s=self._lock_timeout_s, any_thread=any_thread)

    def list_state(self) -> tuple[int, int, int] | None:
        """What changes whenever the list of accounts is written again; None where there is none."""
        try:
            found = os.stat(os.path.join(self.path, ACCOUNTS_FILE))
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size

    def is_secret(self, path: str | os.PathLike[str]) -> bool:
        """Whether a file is one that holds keys, messages or logins, wherever a link to it lies.

        What was received (attachments, avatars, stickers) is not, nor is a file of the user's that happens to lie here.
        """
        root = os.path.join(os.path.realpath(self.path), "")
        real = os.path.realpath(path)
        if not real.startswith(root):
            return False
        first, *inner = real[len(root) :].split(os.sep)
        if first.startswith(TEMPORARY_PREFIX) or (inner and inner[-1].startswith(TEMPORARY_PREFIX)):
            return True
        if not inner:
            return first.startswith(_SECRET_NAMES)
        if first in _SECRET_FOLDERS:
            return True
        is_account = os.path.exists(os.path.join(root, first, DATABASE_FILE))
        return is_account and inner[0] not in MEDIA_FOLDERS

    # --- changing ----------------------------------------------------------------------------

    def new_account(self, fill: Callable[[str], None] | None = None) -> NewAccount:
        """A place for an account that is being registered, linked or taken over; close or register it.

        ``fill`` puts a database and files into the folder that it is given; without it the database is a new one.
        """
        make_private_folder(self.path)
        require_safe_folder(self.path)
        folder = os.path.join(self.path, TEMPORARY_PREFIX + os.urandom(8).hex())
        make_private_folder(folder)
        try:
            if fill is not None:
                fill(folder)
            return NewAccount(self, folder, self._lock_timeout_s)
        except BaseException:
            _delete_folder(folder)
            raise

    def register(self, account: LocalAccount) -> None:
        """Add an account; raises AccountExists, LockTimeout, DiskFull."""
        with FileLock(self.path, self._lock_timeout_s):
            accounts = self.accounts()
            for other in accounts:
                if other.environment != account.environment:
                    continue
                if other.aci == account.aci or (
                    account.number is not None and other.number == account.number
                ):
                    raise AccountExists
            self._write([*accounts, account])

    def update(self, account: LocalAccount) -> None:
        """Replace what is noted of an account (its number changed, say), found by its folder.

        Raises UnknownLocalAccount, LockTimeout, DiskFull.
        """
        with FileLock(self.path, self._lock_timeout_s):
            accounts = self.accounts()
            if all(other.folder != account.folder for other in accounts):
                raise UnknownLocalAccount
            self._write([account if a.folder == account.folder else a for a in accounts])

    def remove(self, account: LocalAccount) -> None:
        """Take an account out of the list, then delete its folder with everything in it."""
        with FileLock(self.path, self._lock_timeout_s):
            accounts = self.accounts()
            self._write([a for a in accounts if a.folder != account.folder])
        folder = self.folder_of(account)
        doomed = os.path.join(self.path, TEMPORARY_PREFIX + os.urandom(8).hex())
        try:
            os.rename(folder, doomed)
        except FileNotFoundError:
            return
        except OSError as error:
            raise storage_error(error) from error
        _delete_folder(doomed)
        drop_broken_links(self.path)

    def clean_up(self, now_ms: int) -> None:
        """Delete folders that a killed register, link or removal left behind over a day ago."""
        try:
            names = os.listdir(self.path)
        except OSError:
            return
        for name in names:
            path = os.path.join(self.path, name)
            if name.startswith(TEMPORARY_PREFIX) and os.path.isdir(path):
                newest = max((os.path.getmtime(p) for p in _within(path)), default=0.0)
                if now_ms - newest * 1000 > _ABANDONED_AGE_MS:
                    _delete_folder(path)

    def _write(self, accounts: Sequence[LocalAccount]) -> None:
        import tomli_w

        tables = []
        for account in accounts:
            table: dict[str, str] = {"aci": str(account.aci)}
            if account.number is not None:
                table["number"] = account.number
            tables.append({**table, "environment": account.environment, "folder": account.folder})
        text = tomli_w.dumps({"version": FORMAT, "accounts": tables})
        write_private_file(os.path.join(self.path, ACCOUNTS_FILE), (text.encode(),))


class NewAccount:
    """A folder with a database that is no account yet: a ``with`` block that forgets it.

    ``register`` makes it one; leaving the block before that deletes it.
    """

    __slots__ = ("_directory", "_folder", "database")

    def __init__(self, directory: DataDirectory, folder: str, lock_timeout_s: float) -> None:
        self._directory = directory
        self._folder: str | None = folder
        path = os.path.join(folder, DATABASE_FILE)
        make = Database.open if os.path.exists(path) else Database.create
        self.database = make(path, lock_timeout_s=lock_timeout_s)

    def __enter__(self) -> NewAccount:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def folder(self) -> str:
        """Where its files are made."""
        if self._folder is None:
            raise TypeError("this new account is gone")
        return self._folder

    def private_folder(self, name: str) -> str:
        """A folder for what is needed until it is an account; gives its path."""
        path = os.path.join(self.folder, name)
        make_private_folder(path)
        return path

    def remove_private_folder(self, name: str) -> None:
        """Delete such a folder with what is in it."""
        _delete_folder(os.path.join(self.folder, name))

    def register(self, aci: ServiceId, number: str | None, environment: str) -> LocalAccount:
        """Close the database, give the folder its name, and add the account to the list.

        Raises AccountExists, LockTimeout or DiskFull; the folder is then deleted by ``close``.
        """
        if self._folder is None:
            raise TypeError("this new account is gone")
        # A database must not be open while its folder is renamed.
        self.database.close()
        account = LocalAccount(aci, number, environment, os.urandom(6).hex())
        final = self._directory.folder_of(account)
        try:
            os.rename(self._folder, final)
        except OSError as error:
            raise storage_error(error) from error
        self._folder = final
        sync_folder(self._directory.path)
        self._directory.register(account)
        self._folder = None
        return account

    def close(self) -> None:
        """Delete the folder, unless it has become an account."""
        self.database.close()
        if self._folder is not None:
            _delete_folder(self._folder)
            self._folder = None


def _within(folder: str) -> Iterator[str]:
    yield folder
    for entry in os.scandir(folder):
        yield entry.path


def _delete_folder(path: str) -> None:
    import shutil

    shutil.rmtree(path, ignore_errors=True)


def _hint_for(name: str, accounts: Iterable[LocalAccount]) -> str | None:
    """Which account was probably meant: one whose number has the same digits; None for the usual hint."""
    digits = "".join(one for one in name if one in "0123456789").removeprefix("00")
    for account in accounts:
        if account.number is not None and account.number.removeprefix("+") == digits:
            return f"did you mean {account.number}? A number is written with + and its country code"
    return None
