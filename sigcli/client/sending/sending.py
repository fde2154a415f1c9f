"""Sending a message: to people one by one, and its transcript to the own devices.

All recipients of one message share its timestamp and the uploads of its attachments; each is a conversation of its
own, with its own timer and its own transcript. What the message says is composed elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import SendOutcome, SendResult
from sigcli.client.base.steps import run, run_all
from sigcli.client.people.recipients import is_self, resolve
from sigcli.client.sending.audience import Audience, Unanswered, resolve_audience
from sigcli.client.sending.composing import UNSENT_MS, check_text, compose, content_of, edit_of
from sigcli.client.sending.delivery import (
    DeliveryResult,
    Elsewhere,
    Outgoing,
    access_key_of,
    delivery,
)
from sigcli.client.sending.pni_proof import pni_signature_for
from sigcli.client.sending.resuming import (
    group_results,
    known_result,
    note_result,
    noted,
    part_of,
)
from sigcli.client.sending.send_results import (
    moved_result,
    results_of,
    unanswered_result,
    unregistered_result,
)
from sigcli.client.sending.sync_sending import (
    has_other_devices,
    note_other_devices,
    transcript_delivery,
    try_transcript,
)
from sigcli.errors import AddressMoved, PersonNotRegistered, ServiceError, SigcliError
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.store.hand_overs import begin_message
from sigcli.store.recipients import RequestState, load_recipient, update_recipient
from sigcli.store.send_log import prune_send_log
from sigcli.store.tasks import TaskKind, add_task
from sigcli.store.timestamps import next_message_timestamp
from sigcli.wire.content import DataMessage, encode_content
from sigcli.wire.content.sync_sent import SyncSent, UnidentifiedStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, TypeVar

    from sigcli.client.base.account import Account
    from sigcli.client.base.steps import Steps
    from sigcli.client.sending.message_extras import Extras
    from sigcli.client.sending.number_check import NumberCheck
    from sigcli.client.sending.send_retrying import Retrying
    from sigcli.store.database import Transaction
    from sigcli.store.group_values import Group
    from sigcli.store.recipients import Recipient
    from sigcli.wire.addresses import ServiceId

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

    ``groups`` are group ids; each member of one has a result. Whoever is meant by the words is settled, and everything
    attached is uploaded, before anything is sent. Raises what ``audience.resolve_audience`` and ``composing.compose``
    raise; UsageError for a text that is no text; and what concerns the account itself.
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
    earlier message; with ``retrying`` whoever did not get it is tried again. Raises as ``group_sending.admitted``
    before anything is sent, and what concerns the account itself if nobody was reached.
    """
    audience = _attempted(retrying, lambda: _admitted(account, audience, message))
    timestamp_ms, people = _begin(account, audience.people)
    sending = _Sending(
        account, replace(message, timestamp_ms=timestamp_ms), edit_of_ms, urgent, audience
    )
    results = sending.to_people(people)
    in_groups = {group.id: sending.to_group(group) for group in audience.groups}
    lost = {one.word: unanswered_result(account, one) for one in audience.unanswered}
    if retrying is not None:
        _try_again(sending, retrying, people, results, audience.groups, in_groups, lost)
    members = (result for group in audience.groups for result in in_groups[group.id])
    gone = map(unregistered_result, audience.unregistered)
    moved = map(moved_result, audience.moved)
    empty = tuple(group.group_id for group in audience.groups if not in_groups[group.id])
    found = (*results, *members, *gone, *moved, *lost.values())
    return SendOutcome(timestamp_ms, found, empty)


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
    """The message's timestamp; and whoever is written to is accepted as somebody to talk to."""
    # On the disk for good with the ratchet's step, before which nothing leaves.
    with account.database.transaction(is_lasting=False) as database:
        if account.resumed is None:
            timestamp_ms = next_message_timestamp(database, account.now_ms())
            begin_message(database, timestamp_ms)
        else:
            timestamp_ms = account.resumed.timestamp_ms
        prune_send_log(database, account.now_ms())
        current = []
        for target in targets:
            if not is_self(account, target) and _accept(account, database, target):
                target = load_recipient(database, target.id) or target
            current.append(target)
    return timestamp_ms, current


