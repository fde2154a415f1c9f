"""Safety numbers."""

from __future__ import annotations

import pytest
from hypothesis import given

from sigcli.crypto.curve import PublicKey
from sigcli.errors import MalformedMessage, ProtocolError, UnrecognisedMessageVersion
from sigcli.protocol.fingerprint import safety_number, safety_number_for_identifiers
from sigcli.wire.addresses import ServiceId
from tests.unit.protocol.hostile_bytes import hostile

# libsignal's vectors (fingerprint.rs), with phone numbers as identifiers.
ALICE, BOB = b"+14152222222", b"+14153333333"
ALICE_KEY, BOB_KEY = (
    PublicKey.deserialize(bytes.fromhex(text))
    for text in (
        "0506863bc66d02b40d27b8d49ca7c09e9239236f9d7d25d6fcca5ce13c7064d868",
        "05f781b6fb32fed9ba1cf2de978d4d5da28dc34046ae814402b5c0dbd96fda907b",
    )
)
NUMERIC = "300354477692869396892869876765458257569162576843440918079131"
ALICE_HALF = "1e301a0353dce3dbe7684cb8336e85136cdc0ee96219494ada305d62a7bd61df"
BOB_HALF = "d62cbf73a11592015b6b9f1682ac306fea3aaf3885b84d12bca631e9d4fb3a4d"
OURS = safety_number_for_identifiers(ALICE, ALICE_KEY, BOB, BOB_KEY)
THEIRS = safety_number_for_identifiers(BOB, BOB_KEY, ALICE, ALICE_KEY)


def test_vectors_of_libsignal() -> None:
    assert OURS.numeric == THEIRS.numeric == NUMERIC
    assert OURS.scannable.hex() == f"080212220a20{ALICE_HALF}1a220a20{BOB_HALF}"
    assert THEIRS.scannable.hex() == f"080212220a20{BOB_HALF}1a220a20{ALICE_HALF}"


def test_comparing_codes() -> None:
    assert OURS.matches(THEIRS.scannable)
    assert not OURS.matches(OURS.scannable)
    forged = THEIRS.scannable[:-1] + bytes([THEIRS.scannable[-1] ^ 1])
    assert not OURS.matches(forged)
    with pytest.raises(UnrecognisedMessageVersion):
        OURS.matches(b"\x08\x01" + THEIRS.scannable[2:])
    with pytest.raises(MalformedMessage):
        OURS.matches(THEIRS.scannable[:2])


def test_accounts_are_identified_by_their_aci() -> None:
    alice, bob = ServiceId.aci(bytes([1]) * 16), ServiceId.aci(bytes([2]) * 16)
    number = safety_number(alice, ALICE_KEY, bob, BOB_KEY)
    assert number == safety_number_for_identifiers(bytes([1]) * 16, ALICE_KEY, b"\2" * 16, BOB_KEY)
    assert len(number.numeric) == 60
    assert number.numeric.isdigit()
    assert number.numeric != safety_number(alice, BOB_KEY, bob, ALICE_KEY).numeric


@given(hostile(THEIRS.scannable))
def test_hostile_codes(data: bytes) -> None:
    try:
        matched = OURS.matches(data)
    except ProtocolError:
        return
    assert isinstance(matched, bool)
