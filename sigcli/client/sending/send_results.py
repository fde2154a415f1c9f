"""From deliveries to results that name people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.events import Person
from sigcli.client.base.outcomes import ResultType, SendResult
from sigcli.client.groups.people_directory import person_of
from sigcli.client.people.recipient_words import Number, Username, classify
from sigcli.client.sending.outgoing import DeliveryResult, failure_type
from sigcli.errors import HandOverUnknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.sending.audience import Audience, Unanswered
    from sigcli.errors import AddressMoved, DiscoveryUnavailable, PersonNotRegistered, SigcliError
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.key_types import GroupIdentifier


def results_of(
    targets: Sequence[Recipient],
    outcomes: Sequence[DeliveryResult | SigcliError],
    reached: bool = False,
) -> list[SendResult]:
    """One result for each recipient; raises the first error that concerns the account if nobody was reached."""
    reached = reached or any(isinstance(one, DeliveryResult) and one.succeeded for one in outcomes)
    results = []
    for target, outcome in zip(targets, outcomes, strict=True):
        if isinstance(outcome, DeliveryResult):
            results.append(result_for(person_of(target), outcome))
        elif reached or isinstance(outcome, HandOverUnknown):
            failed = SendResult(person_of(target), ResultType.NETWORK_FAILURE, error=outcome)
            results.append(failed)
        else:
            raise outcome
    return results


def result_for(
    person: Person, delivered: DeliveryResult, group_id: GroupIdentifier | None = None
) -> SendResult:
    """The result for one person, or one member of a group."""
    return SendResult(
        recipient=person,
        type=delivered.type,
        sealed=delivered.sealed,
        token=delivered.token,
        retry_after_s=delivered.retry_after_s,
        error=delivered.error,
        group_id=group_id,
    )


def results_of_nobody(account: Account, audience: Audience) -> list[SendResult]:
    """The results for the words of an audience that name nobody, or that could not be looked up."""
    gone = [unregistered_result(error) for error in audience.unregistered]
    moved = [moved_result(error) for error in audience.moved]
    return gone + moved + [unanswered_result(account, one) for one in audience.unanswered]


def unanswered_result(account: Account, unanswered: Unanswered) -> SendResult:
    """The result for a word that could not be looked up."""
    error = unanswered.error
    match classify(unanswered.word, account.settings.aliases):
        case Number(number):
            somebody = Person(number=number)
        case Username(name):
            somebody = Person(username=name)
        case _:
            somebody = Person(name=unanswered.word)
    return SendResult(
        somebody,
        failure_type(error) or ResultType.NETWORK_FAILURE,
        retry_after_s=error.retry_after_s,
        error=error,
    )


def moved_result(error: AddressMoved) -> SendResult:
    """The result for a number or username on which the user has to decide first."""
    somebody = Person(number=error.number, username=error.username)
    return SendResult(somebody, ResultType.IDENTITY_FAILURE, error=error)


def unregistered_result(error: PersonNotRegistered | DiscoveryUnavailable) -> SendResult:
    """The result for a number or username that nobody has, or nobody can be asked about."""
    nobody = Person(number=error.number, username=getattr(error, "username", None))
    return SendResult(nobody, ResultType.UNREGISTERED_FAILURE, error=error)
