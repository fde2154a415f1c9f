"""Sessions that a real libsignal has stored, whole and damaged; the conversations themselves go on in tests/interop."""

from __future__ import annotations

import sqlite3
from random import Random

import pytest

from sigcli.errors import InvalidSession
from sigcli.protocol.libsignal_records import convert_record
from sigcli.protocol.spqr import SpqrState
from sigcli.protocol.spqr.foreign import convert
from sigcli.wire.libsignal_sessions import decode_libsignal_record
from sigcli.wire.spqr_state import Phase
from tests.support.signal_cli_archive import signal_cli_database, unpack

CHANGES = 150


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("signal-cli") / "archive"
    unpack(folder)
    connection = sqlite3.connect(signal_cli_database(folder / "signal-cli-data"))
    rows = connection.execute("SELECT record FROM session ORDER BY _id").fetchall()
    connection.close()
    return [record for (record,) in rows]


def test_the_phases_are_those_of_the_source(records: list[bytes]) -> None:
    phases = []
    for record in records:
        current = convert_record(record).record.current
        assert current is not None
        phases.append(SpqrState.deserialize(current.spqr).exchange.phase)
    assert phases == [Phase.HEADER_SENT, Phase.CT1_SAMPLED, Phase.CT1_SAMPLED, Phase.KEYS_SAMPLED]


def test_a_damaged_state_is_refused_by_name(records: list[bytes]) -> None:
    random = Random(1)
    for record in records:
        state = bytearray(decode_libsignal_record(record).current_spqr)
        for _ in range(CHANGES):
            changed = bytearray(state)
            changed[random.randrange(120)] = random.randrange(256)
            del changed[random.randrange(len(changed)) :]
            try:
                convert(bytes(changed))
            except InvalidSession:
                continue


def test_a_damaged_record_is_refused_by_name_or_loses_a_session(records: list[bytes]) -> None:
    random = Random(2)
    for record in records:
        for _ in range(CHANGES):
            changed = bytearray(record)
            changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
            try:
                convert_record(bytes(changed))
            except InvalidSession:
                continue


def test_a_state_without_chains_or_beginning_is_refused() -> None:
    for data in (b"\x01", b"\x1a\x00", b"\x1a\x02\x0a\x00", bytes(40)):
        with pytest.raises(InvalidSession):
            convert(data)
