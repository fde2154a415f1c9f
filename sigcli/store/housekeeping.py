"""Removes what is too old once a day, a little at a time so that nothing waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS
from sigcli.store.account_data import LAST_CLEANUP_MS
from sigcli.store.settings import read_setting, write_setting

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction

INTERVAL_MS = DAY_MS
ON_DEMAND_AGE_MS = 60 * INTERVAL_MS
"""The service keeps attachments no longer than 45 days."""
FOLLOWED_AGE_MS = 365 * INTERVAL_MS
"""For how long it is known which account a username link led to."""


def is_cleanup_due(database: Database, now_ms: int) -> bool:
    """Whether a day has passed since the last time (or the clock was set back)."""
    last_ms = read_setting(database, LAST_CLEANUP_MS)
    return last_ms is None or not last_ms <= now_ms < last_ms + INTERVAL_MS


def clean_up(
    database: Transaction, now_ms: int, keep_messages_ms: int | None = None
) -> tuple[list[str], bool]:
    """Remove delivered and held messages, sent ones, prekeys and challenges that are too old.

    ``keep_messages_ms`` is the configuration's, None for not at all. Gives the names of consumers
    that were not seen for so long that nothing is kept for them any more, and whether this was all for today:
    else there is more to do, in another transaction.
    """
    # Needed once a day.
    from sigcli.store.challenges import prune_challenges
    from sigcli.store.consumers import drop_unseen
    from sigcli.store.followed_links import forget_followed_links
    from sigcli.store.group_claims import prune_false_claims
    from sigcli.store.hand_overs import prune_hand_overs
    from sigcli.store.inbox import prune_inbox
    from sigcli.store.prekeys import delete_stale_prekeys
    from sigcli.store.reportable_messages import prune_reportable
    from sigcli.store.send_log import prune_send_log
    from sigcli.store.tasks import drop_unwanted
    from sigcli.store.unregistered_numbers import prune_unregistered
    from sigcli.store.watchers import forget_dead

    forget_dead(database, now_ms, keep=keep_messages_ms is not None)
    dropped = drop_unseen(database, now_ms, keep=keep_messages_ms is not None)
    is_done = prune_inbox(database, now_ms, keep_messages_ms)
    prune_send_log(database, now_ms)
    delete_stale_prekeys(database, now_ms)
    prune_challenges(database, now_ms)
    prune_reportable(database, now_ms)
    prune_unregistered(database, now_ms)
    prune_false_claims(database, now_ms)
    prune_hand_overs(database, now_ms)
    forget_followed_links(database, now_ms - FOLLOWED_AGE_MS)
    drop_unwanted(database, now_ms - ON_DEMAND_AGE_MS)
    if is_done:
        write_setting(database, LAST_CLEANUP_MS, now_ms)
    return dropped, is_done
