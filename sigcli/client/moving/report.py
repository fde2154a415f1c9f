"""What was taken over of an account, and what was not."""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sigcli.wire.addresses import ServiceId


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was not taken over: what, how much of it, and what that means."""

    what: str
    count: int
    meaning: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """One account that is here now."""

    aci: ServiceId
    number: str | None = field(repr=False)
    environment: str
    device_id: int
    is_registered: bool
    taken: Mapping[str, int]
    """How many of what: sessions, prekeys, recipients …"""
    left_out: Sequence[LeftOut]
    retired_to: str | None = None
    """Where the account file of the other program is now."""


class Tally:
    """Counts while an account is taken over."""

    __slots__ = ("_left_out", "taken")

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self._left_out: Counter[tuple[str, str]] = Counter()

    def take(self, what: str, count: int = 1) -> None:
        """Count what was taken over."""
        self.taken[what] += count

    def leave_out(self, what: str, meaning: str, count: int = 1) -> None:
        """Count what was not."""
        if count:
            self._left_out[what, meaning] += count

    def left_out(self) -> list[LeftOut]:
        """What was not taken over, in the order in which it was met."""
        return [LeftOut(what, count, meaning) for (what, meaning), count in self._left_out.items()]
