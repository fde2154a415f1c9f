"""A message sent again to those who did not get it, until they have or time is up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import SendResult
from sigcli.lazy_dataclass import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.sending.message_sending import MessageSending, Progress, Results
    from sigcli.client.sending.send_retrying import Retrying
    from sigcli.store.group_values import Group


def send_again(
    sending: MessageSending, retrying: Retrying, groups: Sequence[Group], progress: Progress
) -> Progress:
    """The progress of the message once everybody has got it, or time is up."""
    # When each failure is due, settled once: Retry-After counts from the answer that named it.
    planned: dict[int, tuple[SendResult, float | None]] = {}
    while True:
        for one in progress.all():
            if not one.succeeded and id(one) not in planned:
                planned[id(one)] = (one, retrying.due(one.error))
        due = {
            id(one): at
            for one in progress.all()
            if not one.succeeded and (at := planned[id(one)][1]) is not None
        }
        if not due:
            return progress
        retrying.wait_until(min(due.values()))
        now = {key for key, at in due.items() if retrying.has_come(at)}
        progress = _people_again(sending, progress, now)
        in_groups = {
            group.id: _members_again(sending, group, progress.in_groups[group.id], now)
            for group in groups
        }
        progress = _lost_again(sending, replace(progress, in_groups=in_groups), now)


def _people_again(sending: MessageSending, progress: Progress, now: set[int]) -> Progress:
    again = [index for index, one in enumerate(progress.results) if id(one) in now]
    if not again:
        return progress
    reached = any(one.succeeded for one in progress.all())
    renewed = sending.to_people([progress.people[index] for index in again], reached=reached)
    results = list(progress.results)
    for index, result in zip(again, renewed, strict=True):
        results[index] = result
    return replace(progress, results=tuple(results))


def _members_again(
    sending: MessageSending, group: Group, before: Results, now: set[int]
) -> Results:
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
    return tuple(by_member.get(one.recipient.aci or one.recipient.pni, one) for one in before)


def _lost_again(sending: MessageSending, progress: Progress, now: set[int]) -> Progress:
    """Look the words up again; the people that they turn out to mean join the others."""
    lost = dict(progress.lost)
    people, results = progress.people, progress.results
    for word in [word for word, one in progress.lost.items() if id(one) in now]:
        found = sending.find(word)
        if isinstance(found, SendResult):
            lost[word] = found
            continue
        del lost[word]
        if all(found.id != person.id for person in people):
            people += (found,)
            results += tuple(sending.to_people([found], reached=True))
    return replace(progress, people=people, results=results, lost=lost)
