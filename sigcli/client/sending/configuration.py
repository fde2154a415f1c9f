"""The settings that all devices of the account share: changed by the primary device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.sending.sync_sending import has_other_devices
from sigcli.errors import PrimaryOnly
from sigcli.lazy_dataclass import dataclass
from sigcli.store import account_data
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.state_versions import State, advance
from sigcli.store.tasks import TaskKind, add_task

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.database import Database
    from sigcli.store.settings import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The settings; None where they are not known, or not to be changed."""

    read_receipts: bool | None = None
    unidentified_delivery_indicators: bool | None = None
    typing_indicators: bool | None = None
    link_previews: bool | None = None


_SETTINGS: dict[str, Setting[bool]] = {
    "read_receipts": account_data.READ_RECEIPTS,
    "unidentified_delivery_indicators": account_data.UNIDENTIFIED_DELIVERY_INDICATORS,
    "typing_indicators": account_data.TYPING_INDICATORS,
    "link_previews": account_data.LINK_PREVIEWS,
}


def sends_read_receipts(database: Database) -> bool:
    """Whether senders may be told that their messages were read: unless that was switched off."""
    return read_setting(database, account_data.READ_RECEIPTS) is not False


def update_configuration(account: Account, change: Configuration) -> Configuration:
    """Change what is not None, tell the linked devices, and give what holds now.

    Without any change nothing is sent. Opens transactions of its own. Raises PrimaryOnly on a linked device, and why
    the others were not told.
    """
    wanted = {name: value for name in _SETTINGS if (value := getattr(change, name)) is not None}
    if not account.keys.is_primary:
        raise PrimaryOnly
    with account.database.transaction() as database:
        for name, value in wanted.items():
            write_setting(database, _SETTINGS[name], value)
        if wanted:
            advance(database, State.CONFIGURATION, account.now_ms())
            add_task(database, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
    if wanted and has_other_devices(account):
        from sigcli.client.sending.sync_requests import answer_sync_request
        from sigcli.wire.content.sync_state import SyncRequestType

        answer_sync_request(account, SyncRequestType.CONFIGURATION)
    present = {name: read_setting(account.database, one) for name, one in _SETTINGS.items()}
    return Configuration(**present)
