"""Published vectors for HKDF and HMAC."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from sigcli.crypto.constant_time import equal
from sigcli.crypto.kdf import hkdf_expand, hkdf_extract, hkdf_sha256, hmac_sha256


def test_rfc_5869_case_1() -> None:
    ikm = b"\x0b" * 22
    salt = bytes(range(13))
    info = bytes(range(0xF0, 0xFA))
    assert hkdf_extract(ikm, salt).hex() == (
        "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    )
    assert hkdf_sha256(ikm, info, 42, salt).hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


def test_rfc_5869_case_3_has_no_salt() -> None:
    assert hkdf_sha256(b"\x0b" * 22, b"", 42).hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )


@given(st.binary(max_size=70), st.binary(max_size=70), st.binary(max_size=40), st.integers(1, 300))
def test_hkdf_equals_the_native_one(ikm: bytes, info: bytes, salt: bytes, length: int) -> None:
    native = HKDF(hashes.SHA256(), length, salt or None, info).derive(ikm)
    assert hkdf_sha256(ikm, info, length, salt) == native
    assert hkdf_expand(hkdf_extract(ikm, salt), info, length) == native


def test_hkdf_gives_at_most_255_blocks() -> None:
    assert len(hkdf_sha256(b"k", b"", 8160)) == 8160
    with pytest.raises(ValueError, match="8,160"):
        hkdf_sha256(b"k", b"", 8161)


def test_rfc_4231_case_2_in_any_split() -> None:
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert hmac_sha256(b"Jefe", b"what do ya want for nothing?").hex() == expected
    assert hmac_sha256(b"Jefe", b"what do ya ", b"", b"want for nothing?").hex() == expected


def test_equal_compares_content_and_length() -> None:
    assert equal(b"abc", b"abc")
    assert not equal(b"abc", b"abd")
    assert not equal(b"abc", b"abcd")
