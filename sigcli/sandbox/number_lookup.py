"""Contact discovery: who has a number, for a login that may look up a limited number of new ones.

A token stands for the numbers of earlier lookups, which are free; it is given before the answer, and the next lookup
may use it once the client has acknowledged it. The answer is one message, in which the triple of an unregistered number
is all zeros, and then the channel closes. Order of the messages: libsignal ``rust/net/src/cdsi.rs``; blanking:
ContactDiscoveryService-Icelake ``c/aci_pni_uak_helpers``.
"""

from __future__ import annotations

import json
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

from sigcli.errors import MalformedMessage
from sigcli.sandbox.enclave_channel import BAD_ARGUMENTS, ChannelClosed
from sigcli.sandbox.exchange import Refused
from sigcli.wire.contact_discovery import (
    FoundNumber,
    LookupResponse,
    decode_lookup_request,
    encode_lookup_response,
    pack_numbers,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.sandbox.enclave_channel import EnclaveChannel
    from sigcli.sandbox.state import State
    from sigcli.wire.contact_discovery import LookupRequest

BUCKET = "directory-numbers"
_KIND = "directory-token"
_RATE_LIMITED, _TOKEN_REFUSED, _DONE = 4008, 4101, 1000
_TOKEN_LENGTH = 65


async def serve_lookup(state: State, channel: EnclaveChannel, user: str) -> None:
    """Answer one lookup; raises ChannelClosed, also when it is complete."""
    request = _decode(await channel.receive())
    _require_token(state, user, request)
    new = set(request.new) - set(request.previous)
    _use_permits(state, user, len(new))
    token = secrets.token_bytes(_TOKEN_LENGTH)
    await channel.send(encode_lookup_response(LookupResponse(token=token)))
    if not _decode(await channel.receive()).acknowledges_token:
        raise ChannelClosed(BAD_ARGUMENTS, "token not acknowledged")
    numbers = sorted({*request.previous, *request.new})
    state.database.put(_KIND, user, {"token": token.hex(), "numbers": _fingerprint(numbers)})
    state.database.commit()
    found = tuple(_find(state, number, request) for number in numbers)
    await channel.send(encode_lookup_response(LookupResponse(found, permits_used=len(new))))
    raise ChannelClosed(_DONE)


def _decode(message: bytes) -> LookupRequest:
    try:
        return decode_lookup_request(message)
    except MalformedMessage:
        raise ChannelClosed(BAD_ARGUMENTS, "malformed request") from None


def _require_token(state: State, user: str, request: LookupRequest) -> None:
    if not request.token:
        return
    held = state.database.get(_KIND, user)
    numbers = _fingerprint(request.previous)
    if held is None or (held["token"], held["numbers"]) != (request.token.hex(), numbers):
        raise ChannelClosed(_TOKEN_REFUSED, "invalid token")


def _use_permits(state: State, user: str, count: int) -> None:
    try:
        state.limits.use(BUCKET, user, count)
    except Refused as refused:
        wait_s = int(refused.response.headers.get("Retry-After", "0"))
        raise ChannelClosed(_RATE_LIMITED, json.dumps({"retry_after": wait_s})) from None


def _find(state: State, number: str, request: LookupRequest) -> FoundNumber:
    account = state.accounts.by_number(number)
    if account is None or not account.discoverable:
        return FoundNumber(number, None, None)
    shows_aci = any(
        aci == account.aci and account.access_key == key for aci, key in request.access_keys
    )
    return FoundNumber(number, account.aci if shows_aci else None, account.pni)


def _fingerprint(numbers: Iterable[str]) -> str:
    return sha256(pack_numbers(sorted(set(numbers)))).hexdigest()
