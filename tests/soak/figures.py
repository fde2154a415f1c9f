"""The daemon's figures beside their budgets (DESIGN, section 7)."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from tests.bench.processes import Launcher
from tests.bench.startup import against
from tests.bench.tables import Table
from tests.soak.sampling import cpu_s, look
from tests.soak.world import Daemon, World
from tests.support.rpc_client import RpcClient
from tests.support.sigcli_process import installed_command

_SENDS = 300
_PARALLEL = 8
_RECEIVED = 2_000
_ROUNDS = 15
_STARTS = 5
_IDLE_S = 20.0
_SENDS_A_SECOND = 380.0
_RECEIVED_A_SECOND = 1_000.0
_IDLE_MIB = 60.0
_READY_S = 0.5
_HAND_OVER = 4.0
_EMPTY_S = 0.014
"""``python -c pass`` on the machine for which the rates and the start are meant."""
_EMPTY_RUNS = 25


def print_figures(folder: Path) -> list[str]:
    """Measure and print; nothing is asserted, so that there are no faults but a broken run."""
    headings = ("what", "measured", f"at {1000 * _EMPTY_S:g} ms", "budget", "")
    table = Table("The daemon; rates are at least, the rest at most", headings)
    with World(folder, 1) as world, Launcher(folder) as launcher:
        (sender,) = world.senders
        receiver = world.receiver
        slow = _Slowness(launcher)

        def rate(name: str, value: float, least: float | None = None) -> None:
            there = value * slow.since()
            kept = "" if least is None else "within" if there >= least else "UNDER"
            budget = "" if least is None else f"{least:g}/s"
            table.add(name, f"{value:,.0f}/s", f"{there:,.0f}/s", budget, kept)

        def send(how: str, count: int, connections: int, least: float | None = None) -> None:
            seconds, used_s = _send(sender, world.number, count, connections)
            rate(f"sends, {how}", count / seconds, least)
            table.add("CPU a send", f"{1000 * used_s / count:.2f} ms", "", "", "")

        # The receiver answers each with a receipt, on the same cores.
        send("one after another", _SENDS, 1, _SENDS_A_SECOND)
        send(f"{_PARALLEL} side by side", _SENDS, _PARALLEL)
        receiver.stop()
        send("one after another, receiver away", _RECEIVED, 1, _SENDS_A_SECOND)
        sender.stop()
        slow.since()
        seconds, used_s = _receive(receiver, _RECEIVED)
        rate("sealed messages received, start included", _RECEIVED / seconds, _RECEIVED_A_SECOND)
        table.add("CPU a message received", f"{1000 * used_s / _RECEIVED:.2f} ms", "", "", "")
        before_s = cpu_s(receiver.pid)
        time.sleep(_IDLE_S)
        busy = (cpu_s(receiver.pid) - before_s) / _IDLE_S
        table.add("CPU when idle", f"{100 * busy:.2f} %", "", "", "")
        # Memory is that of a fresh one, and of this one after all it has done.
        table.add("memory after that", f"{_resident_mib(receiver):.1f} MiB", "", "", "")
        receiver.stop()
        slow.since()
        ready_s = []
        for n in range(_STARTS):
            ready_s.append(receiver.start())
            if n < _STARTS - 1:
                receiver.stop()
        took_s = median(ready_s)
        there_s = took_s / slow.since()
        kept = against(there_s, _READY_S, " s")
        table.add("ready after", f"{took_s:.2f} s", f"{there_s:.2f} s", *kept)
        time.sleep(2)
        idle_mib = _resident_mib(receiver)
        table.add("idle memory", f"{idle_mib:.1f} MiB", "", *against(idle_mib, _IDLE_MIB, " MiB"))
        sender.start()
        handed_s, empty_s = _hand_over(receiver, str(sender.device.account), launcher)
        ratio = handed_s / empty_s
        table.add("send, handed over", f"{ratio:.1f}x", "", *against(ratio, _HAND_OVER, "x"))
        table.add("python -c pass", *slow.span(), "", "")
    table.add("load of the machine", f"{os.getloadavg()[0]:.1f}", "", "", "")
    table.print()
    return []


class _Slowness:
    """How slow the machine is, which may change at any time: the wall time of an empty interpreter, again and again."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._took_s = [self._empty_s()]

    def since(self) -> float:
        """How many times slower than the budgets' machine it was since it was asked last."""
        self._took_s.append(self._empty_s())
        return (self._took_s[-2] + self._took_s[-1]) / 2 / _EMPTY_S

    def span(self) -> tuple[str, str]:
        """The fastest and the slowest, and what it is there."""
        least, most = (1000 * one(self._took_s) for one in (min, max))
        return f"{least:.0f} to {most:.0f} ms", f"{1000 * _EMPTY_S:g} ms"

    def _empty_s(self) -> float:
        return median(
            self._launcher.run([sys.executable, "-c", "pass"]).wall_s for _ in range(_EMPTY_RUNS)
        )


def _send(daemon: Daemon, to: str, count: int, connections: int) -> tuple[float, float]:
    """Wall time and the daemon's processor time of so many sends."""

    def send_share(client: RpcClient) -> None:
        for _ in range(count // connections):
            client.call("send", recipient=[to], message="a short text")
            client.forget_notifications()

    clients = [daemon.client() for _ in range(connections)]
    used_s, began = cpu_s(daemon.pid), time.monotonic()
    with ThreadPoolExecutor(connections) as threads:
        list(threads.map(send_share, clients))
    took = time.monotonic() - began, cpu_s(daemon.pid) - used_s
    for client in clients:
        client.close()
    return took


def _receive(daemon: Daemon, count: int) -> tuple[float, float]:
    """From the daemon's start, which is part of it, to the last of what waited at the service, told over the socket."""
    began = time.monotonic()
    daemon.start()
    with daemon.client() as client:
        arrived = 0
        while arrived < count:
            arrived += "dataMessage" in client.notified()["envelope"]
        return time.monotonic() - began, cpu_s(daemon.pid)


def _resident_mib(daemon: Daemon) -> float:
    sample = look(daemon.pid, daemon.data_dir, 0, 0, 0)
    assert sample is not None
    return sample.resident_mib


def _hand_over(daemon: Daemon, to: str, launcher: Launcher) -> tuple[float, float]:
    """Wall time of a send that the daemon does, and of an empty interpreter, in turns."""
    device = daemon.device
    environment = {**device.environment, "SIGCLI_ACCOUNT": str(device.account)}
    commands = {
        "send": [str(installed_command()), "send", "-m", "a short text", to],
        "empty": [sys.executable, "-c", "pass"],
    }
    found: dict[str, list[float]] = {name: [] for name in commands}
    run: Callable[[str], float] = lambda name: launcher.run(commands[name], environment).wall_s  # noqa: E731
    run("send")
    for _ in range(_ROUNDS):
        for name, walls in found.items():
            walls.append(run(name))
    return median(found["send"]), median(found["empty"])