def _accept(account: Account, transaction: Transaction, recipient: Recipient) -> bool:
    """Writing to somebody accepts their request, shares the profile and brings them back; true if that is news."""
    contact = recipient.contact
    if contact.blocked:
        return False
    as_it_should_be = (
        contact.is_contact
        and contact.profile_sharing
        and not contact.hidden
        and contact.request_state is not RequestState.PENDING
    )
    if as_it_should_be:
        return False
    state = contact.request_state
    update_recipient(
        transaction,
        recipient.id,
        is_contact=True,
        profile_sharing=True,
        hidden=False,
        request_state=RequestState.ACCEPTED if state is RequestState.PENDING else state,
    )
    add_task(transaction, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
    return True


# --- sending --------------------------------------------------------------------------------------


class _Sending:
    """One message on its way."""

    def __init__(
        self,
        account: Account,
        message: DataMessage,
        edit_of_ms: int | None,
        urgent: bool,
        audience: Audience,
    ) -> None:
        self._account = account
        self._message = message
        self._edit_of_ms = edit_of_ms
        self._urgent = urgent
        self._notify_self = audience.notify_self
        self._numbers_due = audience.numbers_due
        self._check: NumberCheck | None = None
        self._elsewhere: dict[int, Recipient] = {}
        """To whom a message goes instead of somebody, by rows: the number has turned out to be theirs."""

    def to_people(self, people: Sequence[Recipient], *, reached: bool = False) -> list[SendResult]:
        """One result for each; ``reached``: somebody has got the message before."""
        if len(people) > 1:
            _prepare(self._account, people)
        works: list[Steps[Any]] = [self._conversation(person) for person in people]
        if self._numbers_due:
            from sigcli.client.sending.number_check import NumberCheck

            self._check = NumberCheck(self._account, self._numbers_due)
            self._numbers_due = {}
            # It begins before those that wait for it.
            asked, *outcomes = run_all([self._check.ask(), *works])
            if isinstance(asked, SigcliError):
                raise asked
        else:
            outcomes = run_all(works)
        targets = [self._elsewhere.get(person.id, person) for person in people]
        return results_of(targets, outcomes, reached)

    def to_group(
        self,
        group: Group,
        only: Sequence[ServiceId] | None = None,
        *,
        is_recipient_update: bool = False,
    ) -> list[SendResult]:
        """One result for each member, or for each of ``only``."""
        from sigcli.client.sending.group_sending import send_to_group

        def send(members: Sequence[ServiceId] | None, is_update: bool) -> list[SendResult]:
            return send_to_group(
                self._account,
                group,
                self._message,
                edit_of_ms=self._edit_of_ms,
                urgent=self._urgent,
                only=members,
                notify_self=self._notify_self,
                is_recipient_update=is_recipient_update or is_update,
            )

        return group_results(self._account, group, send, only)

    def find(self, word: str, lost: dict[str, SendResult]) -> Recipient | None:
        """Look once more whom a word means, who is then no longer lost; None, and another result, if that fails."""
        account = self._account
        try:
            found = resolve(account, word)
        except PersonNotRegistered as error:
            lost[word] = unregistered_result(error)
            return None
        except AddressMoved as error:
            lost[word] = moved_result(error)
            return None
        except ServiceError as error:
            lost[word] = unanswered_result(account, Unanswered(word, error))
            return None
        del lost[word]
        with account.database.transaction() as database:
            if not is_self(account, found) and _accept(account, database, found):
                return load_recipient(database, found.id) or found
        return found

    def _conversation(self, recipient: Recipient) -> Steps[DeliveryResult]:
        """The message, then its transcript."""
        account = self._account
        message = _for_conversation(account, recipient, self._message)
        service_id = recipient.service_id
        # Resolving gives nobody who has neither ACI nor PNI.
        assert service_id is not None
        own = is_self(account, recipient)
        if own and not self._notify_self:
            sent = self._transcript(recipient, message)
            own_copy = transcript_delivery(account, sent, urgent=self._urgent)
            return (yield from noted(account, service_id, own_copy))
        known = known_result(account, service_id)
        if known is not None:
            if has_other_devices(account):
                account.warn("the own other devices may not see this message")
            return known
        signature = None if own else pni_signature_for(account, recipient)
        content = encode_content(content_of(message, self._edit_of_ms, signature))
        outgoing = Outgoing(
            content,
            message.timestamp_ms,
            ContentHint.RESENDABLE,
            self._urgent,
            part=part_of(service_id),
        )
        before = (
            None if self._check is None else partial(self._check.wait, recipient.id, service_id)
        )
        try:
            result = yield from delivery(account, service_id, outgoing, before=before)
        except Elsewhere as moved:
            self._elsewhere[recipient.id] = moved.recipient
            return (yield from self._conversation(moved.recipient))
        note_result(account, result)
        if own:
            return result
        if result.needs_sync and not has_other_devices(account):
            note_other_devices(account, True)
        if result.succeeded and has_other_devices(account):
            sent = self._transcript(recipient, message, sealed=result.sealed)
            yield from try_transcript(account, sent, urgent=self._urgent)
        return result

    def _transcript(
        self, recipient: Recipient, message: DataMessage, *, sealed: bool = False
    ) -> SyncSent:
        """What shows the other devices what was sent; to oneself this is all that is sent."""
        account = self._account
        destination = recipient.service_id
        statuses: tuple[UnidentifiedStatus, ...] = ()
        if not is_self(account, recipient):
            statuses = (
                UnidentifiedStatus(
                    destination=destination,
                    unidentified=sealed,
                    destination_pni_identity_key=_pni_identity(account, destination),
                ),
            )
        return SyncSent(
            timestamp_ms=message.timestamp_ms,
            destination=destination,
            destination_number=recipient.number,
            message=None if self._edit_of_ms is not None else message,
            edit_message=edit_of(message, self._edit_of_ms),
            expiration_start_timestamp_ms=account.now_ms() if message.expire_timer_s else None,
            unidentified_statuses=statuses,
        )


def _for_conversation(account: Account, recipient: Recipient, message: DataMessage) -> DataMessage:
    contact = recipient.contact
    return replace(
        message,
        expire_timer_s=contact.expire_timer_s,
        expire_timer_version=contact.expire_timer_version,
        profile_key=None if contact.blocked else account.keys.profile_key,
    )


def _prepare(account: Account, targets: Iterable[Recipient]) -> None:
    """Fetch what all deliveries need before they run beside one another."""
    if any(
        target.service_id and access_key_of(target, target.service_id)
        for target in targets
        if not is_self(account, target)
    ):
        from sigcli.client.sending.sender_certificate import sender_certificate

        try:
            run(sender_certificate(account))
        except SigcliError:
            # Each delivery tries again, and says what is wrong.
            return


def _pni_identity(account: Account, service_id: ServiceId | None) -> bytes | None:
    """The identity key that a PNI was written to: another device may know another one."""
    if service_id is None or service_id.is_aci:
        return None
    from sigcli.store.identity_keys import find_identity

    known = find_identity(account.database, service_id)
    return known.identity_key.serialize() if known else None


# --- once more ------------------------------------------------------------------------------------


def _try_again(
    sending: _Sending,
    retrying: Retrying,
    people: list[Recipient],
    results: list[SendResult],
    groups: Sequence[Group],
    in_groups: dict[int, list[SendResult]],
    lost: dict[str, SendResult],
) -> None:
    """Send to those who did not get the message until they have, or time is up; replaces their results.

    ``lost``: the words that could not be looked up; whoever they turn out to mean joins the people.
    """
    # When each failure is due, settled once: Retry-After counts from the answer that named it.
    planned: dict[int, tuple[SendResult, float | None]] = {}
    while True:
        members = (one for group in groups for one in in_groups[group.id])
        everybody = (*results, *members, *lost.values())
        due: dict[int, float] = {}
        for one in everybody:
            if one.succeeded:
                continue
            if id(one) not in planned:
                planned[id(one)] = (one, retrying.due(one.error))
            at = planned[id(one)][1]
            if at is not None:
                due[id(one)] = at
        if not due:
            return
        reached = any(one.succeeded for one in everybody)
        retrying.wait_until(min(due.values()))
        now = {key for key, at in due.items() if retrying.has_come(at)}
        again = [index for index, one in enumerate(results) if id(one) in now]
        if again:
            renewed = sending.to_people([people[index] for index in again], reached=reached)
            for index, result in zip(again, renewed, strict=True):
                results[index] = result
        for group in groups:
            before = in_groups[group.id]
            in_groups[group.id] = _members_again(sending, group, before, now)
        for word in [word for word, one in lost.items() if id(one) in now]:
            found = sending.find(word, lost)
            if found is not None and all(found.id != person.id for person in people):
                people.append(found)
                results += sending.to_people([found], reached=True)


def _members_again(
    sending: _Sending, group: Group, before: list[SendResult], now: set[int]
) -> list[SendResult]:
    """Send to the members whose results are named; the results of all of them then."""
    members = [
        service_id
        for one in before
        if id(one) in now and (service_id := one.recipient.aci or one.recipient.pni) is not None
    ]
    if not members:
        return before
    told = any(one.succeeded for one in before)
    renewed = sending.to_group(group, members, is_recipient_update=told)
    by_member = {one.recipient.aci or one.recipient.pni: one for one in renewed}
    return [by_member.get(one.recipient.aci or one.recipient.pni, one) for one in before]
