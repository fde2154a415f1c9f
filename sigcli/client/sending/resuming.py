"""A message that a daemon did not finish for a caller, who goes on with it: nothing goes to anybody twice.

While the daemon sends, the store learns of each part of the message, a person or a group, when it may leave the
machine and what became of it. The caller sends the parts that had not begun, or had failed for sure, under the same
timestamp; those that had arrived count as sent; of those that had begun it is not known.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import ResultType
from sigcli.client.sending.outgoing import DeliveryResult
from sigcli.errors import HandOverUnknown
from sigcli.store.hand_overs import begin_part, end_part
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.base.outcomes import SendResult
    from sigcli.client.base.steps import Steps
    from sigcli.store.group_values import Group

_SEALED = "sealed"
_IDENTIFIED = "identified"


def part_of(service_id: ServiceId) -> bytes:
    """What the message is for one person."""
    return service_id.to_fixed_width()


def known_result(account: Account, recipient: ServiceId) -> DeliveryResult | None:
    """What the daemon has achieved for a person; None if it is to be sent. Raises HandOverUnknown."""
    resumed = account.resumed
    part = part_of(recipient)
    if resumed is None or part not in resumed.parts:
        return None
    result = resumed.parts[part]
    if result is None:
        raise HandOverUnknown(resumed.timestamp_ms)
    return DeliveryResult(recipient, ResultType.SUCCESS, sealed=result == _SEALED)


def note_result(account: Account, result: DeliveryResult) -> None:
    """Note what became of the message for a person; opens a transaction."""
    database = account.database
    if database.hand_over_id is None or result.type is ResultType.NETWORK_FAILURE:
        return  # whether it has arrived is not known
    text = (_SEALED if result.sealed else _IDENTIFIED) if result.succeeded else None
    end_part(database, part_of(result.recipient), text)


def noted(
    account: Account, recipient: ServiceId, sending: Steps[DeliveryResult]
) -> Steps[DeliveryResult]:
    """Send something to a person unless it was sent already; all of it counts as begun. Raises HandOverUnknown."""
    known = known_result(account, recipient)
    if known is not None:
        sending.close()
        return known
    if account.database.hand_over_id is not None:
        with account.database.transaction() as transaction:
            begin_part(transaction, part_of(recipient))
    result = yield from sending
    note_result(account, result)
    return result


def group_results(
    account: Account,
    group: Group,
    send: Callable[[Sequence[ServiceId] | None, bool], list[SendResult]],
    only: Sequence[ServiceId] | None = None,
) -> list[SendResult]:
    """Send to a group whose members have not got it all; one result for each.

    ``send`` is given the members, None for all of them, and whether others have got it before; ``only``: those to send
    to once more.
    """
    database, resumed, part = account.database, account.resumed, group.group_id
    if resumed is not None and part in resumed.parts and only is None:
        return _rest_of_group(account, group, send, resumed.parts[part], resumed.timestamp_ms)
    if database.hand_over_id is None:
        return send(only, False)
    with database.transaction() as transaction:
        begin_part(transaction, part)
    results = send(only, False)
    if only is None:
        end_part(database, part, _as_text(results))
    return results


def _rest_of_group(
    account: Account,
    group: Group,
    send: Callable[[Sequence[ServiceId] | None, bool], list[SendResult]],
    noted: str | None,
    timestamp_ms: int,
) -> list[SendResult]:
    from sigcli.client.sending.group_sending import member_results

    unknown = HandOverUnknown(timestamp_ms)
    if noted is None:
        members = () if group.details is None else group.details.members
        ends = {str(one.aci): "" for one in members if one.aci != account.aci}
    else:
        ends = json.loads(noted)
    sent: list[DeliveryResult] = []
    again: list[ServiceId] = []
    for member, end in ends.items():
        service_id = ServiceId.parse(member)
        if end is None:
            again.append(service_id)
        elif end:
            sent.append(DeliveryResult(service_id, ResultType.SUCCESS, sealed=end == _SEALED))
        else:
            sent.append(DeliveryResult(service_id, ResultType.NETWORK_FAILURE, error=unknown))
    results = member_results(account, group, sent)
    return results + send(again, bool(sent)) if again else results


def _as_text(results: Sequence[SendResult]) -> str:
    """By member: how it has gone there, empty where that is not known, null where it has not arrived for sure."""
    ends: dict[str, str | None] = {}
    for result in results:
        member = str(result.recipient.aci or result.recipient.pni)
        if result.succeeded:
            ends[member] = _SEALED if result.sealed else _IDENTIFIED
        else:
            ends[member] = "" if result.type is ResultType.NETWORK_FAILURE else None
    return json.dumps(ends)
