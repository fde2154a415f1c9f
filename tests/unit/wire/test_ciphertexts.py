"""The messages of a session: what parses, what is refused, and that nothing else is raised."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import (
    InvalidMessage,
    LegacyMessage,
    SigcliError,
    UnrecognisedMessageVersion,
)
from sigcli.wire import ciphertexts
from sigcli.wire.ciphertexts import RetryRequest
from sigcli.wire.content.codec import decode_content
from sigcli.wire.padding import unpad

KEY = b"\x05" + bytes(32)
SIGNAL = (
    ciphertexts.encode_signal_message(4, KEY, 7, 2, b"ciphertext", b"pq", b"addresses")
    + b"8bytes.."
)
PREKEY = ciphertexts.encode_prekey_signal_message(4, 1, 2, 3, 4, b"kyber", KEY, KEY, SIGNAL)
PARSERS: list[Callable[[bytes], Any]] = [
    ciphertexts.decode_signal_message,
    ciphertexts.decode_prekey_signal_message,
    ciphertexts.decode_retry_request,
    ciphertexts.decode_plaintext_content,
]


def test_a_message_comes_back_with_what_its_mac_covers() -> None:
    message = ciphertexts.decode_signal_message(SIGNAL)
    assert (message.version, message.ratchet_key, message.counter) == (4, KEY, 7)
    assert (message.previous_counter, message.ciphertext) == (2, b"ciphertext")
    assert (message.pq_ratchet, message.addresses) == (b"pq", b"addresses")
    assert message.authenticated + message.mac == SIGNAL
    assert message.mac == b"8bytes.."


def test_absent_fields_stay_absent() -> None:
    body = ciphertexts.encode_signal_message(3, KEY, 0, 0, b"c", b"", None)
    assert body[0] == 0x34
    message = ciphertexts.decode_signal_message(body + bytes(8))
    assert (message.version, message.pq_ratchet, message.addresses) == (3, b"", None)
    old = ciphertexts.encode_prekey_signal_message(3, 1, None, 3, None, None, KEY, KEY, SIGNAL)
    parsed = ciphertexts.decode_prekey_signal_message(old)
    assert (parsed.prekey_id, parsed.kyber_prekey_id, parsed.kyber_ciphertext) == (None, None, None)


@pytest.mark.parametrize(
    ("first_byte", "error"), [(0x24, LegacyMessage), (0x54, UnrecognisedMessageVersion)]
)
def test_other_versions_are_refused(first_byte: int, error: type[Exception]) -> None:
    for data, parse in (
        (SIGNAL, ciphertexts.decode_signal_message),
        (PREKEY, ciphertexts.decode_prekey_signal_message),
    ):
        with pytest.raises(error):
            parse(bytes([first_byte]) + data[1:])


@pytest.mark.parametrize(("id", "ciphertext"), [(None, None), (4, None), (None, b"kyber")])
def test_a_prekey_message_needs_both_kyber_fields(id: int | None, ciphertext: bytes | None) -> None:
    data = ciphertexts.encode_prekey_signal_message(4, 1, 2, 3, id, ciphertext, KEY, KEY, SIGNAL)
    with pytest.raises(InvalidMessage):
        ciphertexts.decode_prekey_signal_message(data)


def test_retry_requests_come_back() -> None:
    for request in (RetryRequest(KEY, 2**63, 127), RetryRequest(None, 1, 0)):
        data = ciphertexts.encode_retry_request(request)
        assert ciphertexts.decode_retry_request(data) == request
        content = ciphertexts.encode_plaintext_content(data)
        assert ciphertexts.decode_plaintext_content(b"\xc0" + content) == content
        assert decode_content(unpad(content)).decryption_error_message == data
    with pytest.raises(UnrecognisedMessageVersion):
        ciphertexts.decode_plaintext_content(b"\xc1\x80")


@given(st.binary(max_size=200))
def test_hostile_bytes_raise_only_the_projects_errors(data: bytes) -> None:
    for parse in PARSERS:
        for candidate in (data, b"\x44" + data, b"\x44" + data + b"\x80"):
            with contextlib.suppress(SigcliError):
                parse(candidate)


@given(st.integers(0, len(PREKEY) - 1), st.integers(0, 7), st.integers(0, len(PREKEY)))
def test_damaged_messages_raise_only_the_projects_errors(
    position: int, bit: int, length: int
) -> None:
    flipped = bytearray(PREKEY)
    flipped[position] ^= 1 << bit
    for data in (bytes(flipped), PREKEY[:length], bytes(flipped[:length])):
        with contextlib.suppress(SigcliError):
            ciphertexts.decode_prekey_signal_message(data)
