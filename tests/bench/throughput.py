"""Draining a queue of sealed texts with `receive --json`: processor time a message, and does memory stay flat?"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench.comparison import progress
from tests.bench.conversation import Conversation, conversation
from tests.bench.processes import Launcher, RunFailed, Usage
from tests.bench.startup import against
from tests.bench.tables import Table
from tests.support.sigcli_process import installed_command

ROUNDS = 1
_SIZES = (1_000, 10_000)
_BUDGET_MS = 1.5
_READER = ("cat",)
_QUEUE_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class _Drain:
    """One run: how many messages, and what it took."""

    messages: int
    usage: Usage


def run(rounds: int) -> None:
    """Print a table for each way out, file and pipe."""
    with tempfile.TemporaryDirectory(prefix="sigcli-bench-") as name:
        folder = Path(name)
        with conversation(folder) as talk, Launcher(folder) as launcher:
            for title, reader in (("a file", None), ("a pipe with a reader", _READER)):
                drains = []
                for size in _SIZES:
                    for n in range(rounds):
                        progress(f"{size:,} messages into {title}, {n + 1} of {rounds}")
                        try:
                            drains.append(_drain(talk, launcher, folder, size, reader))
                        except RunFailed as error:
                            print(f"receive failed: {error}\n", file=sys.stderr)
                progress("")
                _print(title, drains)


def _drain(
    talk: Conversation,
    launcher: Launcher,
    folder: Path,
    size: int,
    reader: tuple[str, ...] | None,
) -> _Drain:
    talk.server.send_text(
        talk.bob, talk.device, "text", sealed=True, count=size, timeout_s=_QUEUE_TIMEOUT_S
    )
    printed = folder / "printed"
    sigcli = talk.sigcli
    assert sigcli.account is not None
    environment = {**sigcli.environment, "SIGCLI_ACCOUNT": sigcli.account}
    usage = launcher.run(
        [str(installed_command()), "receive", "--json"], environment, stdout=printed, reader=reader
    )
    texts = _sealed_texts_in(printed)
    if texts != {f"text {n}" for n in range(size)}:
        raise RunFailed(f"{len(texts)} of {size} texts were printed")
    if left := talk.server.queue_size(talk.device):
        raise RunFailed(f"{left} of {size} messages were not acknowledged")
    return _Drain(size, usage)


def _sealed_texts_in(path: Path) -> set[str]:
    """The texts among the printed lines, each once."""
    texts = set()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            envelope = json.loads(line)["envelope"]
            if envelope["sealedSender"] and "dataMessage" in envelope:
                texts.add(envelope["dataMessage"]["message"])
    return texts


def _print(title: str, drains: list[_Drain]) -> None:
    table = Table(
        f"Draining sealed texts with receive --json into {title}",
        ("messages", "CPU ms each", "budget", "", "user", "system", "wall ms each", "peak MiB"),
    )
    for drain in drains:
        each_ms = 1000 / drain.messages
        usage = drain.usage
        table.add(
            f"{drain.messages:,}",
            f"{usage.cpu_s * each_ms:.2f}",
            *against(usage.cpu_s * each_ms, _BUDGET_MS, " ms"),
            f"{usage.user_s * each_ms:.2f}",
            f"{usage.system_s * each_ms:.2f}",
            f"{usage.wall_s * each_ms:.2f}",
            f"{usage.peak_mib:.1f}",
        )
    table.print()
    first, last = drains[:1], drains[-1:]
    if first and last and first != last:
        few, many = first[0], last[0]
        further = many.messages - few.messages
        marginal_ms = (many.usage.cpu_s - few.usage.cpu_s) * 1000 / further
        print(
            f"each further message: {marginal_ms:.2f} ms CPU; peak memory of {many.messages:,}"
            f" over {few.messages:,}: {many.usage.peak_kib / few.usage.peak_kib:.2f}\n",
            flush=True,
        )
