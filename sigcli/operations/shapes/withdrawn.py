"""Messages without their content: a mark that says why, in the object that would hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.store.inbox_values import Withdrawal

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARKS: Mapping[Withdrawal, str] = {
    Withdrawal.DELETED: "remotelyDeleted",
    Withdrawal.EXPIRED: "expired",
    Withdrawal.OPENED: "viewOnceOpened",
    Withdrawal.DELETED_FOR_ME: "deletedForMe",
}
_FRAMES = ("dataMessage", "storyMessage")


def mark_withdrawn(envelope: dict[str, Any], reason: Withdrawal) -> None:
    """Add ``remotelyDeleted``, ``expired``, ``viewOnceOpened`` or ``deletedForMe``: true."""
    for frame in _frames(envelope):
        frame[_MARKS[reason]] = True


def _frames(envelope: dict[str, Any]) -> list[dict[str, Any]]:
    holders = [envelope]
    sync = envelope.get("syncMessage", {})
    sent = [sync[kind] for kind in ("sentMessage", "sentStoryMessage") if kind in sync]
    holders += sent
    holders += [one["editMessage"] for one in holders if "editMessage" in one]
    frames = [one[kind] for one in holders for kind in _FRAMES if one.get(kind)]
    return frames + [one for one in sent if "editMessage" not in one]
