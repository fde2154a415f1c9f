"""Sending a message: to people one by one, and its transcript to the own devices.

All recipients of one message share its timestamp and the uploads of its attachments; each is a conversation of its
own, with its own timer and its own transcript.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.delivery import DeliveryResult, Outgoing, access_key_of, delivery
from sigcli.client.directory import person_of
from sigcli.client.events import Person
from sigcli.client.long_text import body_of, is_long
from sigcli.client.outcomes import ResultType, SendOutcome, SendResult
from sigcli.client.pni_proof import pni_signature_for
from sigcli.client.recipients import (
    is_self,
    look_up_unknown_numbers,
    own_recipient,
    resolve,
)
from sigcli.client.steps import run, run_all
from sigcli.client.sync_sending import has_other_devices, note_other_devices, sync_delivery
from sigcli.errors import NumberNotRegistered, SigcliError, UsageError
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.store.recipients import RequestState, load_recipient, update_recipient
from sigcli.store.send_log import prune_send_log
from sigcli.store.timestamps import next_message_timestamp
from sigcli.wire.content import Content, DataMessage, encode_content
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import SyncSent, UnidentifiedStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigcli.client.account import Account
    from sigcli.client.steps import Steps
    from sigcli.store.group_values import Group
    from sigcli.store.recipients import Recipient
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import AttachmentPointer


def send_message(
    account: Account,
    *,
    recipients: Sequence[str],
    text: str | None,
    attachments: Sequence[str] = (),
    note_to_self: bool = False,
    groups: Sequence[str] = (),
) -> SendOutcome:
    """Send a text, attachments or both; one result for each recipient, however often it is named.

    ``groups`` are group ids; each member of one has a result. Whoever is meant by the words is settled, and everything
    attached is uploaded, before anything is sent. Raises what ``recipients.resolve``, ``groups.sending.require_may_send``
    and ``attachments_out.upload_attachments`` raise; UsageError for a text that is no text; and what concerns the
    account itself.
    """
    _check_text(text)
    targets, unregistered = _resolve_all(account, recipients, note_to_self)
    to_groups = _resolve_groups(account, groups)
    pointers = _upload(account, text, attachments) if targets or to_groups else ()
    timestamp_ms, targets = _begin(account, targets)
    if len(targets) > 1:
        _prepare(account, targets)
    body = body_of(text) if text else None
    outcomes = run_all(
        _send_to(account, target, _data_message(account, target, timestamp_ms, body, pointers))
        for target in targets
    )
    results = _results(targets, outcomes)
    results += _send_to_groups(account, to_groups, timestamp_ms, body, pointers)
    return SendOutcome(timestamp_ms, (*results, *map(_unregistered, unregistered)))


# --- who ------------------------------------------------------------------------------------------


def _resolve_all(
    account: Account, words: Iterable[str], note_to_self: bool
) -> tuple[list[Recipient], list[NumberNotRegistered]]:
    """Everybody who is meant, once each, and the numbers that nobody has."""
    found: dict[int, Recipient] = {}
    unregistered: dict[str, NumberNotRegistered] = {}
    words = list(words)
    looked_up = look_up_unknown_numbers(account, words)
    nobodys = {number for number, entry in looked_up.items() if entry is None}
    for word in words:
        try:
            recipient = resolve(account, word, nobodys=nobodys)
        except NumberNotRegistered as error:
            unregistered[error.number] = error
        else:
            found[recipient.id] = recipient
    if note_to_self:
        own = own_recipient(account)
        found[own.id] = own
    return list(found.values()), list(unregistered.values())


def _begin(account: Account, targets: Sequence[Recipient]) -> tuple[int, list[Recipient]]:
    """The message's timestamp; and whoever is written to is accepted as somebody to talk to."""
    with account.database.transaction() as database:
        timestamp_ms = next_message_timestamp(database, account.now_ms())
        prune_send_log(database, account.now_ms())
        current = []
        for target in targets:
            if not is_self(account, target) and _accept(account, target):
                target = load_recipient(database, target.id) or target
            current.append(target)
    return timestamp_ms, current


def _accept(account: Account, recipient: Recipient) -> bool:
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
        account.database,
        recipient.id,
        is_contact=True,
        profile_sharing=True,
        hidden=False,
        request_state=RequestState.ACCEPTED if state is RequestState.PENDING else state,
    )
    return True


def _resolve_groups(account: Account, group_ids: Sequence[str]) -> list[Group]:
    """The groups that are meant, once each; raises UnknownGroup, and what says that this account may not send."""
    if not group_ids:
        return []
    from sigcli.client.groups.lookup import require_group
    from sigcli.client.groups.sending import require_may_send

    found = {group.id: group for group in (require_group(account, text) for text in group_ids)}
    for group in found.values():
        require_may_send(account, group)
    return list(found.values())


# --- what -----------------------------------------------------------------------------------------


def _check_text(text: str | None) -> None:
    try:
        (text or "").encode()
    except UnicodeEncodeError:
        raise UsageError("the text is not UTF-8") from None


