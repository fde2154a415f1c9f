"""The enclaves that keep an account's master key behind its PIN (SVR2): a session with one of them.

Order and meaning of the messages: libsignal ``rust/net/src/svr2`` and ``docs`` of SecureValueRecovery2. A backup can be
read only after it was exposed, which requires knowing what was backed up. A successful backup is never sent again for
the same PIN and key, since each one renews the tries: an attacker who suppresses confirmations could otherwise get any
number of guesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sigcli.errors import (
    ConnectionLost,
    InvalidMessage,
    MalformedAnswer,
    MalformedMessage,
    NotOffered,
    PinBackupRefused,
    PinDataMissing,
    ServerUnavailable,
    WrongPin,
)
from sigcli.protocol.account_entropy import MasterKey
from sigcli.protocol.attestation.verification import INTEL_ROOT_KEY
from sigcli.protocol.pin import WRAPPED_LENGTH, hash_pin, normalize_pin, pin_salt
from sigcli.service.enclave_socket import SESSION_TIMEOUT_S, EnclaveSocket, close_error
from sigcli.service.enclave_trust import svr2_check
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
    decode_svr2_response,
    encode_svr2_request,
)

if TYPE_CHECKING:
    from sigcli.crypto.randomness import RandomSource
    from sigcli.protocol.pin import PinHash
    from sigcli.service.enclaves import Enclave, Svr2Settings
    from sigcli.service.network import Network
    from sigcli.service.resources.certificates import ServiceLogin
    from sigcli.wire.svr2 import Svr2Request

    Answer = TypeVar("Answer", BackupResponse, ExposeResponse, RestoreResponse, DeleteResponse)

MAX_TRIES = 10
"""How many wrong PINs destroy the stored data; the same number as in the official clients."""


def require_svr2(network: Network) -> Svr2Settings:
    """The PIN recovery of the environment; raises NotOffered if it has none."""
    settings = network.environment.svr2
    if settings is None:
        raise NotOffered("the environment has no PIN recovery")
    return settings


def hash_for(enclave: Enclave, login: ServiceLogin, pin: str) -> PinHash:
    """The PIN as this enclave knows it for this login; takes about half a second."""
    return hash_pin(normalize_pin(pin), pin_salt(login.username, enclave.group_id))


class Svr2Session:
    """A session with one enclave about one account; made by ``connect``. A context manager.

    Every call raises MalformedAnswer for an answer that is not valid, ServerUnavailable, ConnectionLost or TimedOut.
    """

    def __init__(self, socket: EnclaveSocket) -> None:
        self._socket = socket

    @classmethod
    def connect(
        cls,
        network: Network,
        enclave: Enclave,
        login: ServiceLogin,
        now_s: int,
        random: RandomSource,
        *,
        timeout_s: float = SESSION_TIMEOUT_S,
        root_key: bytes = INTEL_ROOT_KEY,
    ) -> Svr2Session:
        """Connect, and verify at this time which enclave answers; nothing is sent to one that is not the expected one.

        Raises AttestationFailed with the name of the check, NotFound for an enclave that is no longer run,
        Unauthorized, RateLimited, NotOffered, Unreachable, TimedOut.
        """
        settings = require_svr2(network)
        check = svr2_check(settings, enclave, network.environment.attestation, now_s, root_key)
        path = f"/v1/{enclave.mrenclave.hex()}"
        try:
            socket = EnclaveSocket.connect(
                network, settings.url, path, login, check, random, timeout_s
            )
        except ConnectionLost as loss:
            raise close_error(loss, "PIN recovery") from None
        return cls(socket)

    def back_up(self, pin: PinHash, master_key: MasterKey) -> None:
        """Store the key with ``MAX_TRIES`` tries, replacing earlier data; nobody can read it before ``expose``."""
        wrapped = pin.wrap(master_key)
        answer = self._ask(BackupRequest(wrapped, pin.access_key, MAX_TRIES), BackupResponse)
        if not answer.ok:
            raise PinBackupRefused

    def expose(self, pin: PinHash, master_key: MasterKey) -> None:
        """Make the backup of this key readable; raises PinBackupRefused if other data is stored. May be repeated."""
        if not self._ask(ExposeRequest(pin.wrap(master_key)), ExposeResponse).ok:
            raise PinBackupRefused

    def restore(self, pin: PinHash) -> MasterKey:
        """The data behind a PIN; raises WrongPin with the tries that are left, or PinDataMissing.

        The last wrong try is answered as if there had never been any data.
        """
        answer = self._ask(RestoreRequest(pin.access_key), RestoreResponse)
        match answer.status:
            case RestoreStatus.OK:
                return _unwrap(pin, answer.data)
            case RestoreStatus.MISSING:
                raise PinDataMissing
            case RestoreStatus.MISMATCH:
                raise WrongPin(answer.tries_left)
        raise ServerUnavailable("the enclave cannot read what it stored", status=4013)

    def delete(self) -> None:
        """Delete the data that the enclave keeps, if any."""
        self._ask(DeleteRequest(), DeleteResponse)

    def close(self) -> None:
        """End the session. Never raises."""
        self._socket.close()

    def __enter__(self) -> Svr2Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, request: Svr2Request, kind: type[Answer]) -> Answer:
        try:
            self._socket.send(encode_svr2_request(request))
            received = self._socket.receive()
        except ConnectionLost as loss:
            raise close_error(loss, "PIN recovery") from None
        try:
            answer = decode_svr2_response(received)
        except MalformedMessage:
            raise MalformedAnswer("PIN recovery sent an unreadable answer") from None
        if not isinstance(answer, kind):
            raise MalformedAnswer("PIN recovery answered another question")
        return answer


def _unwrap(pin: PinHash, wrapped: bytes) -> MasterKey:
    if len(wrapped) != WRAPPED_LENGTH:
        raise MalformedAnswer("PIN recovery gave something that is not a master key")
    try:
        return MasterKey(pin.unwrap(wrapped))
    except InvalidMessage:
        raise MalformedAnswer("what PIN recovery returned cannot be opened with the PIN") from None
