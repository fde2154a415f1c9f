"""Whole commands as multiples of an empty interpreter, both in turns in one run, beside their budgets."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Literal

from tests.bench.comparison import progress
from tests.bench.conversation import Conversation, conversation
from tests.bench.local_account import account_with_contacts
from tests.bench.processes import Launcher, RunFailed, Usage
from tests.bench.tables import Table
from tests.support.sigcli_process import RunningSigcli, Sigcli, installed_command

ROUNDS = 15
Requests = Literal["websocket", "https"]
_CONTACTS = 100
_SEND_MEMORY_MIB = 38


@dataclass(slots=True)
class _Case:
    """One command. ``budget`` is in multiples of the empty interpreter's wall time."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    budget: float | None = None
    memory_budget_mib: float | None = None
    before: Callable[[], object] | None = None
    """Sets the scene, untimed."""
    after: Callable[[], object] | None = None
    """Clears up behind a run, untimed."""
    usages: list[Usage] = field(default_factory=list)
    failure: str | None = None

    def run(self, launcher: Launcher) -> Usage:
        if self.before is not None:
            self.before()
        usage = launcher.run(self.arguments, self.environment)
        if self.after is not None:
            self.after()
        return usage


def run(rounds: int) -> None:
    """Print the table."""
    _print(measure(rounds), rounds)


def measure(rounds: int) -> list[_Case]:
    """Run each command so often, in turns; the first one is the empty interpreter."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sigcli-bench-")))
        launcher = stack.enter_context(Launcher(folder))
        local = Sigcli(folder / "local")
        account_with_contacts(local.data_dir, _CONTACTS)
        cases = _local_cases(local)
        try:
            talk = stack.enter_context(conversation(folder))
        except Exception as error:
            print(f"no account at the mock server: {error}\n", file=sys.stderr)
        else:
            cases += _network_cases(talk)
        _measure(cases, launcher, rounds)
    return cases


def _local_cases(local: Sigcli) -> list[_Case]:
    command, environment = str(installed_command()), local.environment
    return [
        _Case("python -c pass", [sys.executable, "-c", "pass"], environment),
        _Case("sigcli --version", [command, "--version"], environment, 2),
        _Case("sigcli --help", [command, "--help"], environment),
        _Case("sigcli send --help", [command, "send", "--help"], environment, 5),
        _Case(
            f"sigcli listContacts --json, {_CONTACTS} contacts",
            [command, "listContacts", "--json"],
            environment,
            6.5,
        ),
    ]


def _network_cases(talk: Conversation) -> list[_Case]:
    command, sigcli, server = str(installed_command()), talk.sigcli, talk.server
    assert sigcli.account is not None
    environment = {**sigcli.environment, "SIGCLI_ACCOUNT": sigcli.account}
    file = Path(sigcli.environment["SIGCLI_SERVICE_ENVIRONMENT"])

    def through(requests: Requests) -> Callable[[], object]:
        return lambda: server.environment_file(file, requests=requests)

    def arrived() -> None:
        server.received(talk.bob, kind="dataMessage")

    daemons: list[RunningSigcli] = []

    def start_daemon() -> None:
        websocket()
        daemons.append(sigcli.start("daemon"))
        daemons[-1].wait_for_complaint("the daemon is ready")
        sigcli.run("send", "-m", "connects it", talk.bob.aci)
        arrived()

    def stop_daemon() -> None:
        arrived()
        daemons[-1].terminate()
        daemons.pop().wait()

    send = [command, "send", "-m", "a short text", talk.bob.aci]
    receive = [command, "receive", "--json"]
    websocket, https = through("websocket"), through("https")
    return [
        _Case(
            "sigcli send, requests by websocket",
            send,
            environment,
            11,
            _SEND_MEMORY_MIB,
            websocket,
            arrived,
        ),
        _Case(
            "sigcli send, requests by https",
            send,
            environment,
            11,
            _SEND_MEMORY_MIB,
            https,
            arrived,
        ),
        _Case(
            "sigcli send, handed over to a daemon",
            send,
            environment,
            4,
            before=start_daemon,
            after=stop_daemon,
        ),
        _Case("sigcli receive --json, empty queue", receive, environment, 9, before=websocket),
    ]


def _measure(cases: list[_Case], launcher: Launcher, rounds: int) -> None:
    for case in cases:  # compiles modules, fills the system's caches, does what is due
        _take(case, launcher)
        case.usages.clear()
    for n in range(rounds):
        for case in cases:
            progress(f"round {n + 1} of {rounds}: {case.name}")
            _take(case, launcher)
    progress("")


def _take(case: _Case, launcher: Launcher) -> None:
    if case.failure is not None:
        return
    try:
        case.usages.append(case.run(launcher))
    except (RunFailed, AssertionError) as error:
        case.failure = str(error)


def _print(cases: list[_Case], rounds: int) -> None:
    empty_s = median(usage.wall_s for usage in cases[0].usages)
    table = Table(
        f"Whole processes, medians of {rounds}; multiples of python -c pass",
        ("command", "wall ms", "multiple", "budget", "", "CPU ms", "peak MiB", "budget", ""),
    )
    for case in cases:
        if case.failure is not None:
            table.add(case.name, *["–"] * 8)
            continue
        wall_s = median(usage.wall_s for usage in case.usages)
        cpu_s = median(usage.cpu_s for usage in case.usages)
        peak_mib = median(usage.peak_mib for usage in case.usages)
        multiple = wall_s / empty_s
        table.add(
            case.name,
            f"{wall_s * 1000:.1f}",
            f"{multiple:.1f}x",
            *against(multiple, case.budget, "x"),
            f"{cpu_s * 1000:.1f}",
            f"{peak_mib:.1f}",
            *against(peak_mib, case.memory_budget_mib, ""),
        )
    table.print()
    for case in cases:
        if case.failure is not None:
            print(f"{case.name} failed: {case.failure}\n", file=sys.stderr)


def against(value: float, budget: float | None, unit: str) -> tuple[str, str]:
    """A budget and whether the value keeps it, as two cells."""
    if budget is None:
        return "", ""
    return f"{budget:g}{unit}", "within" if value <= budget else "OVER"
