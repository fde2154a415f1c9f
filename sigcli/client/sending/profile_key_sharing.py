"""Telling people the account's profile key: those who wrote without it or were accepted, and all after a new one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sigcli.client.base.task_items import account_target
from sigcli.durations import DAY_MS
from sigcli.store.account_data import LAST_ATTRIBUTES_MS
from sigcli.store.settings import Setting, read_setting, write_setting
from sigcli.store.tasks import TaskKind, add_task

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.wire.addresses import ServiceId

INTERVAL_MS = DAY_MS
"""How often somebody who keeps writing unsealed is told, and the attributes are written because of it."""
_TOLD = Setting("profile_key_told", str)
"""JSON: when somebody was last told without asking, within the interval."""


def answer_unsealed(
    database: Transaction, sender: ServiceId, *, is_primary: bool, now_ms: int
) -> None:
    """Have the profile key sent to an accepted person who wrote unsealed; at most once a day.

    The primary device writes its attributes anew as well: the service may have another access key.
    """
    told: dict[str, int] = json.loads(read_setting(database, _TOLD) or "{}")
    # A time that lies ahead comes from a clock that was set back since.
    told = {name: at for name, at in told.items() if now_ms - INTERVAL_MS < at <= now_ms}
    if str(sender) in told:
        return
    told[str(sender)] = now_ms
    write_setting(database, _TOLD, json.dumps(told, separators=(",", ":")))
    add_task(database, TaskKind.PROFILE_KEY_UPDATE, account_target(sender), now_ms=now_ms)
    last_ms = read_setting(database, LAST_ATTRIBUTES_MS) or 0
    if is_primary and not 0 <= now_ms - last_ms < INTERVAL_MS:
        add_task(database, TaskKind.ATTRIBUTES_UPDATE, now_ms=now_ms)


def send_profile_key(account: Account, recipient: ServiceId) -> None:
    """Send the account's profile key to somebody; opens transactions of its own.

    Raises ServiceError or UntrustedIdentity if it did not go out.
    """
    from sigcli.client.sending.delivery import deliver
    from sigcli.client.sending.outgoing import Outgoing
    from sigcli.protocol.sealed_sender import ContentHint
    from sigcli.store.timestamps import next_message_timestamp
    from sigcli.wire.content import Content, DataMessage, DataMessageFlag, encode_content

    with account.database.transaction() as database:
        timestamp_ms = next_message_timestamp(database, account.now_ms())
    message = DataMessage(
        timestamp_ms=timestamp_ms,
        flags=int(DataMessageFlag.PROFILE_KEY_UPDATE),
        profile_key=account.keys.profile_key,
    )
    content = encode_content(Content(data_message=message))
    outgoing = Outgoing(content, timestamp_ms, ContentHint.IMPLICIT, urgent=False)
    deliver(account, recipient, outgoing).require()
