"""The account on disk."""

from __future__ import annotations

from sigcli.errors.base import SigcliError


class StoreError(SigcliError):
    """The account on disk cannot be used."""


class DatabaseTooNew(StoreError):
    """The account was last used by a newer version of sigcli; it was left as it is."""

    exit_code = 1
    hint = "install the newest version of sigcli"


class DatabaseDamaged(StoreError):
    """The account's database is damaged."""

    hint = "restore the account's folder from a backup, or link again"


class AccountIncomplete(StoreError):
    """The account lacks something that every account has."""

    exit_code = 1
    hint = "finish the registration (sigcli verify), or link again"


class DatabaseMissing(StoreError):
    """The account's folder contains no database."""

    exit_code = 1
    hint = "restore the account's folder, or remove the account (sigcli deleteLocalAccountData)"


class DiskFull(StoreError):
    """There is no space left on the disk; this step was not saved."""

    exit_code = 1
    hint = "free some space and run the command again"


class StorageUnwritable(StoreError):
    """The data directory cannot be read or written."""

    exit_code = 1
    hint = "check owner, permissions and mount options of the data directory"


class DataDirectoryUnsafe(StoreError):
    """The data directory belongs to another user, or others can write to it."""

    exit_code = 1
    hint = "make it this user's alone (chown, chmod go-w), or choose a folder of your own with --data-dir"


class AccountsFileDamaged(StoreError):
    """accounts.toml is damaged."""

    exit_code = 1
    hint = "fix it with an editor or restore it from a backup; the accounts' folders are untouched"


class ConfigFileInvalid(StoreError):
    """config.toml is not valid."""

    exit_code = 1


class LockTimeout(StoreError):
    """Another process held the account for too long.

    ``pid`` is that process, where the system tells.
    """

    exit_code = 3
    hint = "try again, wait longer with --lock-timeout SECONDS, or check what that process is doing"

    def __init__(self, message: str | None = None, *, pid: int | None = None) -> None:
        super().__init__(message)
        self.pid = pid


class SessionSetupBusy(LockTimeout):
    """Another process has been setting up sessions with a recipient for too long."""


class ReceiverBusy(StoreError):
    """Another process is receiving for this account.

    ``is_shared``: it serves every consumer that asks (a daemon).
    """

    exit_code = 3
    hint = "stop it, or let it receive: one receiver at a time"

    def __init__(self, pid: int, *, is_shared: bool = False) -> None:
        super().__init__(f"process {pid} is already receiving for this account")
        self.pid = pid
        self.is_shared = is_shared


class LeaseLost(StoreError):
    """Another process has taken over receiving for this account."""

    exit_code = 3


class TransactionMisuse(StoreError):
    """A bug in sigcli: the database was written outside a transaction, or a transaction began inside another."""

    hint = "run the command again with -v and report what it prints"
