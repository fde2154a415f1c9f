"""What the messages of one sender may cost before they prove authentic: no sender can keep the receiver busy.

A message whose counters run far ahead, or that fits no session, is expensive to refuse. An account that has sent a few
of those is given little for the next ones, until some time has passed; it harms only itself. Kept for a run only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.limits import CHEAP_WORK, WORK_PERIOD_MS, ChainWork, work_for_message

if TYPE_CHECKING:
    from sigcli.wire.addresses import ServiceId

MAX_SENDERS = 1_000
"""How many expensive senders are remembered, the latest."""


@dataclass(frozen=True, slots=True)
class _Spent:
    since_ms: int
    hashes: int


class SenderWork:
    """Gives out what a message may cost, by its sender, and counts what it did."""

    def __init__(self) -> None:
        self._spent: dict[ServiceId, _Spent] = {}

    def allow(self, sender: ServiceId, now_ms: int, *, to_self: bool) -> ChainWork:
        """What the next message of this account may cost."""
        spent = self._spent_by(sender, now_ms)
        return work_for_message(to_self=to_self, sender_done=spent.hashes)

    def note(self, sender: ServiceId, now_ms: int, work: ChainWork, *, failed: bool) -> None:
        """Count what a message has cost; one that decrypted at little cost is free."""
        if not work.done or (work.done <= CHEAP_WORK and not failed):
            return
        spent = self._spent_by(sender, now_ms)
        self._spent.pop(sender, None)
        self._spent[sender] = _Spent(spent.since_ms, spent.hashes + work.done)
        if len(self._spent) > MAX_SENDERS:
            del self._spent[next(iter(self._spent))]

    def _spent_by(self, sender: ServiceId, now_ms: int) -> _Spent:
        spent = self._spent.get(sender)
        if spent is None or not 0 <= now_ms - spent.since_ms < WORK_PERIOD_MS:
            return _Spent(now_ms, 0)
        return spent