def _upload(
    account: Account, text: str | None, attachments: Sequence[str]
) -> tuple[AttachmentPointer, ...]:
    long = bool(text) and is_long(text or "")
    if not long and not attachments:
        return ()
    from sigcli.client.attachments_out import upload_attachments, upload_long_text

    pointers = upload_attachments(account, attachments) if attachments else ()
    if long and text:
        pointers = (*pointers, upload_long_text(account, text))
    return pointers


def _data_message(
    account: Account,
    recipient: Recipient,
    timestamp_ms: int,
    body: str | None,
    pointers: tuple[AttachmentPointer, ...],
) -> DataMessage:
    contact = recipient.contact
    return DataMessage(
        timestamp_ms=timestamp_ms,
        body=body,
        attachments=pointers,
        expire_timer_s=contact.expire_timer_s,
        expire_timer_version=contact.expire_timer_version,
        profile_key=None if contact.blocked else account.keys.profile_key,
    )


# --- sending --------------------------------------------------------------------------------------


def _prepare(account: Account, targets: Iterable[Recipient]) -> None:
    """Fetch what all deliveries need before they run beside one another."""
    if any(
        target.service_id and access_key_of(target, target.service_id)
        for target in targets
        if not is_self(account, target)
    ):
        from sigcli.client.sender_certificate import sender_certificate

        try:
            run(sender_certificate(account))
        except SigcliError:
            # Each delivery tries again, and says what is wrong.
            return


def _send_to(account: Account, recipient: Recipient, message: DataMessage) -> Steps[DeliveryResult]:
    """One conversation: the message, then its transcript."""
    service_id = recipient.service_id
    # Resolving gives nobody who has neither ACI nor PNI.
    assert service_id is not None
    if is_self(account, recipient):
        return (yield from _transcript(account, recipient, message))
    signature = pni_signature_for(account, service_id)
    content = encode_content(Content(data_message=message, pni_signature=signature))
    outgoing = Outgoing(content, message.timestamp_ms, ContentHint.RESENDABLE)
    result = yield from delivery(account, service_id, outgoing)
    if result.needs_sync and not has_other_devices(account):
        note_other_devices(account, True)
    if result.succeeded and has_other_devices(account):
        try:
            copied = yield from _transcript(account, recipient, message, sealed=result.sealed)
            problem = copied.error
        except SigcliError as error:
            problem = error
        if problem is not None:
            account.warn(f"the own other devices do not see this message: {problem.message}")
    return result


def _send_to_groups(
    account: Account,
    groups: Iterable[Group],
    timestamp_ms: int,
    body: str | None,
    pointers: tuple[AttachmentPointer, ...],
) -> list[SendResult]:
    results: list[SendResult] = []
    for group in groups:
        from sigcli.client.groups.sending import send_to_group

        message = DataMessage(timestamp_ms=timestamp_ms, body=body, attachments=pointers)
        results += send_to_group(account, group, message)
    return results


def _transcript(
    account: Account, recipient: Recipient, message: DataMessage, *, sealed: bool = False
) -> Steps[DeliveryResult]:
    """Tell the other own devices what was sent; to oneself this is all that is sent."""
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
    sent = SyncSent(
        timestamp_ms=message.timestamp_ms,
        destination=destination,
        destination_number=recipient.number,
        message=message,
        expiration_start_timestamp_ms=account.now_ms() if message.expire_timer_s else None,
        unidentified_statuses=statuses,
    )
    return (
        yield from sync_delivery(
            account,
            SyncMessage(sent=sent),
            message.timestamp_ms,
            urgent=True,
            hint=ContentHint.RESENDABLE,
        )
    )


def _pni_identity(account: Account, service_id: ServiceId | None) -> bytes | None:
    """The identity key that a PNI was written to: another device may know another one."""
    if service_id is None or service_id.is_aci:
        return None
    from sigcli.store.identity_keys import find_identity

    known = find_identity(account.database, service_id)
    return known.identity_key.serialize() if known else None


# --- results --------------------------------------------------------------------------------------


def _results(
    targets: Sequence[Recipient], outcomes: Sequence[DeliveryResult | SigcliError]
) -> list[SendResult]:
    """One result for each recipient; raises the first error that concerns the account if nobody was reached."""
    reached = any(isinstance(one, DeliveryResult) and one.succeeded for one in outcomes)
    results = []
    for target, outcome in zip(targets, outcomes, strict=True):
        if isinstance(outcome, DeliveryResult):
            results.append(_result(person_of(target), outcome))
        elif reached:
            failed = SendResult(person_of(target), ResultType.NETWORK_FAILURE, error=outcome)
            results.append(failed)
        else:
            raise outcome
    return results


def _result(person: Person, delivered: DeliveryResult) -> SendResult:
    return SendResult(
        recipient=person,
        type=delivered.type,
        sealed=delivered.sealed,
        token=delivered.token,
        retry_after_s=delivered.retry_after_s,
        error=delivered.error,
    )


def _unregistered(error: NumberNotRegistered) -> SendResult:
    return SendResult(Person(number=error.number), ResultType.UNREGISTERED_FAILURE, error=error)
