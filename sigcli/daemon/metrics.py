"""How the daemon is doing, in the text format of Prometheus (version 0.0.4). Accounts are named by their ACI."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from sigcli.errors import SigcliError
from sigcli.operations.table import ADMIN, RECEIVE
from sigcli.store.inbox import count_held
from sigcli.store.tasks import count_tasks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sigcli.client.live.live_account import LiveAccount
    from sigcli.daemon.access.caller import Caller
    from sigcli.daemon.core import Core

    Sample = tuple[dict[str, str], float]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FAMILIES = {
    "sigcli_account_receiving": ("gauge", "Whether the account is receiving."),
    "sigcli_account_connected": ("gauge", "Whether the account is connected to the service."),
    "sigcli_account_logged_out": ("gauge", "Whether the service refuses this device."),
    "sigcli_account_trouble": ("gauge", "What keeps messages from coming in, while it does."),
    "sigcli_account_last_receive_age_seconds": ("gauge", "Time since the last envelope arrived."),
    "sigcli_account_events_total": ("counter", "The id of the newest event."),
    "sigcli_account_held_messages": ("gauge", "Messages held until their sender's key is trusted."),
    "sigcli_account_jobs": ("gauge", "Jobs still to be done."),
    "sigcli_consumer_lag_events": ("gauge", "Events that a consumer has not taken yet."),
    "sigcli_consumer_oldest_event_age_seconds": (
        "gauge",
        "The age of the oldest event that a consumer has not taken yet.",
    ),
    "sigcli_consumer_connected": ("gauge", "Whether a consumer is connected."),
    "sigcli_operations_total": ("counter", "Requests by outcome: ok, or an error."),
    "process_resident_memory_bytes": ("gauge", "Memory in use."),
    "process_open_fds": ("gauge", "Open descriptors."),
    "process_cpu_seconds_total": ("counter", "Processor time."),
}


def metrics_text(core: Core, caller: Caller) -> str:
    """The metrics of the accounts that the caller may see; raises AccessDenied for a caller with neither the receive
    nor the admin scope.
    """
    if not caller.has(ADMIN):
        caller.require(RECEIVE, next((one.entry for one in _seen(core, caller)), None))
    samples: dict[str, list[Sample]] = {name: [] for name in _FAMILIES}
    for live in _seen(core, caller):
        for name, labels, value in _of_account(core, live):
            samples[name].append((labels, value))
    if caller.accounts is None:
        samples["sigcli_operations_total"] = [
            ({"operation": operation, "result": outcome}, count)
            for operation, outcome, count in core.counters.operations()
        ]
        for name, value in _of_process():
            samples[name].append(({}, value))
    return "".join(_family(name, samples[name]) for name in _FAMILIES if samples[name])


def _seen(core: Core, caller: Caller) -> list[LiveAccount]:
    return [live for live in core.all_accounts() if caller.sees(live.entry)]


def _of_account(core: Core, live: LiveAccount) -> Iterator[tuple[str, dict[str, str], float]]:
    labels = {"account": str(live.entry.aci)}
    state = live.state
    yield "sigcli_account_receiving", labels, state.is_receiving
    yield "sigcli_account_connected", labels, state.is_connected
    yield "sigcli_account_logged_out", labels, state.is_logged_out
    if state.trouble is not None and state.loss is not None:
        yield "sigcli_account_trouble", {**labels, "reason": state.loss.code}, 1
    if state.last_received_ms is not None:
        age_s = max(0.0, time.time() - state.last_received_ms / 1000)
        yield "sigcli_account_last_receive_age_seconds", labels, round(age_s, 3)
    yield "sigcli_account_events_total", labels, live.ready_id
    try:
        with live.opened() as account:
            yield "sigcli_account_held_messages", labels, count_held(account.database)
            yield "sigcli_account_jobs", labels, count_tasks(account.database)
        for one in core.consumers(live):
            of = {**labels, "consumer": one.consumer.name}
            yield "sigcli_consumer_lag_events", of, one.waiting
            if one.oldest_ms is not None:
                age_s = max(0.0, time.time() - one.oldest_ms / 1000)
                yield "sigcli_consumer_oldest_event_age_seconds", of, round(age_s)
            yield "sigcli_consumer_connected", of, one.is_connected
    except SigcliError:
        return  # the store cannot be read now; the rest is still reported


def _of_process() -> Iterator[tuple[str, float]]:
    times = os.times()
    yield "process_cpu_seconds_total", round(times.user + times.system, 3)
    try:
        with open("/proc/self/statm", encoding="ascii") as sizes:
            yield (
                "process_resident_memory_bytes",
                (int(sizes.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")),
            )
        yield "process_open_fds", len(os.listdir("/proc/self/fd"))
    except OSError:
        return


def _family(name: str, samples: Iterable[Sample]) -> str:
    kind, help = _FAMILIES[name]
    lines = [f"# HELP {name} {help}\n# TYPE {name} {kind}\n"]
    for labels, value in samples:
        shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        number = int(value) if float(value).is_integer() else value
        lines.append(f"{name}{{{shown}}} {number}\n" if shown else f"{name} {number}\n")
    return "".join(lines)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
