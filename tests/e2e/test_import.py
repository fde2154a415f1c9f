"""`sigcli import signal-cli`: a real data directory is taken over, and its conversations go on both ways."""

from __future__ import annotations

import fcntl
import itertools
import json
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.killing import run_until_step
from tests.support.sandbox_process import texts
from tests.support.sigcli_process import Sigcli
from tests.support.signal_cli_archive import (
    ACI,
    GROUP,
    NUMBER,
    PEER1,
    PEER1_ACI,
    PEER2_ACI,
    WAITING,
    SignalCliArchive,
    make_version_27,
    signal_cli_database,
)

STRIDE = 4
"""Not each of the steps is met in one run."""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[SignalCliArchive]:
    with SignalCliArchive(tmp_path) as running:
        yield running


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def take_over(device: Sigcli, source: Path, *options: str) -> list[dict[str, Any]]:
    command = ("--json", "import", "signal-cli", "--source", str(source), *options)
    reports: list[dict[str, Any]] = device.run(*command).json
    return reports


def goes_on(archive: SignalCliArchive, moved: Sigcli) -> None:
    """What waits is printed, and every old session and group carries messages both ways."""
    assert set(texts(moved)) == WAITING
    moved.run("send", "-m", "to the first", PEER1_ACI)
    moved.run("send", "-m", "to the second", PEER2_ACI)
    moved.run("send", "-m", "to the group", "-g", GROUP)
    assert [text for text in texts(archive.peer1) if text.startswith("to ")] == [
        "to the first",
        "to the group",
    ]
    assert [text for text in texts(archive.peer2) if text.startswith("to ")] == [
        "to the second",
        "to the group",
    ]
    for name, peer in (("first", archive.peer1), ("second", archive.peer2)):
        peer.run("send", "-m", f"answer of the {name}", ACI)
        peer.run("send", "-m", f"the {name} in the group", "-g", GROUP)
    assert set(texts(moved)) == {
        "answer of the first",
        "the first in the group",
        "answer of the second",
        "the second in the group",
    }


@pytest.mark.parametrize("options", [(), ("--offline",)])
def test_conversations_go_on(archive: SignalCliArchive, options: tuple[str, ...]) -> None:
    before = files_of(archive.source)
    moved = archive.device()
    (report,) = take_over(moved, archive.source, *options)
    assert (report["number"], report["uuid"], report["deviceId"]) == (NUMBER, ACI, 1)
    assert report["taken"]["sessions"] == 4
    assert report["taken"]["groups"] == 2
    assert report["taken"]["recipients"] == 2
    assert [one["what"] for one in report["leftOut"]] == ["old groups"]
    assert files_of(archive.source) == before
    goes_on(archive, moved)
    contacts = moved.run("--json", "listContacts").json
    (friend,) = [one for one in contacts if one["uuid"] == PEER1_ACI]
    assert friend["givenName"] == "Friend One"
    assert moved.run("--json", "doctor", exit_code=None).stdout


def test_an_account_of_version_27_is_taken_over(archive: SignalCliArchive) -> None:
    make_version_27(archive.source)
    moved = archive.device()
    take_over(moved, archive.source, "--offline")
    goes_on(archive, moved)


def test_a_linked_device_is_taken_over(archive: SignalCliArchive) -> None:
    moved = archive.device()
    (report,) = take_over(moved, archive.linked_source)
    assert report["deviceId"] == 2
    moved.run("receive")
    moved.run("send", "-m", "from the linked device", PEER1_ACI)
    assert "from the linked device" in texts(archive.peer1)
    archive.peer1.run("send", "-m", "to both devices", PEER2_ACI)
    assert "to both devices" in texts(moved)
    assert "to both devices" in texts(archive.peer2)


