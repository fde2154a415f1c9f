"""``sigcli demo``: the main job in one command."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sigcli.cli.commands.demo import text_in
from tests.support.sigcli_process import Sigcli


@pytest.fixture
def sigcli(tmp_path: Path) -> Iterator[Sigcli]:
    runner = Sigcli(tmp_path)
    yield runner
    runner.dispose()


def messages(lines: list[Any], account: str, *path: str) -> list[str]:
    found = []
    for line in lines:
        inner = line["envelope"]
        for name in path:
            inner = inner.get(name) or {}
        if line["account"] == account and inner.get("message"):
            found.append(inner["message"])
    return found


def children_cpu_s() -> float:
    """What all processes that have ended have used, however busy the machine is beside them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_demo_shows_texts_and_attachments_on_three_devices(
    sigcli: Sigcli, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    # What a user has set up is none of its business.
    hostile = {"TMPDIR": str(temporary), "SIGCLI_OUTPUT": "json", "SIGCLI_ACCOUNT": "+15559999"}
    before_s = children_cpu_s()
    shown = sigcli.run("demo", env=hostile, timeout_s=180)
    cpu_s = children_cpu_s() - before_s
    lines = shown.json_lines
    assert all(set(line) == {"account", "envelope"} for line in lines)
    alice, bob = "+15550100", "+15550101"
    assert len(messages(lines, bob, "dataMessage")) == 2
    assert len(messages(lines, alice, "dataMessage")) == 2  # on the phone and on the laptop
    assert len(messages(lines, alice, "syncMessage", "sentMessage")) == 2
    attached = [
        attachment["filename"]
        for line in lines
        for attachment in line["envelope"].get("dataMessage", {}).get("attachments", ())
    ]
    assert sorted(attached) == ["from-alice.txt", "from-bob.txt", "from-bob.txt"]
    assert [text for line in lines if (text := text_in(line["envelope"]))] == [
        "Alice: Hello Bob, can you read this?",
        "Bob: Hello Alice, I can. Here is a list. [from-bob.txt, 11 bytes]",
        "Alice: Thank you. Here is mine. [from-alice.txt, 14.0 kB]",
        "Alice, to +15550101: Hello Bob, can you read this?",
        "Bob: Hello Alice, I can. Here is a list. [from-bob.txt, 11 bytes]",
        "Alice, to +15550101: Thank you. Here is mine. [from-alice.txt, 14.0 kB]",
    ]
    assert "all three devices have received everything" in shown.stderr
    assert cpu_s < 15
    assert list(temporary.iterdir()) == []
    assert not sigcli.data_dir.exists()
