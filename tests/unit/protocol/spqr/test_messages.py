"""The ratchet's message: its bytes, and hostile ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import InvalidMessage
from sigcli.protocol.spqr.messages import (
    WITHOUT_CHUNK,
    Payload,
    SpqrMessage,
    decode,
    encode,
)

epochs = st.integers(1, 2**64 - 1)
key_indices = st.integers(0, 2**32 - 1)
chunk_indices = st.integers(0, 65535)
chunks = st.binary(min_size=32, max_size=32)


@given(epochs, key_indices, st.sampled_from(Payload), chunk_indices, chunks, st.binary(max_size=5))
def test_both_ways(
    epoch: int, key_index: int, payload: Payload, index: int, chunk: bytes, later: bytes
) -> None:
    if payload in WITHOUT_CHUNK:
        message = SpqrMessage(epoch, key_index, payload)
    else:
        message = SpqrMessage(epoch, key_index, payload, index, chunk)
    assert decode(encode(message) + later) == message


def test_the_bytes_are_as_specified() -> None:
    message = SpqrMessage(300, 1, Payload.CT1, 128, bytes(range(32)))
    assert encode(message) == bytes.fromhex("01ac0201058001") + bytes(range(32))
    assert encode(SpqrMessage(1, 0, Payload.ACK)) == bytes.fromhex("01010004")


@pytest.mark.parametrize(
    "data",
    [
        "",
        "00010100",  # version 0
        "02010100",  # a later version
        "01",
        "01000100",  # epoch 0
        "0181",  # a number without its end
        "01ffffffffffffffffffff0100",  # a number of more than ten bytes
        "01018080808010" + "00",  # a key index of more than 32 bits
        "010101",  # no type
        "01010107",  # an unknown type
        "0101010100" + "00" * 31,  # a short chunk
        "01010101808004" + "00" * 32,  # a chunk index of more than 16 bits
    ],
)
def test_what_is_refused(data: str) -> None:
    with pytest.raises(InvalidMessage):
        decode(bytes.fromhex(data))


@given(st.binary(max_size=60))
def test_hostile_bytes_raise_only_invalid_message(data: bytes) -> None:
    try:
        message = decode(b"\x01" + data)
    except InvalidMessage:
        return
    assert message.epoch > 0
    assert decode(encode(message)) == message
