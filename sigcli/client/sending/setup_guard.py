"""One process at a time sets up sessions with an account.

The holder is a row of the ``key_value`` table: which process, and until when. A holder that has died, or whose time
is up, is replaced. Everything here runs in the caller's transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.store.processes import ProcessId
from sigcli.store.settings import Setting, read_setting, write_setting

if TYPE_CHECKING:
    from sigcli.store.database import Transaction
    from sigcli.wire.addresses import ServiceId

LIFETIME_MS = 90_000
"""Longer than fetching and processing the prekeys of an account takes."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The right to set up sessions with one account."""

    service_id: ServiceId
    value: str


def claim(
    database: Transaction, service_id: ServiceId, now_ms: int, nonce: bytes
) -> Guard | ProcessId:
    """Take the right, or tell which live process has it. ``nonce`` tells claims of one process apart."""
    setting = _setting(service_id)
    held = _read(read_setting(database, setting))
    if held is not None:
        holder, until_ms = held
        # A time far ahead comes from a clock that was set back since.
        if holder.is_alive() is not False and now_ms < until_ms <= now_ms + LIFETIME_MS:
            return holder
    own = ProcessId.own()
    parts = (own.machine, str(own.pid), own.start, str(now_ms + LIFETIME_MS), nonce.hex())
    value = "\n".join(parts)
    write_setting(database, setting, value)
    return Guard(service_id, value)


def release(database: Transaction, guard: Guard) -> None:
    """Give the right up, unless somebody else has taken it over meanwhile."""
    setting = _setting(guard.service_id)
    if read_setting(database, setting) == guard.value:
        write_setting(database, setting, None)


def _setting(service_id: ServiceId) -> Setting[str]:
    return Setting(f"session_setup {service_id}", str)


def _read(value: str | None) -> tuple[ProcessId, int] | None:
    parts = (value or "").split("\n")
    if len(parts) != 5 or not (parts[1].isdigit() and parts[3].isdigit()):
        return None
    machine, pid, start, until_ms, _ = parts
    return ProcessId(machine, int(pid), start), int(until_ms)
