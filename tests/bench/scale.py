"""A large account beside an empty one, in pairs; and a daemon of many accounts."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from sigcli.sandbox.control import RunningSandbox
from sigcli.store.accounts import DataDirectory
from sigcli.store.database import Database
from sigcli.store.files import ATTACHMENTS
from tests.bench.comparison import progress
from tests.bench.processes import Launcher, RunFailed
from tests.bench.startup import against
from tests.bench.tables import Table
from tests.soak.world import Daemon
from tests.support.accounts import register_account
from tests.support.large_account import LARGE, Size, attachment_name, fill
from tests.support.sandbox_process import SandboxProcess
from tests.support.sigcli_process import Sigcli, installed_command

ROUNDS = 5
RATIO = 1.3
DAEMON_ACCOUNTS = 50
_RECEIVED = 20
_KEPT = "3650d"
_PEER_NAME = "The Peer"


@dataclass(slots=True)
class _Case:
    """One command, the same for both accounts; ``printed``: it prints all that the account has, so many lines."""

    name: str
    words: Sequence[str]
    before: Callable[[Sigcli], object] | None = None
    printed: int | None = None
    small_ms: list[float] = field(default_factory=list)
    large_ms: list[float] = field(default_factory=list)


def run(rounds: int) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory(prefix="sigcli-bench-") as name:
        try:
            _print_pairs(Path(name), rounds)
            _print_daemon(Path(name))
        except RunFailed as error:
            print(f"a command failed: {error}\n", file=sys.stderr)


# --- pairs ----------------------------------------------------------------------------------------


def _print_pairs(folder: Path, rounds: int) -> None:
    with ExitStack() as stack:
        sandbox = stack.enter_context(SandboxProcess(folder / "pairs"))
        launcher = stack.enter_context(Launcher(folder))
        RunningSandbox.find(sandbox.environment_file).switch(rateLimits=False)
        peer = sandbox.account()
        small, large = sandbox.account(), sandbox.account()
        for one in (small, large):
            _introduce(peer, one)
        begin = time.process_time()
        _enlarge(large, LARGE)
        filled_s = time.process_time() - begin
        # Everything that is new goes to the storage service once.
        for one in (small, large):
            progress("first run")
            one.run("updateContact", str(peer.account), "-n", _PEER_NAME, timeout_s=600)
            one.run("receive", "--json", timeout_s=600)
        cases = _cases(peer)
        for n in range(-1, rounds):  # the first round warms up
            for case in cases:
                for device, taken in ((small, case.small_ms), (large, case.large_ms)):
                    progress(f"round {n + 1} of {rounds}: {case.name}")
                    if case.before is not None:
                        case.before(device)
                    environment = {**device.environment, "SIGCLI_ACCOUNT": str(device.account)}
                    words = [str(installed_command()), *case.words]
                    usage = launcher.run(words, environment)
                    if n >= 0:
                        taken.append(usage.cpu_s * 1000)
    progress("")
    table = Table(
        f"{LARGE.contacts:,} contacts, {LARGE.groups:,} groups, {LARGE.messages:,} kept messages, "
        f"{LARGE.attachments:,} attachments (filled in {filled_s:.0f} s CPU) beside an empty account: "
        f"CPU of whole processes, median of {rounds}",
        ("command", "empty ms", "large ms", "ratio", "budget", ""),
    )
    for case in cases:
        small_ms, large_ms = median(case.small_ms), median(case.large_ms)
        if case.printed is not None:
            each_us = (large_ms - small_ms) * 1000 / case.printed
            cells = (f"{each_us:.0f} µs a line", "–", "")
        else:
            ratio = large_ms / small_ms
            cells = (f"{ratio:.2f}", *against(ratio, RATIO, "×"))
        table.add(case.name, f"{small_ms:,.0f}", f"{large_ms:,.0f}", *cells)
    table.print()


def _cases(peer: Sigcli) -> list[_Case]:
    number = str(peer.account)

    def write(device: Sigcli) -> None:
        for n in range(_RECEIVED):
            peer.run("send", "-m", f"text {n}", str(device.account))

    def let_expire(device: Sigcli) -> None:
        _change(
            device,
            "UPDATE inbox SET expires_ms = 1 WHERE id IN (SELECT id FROM inbox WHERE withdrawn IS NULL "
            f"ORDER BY id DESC LIMIT {_RECEIVED})",
        )

    def forget_cleanup(device: Sigcli) -> None:
        _change(device, "DELETE FROM key_value WHERE key = 'last_cleanup_ms'")

    def forget_note(device: Sigcli) -> None:
        device.run("updateContact", number, "--note", "", timeout_s=600)

    receive = ("receive", "--json")
    return [
        _Case("send, existing session", ("send", "-m", "a text", number)),
        _Case("send to a contact's name", ("send", "-m", "a text", _PEER_NAME)),
        _Case("receive, empty queue", receive),
        _Case(f"receive, {_RECEIVED} texts", receive, write),
        _Case("receive --replay 2m", (*receive, "--replay", "2m")),
        _Case(f"receive, {_RECEIVED} messages expire", receive, let_expire),
        _Case("receive, daily cleanup", receive, forget_cleanup),
        _Case("listContacts of one", ("listContacts", "--json", number)),
        _Case("listContacts", ("listContacts", "--json"), printed=LARGE.contacts),
        _Case("listGroups", ("listGroups", "--json"), printed=LARGE.groups),
        _Case(
            "updateContact: storage write",
            ("updateContact", number, "--note", "a note"),
            forget_note,
        ),
    ]


def _introduce(peer: Sigcli, device: Sigcli) -> None:
    """Have both know one another, with sessions both ways."""
    config = device.home / ".config" / "sigcli" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f'keep_messages = "{_KEPT}"\n')
    number = str(device.account)
    peer.run("send", "-m", "hello", number)
    device.run("receive", "--json")
    device.run("send", "-m", "hello", str(peer.account))
    peer.run("receive", "--json")


def _enlarge(device: Sigcli, size: Size) -> None:
    progress("filling the large account")
    with _database(device) as database:
        fill(database, size, time.time_ns() // 1_000_000 - 600_000)
        folder = Path(database.path).parent / ATTACHMENTS
    folder.mkdir(exist_ok=True)
    for index in range(size.attachments):
        (folder / attachment_name(index)).touch()


def _database(device: Sigcli) -> Database:
    (account,) = DataDirectory(device.data_dir).accounts()
    return Database.open(device.data_dir / account.folder / "account.db")


def _change(device: Sigcli, statement: str) -> None:
    with _database(device) as database, database.transaction() as transaction:
        transaction.write(statement)


# --- a daemon -------------------------------------------------------------------------------------


def _print_daemon(folder: Path) -> None:
    """What a daemon costs before anything happens: of one account, and of many."""
    table = Table(
        "`sigcli daemon`, from its start until it is ready and idle",
        ("accounts", "ready after", "CPU ms", "memory MiB"),
    )
    with SandboxProcess(folder / "daemon") as sandbox:
        RunningSandbox.find(sandbox.environment_file).switch(rateLimits=False)
        device = sandbox.account()
        for count in (1, DAEMON_ACCOUNTS):
            for n in range(len(DataDirectory(device.data_dir).accounts()), count):
                progress(f"registering {n + 1} of {count}")
                number = f"+1555{9_000_000 + n}"
                register_account(sandbox.environment_file, device.data_dir, number)
            device.account = None
            daemon = Daemon(device, folder / f"daemon-of-{count}")
            progress(f"{count} accounts")
            ready_s = daemon.start()
            cpu_ms, memory_mib = _usage(daemon.pid)
            daemon.stop()
            table.add(f"{count}", f"{ready_s:.2f} s", f"{cpu_ms:,.0f}", f"{memory_mib:.1f}")
    progress("")
    table.print()


def _usage(pid: int) -> tuple[float, float]:
    """Milliseconds of CPU and MiB of memory of a process, as the system counts them."""
    # The last field before the times is the second after the name in brackets.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    status = Path(f"/proc/{pid}/status").read_text()
    (kib,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return ticks * 1000 / os.sysconf("SC_CLK_TCK"), int(kib) / 1024
