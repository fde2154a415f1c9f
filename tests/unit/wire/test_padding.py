"""The padding of content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import MalformedMessage
from sigcli.wire.padding import pad, unpad


@pytest.mark.parametrize(
    ("length", "padded"), [(0, 79), (77, 79), (78, 79), (79, 159), (158, 159), (159, 239)]
)
def test_sizes(length: int, padded: int) -> None:
    assert len(pad(b"x" * length)) == padded


@given(st.binary(max_size=300))
def test_padding_comes_off(content: bytes) -> None:
    padded = pad(content)
    assert padded.startswith(content + b"\x80")
    assert not padded[len(content) + 1 :].strip(b"\x00")
    assert unpad(padded) == content


def test_any_amount_of_padding_is_taken() -> None:
    assert unpad(b"x\x80") == b"x"
    assert unpad(b"\x80") == b""
    assert unpad(b"x\x80\x80" + bytes(1000)) == b"x\x80"


@pytest.mark.parametrize("padded", [b"", bytes(80), b"x", b"\x80x", b"x\x01" + bytes(8)])
def test_without_padding_is_malformed(padded: bytes) -> None:
    with pytest.raises(MalformedMessage):
        unpad(padded)
