"""Asking for a message again: once for each message, and seldom for one device of a peer.

The sessions stay as they are: that this device could not decrypt something is no reason to end them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sigcli.client.base.task_items import RetryItem, device_target
from sigcli.durations import HOUR_MS
from sigcli.errors import ProtocolError
from sigcli.protocol.decryption_error import DecryptionErrorMessage
from sigcli.store.settings import Setting, read_setting, write_setting
from sigcli.store.tasks import TaskKind, add_task

if TYPE_CHECKING:
    from sigcli.protocol.ciphertext import CiphertextMessageType
    from sigcli.store.database import Transaction
    from sigcli.wire.addresses import ProtocolAddress
    from sigcli.wire.key_types import GroupIdentifier

PER_DEVICE_AND_HOUR = 8
DEVICES_AN_HOUR = 200
"""How many devices are asked within an hour: each message that fails looks at all of them."""
_RECENT = Setting("recent_retry_requests", str)
"""JSON: when each device was asked in the last hour."""


def ask_again(
    database: Transaction,
    sender: ProtocolAddress,
    type: CiphertextMessageType,
    body: bytes,
    timestamp_ms: int,
    group_id: GroupIdentifier | None,
    now_ms: int,
) -> bool:
    """Have a retry request sent for a message that failed; false if there were too many."""
    if not _count(database, str(sender), now_ms):
        return False
    try:
        error = DecryptionErrorMessage.for_original(body, type, timestamp_ms, sender.device_id)
    except ProtocolError:
        error = DecryptionErrorMessage(None, timestamp_ms, sender.device_id)
    item = RetryItem(error.serialize(), group_id)
    add_task(
        database,
        TaskKind.RETRY_REQUEST,
        device_target(sender),
        item.serialize(),
        now_ms=now_ms,
    )
    return True


def _count(database: Transaction, device: str, now_ms: int) -> bool:
    recent: dict[str, list[int]] = {}
    for name, times in json.loads(read_setting(database, _RECENT) or "{}").items():
        # A time that lies ahead comes from a clock that was set back since.
        if kept := [at for at in times if now_ms - HOUR_MS < at <= now_ms]:
            recent[name] = kept
    asked = recent.setdefault(device, [])
    if len(asked) >= PER_DEVICE_AND_HOUR or len(recent) > DEVICES_AN_HOUR:
        return False
    asked.append(now_ms)
    write_setting(database, _RECENT, json.dumps(recent, separators=(",", ":")))
    return True
