"""What a group costs beside libsignal: credentials, endorsements, fan-out of one message, `send -g` as a whole."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from tests.bench.comparison import Comparison, compare_all, progress
from tests.bench.operations import groups
from tests.bench.operations.sealed import seal_operations
from tests.bench.processes import Launcher, RunFailed, Usage
from tests.bench.tables import Table
from tests.interop.oracle import Oracle
from tests.support.large_group import LargeGroup, large_group
from tests.support.sigcli_process import installed_command

ROUNDS = 7
MEMBERS = 1_000
REFRESH = ("listGroups", "-g")
_SEND = ("send", "-m", "a short text, as people write them", "-g")


def run(rounds: int) -> None:
    """Print the tables."""
    with Oracle(timeout_s=600) as oracle:
        found = compare_all("Groups", groups.OPERATIONS, oracle, rounds)
    try:
        _whole_processes(rounds, found)
    except RunFailed as error:
        print(f"sending to a large group failed: {error}\n", file=sys.stderr)


def _whole_processes(rounds: int, compared: Iterable[Comparison]) -> None:
    """`sigcli` in a sandbox's group of 1,000 others, beside libsignal's sealing for as many."""
    table = Table(
        f"`sigcli send -g` to {MEMBERS:,} members, each row whole processes",
        ("run", "requests", "CPU ms", "user ms", "system ms", "wall ms", "peak MiB"),
    )
    with tempfile.TemporaryDirectory(prefix="sigcli-bench-") as name:
        folder = Path(name)
        progress(f"a group of {MEMBERS:,} others")
        with large_group(folder, MEMBERS) as group, Launcher(folder) as launcher:
            progress("refresh")
            _add(table, "listGroups -g: fetch and decrypt", *measured(group, launcher, 1, REFRESH))
            progress("first message")
            _add(table, "first send: sessions, sender key", *measured(group, launcher, 1, _SEND))
            progress("further messages")
            _add(table, "further send", *measured(group, launcher, rounds, _SEND))
            _require_arrived(group, 2 + rounds)
    progress("")
    sealing = seal_operations(MEMBERS)[0].name
    for comparison in compared:
        if comparison.name == sealing and comparison.theirs_us is not None:
            theirs = f"{comparison.theirs_us / 1000:.0f}"
            alone = f"libsignal alone: {sealing}"
            table.add(alone, "–", theirs, "–", "–", theirs, "–")
    table.print()


def measured(
    group: LargeGroup, launcher: Launcher, rounds: int, words: tuple[str, ...]
) -> tuple[int, list[Usage]]:
    """Requests of one run, and what each run took."""
    sigcli = group.sigcli
    assert sigcli.account is not None
    environment = {**sigcli.environment, "SIGCLI_ACCOUNT": sigcli.account}
    arguments = [str(installed_command()), *words, group.group_id]
    group.count_requests()
    usages = [launcher.run(arguments, environment) for _ in range(rounds)]
    return group.requests().total // rounds, usages


def _add(table: Table, name: str, requests: int, usages: list[Usage]) -> None:
    table.add(
        name,
        f"{requests:,}",
        f"{median(usage.cpu_s for usage in usages) * 1000:,.0f}",
        f"{median(usage.user_s for usage in usages) * 1000:,.0f}",
        f"{median(usage.system_s for usage in usages) * 1000:,.0f}",
        f"{median(usage.wall_s for usage in usages) * 1000:,.0f}",
        f"{max(usage.peak_mib for usage in usages):.1f}",
    )


def _require_arrived(group: LargeGroup, count: int) -> None:
    """RunFailed unless so many messages wait for every member."""
    short = sum(
        group.sandbox.state.queues.length(member.aci, 1) != count for member in group.members
    )
    if short:
        raise RunFailed(f"{short} members did not get all messages")
