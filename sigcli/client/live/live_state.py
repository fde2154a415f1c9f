"""The state of an account that is kept open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.errors import SigcliError


@dataclass(frozen=True, slots=True)
class LiveState:
    """The state at one moment; ``trouble`` is a sentence on what keeps messages from coming in, if anything."""

    is_receiving: bool = False
    """Whether messages are to come in, here or through another process."""
    is_connected: bool = False
    is_caught_up: bool = False
    """Whether the service has said that nothing waits there."""
    is_logged_out: bool = False
    """Whether the service refuses this device."""
    receiver_pid: int | None = None
    """The other process that receives instead."""
    last_received_ms: int | None = None
    """When an envelope came last."""
    trouble: str | None = None
    loss: SigcliError | None = None
    """The error that the trouble is, or was last."""
