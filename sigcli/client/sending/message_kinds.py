"""The messages that are no text: reactions, deletions, polls, pins and payments.

Each is composed for ``sending.send_composed``. Authors are given in the user's words: UnknownRecipient and
AmbiguousRecipient are raised for one that is not found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.content.limits import (
    CHOSEN_OPTIONS,
    PIN_SECONDS,
    POLL_OPTION,
    POLL_OPTIONS,
    POLL_QUESTION,
    check_count,
    check_emoji,
    check_texts,
)
from sigcli.client.sending.composing import UNSENT_MS
from sigcli.client.sending.message_extras import require_aci
from sigcli.errors import UsageError
from sigcli.wire.content import DataMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.sending.audience import Audience
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content.message_parts import StoryContext

REACTIONS_PROTOCOL = 4
PAYMENTS_PROTOCOL = 7
POLLS_PROTOCOL = 8
_ANY_EMOJI = "👍"
"""What a removal names if the user names none: apps want one emoji there, and take back whatever it was."""
_NAME_THE_AUTHOR = "--poll-author names who started it"


def reaction(
    account: Account,
    emoji: str,
    author: str,
    timestamp_ms: int,
    *,
    remove: bool = False,
    story: bool = False,
) -> DataMessage:
    """An emoji for a message or story, or its removal, which may leave the emoji empty; raises NotOneEmoji."""
    from sigcli.wire.content.message_parts import Reaction

    if remove and not emoji:
        emoji = _ANY_EMOJI
    check_emoji(emoji, "a reaction")
    aci = require_aci(account, author)
    return DataMessage(
        timestamp_ms=UNSENT_MS,
        reaction=Reaction(
            emoji=emoji, target_author=aci, target_timestamp_ms=timestamp_ms, is_remove=remove
        ),
        story_context=_story(aci, timestamp_ms, story),
        required_protocol_version=REACTIONS_PROTOCOL,
    )


def deletion(timestamp_ms: int) -> DataMessage:
    """The deletion of one's own message, for everybody."""
    from sigcli.wire.content.message_parts import Delete

    return DataMessage(timestamp_ms=UNSENT_MS, delete=Delete(target_timestamp_ms=timestamp_ms))


def admin_deletion(
    account: Account, author: str, timestamp_ms: int, *, story: bool = False
) -> DataMessage:
    """The deletion, for everybody in a group, of somebody's message."""
    from sigcli.wire.content.message_parts import AdminDelete

    aci = require_aci(account, author)
    return DataMessage(
        timestamp_ms=UNSENT_MS,
        admin_delete=AdminDelete(target_author=aci, target_timestamp_ms=timestamp_ms),
        story_context=_story(aci, timestamp_ms, story),
    )


def pin(
    account: Account,
    author: str,
    timestamp_ms: int,
    duration_s: int,
    *,
    story: bool = False,
) -> DataMessage:
    """A message pinned for some time, for ever if ``duration_s`` is negative; raises AppLimitExceeded."""
    from sigcli.wire.content.polls_and_pins import PinMessage

    forever = duration_s < 0
    if not forever:
        check_count(duration_s, PIN_SECONDS)
    aci = require_aci(account, author)
    return DataMessage(
        timestamp_ms=UNSENT_MS,
        pin_message=PinMessage(
            target_author=aci,
            target_timestamp_ms=timestamp_ms,
            duration_s=None if forever else duration_s,
            forever=forever,
        ),
        story_context=_story(aci, timestamp_ms, story),
    )


def unpin(account: Account, author: str, timestamp_ms: int, *, story: bool = False) -> DataMessage:
    """A message that is pinned no longer."""
    from sigcli.wire.content.polls_and_pins import UnpinMessage

    aci = require_aci(account, author)
    return DataMessage(
        timestamp_ms=UNSENT_MS,
        unpin_message=UnpinMessage(target_author=aci, target_timestamp_ms=timestamp_ms),
        story_context=_story(aci, timestamp_ms, story),
    )


