"""Round trips of cold commands: the slope of their wall time over the delay of a proxy, by least squares.

The sandbox answers. Where imports and encryption take longer than making a connection, they hide it: on a slow or
busy machine choose longer delays.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, median

from tests.bench.comparison import progress
from tests.bench.delaying_proxy import DelayingProxy
from tests.bench.processes import Launcher, RunFailed
from tests.bench.startup import against
from tests.bench.tables import Table
from tests.support.sandbox_process import SandboxProcess, texts
from tests.support.sigcli_process import Sigcli, installed_command

ROUNDS = 7
DELAYS_MS = (0, 20, 40, 80)
SEND_BUDGET = 3.1
RECEIVE_BUDGET = 3.2


@dataclass(slots=True)
class Case:
    """One command of a device; ``budget`` is in round trips."""

    name: str
    device: Sigcli
    words: Sequence[str]
    requests: str
    budget: float | None = None
    before: Callable[[], object] | None = None
    walls_ms: dict[int, list[float]] = field(default_factory=dict)

    @property
    def round_trips(self) -> float:
        """The slope over all runs."""
        points = [(delay, wall) for delay, walls in self.walls_ms.items() for wall in walls]
        return linear_regression(*zip(*points, strict=True)).slope


def measure(rounds: int, delays_ms: Sequence[int] = DELAYS_MS) -> list[Case]:
    """Cold sends and receives at every delay, in turns."""
    with tempfile.TemporaryDirectory(prefix="sigcli-bench-") as name:
        folder = Path(name)
        with (
            SandboxProcess(folder) as sandbox,
            Launcher(folder) as launcher,
            DelayingProxy(int(sandbox.port)) as proxy,
        ):
            cases = _cases(sandbox)
            for n in range(-1, rounds):  # the first round warms up
                for delay_ms in delays_ms:
                    for case in cases:
                        progress(f"round {n + 1} of {rounds}: {case.name}, {delay_ms} ms")
                        if case.before is not None:
                            case.before()
                        with _behind(proxy, sandbox, case, delay_ms) as environment:
                            command = [str(installed_command()), *case.words]
                            wall_s = launcher.run(command, environment).wall_s
                        if n >= 0:
                            case.walls_ms.setdefault(delay_ms, []).append(wall_s * 1000)
    progress("")
    return cases


def run(rounds: int, delays_ms: Sequence[int] = DELAYS_MS) -> None:
    """Print the table."""
    try:
        cases = measure(rounds, delays_ms)
    except RunFailed as error:
        print(f"a command failed: {error}\n", file=sys.stderr)
        return
    table = Table(
        f"Round trips of cold commands: slope of their milliseconds over the delay, {rounds} runs at each",
        ("command", *(f"{delay} ms" for delay in delays_ms), "round trips", "budget", ""),
    )
    for case in cases:
        table.add(
            case.name,
            *(f"{median(case.walls_ms[delay]):.0f}" for delay in delays_ms),
            f"{case.round_trips:.2f}",
            *against(case.round_trips, case.budget, ""),
        )
    table.print()


def _cases(sandbox: SandboxProcess) -> list[Case]:
    alice, bob, carol = sandbox.account(), sandbox.account(), sandbox.account()
    sandbox.linked(carol)
    for sender, recipient in ((alice, bob), (bob, alice), (carol, bob), (bob, carol)) * 2:
        sender.run("send", "-m", "hello", str(recipient.account))
        texts(recipient)
    for device in (alice, bob, carol):
        device.run("receive")

    def send(recipient: Sigcli) -> list[str]:
        return ["send", "-m", "a short text", str(recipient.account)]

    receive = ["receive", "--json"]
    return [
        Case("send by REST", alice, send(bob), "https", SEND_BUDGET),
        Case("send by websocket (and its upgrade)", alice, send(bob), "websocket", SEND_BUDGET),
        Case("send by REST, then its transcript", carol, send(bob), "https"),
        Case("receive, empty queue", carol, receive, "https", RECEIVE_BUDGET),
        Case(
            "receive, one message and its receipt",
            alice,
            receive,
            "https",
            before=lambda: bob.run(*send(alice)),
        ),
    ]


@contextmanager
def _behind(
    proxy: DelayingProxy, sandbox: SandboxProcess, case: Case, delay_ms: int
) -> Iterator[dict[str, str]]:
    """The variables of a device to which the service seems that far away."""
    # An account knows its service by this file's path.
    file = sandbox.environment_file
    near = file.read_text()
    away = near.replace(f":{sandbox.port}", f":{proxy.port}")
    file.write_text(re.sub(r"(?m)^requests = .*$", f'requests = "{case.requests}"', away))
    proxy.round_trip_s = delay_ms / 1000
    device = case.device
    assert device.account is not None
    try:
        yield {**device.environment, "SIGCLI_ACCOUNT": device.account}
    finally:
        file.write_text(near)
