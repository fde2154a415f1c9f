"""Retry requests: what they name, and hostile bytes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.crypto.curve import KeyPair
from sigcli.errors import InvalidMessage, MalformedMessage, SigcliError
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.protocol.decryption_error import DecryptionErrorMessage, PlaintextContent
from sigcli.wire.content.codec import decode_content
from sigcli.wire.padding import unpad
from tests.support.devices import ALICE, BOB, NOW_MS, Device


def test_a_retry_request_names_the_ratchet_key_of_what_failed() -> None:
    alice, bob = Device.create(ALICE), Device.create(BOB)
    alice.start(BOB, bob.bundle())
    first = alice.encrypt(BOB, b"hello")
    bob.decrypt(ALICE, first)
    answer = bob.encrypt(ALICE, b"hello yourself")
    for sender, remote, message in ((alice, BOB, first), (bob, ALICE, answer)):
        request = DecryptionErrorMessage.for_original(message.body, message.type, NOW_MS, 7)
        assert (request.timestamp_ms, request.device_id) == (NOW_MS, 7)
        assert request.ratchet_key is not None
        assert sender.record(remote).current_ratchet_key_matches(request.ratchet_key)
        assert DecryptionErrorMessage.deserialize(request.serialize()) == request
        carried = PlaintextContent.deserialize(PlaintextContent.of(request).serialize())
        data = decode_content(unpad(carried.content)).decryption_error_message
        assert data is not None
        assert DecryptionErrorMessage.deserialize(data) == request
    other = KeyPair.generate().public_key
    assert not alice.record(BOB).current_ratchet_key_matches(other)


def test_group_messages_have_no_ratchet_key_and_plaintext_cannot_fail() -> None:
    kind = CiphertextMessageType
    request = DecryptionErrorMessage.for_original(b"any", kind.SENDER_KEY, NOW_MS, 1)
    assert request.ratchet_key is None
    with pytest.raises(InvalidMessage):
        DecryptionErrorMessage.for_original(b"\xc0\x80", kind.PLAINTEXT, NOW_MS, 1)
    with pytest.raises(MalformedMessage):
        DecryptionErrorMessage.for_original(b"D", kind.WHISPER, NOW_MS, 1)


@given(st.binary(max_size=80))
def test_hostile_bytes_raise_only_the_projects_errors(data: bytes) -> None:
    for parse in (
        DecryptionErrorMessage.deserialize,
        PlaintextContent.deserialize,
    ):
        for candidate in (data, b"\xc0" + data, data + b"\x80"):
            with contextlib.suppress(SigcliError):
                parse(candidate)
