"""The short form of ``tests/run faults``, and that the harness sees what it is there to see."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sigcli.crypto.curve import KeyPair
from sigcli.protocol.ciphertext import CiphertextMessage
from sigcli.wire.addresses import ServiceId
from sigcli.wire.envelopes import Envelope, EnvelopeType, encode_envelope
from tests.faults.__main__ import SHORT
from tests.faults.boundaries import Kind
from tests.faults.ledger import keys_used_twice, read_ledger
from tests.faults.table import OPERATIONS, chosen
from tests.support.devices import ALICE, BOB, NOW_MS, Device


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_little_of_everything_costs_nothing() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--short", "--jobs", "1"],
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    rows = {row[0]: row[1:] for row in map(_cells, finished.stdout.splitlines())}
    for name, troubles in SHORT.items():
        assert rows[name][-4:] == ["1", "0", "0", "0"], (name, rows[name])
        for trouble in troubles:
            row = rows[f"{name}: {trouble}"]
            assert (row[0], row[-3:]) == ("1", ["0", "0", "0"]), (name, trouble, row)
    assert rows["side by side"][-3:] == ["0", "0", "0"]


def _cells(line: str) -> list[str]:
    return re.split(r" {2,}", line)


@pytest.mark.parametrize(("words", "count"), [([], len(OPERATIONS)), (["send"], 4), (["link"], 1)])
def test_a_word_names_an_operation_and_its_variants(words: list[str], count: int) -> None:
    assert len(chosen(words)) == count
    with pytest.raises(ValueError, match="no operation"):
        chosen([*words, "nothing"])


_STEPS = """
import os, sqlite3, sys
from tests.faults.boundaries import Kind, Numbered, watch
journal, at, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
watch(Numbered(journal, frozenset(Kind), at))
database = sqlite3.connect(folder + "/one.db", isolation_level=None)
database.execute("CREATE TABLE one (n)")
database.execute("BEGIN")
database.execute("INSERT INTO one VALUES (1)")
database.execute("COMMIT")
os.mkdir(folder + "/made")
with open(folder + "/made/file", "wb") as file:
    os.write(file.fileno(), b"written")
print("printed", flush=True)
"""
_SEEN = [
    "commit commit before",
    "commit commit after",
    "write mkdir before",
    "write mkdir after",
    "write open before",
    "write write before",
    "write write after",
    "write print before",
    "write print after",
]


@pytest.mark.parametrize("at", [0, 1, 2, 8])
def test_boundaries_are_met_in_their_order_and_the_process_dies_there(
    tmp_path: Path, at: int
) -> None:
    journal = tmp_path / "journal"
    finished = subprocess.run(
        [sys.executable, "-c", _STEPS, str(journal), str(at), str(tmp_path)],
        stdout=subprocess.PIPE,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert finished.returncode == (-9 if at else 0)
    assert journal.read_text().splitlines() == _SEEN[: at or None]
    assert os.path.exists(tmp_path / "made") == (at == 0 or at > 3)
    assert finished.stdout == (b"" if at else b"printed\n")


def line_of(message: CiphertextMessage, sender: ServiceId = ALICE.service_id) -> dict[str, Any]:
    kind = EnvelopeType.PREKEY_MESSAGE if message.type == 3 else EnvelopeType.DOUBLE_RATCHET
    envelope = Envelope(
        type=kind,
        timestamp_ms=NOW_MS,
        source=sender,
        source_device_id=1,
        destination=BOB.service_id,
        content=message.body,
    )
    data = b64encode(encode_envelope(envelope)).decode()
    return {"to": f"{BOB.service_id}.2", "envelope": data}


def test_a_key_used_twice_is_found(tmp_path: Path) -> None:
    alice, bob = Device.create(ALICE), Device.create(BOB)
    alice.start(BOB, bob.bundle())
    bob.decrypt(ALICE, alice.encrypt(BOB, b"first"))
    alice.decrypt(BOB, bob.encrypt(ALICE, b"answer"))
    before = dict(alice.store.stored)
    once = alice.encrypt(BOB, b"said once")
    path = tmp_path / "ledger"
    path.write_text(json.dumps(line_of(once)) + "\n" + json.dumps(line_of(once)) + "\n{")
    lines = read_ledger(path)
    # The same ciphertext may be handed over again.
    assert len(lines) == 2
    assert keys_used_twice(lines, {}) == []
    alice.store.stored = before
    (found,) = keys_used_twice([*lines, line_of(alice.encrypt(BOB, b"and other words"))], {})
    assert found.startswith(f"message key {ALICE.service_id}.1 {BOB.service_id}.2")


def test_two_prekeys_of_one_id_are_found() -> None:
    def published(id: int, key: bytes) -> dict[str, Any]:
        return {"prekey": f"{BOB} curve {id}", "public": b64encode(key).decode()}

    lines = [published(1, b"one"), published(2, b"two"), published(1, b"one")]
    assert keys_used_twice(lines, {}) == []
    assert keys_used_twice([*lines, published(2, b"other")], {}) == [f"prekey {BOB} curve 2"]


def test_sealed_messages_are_looked_into(tmp_path: Path) -> None:
    from tests.unit.client.world import World

    world = World.create(tmp_path)
    with world.account:
        peer = world.peer()
        world.take(peer.plain("hello"))
        before = dict(peer.device.store.stored)
        first = peer.sealed("said once")
        peer.device.store.stored = before
        second = replace(peer.sealed("and other words"), server_guid=peer.new_guid())
        own = world.account.keys.aci_identity
        identities: dict[str, KeyPair] = {str(world.account.keys.aci): own}
    lines = [
        {"to": "own.2", "envelope": b64encode(encode_envelope(one)).decode()}
        for one in (first, second)
    ]
    assert len(keys_used_twice(lines, identities)) == 1
    assert keys_used_twice(lines, {}) == []
    assert {kind.value for kind in Kind} == {"commit", "write", "network"}
