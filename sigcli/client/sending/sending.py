"""Sending a message to people and groups.

All recipients of one message share its timestamp and the uploads of its attachments; each is a conversation of its
own, with its own timer and its own transcript. What the message says is composed elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import SendOutcome
from sigcli.client.sending.audience import Audience, resolve_audience
from sigcli.client.sending.composing import UNSENT_MS, check_text, compose
from sigcli.client.sending.message_sending import MessageSending, Progress, accepted
from sigcli.client.sending.send_results import moved_result, unanswered_result, unregistered_result
from sigcli.lazy_dataclass import replace
from sigcli.store.hand_overs import begin_message
from sigcli.store.send_log import prune_send_log
from sigcli.store.timestamps import next_message_timestamp
from sigcli.wire.content import DataMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from sigcli.client.base.account import Account
    from sigcli.client.sending.message_extras import Extras
    from sigcli.client.sending.send_retrying import Retrying
    from sigcli.store.recipient_values import Recipient

    T = TypeVar("T")


def send_message(
    account: Account,
    *,
    recipients: Sequence[str],
    text: str | None,
    attachments: Sequence[str] = (),
    note_to_self: bool = False,
    groups: Sequence[str] = (),
    notify_self: bool = False,
    extras: Extras | None = None,
    edit_of_ms: int | None = None,
    urgent: bool = True,
    retrying: Retrying | None = None,
) -> SendOutcome:
    """Send a text, attachments or both; one result for each recipient, however often it is named.

    ``groups`` are group ids; each member of one has a result. All recipients are looked up, and everything
    attached is uploaded, before anything is sent. Raises UnknownRecipient, AmbiguousRecipient, UnknownGroup;
    AttachmentUnreadable, AppLimitExceeded; UsageError for a text that is not UTF-8; GroupSendRefused; LoginRefused,
    ServiceError.
    """
    check_text(text)
    audience = _attempted(
        retrying,
        lambda: resolve_audience(
            account,
            recipients,
            note_to_self=note_to_self,
            groups=groups,
            notify_self=notify_self,
            asks_later=True,
        ),
    )
    if audience.is_empty:
        message = DataMessage(timestamp_ms=UNSENT_MS)
    else:
        # Before anything is uploaded for a group that does not take it.
        intended = DataMessage(timestamp_ms=UNSENT_MS, body="")
        audience = _attempted(retrying, lambda: _admitted(account, audience, intended))
        message = _attempted(retrying, lambda: compose(account, text, attachments, extras))
    return send_composed(
        account, audience, message, edit_of_ms=edit_of_ms, urgent=urgent, retrying=retrying
    )


def send_composed(
    account: Account,
    audience: Audience,
    message: DataMessage,
    *,
    edit_of_ms: int | None = None,
    urgent: bool = True,
    retrying: Retrying | None = None,
) -> SendOutcome:
    """Send a composed message to everybody in an audience; one result for each recipient and group member.

    The message's timestamp, timer, profile key and group are filled in. With ``edit_of_ms`` it is the new version of an
    earlier message; with ``retrying`` those who did not get it are tried again. Raises NotAGroupMember and
    GroupSendRefused before anything is sent; LoginRefused, ClientRefused if nobody was reached.
    """
    audience = _attempted(retrying, lambda: _admitted(account, audience, message))
    timestamp_ms, people = _begin(account, audience.people)
    sending = MessageSending(
        account, replace(message, timestamp_ms=timestamp_ms), edit_of_ms, urgent, audience
    )
    progress = Progress(
        tuple(people),
        tuple(sending.to_people(people)),
        {group.id: tuple(sending.to_group(group)) for group in audience.groups},
        {one.word: unanswered_result(account, one) for one in audience.unanswered},
    )
    if retrying is not None:
        from sigcli.client.sending.sending_again import send_again

        progress = send_again(sending, retrying, audience.groups, progress)
    members = (one for group in audience.groups for one in progress.in_groups[group.id])
    gone = map(unregistered_result, audience.unregistered)
    moved = map(moved_result, audience.moved)
    empty = [
        group
        for group in audience.groups
        if all(one.recipient.aci == account.aci for one in progress.in_groups[group.id])
    ]
    found = (*progress.results, *members, *gone, *moved, *progress.lost.values())
    if found and empty:
        from sigcli.client.groups.lookup import format_group_id

        for group in empty:
            id = format_group_id(group.group_id)
            account.warn(f"there is nobody else in the group {id}: nobody was reached there")
    return SendOutcome(timestamp_ms, found, tuple(group.group_id for group in empty))


def _admitted(account: Account, audience: Audience, message: DataMessage) -> Audience:
    """The audience with its groups as they are, all of which take this message of this account."""
    if not audience.groups:
        return audience
    from sigcli.client.sending.group_sending import admitted

    groups = tuple(admitted(account, group, message) for group in audience.groups)
    return replace(audience, groups=groups)


def _attempted(retrying: Retrying | None, attempt: Callable[[], T]) -> T:
    return attempt() if retrying is None else retrying.call(attempt)


# --- who ------------------------------------------------------------------------------------------


def _begin(account: Account, targets: Sequence[Recipient]) -> tuple[int, list[Recipient]]:
    """The message's timestamp, and the people, who are accepted by being written to."""
    # On the disk for good with the ratchet's step, before which nothing leaves.
    with account.database.transaction(is_lasting=False) as database:
        if account.resumed is None:
            timestamp_ms = next_message_timestamp(database, account.now_ms())
            begin_message(database, timestamp_ms)
        else:
            timestamp_ms = account.resumed.timestamp_ms
        prune_send_log(database, account.now_ms())
        current = [accepted(account, database, target) for target in targets]
    return timestamp_ms, current