def poll(question: str, options: Sequence[str], *, allow_multiple: bool) -> DataMessage:
    """A question and the answers to choose from; raises AppLimitExceeded, and UsageError for an empty one."""
    from sigcli.wire.content.polls_and_pins import PollCreate

    if not question.strip():
        raise UsageError("the poll has no question")
    check_texts((question, POLL_QUESTION))
    check_count(len(options), POLL_OPTIONS)
    if not all(option.strip() for option in options):
        raise UsageError("an option of the poll is empty")
    check_texts(*((option, POLL_OPTION) for option in options))
    return DataMessage(
        timestamp_ms=UNSENT_MS,
        poll_create=PollCreate(
            question=question, allow_multiple=allow_multiple, options=tuple(options)
        ),
        required_protocol_version=POLLS_PROTOCOL,
    )


def poll_vote(
    account: Account,
    author: str | None,
    timestamp_ms: int,
    option_indexes: Sequence[int],
    vote_count: int,
) -> DataMessage:
    """The options chosen in a poll, none to take a vote back; without an author who started it is looked up here.

    Raises AppLimitExceeded.
    """
    from sigcli.wire.content.polls_and_pins import PollVote

    check_count(len(option_indexes), CHOSEN_OPTIONS)
    return DataMessage(
        timestamp_ms=UNSENT_MS,
        poll_vote=PollVote(
            target_author=_author_of_poll(account, timestamp_ms)
            if author is None
            else require_aci(account, author),
            target_timestamp_ms=timestamp_ms,
            option_indexes=tuple(option_indexes),
            vote_count=vote_count,
        ),
    )


def _author_of_poll(account: Account, timestamp_ms: int) -> ServiceId:
    """Who sent what has this timestamp; the account itself, with a warning, if nothing is known of it.

    Raises UsageError if several people did.
    """
    from sigcli.store.reportable_messages import reportable_senders_at
    from sigcli.store.send_log import was_sent_at
    from sigcli.store.withdrawals import senders_at

    database = account.database
    senders = {*senders_at(database, timestamp_ms), *reportable_senders_at(database, timestamp_ms)}
    authors = {one for one in senders if one.is_aci and not account.is_own(one)}
    if was_sent_at(database, timestamp_ms) or account.aci in senders:
        authors.add(account.aci)
    if len(authors) > 1:
        raise UsageError(
            "several people have sent something with this timestamp", hint=_NAME_THE_AUTHOR
        )
    if authors:
        return authors.pop()
    account.warn(
        f"no poll of {timestamp_ms} is known here: assuming that it is yours; {_NAME_THE_AUTHOR}"
    )
    return account.aci


def poll_end(timestamp_ms: int) -> DataMessage:
    """The end of one's own poll."""
    from sigcli.wire.content.polls_and_pins import PollTerminate

    return DataMessage(
        timestamp_ms=UNSENT_MS, poll_terminate=PollTerminate(target_timestamp_ms=timestamp_ms)
    )


def payment_notification(receipt: bytes, note: str | None) -> DataMessage:
    """The receipt of a payment that was made elsewhere."""
    from sigcli.wire.content.payments import MobileCoinReceipt, Payment, PaymentNotification

    return DataMessage(
        timestamp_ms=UNSENT_MS,
        payment=Payment(
            notification=PaymentNotification(
                mobile_coin=MobileCoinReceipt(receipt=receipt), note=note
            )
        ),
        required_protocol_version=PAYMENTS_PROTOCOL,
    )


def forget_deleted(account: Account, audience: Audience, timestamp_ms: int) -> None:
    """Stop answering retry requests for a message of this account that is deleted; opens a transaction."""
    from sigcli.store.send_log import forget_recipient

    people = {one.service_id for one in audience.people if one.service_id is not None}
    people.add(account.aci)  # whose other devices were shown it
    for group in audience.groups:
        if group.details is not None:
            people.update(member.aci for member in group.details.members)
    with account.database.transaction() as database:
        for person in people:
            forget_recipient(database, timestamp_ms, person)


def _story(author: ServiceId, timestamp_ms: int, story: bool) -> StoryContext | None:
    if not story:
        return None
    from sigcli.wire.content.message_parts import StoryContext

    return StoryContext(author=author, sent_timestamp_ms=timestamp_ms)
