"""The messages of the enclave that finds accounts by number: bytes to typed values and back.

Format: libsignal ``rust/net/src/proto/cds2.proto``; the packed lists as in ``rust/net/src/cdsi.rs``. A number is 8
bytes, big-endian.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError

from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import UUID_LENGTH, ServiceId
from sigcli.wire.generated import contact_discovery_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterable

NUMBER_LENGTH = 8
ACCESS_KEY_LENGTH = 16
_TRIPLE_LENGTH = NUMBER_LENGTH + 2 * UUID_LENGTH
_PAIR_LENGTH = UUID_LENGTH + ACCESS_KEY_LENGTH
_MAX_DIGITS = 15


@dataclass(frozen=True, slots=True)
class LookupRequest:
    """The numbers to look up, in E.164 form; ``previous`` are those that the token stands for.

    An ACI comes back only for the ACIs that are named here with their access key (16 bytes).
    """

    new: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()
    access_keys: tuple[tuple[ServiceId, bytes], ...] = field(default=(), repr=False)
    token: bytes = field(default=b"", repr=False)
    acknowledges_token: bool = False


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """Who has a number. If nobody has, both ids are missing, and the enclave blanks the number too."""

    number: str
    aci: ServiceId | None
    pni: ServiceId | None


@dataclass(frozen=True, slots=True)
class LookupResponse:
    """A part of the answer: a token for the next lookup, or who was found."""

    found: tuple[FoundNumber, ...] = ()
    token: bytes = field(default=b"", repr=False)
    permits_used: int = 0


def encode_lookup_request(request: LookupRequest) -> bytes:
    """Raises ValueError for a number that is not E.164."""
    pairs = b"".join(aci.uuid_bytes + key for aci, key in request.access_keys)
    return pb.ClientRequest(
        aci_uak_pairs=pairs or None,
        prev_e164s=pack_numbers(request.previous) or None,
        new_e164s=pack_numbers(request.new) or None,
        token=request.token or None,
        token_ack=request.acknowledges_token or None,
    ).SerializeToString()


def decode_lookup_request(data: bytes) -> LookupRequest:
    """Parse a client's request; raises MalformedMessage."""
    try:
        message = pb.ClientRequest.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    return LookupRequest(
        new=unpack_numbers(message.new_e164s),
        previous=unpack_numbers(message.prev_e164s),
        access_keys=tuple(
            (ServiceId.aci(pair[:UUID_LENGTH]), pair[UUID_LENGTH:])
            for pair in _pieces(message.aci_uak_pairs, _PAIR_LENGTH)
        ),
        token=message.token,
        acknowledges_token=message.token_ack,
    )


def encode_lookup_response(response: LookupResponse) -> bytes:
    """The service's answer."""
    triples = b"".join(_triple(each) for each in response.found)
    return pb.ClientResponse(
        e164_pni_aci_triples=triples or None,
        token=response.token or None,
        debug_permits_used=response.permits_used or None,
    ).SerializeToString()


def decode_lookup_response(data: bytes) -> LookupResponse:
    """Parse; raises MalformedMessage."""
    try:
        message = pb.ClientResponse.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    found = []
    for triple in _pieces(message.e164_pni_aci_triples, _TRIPLE_LENGTH):
        number, ids = triple[:NUMBER_LENGTH], triple[NUMBER_LENGTH:]
        pni, aci = ids[:UUID_LENGTH], ids[UUID_LENGTH:]
        # The slot of an unregistered number is all zero.
        if any(number):
            found.append(
                FoundNumber(
                    unpack_numbers(number)[0],
                    ServiceId.aci(aci) if any(aci) else None,
                    ServiceId.pni(pni) if any(pni) else None,
                )
            )
    return LookupResponse(tuple(found), message.token, message.debug_permits_used)


def pack_numbers(numbers: Iterable[str]) -> bytes:
    """8 bytes a number; raises ValueError for one that is not E.164."""
    return b"".join(_number_bytes(number) for number in numbers)


def unpack_numbers(data: bytes) -> tuple[str, ...]:
    """Reverse of ``pack_numbers``; raises MalformedMessage."""
    return tuple(
        f"+{int.from_bytes(piece, 'big')}" for piece in _pieces(bytes(data), NUMBER_LENGTH)
    )


def _number_bytes(number: str) -> bytes:
    digits = number[1:]
    if number[:1] != "+" or not (digits.isascii() and digits.isdigit()):
        raise ValueError("a number consists of + and digits")
    if digits.startswith("0") or len(digits) > _MAX_DIGITS:
        raise ValueError("a number has at most 15 digits and does not start with 0")
    return int(digits).to_bytes(NUMBER_LENGTH, "big")


def _triple(found: FoundNumber) -> bytes:
    if found.aci is None and found.pni is None:
        return bytes(_TRIPLE_LENGTH)
    return pack_numbers((found.number,)) + _uuid_or_zeros(found.pni) + _uuid_or_zeros(found.aci)


def _uuid_or_zeros(service_id: ServiceId | None) -> bytes:
    return service_id.uuid_bytes if service_id else bytes(UUID_LENGTH)


def _pieces(data: bytes, length: int) -> list[bytes]:
    if len(data) % length:
        raise MalformedMessage("a packed list ends in the middle of an entry")
    return [data[start : start + length] for start in range(0, len(data), length)]
