from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import InvalidMessage
from sigcli.protocol.pin import PinHash, hash_pin, is_weak, normalize_pin, pin_salt


@pytest.mark.parametrize(
    ("pin", "salt", "master_key", "access_key", "wrapped"),
    [
        (
            b"password",
            bytes(range(32)),
            bytes(range(32, 64)),
            "ab7e8499d21f80a6600b3b9ee349ac6d72c07e3359fe885a934ba7aa844429f8",
            "3f33ce58eb25b40436592a30eae2a8fabab1899095f4e2fba6e2d0dc43b4a2d9"
            "cac5a3931748522393951e0e54dec769",
        ),
        (
            b"anotherpassword",
            bytes(range(32, 64)),
            bytes.fromhex("88a787415a2ecd79da0d1016a82a27c5c695c9a19b88b0aa1d35683280aa9a67"),
            "301d9dd1e96f20ce51083f67d3298fd37b97525de8324d5e12ed2d407d3d927b",
            "9d9b05402ea39c17ff1c9298c8a0e86784a352aa02a74943bf8bcf07ec0f4b57"
            "4a5b786ad0182c8d308d9eb06538b8c9",
        ),
    ],
)
def test_the_published_vectors(
    pin: bytes, salt: bytes, master_key: bytes, access_key: str, wrapped: str
) -> None:
    hashed = hash_pin(pin, salt)
    assert hashed.access_key.hex() == access_key
    assert hashed.wrap(master_key).hex() == wrapped
    assert hashed.unwrap(bytes.fromhex(wrapped)) == master_key


def test_the_published_salt() -> None:
    expected = "d6159ba30f90b6eb6ccf1ec844427f052baaf0705da849767471744cdb3f8a5e"
    assert pin_salt("username", 3862621253427332054).hex() == expected


@pytest.mark.parametrize(
    ("pin", "normal"),
    [
        (" 1234\n", b"1234"),
        ("١٢٣٤", b"1234"),
        ("१२३x", "१२३x".encode()),
        ("Ä", b"A\xcc\x88"),
        ("", b""),
    ],
)
def test_pins_are_normalised(pin: str, normal: bytes) -> None:
    assert normalize_pin(pin) == normal


@pytest.mark.parametrize(
    ("pin", "weak"),
    [
        ("123", True),
        (" 12 ", True),
        ("1234", True),
        ("654321", True),
        ("0000", True),
        ("\u0661\u0662\u0663\u0664", True),
        ("8901", False),
        ("1235", False),
        ("abcd", False),
        ("aaaa", False),
    ],
)
def test_a_weak_pin_is_short_or_a_row_of_digits(pin: str, weak: bool) -> None:
    assert is_weak(pin) is weak


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.data())
def test_a_wrapped_key_is_authentic(key: bytes, master_key: bytes, data: st.DataObject) -> None:
    hashed = PinHash(key, bytes(32))
    wrapped = hashed.wrap(master_key)
    assert hashed.unwrap(wrapped) == master_key
    damaged = bytearray(wrapped)
    damaged[data.draw(st.integers(0, 47))] ^= 1
    for wrong in (bytes(damaged), wrapped[:-1], wrapped + b"\0", b""):
        with pytest.raises(InvalidMessage):
            hashed.unwrap(wrong)
