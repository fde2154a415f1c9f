from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import MalformedMessage
from sigcli.wire.addresses import ServiceId
from sigcli.wire.contact_discovery import (
    FoundNumber,
    LookupRequest,
    LookupResponse,
    decode_lookup_request,
    decode_lookup_response,
    encode_lookup_request,
    encode_lookup_response,
    pack_numbers,
    unpack_numbers,
)
from sigcli.wire.enclave_attestation import (
    HandshakeStart,
    decode_handshake_start,
    decode_minimum_limits,
    decode_raft_group_config,
    encode_handshake_start,
)

ACI, PNI = ServiceId.aci(UUID(int=0xA)), ServiceId.pni(UUID(int=0xB))


def test_numbers_are_packed_as_libsignal_packs_them() -> None:
    assert pack_numbers(["+18005551001"]).hex() == "000000043136e799"
    assert unpack_numbers(bytes.fromhex("000000043136e79a")) == ("+18005551002",)
    for wrong in (
        "18005551001",
        "+",
        "+1800x",
        "+018005551001",
        "+1234567890123456",
        "+１２３４５",
    ):
        with pytest.raises(ValueError, match="number"):
            pack_numbers([wrong])


def test_a_request_comes_back() -> None:
    request = LookupRequest(
        new=("+15550101",),
        previous=("+15550102", "+15550103"),
        access_keys=((ACI, bytes(range(16))),),
        token=b"token",
    )
    assert decode_lookup_request(encode_lookup_request(request)) == request
    acknowledgement = encode_lookup_request(LookupRequest(acknowledges_token=True))
    assert acknowledgement == b"\x38\x01"


def test_a_response_tells_unknown_half_known_and_known_apart() -> None:
    response = LookupResponse(
        (
            FoundNumber("+15550101", ACI, PNI),
            FoundNumber("+15550102", None, PNI),
            FoundNumber("+15550103", None, None),
        ),
        b"token",
        3,
    )
    # Nothing is told of a number that nobody has, not even the number.
    told = LookupResponse(response.found[:2], response.token, response.permits_used)
    assert decode_lookup_response(encode_lookup_response(response)) == told
    # The PNI comes before the ACI.
    assert PNI.uuid_bytes + ACI.uuid_bytes in encode_lookup_response(response)
    padded = b"\x0a\x28" + bytes(40)
    assert decode_lookup_response(padded) == LookupResponse()


def test_the_first_message_comes_back() -> None:
    start = HandshakeStart(b"evidence", b"endorsement")
    assert encode_handshake_start(start) == b"\x12\x08evidence\x1a\x0bendorsement"
    assert decode_handshake_start(encode_handshake_start(start)) == start


@given(st.binary(max_size=120))
def test_hostile_bytes_are_malformed_at_worst(data: bytes) -> None:
    for decode in (
        decode_lookup_request,
        decode_lookup_response,
        decode_handshake_start,
        decode_raft_group_config,
        decode_minimum_limits,
        unpack_numbers,
    ):
        try:
            decode(data)
        except MalformedMessage:
            continue
