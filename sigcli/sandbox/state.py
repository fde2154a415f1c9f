"""The whole state of a running sandbox, which all its parts use."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from sigcli.lazy_dataclass import dataclass, replace
from sigcli.sandbox.accounts import Accounts
from sigcli.sandbox.clock import Clock
from sigcli.sandbox.database import Database
from sigcli.sandbox.faults import Faults
from sigcli.sandbox.limits import Limits
from sigcli.sandbox.prekeys import PreKeys
from sigcli.sandbox.presence import Presence
from sigcli.sandbox.queues import Queues
from sigcli.sandbox.service_logins import SVR2, user_name
from sigcli.sandbox.stored_records import delete_stored
from sigcli.sandbox.svr2 import forget_svr2

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sigcli.sandbox.accounts import Account
    from sigcli.sandbox.server_keys import ServerKeys

DATABASE_FILE = "sandbox.db"


@dataclass(slots=True)
class Switches:
    """How the sandbox behaves where a real service may behave either way."""

    require_spqr: bool = True
    """499 for every request of a device without ``spqr``."""
    signer_by_id: bool = False
    """Sender certificates name the server's certificate instead of containing it."""
    read_only: bool = False
    """503 for sends."""
    storage_read_limit: int = 5120
    """More keys in one storage read are refused with 413."""
    idle_limit_s: int = 90
    """A chat socket on which nothing arrives is closed after this time."""
    legacy_ids: bool = False
    """Envelopes carry ids as texts beside the binary ones, as they did until 2025."""
    group_log_page: int = 64
    """A longer log of a group is sent in pages, with 206."""


@dataclass(slots=True)
class State:
    """The parts of a sandbox; ``emit`` gets events for the operator."""

    folder: Path
    url: str
    keys: ServerKeys = field(repr=False)
    control_token: str = field(repr=False)
    clock: Clock
    database: Database
    accounts: Accounts
    prekeys: PreKeys
    queues: Queues
    presence: Presence
    limits: Limits
    faults: Faults
    switches: Switches
    emit: Callable[[dict[str, Any]], None]
    on_stop: Callable[[], None] | None = None
    """Ends the server, if its owner may end it."""

    @classmethod
    def open(
        cls,
        folder: Path,
        url: str,
        keys: ServerKeys,
        control_token: str,
        emit: Callable[[dict[str, Any]], None],
    ) -> State:
        """Load the contents of a folder."""
        clock = Clock()
        database = Database(folder / DATABASE_FILE)
        return cls(
            folder=folder,
            url=url,
            keys=keys,
            control_token=control_token,
            clock=clock,
            database=database,
            accounts=Accounts(database),
            prekeys=PreKeys(database),
            queues=Queues(database),
            presence=Presence(),
            limits=Limits(clock),
            faults=Faults(),
            switches=Switches(),
            emit=emit,
        )

    def close(self) -> None:
        self.database.close()

    def remove_device(self, account: Account, device_id: int) -> Account:
        """Remove a linked device from its account, with its keys and its queue."""
        devices = {id: device for id, device in account.devices.items() if id != device_id}
        updated = self.accounts.put(replace(account, devices=devices))
        self._wipe_device(account, device_id)
        return updated

    def remove_account(self, account: Account) -> None:
        """Delete an account and everything that belongs to it."""
        self.wipe_account(account)
        forget_svr2(self.database, user_name(self, SVR2, account.aci))
        delete_stored(self.database, str(account.aci))
        self.accounts.delete(account)

    def wipe_account(self, account: Account) -> None:
        """Delete the keys, queues and profiles of all devices and close their sockets."""
        for device_id in account.devices:
            self._wipe_device(account, device_id)
        for kind in ("profile", "link-wait"):
            for key, _ in self.database.all(kind):
                if key.startswith(str(account.aci)):
                    self.database.delete(kind, key)

    def _wipe_device(self, account: Account, device_id: int) -> None:
        self.queues.clear(account.aci, device_id)
        self.prekeys.delete(account.aci, device_id)
        if account.pni is not None:
            self.prekeys.delete(account.pni, device_id)
        self.presence.disconnect(account.aci, (device_id,))
