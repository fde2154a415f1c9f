"""What it means for a consumer to have taken messages: its place moves, times begin, and what all have taken goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import StoreError
from sigcli.store import attachment_uses, inbox, withdrawals
from sigcli.store.consumers import furthest_taken_id, newest_id, take_until
from sigcli.store.watchers import note_watched

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.store.inbox_values import InboxRow
    from sigcli.wire.content import Content

VIEW_ONCE_FILES_MS = 3_600_000
"""How long the files of a message that is viewed once stay after it was taken."""
_TOGETHER = 500
"""Rows that are taken in one transaction."""


def take_printed(
    account: Account, consumer: str, until_id: int, shown: Iterable[tuple[InboxRow, Content]]
) -> None:
    """Note that a consumer has taken everything up to an id; ``shown``: the contents that it saw. One transaction."""
    with account.database.transaction() as database:
        now_ms = account.now_ms()
        # Read before they may go; what somebody else took before has begun already.
        taken_before = furthest_taken_id(database)
        _move(account, database, consumer, until_id, now_ms)
        for row, content in shown:
            if row.id > taken_before and not row.printed_ahead:
                _try_to_begin_times(account, database, row, content, now_ms)


def take_ahead(
    account: Account, watcher: int, until_id: int, shown: Iterable[tuple[InboxRow, Content | None]]
) -> None:
    """Note that a watcher has seen everything up to an id and has printed these rows, which counts as taken by the
    command line's consumer. One transaction.
    """
    shown = list(shown)
    with account.database.transaction() as database:
        now_ms = account.now_ms()
        taken_before = furthest_taken_id(database)
        note_watched(
            database,
            watcher,
            until_id,
            [row.id for row, _ in shown],
            now_ms,
            keep=account.settings.keep_messages_ms is not None,
        )
        for row, content in shown:
            if content is not None and row.id > taken_before and not row.printed_ahead:
                _try_to_begin_times(account, database, row, content, now_ms)


def take_stored(account: Account, consumer: str, until_id: int) -> None:
    """Note that a consumer has taken everything up to an id, as it is stored; in short transactions."""
    from sigcli.errors import MalformedMessage
    from sigcli.wire.content import decode_content

    while True:
        with account.database.transaction() as database:
            now_ms = account.now_ms()
            until_id = min(until_id, newest_id(database))
            rows = inbox.following(database, furthest_taken_id(database), until_id, _TOGETHER)
            is_last = len(rows) < _TOGETHER
            _move(account, database, consumer, until_id if is_last else rows[-1].id, now_ms)
            for row in rows:
                if row.content is None or row.withdrawn is not None or row.printed_ahead:
                    continue
                try:
                    content = decode_content(row.content)
                except MalformedMessage:
                    continue
                _try_to_begin_times(account, database, row, content, now_ms)
        if is_last:
            return


def _move(
    account: Account, database: Transaction, consumer: str, until_id: int, now_ms: int
) -> None:
    keep = account.settings.keep_messages_ms is not None
    take_until(database, consumer, until_id, now_ms, keep=keep)


def _try_to_begin_times(
    account: Account, database: Transaction, row: InboxRow, content: Content, now_ms: int
) -> None:
    """Begin the times of one row; a failure leaves this row without them, and the other rows as they are."""
    try:
        with database.savepoint():
            _begin_times(database, row, content, now_ms)
    except StoreError:
        raise
    except Exception as problem:
        kind = type(problem).__name__
        account.warn(f"a message's files will not expire by themselves ({kind})")


def _begin_times(database: Transaction, row: InboxRow, content: Content, now_ms: int) -> None:
    """Let the time begin after which a message and its files go; its row may be gone already."""
    if _is_plain_text(content):
        return
    from sigcli.client.applying.stored_messages import is_view_once, timer_ms_of
    from sigcli.client.applying.withdrawing import uses_of, withdraw_opened

    message = row.message
    expires_ms = None if message is None else message.expires_ms
    timer_ms = timer_ms_of(content)
    if expires_ms is None and timer_ms:
        expires_ms = now_ms + timer_ms
        withdrawals.start_timer(database, row.id, expires_ms)
    if is_view_once(content):
        expires_ms = min(expires_ms or now_ms + VIEW_ONCE_FILES_MS, now_ms + VIEW_ONCE_FILES_MS)
        withdraw_opened(database, row)
    attachment_uses.add_uses(database, uses_of(row, content, expires_ms))


def _is_plain_text(content: Content) -> bool:
    """Whether a message has neither times nor files: most have not, and nothing is looked up for them."""
    data = content.data_message
    return data is not None and not (
        data.expire_timer_s
        or data.is_view_once
        or data.attachments
        or data.previews
        or data.contacts
        or data.sticker
        or data.quote
    )
