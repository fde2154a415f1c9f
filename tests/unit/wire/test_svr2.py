from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import MalformedMessage
from sigcli.wire.svr2 import (
    BackupRequest,
    BackupResponse,
    DeleteRequest,
    DeleteResponse,
    ExposeRequest,
    ExposeResponse,
    RestoreRequest,
    RestoreResponse,
    RestoreStatus,
    Svr2Request,
    Svr2Response,
    decode_svr2_request,
    decode_svr2_response,
    encode_svr2_request,
    encode_svr2_response,
)


@pytest.mark.parametrize(
    ("request_", "encoded"),
    [
        (BackupRequest(b"data", b"pin", 10), "120d 0a0464617461 120370696e 180a"),
        (ExposeRequest(b"data"), "2a06 0a0464617461"),
        (RestoreRequest(b"pin"), "1a05 0a0370696e"),
        (DeleteRequest(), "2200"),
    ],
)
def test_requests_have_the_form_of_libsignals_schema(request_: Svr2Request, encoded: str) -> None:
    assert encode_svr2_request(request_) == bytes.fromhex(encoded)
    assert decode_svr2_request(bytes.fromhex(encoded)) == request_


@pytest.mark.parametrize(
    ("response", "encoded"),
    [
        (BackupResponse(True), "0a02 0801"),
        (ExposeResponse(False), "2202 0802"),
        (RestoreResponse(RestoreStatus.OK, b"data", 3), "120a 0801 120464617461 1803"),
        (RestoreResponse(RestoreStatus.MISMATCH, tries_left=2), "1204 0803 1802"),
        (DeleteResponse(), "1a00"),
    ],
)
def test_responses_have_the_form_of_libsignals_schema(response: Svr2Response, encoded: str) -> None:
    assert encode_svr2_response(response) == bytes.fromhex(encoded)
    assert decode_svr2_response(bytes.fromhex(encoded)) == response


@pytest.mark.parametrize("unknown", ["", "12020807", "1200"])
def test_an_unknown_kind_or_status_is_malformed(unknown: str) -> None:
    with pytest.raises(MalformedMessage):
        decode_svr2_response(bytes.fromhex(unknown))


@given(st.binary(max_size=60))
def test_hostile_bytes_are_malformed_at_worst(data: bytes) -> None:
    for decode in (decode_svr2_request, decode_svr2_response):
        try:
            decode(data)
        except MalformedMessage:
            continue
