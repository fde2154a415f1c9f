"""What a caller sends is what the daemon reads, and anything else is no frame."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from sigcli.daemon.handover.frame import LENGTH_BYTES, Frame, decode_frame, encode_frame

WORDS = st.lists(st.binary().map(lambda data: os.fsdecode(data.replace(b"\0", b""))))


def facts(frame: Frame) -> dict[str, object]:
    return {name: getattr(frame, name) for name in Frame.__slots__}


@given(WORDS, st.dictionaries(st.sampled_from(["SIGCLI_ACCOUNT", "LANG"]), st.text("a=ü")))
def test_it_comes_as_it_went(words: list[str], environ: dict[str, str]) -> None:
    streams = [("utf-8", "strict"), ("ascii", "backslashreplace"), ("utf-8", "replace")]
    frame = Frame("1.2", b"\x01\x02", "/a folder", 0o027, streams, words, environ)
    data = encode_frame(frame)
    assert int.from_bytes(data[:LENGTH_BYTES], "big") == len(data) - LENGTH_BYTES
    read = decode_frame(data[LENGTH_BYTES:])
    assert read is not None
    assert facts(read) == facts(frame)


@given(st.binary())
def test_anything_else_is_none(data: bytes) -> None:
    read = decode_frame(data)
    assert read is None or isinstance(read, Frame)


def test_too_few_fields_are_none() -> None:
    assert decode_frame(b"1.2\0ab\0/\x0027") is None
    assert decode_frame(b"") is None
