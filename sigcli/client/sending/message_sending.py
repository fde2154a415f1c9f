"""One message to people one by one, each followed by its transcript to the account's other devices."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import SendResult
from sigcli.client.base.steps import run, run_all
from sigcli.client.people.known_people import accept
from sigcli.client.people.recipients import is_self, resolve
from sigcli.client.sending.access import access_key_of
from sigcli.client.sending.audience import Audience, Unanswered
from sigcli.client.sending.composing import content_of, edit_of, encoded, kept_for_ms
from sigcli.client.sending.delivery import Elsewhere, delivery
from sigcli.client.sending.outgoing import DeliveryResult, Outgoing
from sigcli.client.sending.pni_proof import pni_signature_for
from sigcli.client.sending.resuming import ALONE, transcript_of
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
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.store.recipients import load_recipient
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.content import DataMessage
from sigcli.wire.content.sync_sent import SyncSent, UnidentifiedStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from sigcli.client.base.account import Account
    from sigcli.client.base.steps import Steps
    from sigcli.client.sending.number_check import NumberCheck
    from sigcli.store.database import Transaction
    from sigcli.store.group_values import Group
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId

    Results = tuple[SendResult, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """The results of a message so far."""

    people: tuple[Recipient, ...]
    results: Results
    """One for each of the people, in their order."""
    in_groups: Mapping[int, Results]
    """The results of the members, by the row of their group."""
    lost: Mapping[str, SendResult]
    """The results for words that could not be looked up."""

    def all(self) -> Iterator[SendResult]:
        yield from self.results
        for results in self.in_groups.values():
            yield from results
        yield from self.lost.values()


class MessageSending:
    """One message on its way to people and groups."""

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
        conversations: list[Steps[Any]] = [self._conversation(person) for person in people]
        if self._numbers_due:
            from sigcli.client.sending.number_check import NumberCheck

            self._check = NumberCheck(self._account, self._numbers_due)
            self._numbers_due = {}
            # It begins before those that wait for it.
            asked, *outcomes = run_all([self._check.ask(), *conversations])
            if isinstance(asked, SigcliError):
                raise asked
        else:
            outcomes = run_all(conversations)
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

        return send_to_group(
            self._account,
            group,
            self._message,
            edit_of_ms=self._edit_of_ms,
            urgent=self._urgent,
            only=only,
            notify_self=self._notify_self,
            is_recipient_update=is_recipient_update,
        )

    def find(self, word: str) -> Recipient | SendResult:
        """Look up once more whom a word means; the result for it if that fails."""
        account = self._account
        try:
            found = resolve(account, word)
        except PersonNotRegistered as error:
            return unregistered_result(error)
        except AddressMoved as error:
            return moved_result(error)
        except ServiceError as error:
            return unanswered_result(account, Unanswered(word, error))
        with account.database.transaction() as database:
            return accepted(account, database, found)

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
            return (yield from transcript_delivery(account, sent, urgent=self._urgent, part=ALONE))
        signature = None if own else pni_signature_for(account, recipient)
        content = encoded(content_of(message, self._edit_of_ms, signature))
        outgoing = Outgoing(
            content,
            message.timestamp_ms,
            ContentHint.RESENDABLE,
            self._urgent,
            part=ALONE,
            kept_ms=kept_for_ms(message),
        )
        before = (
            None if self._check is None else partial(self._check.wait, recipient.id, service_id)
        )
        try:
            result = yield from delivery(account, service_id, outgoing, before=before)
        except Elsewhere as moved:
            self._elsewhere[recipient.id] = moved.recipient
            return (yield from self._conversation(moved.recipient))
        if own:
            return result
        if result.needs_sync and not has_other_devices(account):
            note_other_devices(account, True)
        if result.succeeded and has_other_devices(account):
            sent = self._transcript(recipient, message, sealed=result.sealed)
            part = transcript_of(service_id.to_fixed_width())
            yield from try_transcript(account, sent, urgent=self._urgent, part=part)
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


def accepted(account: Account, transaction: Transaction, recipient: Recipient) -> Recipient:
    """Somebody who is written to, which accepts them as somebody to talk to."""
    if is_self(account, recipient) or not accept(transaction, recipient, wrote=True):
        return recipient
    add_task(transaction, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
    return load_recipient(transaction, recipient.id) or recipient
