"""Messages whose content is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.inbox_values import Withdrawal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.cli.render.lines import Lines

_REASONS: Mapping[Withdrawal, str] = {
    Withdrawal.DELETED: "it was deleted for everyone",
    Withdrawal.EXPIRED: "it has expired",
    Withdrawal.OPENED: "it was view-once, and has been viewed",
    Withdrawal.DELETED_FOR_ME: "it was deleted on your other device",
}


def print_withdrawn(lines: Lines, reason: Withdrawal) -> None:
    """Why there is nothing to read."""
    lines.line(f"Message without its content: {_REASONS[reason]}")
