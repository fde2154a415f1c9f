"""Round trips of cold commands: the slope of their wall time over the delay of a proxy, by least squares."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, median
from typing import Literal
from urllib.parse import urlsplit

from tests.bench.comparison import progress
from tests.bench.conversation import Conversation, conversation
from tests.bench.delaying_proxy import DelayingProxy
from tests.bench.processes import Launcher, RunFailed
from tests.bench.startup import against
from tests.bench.tables import Table
from tests.support.sigcli_process import installed_command

ROUNDS = 7
DELAYS_MS = (0, 20, 40, 80)
SEND_BUDGET = 3.1
RECEIVE_BUDGET = 3.2


@dataclass(slots=True)
class _Case:
    """One command; ``budget`` is in round trips."""

    name: str
    arguments: Sequence[str]
    requests: Literal["websocket", "https"]
    budget: float | None = None
    before: Callable[[], object] | None = None
    after: Callable[[], object] | None = None
    walls_ms: dict[int, list[float]] = field(default_factory=dict)

    @property
    def round_trips(self) -> float:
        points = [(delay, wall) for delay, walls in self.walls_ms.items() for wall in walls]
        return linear_regression(*zip(*points, strict=True)).slope


def measure(rounds: int) -> list[_Case]:
    """Cold sends and receives at every delay, in turns."""
    with tempfile.TemporaryDirectory(prefix="sigcli-bench-") as name:
        folder = Path(name)
        with (
            conversation(folder) as talk,
            Launcher(folder) as launcher,
            DelayingProxy(urlsplit(talk.server.url).port or 0) as proxy,
        ):
            cases = _cases(talk)
            for n in range(-1, rounds):  # the first round warms up
                for delay_ms in DELAYS_MS:
                    for case in cases:
                        progress(f"round {n + 1} of {rounds}: {case.name}, {delay_ms} ms")
                        wall_ms = _wall_ms(talk, launcher, proxy, case, delay_ms)
                        if n >= 0:
                            case.walls_ms.setdefault(delay_ms, []).append(wall_ms)
    progress("")
    return cases


def run(rounds: int) -> None:
    """Print the table."""
    try:
        cases = measure(rounds)
    except RunFailed as error:
        print(f"a command failed: {error}\n", file=sys.stderr)
        return
    table = Table(
        f"Round trips of cold commands, slope over the delay, {rounds} runs at each",
        ("command", *(f"{delay} ms" for delay in DELAYS_MS), "round trips", "budget", ""),
    )
    for case in cases:
        table.add(
            case.name,
            *(f"{median(case.walls_ms[delay]):.0f}" for delay in DELAYS_MS),
            f"{case.round_trips:.2f}",
            *against(case.round_trips, case.budget, ""),
        )
    table.print()


def _cases(talk: Conversation) -> list[_Case]:
    command, server = str(installed_command()), talk.server
    send = [command, "send", "-m", "a short text", talk.bob.aci]
    receive = [command, "receive", "--json"]

    def arrived() -> None:
        server.received(talk.bob, kind="dataMessage")

    def write() -> None:
        server.send_text(talk.bob, talk.device, "a short text", sealed=True)

    def receipt() -> None:
        server.received(talk.bob, kind="receiptMessage")

    return [
        _Case("send by REST", send, "https", SEND_BUDGET, after=arrived),
        _Case("send by websocket", send, "websocket", SEND_BUDGET, after=arrived),
        _Case("receive --json, empty queue", receive, "https", RECEIVE_BUDGET),
        _Case(
            "receive --json, one message and its receipt",
            receive,
            "https",
            before=write,
            after=receipt,
        ),
    ]


def _wall_ms(
    talk: Conversation, launcher: Launcher, proxy: DelayingProxy, case: _Case, delay_ms: int
) -> float:
    if case.before is not None:
        case.before()
    sigcli, server = talk.sigcli, talk.server
    assert sigcli.account is not None
    file = Path(sigcli.environment["SIGCLI_SERVICE_ENVIRONMENT"])
    server.environment_file(file, requests=case.requests)
    near = urlsplit(server.url)
    away = near._replace(netloc=f"{near.hostname}:{proxy.port}").geturl()
    file.write_text(file.read_text().replace(server.url, away))
    proxy.round_trip_s = delay_ms / 1000
    environment = {**sigcli.environment, "SIGCLI_ACCOUNT": sigcli.account}
    wall_s = launcher.run(case.arguments, environment).wall_s
    server.environment_file(file, requests=case.requests)
    if case.after is not None:
        case.after()
    return wall_s * 1000
