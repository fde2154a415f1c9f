"""Bytes that a hostile peer might send: noise, and good messages that were tampered with."""

from __future__ import annotations

from hypothesis import strategies as st


def hostile(*valid: bytes) -> st.SearchStrategy[bytes]:
    """Noise, or one of the valid messages with bytes exchanged, cut out or put in."""
    return st.one_of(st.binary(max_size=200), *(_tampered(data) for data in valid))


@st.composite
def _tampered(draw: st.DrawFn, data: bytes) -> bytes:
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 8)))
        data = data[:start] + draw(st.binary(max_size=8)) + data[end:]
    return data
