"""PIN recovery: what an enclave stores for a login, and how it counts tries.

Rules: ``enclave/db/db2.cc`` of SecureValueRecovery2.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from sigcli.errors import MalformedMessage
from sigcli.sandbox.enclave_channel import BAD_ARGUMENTS, ChannelClosed
from sigcli.sandbox.environment_file import SVR2_GENERATIONS
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
    decode_svr2_request,
    encode_svr2_response,
)

if TYPE_CHECKING:
    from typing import Any

    from sigcli.sandbox.database import Database
    from sigcli.sandbox.enclave_channel import EnclaveChannel
    from sigcli.sandbox.state import State
    from sigcli.wire.svr2 import Svr2Request, Svr2Response

_KIND = "svr2"
_DATA_LENGTHS = range(16, 49)
_PIN_LENGTH = 32
_TRIES = range(1, 256)


async def serve_svr2(state: State, channel: EnclaveChannel, enclave: str, user: str) -> None:
    """Answer one login's requests until the channel ends; raises ChannelClosed."""
    while True:
        try:
            request = decode_svr2_request(await channel.receive())
        except MalformedMessage:
            raise ChannelClosed(BAD_ARGUMENTS, "DB2_ClientRequestCase") from None
        _require_valid(request)
        answer = answer_svr2(state.database, f"{enclave}:{user}", request)
        state.database.commit()
        await channel.send(encode_svr2_response(answer))


def answer_svr2(database: Database, place: str, request: Svr2Request) -> Svr2Response:
    """An enclave's answer; ``place`` is its name and the login's."""
    kept: dict[str, Any] | None = database.get(_KIND, place)
    match request:
        case BackupRequest(data, access_key, tries):
            kept = {"data": data.hex(), "pin": access_key.hex(), "tries": tries, "exposed": False}
            database.put(_KIND, place, kept)
            return BackupResponse(True)
        case ExposeRequest(data):
            if kept is None or not hmac.compare_digest(bytes.fromhex(kept["data"]), data):
                return ExposeResponse(False)
            database.put(_KIND, place, kept | {"exposed": True})
            return ExposeResponse(True)
        case RestoreRequest(access_key):
            return _restore(database, place, kept, access_key)
        case DeleteRequest():
            database.delete(_KIND, place)
    return DeleteResponse()


def forget_svr2(database: Database, user: str) -> None:
    """Delete the data of a login in all enclaves: its account is deleted."""
    for enclave in SVR2_GENERATIONS:
        database.delete(_KIND, f"{enclave}:{user}")


def _restore(
    database: Database, place: str, kept: dict[str, Any] | None, access_key: bytes
) -> RestoreResponse:
    if kept is None or not kept["exposed"]:
        return RestoreResponse(RestoreStatus.MISSING)
    tries: int = kept["tries"]
    if hmac.compare_digest(bytes.fromhex(kept["pin"]), access_key):
        return RestoreResponse(RestoreStatus.OK, bytes.fromhex(kept["data"]), tries)
    if tries == 1:
        database.delete(_KIND, place)
        return RestoreResponse(RestoreStatus.MISSING)
    database.put(_KIND, place, kept | {"tries": tries - 1})
    return RestoreResponse(RestoreStatus.MISMATCH, tries_left=tries - 1)


def _require_valid(request: Svr2Request) -> None:
    """Raises ChannelClosed for values that no enclave accepts."""
    match request:
        case BackupRequest(data, access_key, tries):
            valid = (
                len(data) in _DATA_LENGTHS and len(access_key) == _PIN_LENGTH and tries in _TRIES
            )
        case ExposeRequest(data):
            valid = len(data) in _DATA_LENGTHS
        case RestoreRequest(access_key):
            valid = len(access_key) == _PIN_LENGTH
        case _:
            valid = True
    if not valid:
        raise ChannelClosed(BAD_ARGUMENTS, "DB2_ClientDataSize")
