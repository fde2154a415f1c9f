"""A command that a daemon did for a caller, and did not finish."""

from __future__ import annotations

from sigcli.errors.base import SigcliError


class HandOverLost(SigcliError):
    """The daemon ended before it did anything; what was read from standard input is gone with it."""

    exit_code = 3
    hint = "nothing was sent or changed: run the command again"


class HandOverUnknown(SigcliError):
    """The daemon ended in the middle of this: it is not known how far it got."""

    exit_code = 3
    hint = (
        "check on another device, or with the list commands here, before you run the command again"
    )

    def __init__(self, timestamp_ms: int | None = None) -> None:
        super().__init__(
            None
            if timestamp_ms is None
            else f"the daemon ended while sending message {timestamp_ms}: it is not known whom it has reached"
        )
        self.timestamp_ms = timestamp_ms
