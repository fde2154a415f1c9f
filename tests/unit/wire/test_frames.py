"""Websocket frames: ids from 0, headers, hostile bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import MalformedMessage, SigcliError
from sigcli.wire.frames import (
    WebSocketRequest,
    WebSocketResponse,
    decode_frame,
    encode_frame,
)
from tests.support.wire_fields import decode_fields, encode_fields


def test_a_request_comes_back() -> None:
    request = WebSocketRequest(
        id=2**64 - 1,
        verb="PUT",
        path="/v1/messages/x?story=false",
        body=b"{}",
        headers=(("content-type", "application/json"), ("x-empty", "")),
    )
    assert decode_frame(encode_frame(request)) == request
    outer = decode_fields(encode_frame(request))
    assert outer[1] == [1]
    inner = decode_fields(outer[2][0])  # type: ignore[arg-type]
    assert inner == {
        1: [b"PUT"],
        2: [b"/v1/messages/x?story=false"],
        3: [b"{}"],
        4: [2**64 - 1],
        5: [b"content-type:application/json", b"x-empty:"],
    }


def test_a_response_comes_back() -> None:
    response = WebSocketResponse(id=7, status=428, message="Challenge", body=b"{}")
    assert decode_frame(encode_frame(response)) == response
    outer = decode_fields(encode_frame(response))
    assert outer[1] == [2]
    assert decode_fields(outer[3][0]) == {1: [7], 2: [428], 3: [b"Challenge"], 4: [b"{}"]}  # type: ignore[arg-type]
    assert not response.is_success
    assert WebSocketResponse(id=1, status=204).is_success


def test_id_zero_is_not_an_absent_id() -> None:
    for frame in (
        WebSocketRequest(id=0, verb="PUT", path="/"),
        WebSocketResponse(id=0, status=200),
    ):
        assert decode_frame(encode_frame(frame)).id == 0
    without = decode_frame(encode_fields((1, 1), (2, encode_fields((1, "GET"), (2, "/")))))
    assert without == WebSocketRequest(id=None, verb="GET", path="/")


def test_headers_are_split_at_the_first_colon() -> None:
    body = encode_fields((1, 1), (2, 200), (5, "X-Signal-Timestamp: 12"), (5, "A:b:c"), (5, "odd"))
    frame = decode_frame(encode_fields((1, 2), (3, body)))
    assert frame.headers == (("x-signal-timestamp", "12"), ("a", "b:c"))


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\xff",
        encode_fields((1, 1)),
        encode_fields((1, 2), (2, encode_fields((1, "GET")))),
        encode_fields((1, 0), (2, encode_fields((1, "GET")))),
    ],
)
def test_what_is_neither_is_refused(broken: bytes) -> None:
    with pytest.raises(MalformedMessage):
        decode_frame(broken)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(MalformedMessage):
        encode_frame(WebSocketRequest(id=-1, verb="GET", path="/"))
    with pytest.raises(MalformedMessage):
        encode_frame(WebSocketRequest(id=1, verb="GET", path="/\udc80"))


@given(st.sampled_from([b"", b"\x08\x01\x12", b"\x08\x02\x1a"]), st.binary(max_size=80))
def test_hostile_bytes(start: bytes, rest: bytes) -> None:
    data = start + bytes([len(rest)]) + rest if start else rest
    try:
        frame = decode_frame(data)
    except SigcliError:
        return
    assert decode_frame(encode_frame(frame)) == frame
