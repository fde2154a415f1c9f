"""A message that a daemon did not finish for a caller, who goes on with it: nothing goes to anybody twice.

While the daemon sends, the store learns of each part of the message when it may leave the machine and what became of
it. A part is what one person gets, alone or as a member of one group, or what shows that to the account's other
devices. The caller sends the parts that had not begun, or had failed for sure, under the same timestamp; those that
had arrived count as sent; of those that had begun it is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import ResultType
from sigcli.client.sending.outgoing import DeliveryResult
from sigcli.errors import HandOverUnknown
from sigcli.store.hand_overs import begin_parts, end_parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.client.base.account import Account
    from sigcli.client.sending.outgoing import Outgoing
    from sigcli.store.database import Transaction
    from sigcli.wire.addresses import ServiceId

ALONE = b""
"""Begins the name of what a person gets alone; of what the members of a group get, the group's id does."""
_TRANSCRIPT = b"transcript"
_SEALED = "sealed"
_IDENTIFIED = "identified"


def transcript_of(whole: bytes) -> bytes:
    """Begins the name of what shows the other devices what a person or a group got."""
    return _TRANSCRIPT + whole


def was_begun(account: Account, part: bytes, recipient: ServiceId) -> bool:
    """Whether a daemon has begun to send somebody a part, or has sent it."""
    resumed = account.resumed
    return resumed is not None and _named(part, recipient) in resumed.parts


def known_result(
    account: Account, outgoing: Outgoing, recipient: ServiceId
) -> DeliveryResult | None:
    """What a daemon has achieved for a recipient, HandOverUnknown where that is not known; None if it is to be sent."""
    resumed, part = account.resumed, outgoing.part
    if resumed is None or part is None or not was_begun(account, part, recipient):
        return None
    result = resumed.parts[_named(part, recipient)]
    if result is None:
        unknown = HandOverUnknown(resumed.timestamp_ms)
        return DeliveryResult(recipient, ResultType.NETWORK_FAILURE, error=unknown)
    return DeliveryResult(recipient, ResultType.SUCCESS, sealed=result == _SEALED)


def note_begun(transaction: Transaction, outgoing: Outgoing, to: Iterable[ServiceId]) -> None:
    """Note, if it is done for a caller, that something may leave the machine from here on; raises HandOverLost."""
    if outgoing.part is not None and transaction.hand_over_id is not None:
        begin_parts(transaction, [_named(outgoing.part, one) for one in to])


def note_results(account: Account, outgoing: Outgoing, results: Iterable[DeliveryResult]) -> None:
    """Note what became of something that is sent for a caller; opens a transaction."""
    part, database = outgoing.part, account.database
    if part is None or database.hand_over_id is None:
        return
    end_parts(
        database,
        {
            _named(part, one.recipient): (_SEALED if one.sealed else _IDENTIFIED)
            if one.succeeded
            else None
            for one in results
            if one.type is not ResultType.NETWORK_FAILURE  # whether it has arrived is not known
        },
    )


def note_refused(account: Account, outgoing: Outgoing, to: Iterable[ServiceId]) -> None:
    """Note that it has not arrived for sure; opens a transaction."""
    if outgoing.part is not None and account.database.hand_over_id is not None:
        end_parts(account.database, dict.fromkeys(_named(outgoing.part, one) for one in to))


def _named(part: bytes, recipient: ServiceId) -> bytes:
    return part + recipient.to_fixed_width()
