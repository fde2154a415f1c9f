"""The messages of the enclave that keeps a secret behind a PIN (SVR2): bytes to typed values and back.

Format: libsignal ``rust/net/src/proto/svr2.proto``.
"""

from __future__ import annotations

import enum
from dataclasses import field

from google.protobuf.message import DecodeError

from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.generated import svr2_pb2 as pb


class RestoreStatus(enum.Enum):
    """How a restore went; ``MISMATCH`` is a wrong PIN."""

    OK = 1
    MISSING = 2
    MISMATCH = 3
    ERROR = 4


@dataclass(frozen=True, slots=True)
class BackupRequest:
    """Store data (16 to 48 bytes) behind an access key (32 bytes) and a number of tries."""

    data: bytes = field(repr=False)
    access_key: bytes = field(repr=False)
    max_tries: int


@dataclass(frozen=True, slots=True)
class ExposeRequest:
    """Make the data readable, which must be those of the backup."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """Return the data behind an access key."""

    access_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeleteRequest:
    """Delete the stored data."""


@dataclass(frozen=True, slots=True)
class BackupResponse:
    """Whether the data are stored."""

    ok: bool


@dataclass(frozen=True, slots=True)
class ExposeResponse:
    """Whether the data can be read from now on."""

    ok: bool


@dataclass(frozen=True, slots=True)
class RestoreResponse:
    """The data, or why not; ``tries_left`` before they are destroyed."""

    status: RestoreStatus
    data: bytes = field(default=b"", repr=False)
    tries_left: int = 0


@dataclass(frozen=True, slots=True)
class DeleteResponse:
    """The data are deleted."""


Svr2Request = BackupRequest | ExposeRequest | RestoreRequest | DeleteRequest
Svr2Response = BackupResponse | ExposeResponse | RestoreResponse | DeleteResponse
_OK = 1
_ERROR = 2


def encode_svr2_request(request: Svr2Request) -> bytes:
    """A client's request."""
    message = pb.Request()
    match request:
        case BackupRequest(data, access_key, max_tries):
            message.backup.data, message.backup.pin = data, access_key
            message.backup.max_tries = max_tries
        case ExposeRequest(data):
            message.expose.data = data
        case RestoreRequest(access_key):
            message.restore.pin = access_key
        case DeleteRequest():
            message.delete.SetInParent()
    return message.SerializeToString()


def decode_svr2_request(data: bytes) -> Svr2Request:
    """Parse a client's request; raises MalformedMessage, also for an unknown kind."""
    try:
        message = pb.Request.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    match message.WhichOneof("inner"):
        case "backup":
            backup = message.backup
            return BackupRequest(backup.data, backup.pin, backup.max_tries)
        case "expose":
            return ExposeRequest(message.expose.data)
        case "restore":
            return RestoreRequest(message.restore.pin)
        case "delete":
            return DeleteRequest()
    raise MalformedMessage("the request is of an unknown kind")


def encode_svr2_response(response: Svr2Response) -> bytes:
    """The enclave's answer."""
    message = pb.Response()
    match response:
        case BackupResponse(ok):
            message.backup.status = _OK if ok else 0
        case ExposeResponse(ok):
            message.expose.status = _OK if ok else _ERROR
        case RestoreResponse(status, data, tries_left):
            message.restore.status, message.restore.tries = status.value, tries_left
            if data:
                message.restore.data = data
        case DeleteResponse():
            message.delete.SetInParent()
    return message.SerializeToString()


def decode_svr2_response(data: bytes) -> Svr2Response:
    """Parse the enclave's answer; raises MalformedMessage, also for an unknown kind or status."""
    try:
        message = pb.Response.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    match message.WhichOneof("inner"):
        case "backup":
            return BackupResponse(message.backup.status == _OK)
        case "expose":
            return ExposeResponse(message.expose.status == _OK)
        case "restore":
            restored = message.restore
            try:
                status = RestoreStatus(restored.status)
            except ValueError:
                raise MalformedMessage("the restore has an unknown status") from None
            return RestoreResponse(status, restored.data, restored.tries)
        case "delete":
            return DeleteResponse()
    raise MalformedMessage("the response is of an unknown kind")
