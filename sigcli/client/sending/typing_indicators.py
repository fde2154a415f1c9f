"""Telling people who are online that the account's owner types, or no longer does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import SendOutcome
from sigcli.client.base.steps import run_all
from sigcli.client.sending.delivery import delivery
from sigcli.client.sending.outgoing import Outgoing
from sigcli.client.sending.pni_proof import pni_signature_for
from sigcli.client.sending.send_results import results_of, results_of_nobody
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.store.timestamps import next_message_timestamp
from sigcli.wire.content import Content, encode_content
from sigcli.wire.content.receipts import TypingAction, TypingMessage

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.base.steps import Steps
    from sigcli.client.sending.audience import Audience
    from sigcli.client.sending.outgoing import DeliveryResult
    from sigcli.store.recipient_values import Recipient


def send_typing(account: Account, audience: Audience, *, stopped: bool = False) -> SendOutcome:
    """Send the indicator to everybody in an audience; one result for each recipient and group member.

    Nobody is accepted as somebody to talk to by this. Opens transactions of its own. Raises NotAGroupMember,
    GroupSendRefused; LoginRefused, ClientRefused if nobody was reached.
    """
    with account.database.transaction() as database:
        timestamp_ms = next_message_timestamp(database, account.now_ms())
    action = TypingAction.STOPPED if stopped else TypingAction.STARTED
    typing = TypingMessage(timestamp_ms=timestamp_ms, action=action)
    outcomes = run_all(_to_person(account, person, typing) for person in audience.people)
    results = results_of(audience.people, outcomes)
    empty: tuple[bytes, ...] = ()
    for group in audience.groups:
        from sigcli.client.sending.group_sending import send_passing

        in_group = TypingMessage(timestamp_ms=timestamp_ms, action=action, group_id=group.group_id)
        told = send_passing(account, group, Content(typing_message=in_group), timestamp_ms)
        results += told
        empty += () if told else (group.group_id,)
    return SendOutcome(timestamp_ms, (*results, *results_of_nobody(account, audience)), empty)


def _to_person(account: Account, person: Recipient, typing: TypingMessage) -> Steps[DeliveryResult]:
    service_id = person.service_id
    # Resolving gives nobody who has neither ACI nor PNI.
    assert service_id is not None
    signature = pni_signature_for(account, service_id)
    content = encode_content(Content(typing_message=typing, pni_signature=signature))
    outgoing = Outgoing(
        content,
        typing.timestamp_ms,
        ContentHint.IMPLICIT,
        urgent=False,
        online=True,
        logged=False,
    )
    return (yield from delivery(account, service_id, outgoing))