def test_messages_that_signal_cli_had_kept(archive: SignalCliArchive) -> None:
    """One that it had not handled yet is printed; one that waits for trust waits on, and is printed after ``trust``."""
    first, second = archive.waiting_envelopes()[:2]
    kept = archive.source / "data" / "969897.d" / "msg-cache"
    (kept / "2").mkdir(parents=True)
    (kept / "2" / "1796055770000_1").write_bytes(cached(first))
    (kept / "1796055770001_2").write_bytes(cached(second))
    (kept / "1796055770002_3").write_bytes(b"\x00\x00\x00\x07 of another version")
    connection = sqlite3.connect(signal_cli_database(archive.source))
    connection.execute("UPDATE identity SET trust_level = 0 WHERE address = ?", (PEER1_ACI,))
    connection.commit()
    connection.close()
    moved = archive.device()
    (report,) = take_over(moved, archive.source, "--offline")
    assert (report["taken"]["waitingMessages"], report["taken"]["heldMessages"]) == (2, 1)
    assert {"what": "waiting messages", "count": 1} in [
        {"what": one["what"], "count": one["count"]} for one in report["leftOut"]
    ]
    assert texts(moved) == ["unread 2: for the importer"]
    moved.run("trust", "-a", PEER1_ACI)
    assert "unread 1: for the importer" in texts(moved)


def cached(envelope: bytes) -> bytes:
    """A file of signal-cli's message cache, version 9."""
    return struct.pack(">iq", 9, 1_796_055_770_000) + envelope


def test_text_for_people_and_retiring(archive: SignalCliArchive) -> None:
    moved = archive.device()
    command = ("import", "signal-cli", "--source", str(archive.source), "--offline")
    told = moved.run(*command, "--retire")
    assert f"Imported: {NUMBER} (device 1)" in told.stdout
    assert "left out: old groups 3" in told.stdout
    assert not (archive.source / "data" / "969897").exists()
    assert (archive.source / "data" / "969897.imported-by-sigcli").exists()
    again = moved.run("--json", *command, exit_code=1)
    assert again.json_error["code"] == "noSignalCliData"


def test_refused_while_signal_cli_runs(archive: SignalCliArchive) -> None:
    moved = archive.device()
    with open(archive.source / "data" / "969897", "r+b") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        refused = moved.run(
            "--json", "import", "signal-cli", "--source", str(archive.source), exit_code=1
        )
    assert refused.json_error["code"] == "signalCliInUse"
    assert moved.run("--json", "listAccounts").json == []


@pytest.mark.parametrize(
    ("part", "version", "code"),
    [
        ("database", 26, "signalCliTooOld"),
        ("database", 29, "signalCliTooNew"),
        ("file", 8, "signalCliTooOld"),
        ("file", 11, "signalCliTooNew"),
    ],
)
def test_other_versions_are_refused_untouched(
    archive: SignalCliArchive, part: str, version: int, code: str
) -> None:
    if part == "database":
        connection = sqlite3.connect(signal_cli_database(archive.source))
        connection.execute(f"PRAGMA user_version = {version}")
        connection.close()
    else:
        path = archive.source / "data" / "969897"
        path.write_text(json.dumps({**json.loads(path.read_text()), "version": version}))
    before = files_of(archive.source)
    moved = archive.device()
    refused = moved.run(
        "--json", "import", "signal-cli", "--source", str(archive.source), exit_code=1
    )
    assert refused.json_error["code"] == code
    assert files_of(archive.source) == before
    assert moved.run("--json", "listAccounts").json == []
    assert [path.name for path in moved.data_dir.glob("*/") if path.is_dir()] == []


def test_an_account_that_is_here_stays(archive: SignalCliArchive) -> None:
    moved = archive.device()
    command = ("--json", "import", "signal-cli", "--source", str(archive.source), "--offline")
    moved.run(*command)
    assert moved.run(*command, exit_code=1).json_error["code"] == "accountExists"
    assert moved.run("-a", PEER1, *command, exit_code=1).json_error["code"] == "unknownLocalAccount"
    assert len(moved.run("--json", "listAccounts").json) == 1


@pytest.mark.long
def test_a_kill_leaves_all_or_nothing(archive: SignalCliArchive) -> None:
    """At every step that changes something in the data directory, files and folders of the new account included."""
    before = files_of(archive.source)
    for step in itertools.count(1, STRIDE):
        moved = archive.device(f"killed{step}")
        command = ("import", "signal-cli", "--source", str(archive.source), "--offline")
        is_over = not run_until_step(moved, step, *command)
        accounts = moved.run("--json", "listAccounts").json
        if is_over:
            assert len(accounts) == 1
            break
        if accounts:
            assert len(moved.run("--json", "listContacts").json) == 2
        else:
            # What was begun is no account: the next attempt makes one.
            moved.run(*command)
            assert len(moved.run("--json", "listContacts").json) == 2
    assert step > 10
    assert files_of(archive.source) == before
