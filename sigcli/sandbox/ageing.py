"""What happens to unused accounts and to queues that are not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS
from sigcli.lazy_dataclass import replace
from sigcli.sandbox.accounts import PRIMARY

if TYPE_CHECKING:
    from sigcli.sandbox.accounts import Account
    from sigcli.sandbox.state import State

ACCOUNT_DAYS = 120
LINKED_DEVICE_DAYS = 45
IDLE_PRIMARY_DAYS = 90


def age_account(state: State, account: Account, days: int, device_id: int | None = None) -> None:
    """Make all devices, or one, look unused for some days, and sweep as the service does."""
    seen_ms = state.clock.today_ms() - days * DAY_MS
    devices = {
        id: replace(device, last_seen_ms=seen_ms) if device_id in (None, id) else device
        for id, device in account.devices.items()
    }
    sweep_account(state, state.accounts.put(replace(account, devices=devices)))


def sweep_account(state: State, account: Account) -> None:
    """Delete what has been unused for too long."""
    now_ms = state.clock.now_ms()
    if now_ms - account.last_seen_ms >= ACCOUNT_DAYS * DAY_MS:
        state.remove_account(account)
        return
    idle_primary = now_ms - account.primary.last_seen_ms >= IDLE_PRIMARY_DAYS * DAY_MS
    for device in tuple(account.devices.values()):
        unseen = now_ms - device.last_seen_ms >= LINKED_DEVICE_DAYS * DAY_MS
        if device.id != PRIMARY and (unseen or idle_primary):
            account = state.remove_device(account, device.id)


def overfill_queue(state: State, account: Account, device_id: int) -> None:
    """Act as if a queue had become too large to store."""
    if device_id == PRIMARY:
        state.queues.drop_oldest(account.aci, device_id)
    elif device_id in account.devices:
        state.remove_device(account, device_id)
