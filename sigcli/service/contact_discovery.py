"""Finding accounts by number through the contact discovery enclave (CDSI).

Messages, close codes and their order: libsignal ``rust/net/src/cdsi.rs``. The service sees neither the numbers nor who
was found; it counts numbers, and a token exempts those of earlier lookups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import (
    ConnectionLost,
    DirectoryTokenRefused,
    MalformedAnswer,
    MalformedMessage,
    NotOffered,
    RateLimited,
)
from sigcli.protocol.attestation.verification import INTEL_ROOT_KEY
from sigcli.service.deadlines import MAX_RETRY_AFTER_S
from sigcli.service.enclave_socket import (
    REGULAR_ENDS,
    SESSION_TIMEOUT_S,
    EnclaveSocket,
    close_error,
)
from sigcli.service.enclave_trust import directory_check
from sigcli.service.resources.directory import DirectoryEntry
from sigcli.wire.contact_discovery import (
    LookupRequest,
    decode_lookup_response,
    encode_lookup_request,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sigcli.crypto.randomness import RandomSource
    from sigcli.errors import ServiceError
    from sigcli.service.network import Network
    from sigcli.service.resources.certificates import ServiceLogin
    from sigcli.wire.contact_discovery import LookupResponse

_NO_MEASUREMENT = bytes(32)
"""In the path for a stand-in without an enclave."""


def look_up(
    network: Network,
    login: ServiceLogin,
    request: LookupRequest,
    wanted: Collection[str],
    now_s: int,
    on_token: Callable[[bytes], None],
    random: RandomSource,
    timeout_s: float = SESSION_TIMEOUT_S,
    root_key: bytes = INTEL_ROOT_KEY,
) -> dict[str, DirectoryEntry | None]:
    """Who has each of the ``wanted`` numbers, all of them in the request; None for one that is not registered.

    ``on_token`` gets the token for the next lookup before the service counts the current one as used. ``now_s`` is the
    time for the attestation. Raises AttestationFailed, DirectoryTokenRefused, RateLimited (with the wait), BadRequest,
    MalformedAnswer, Unreachable, TimedOut.
    """
    lookup = Lookup.begin(network, login, request, now_s, random, timeout_s, root_key)
    try:
        on_token(lookup.token)
    except BaseException:
        lookup.close()
        raise
    return lookup.finish(wanted)


class Lookup:
    """A lookup that has received its ``token``, which must be stored before the answer is requested."""

    def __init__(self, socket: EnclaveSocket, token: bytes) -> None:
        self._socket = socket
        self.token = token

    @classmethod
    def begin(
        cls,
        network: Network,
        login: ServiceLogin,
        request: LookupRequest,
        now_s: int,
        random: RandomSource,
        timeout_s: float = SESSION_TIMEOUT_S,
        root_key: bytes = INTEL_ROOT_KEY,
    ) -> Lookup:
        """Request the ``wanted`` numbers; raises NotOffered, AttestationFailed, RateLimited."""
        directory = network.environment.directory
        if directory is None or directory.kind != "cdsi":
            raise NotOffered("the environment has no contact discovery")
        check = directory_check(directory, network.environment.attestation, now_s, root_key)
        measurement = directory.enclave.mrenclave if directory.enclave else _NO_MEASUREMENT
        path = f"/v1/{measurement.hex()}/discovery"
        try:
            socket = EnclaveSocket.connect(
                network, directory.url, path, login, check, random, timeout_s
            )
            try:
                socket.send(encode_lookup_request(request))
                token = _receive(socket).token
                if not token:
                    raise MalformedAnswer("contact discovery gave no token")
            except BaseException:
                socket.close()
                raise
        except ConnectionLost as loss:
            raise _close_error(loss) from None
        return cls(socket, token)

    def finish(self, wanted: Collection[str]) -> dict[str, DirectoryEntry | None]:
        """Confirm that the token is stored, and return the answer for the wanted numbers; closes the connection."""
        try:
            with self._socket as socket:
                socket.send(encode_lookup_request(LookupRequest(acknowledges_token=True)))
                return _collect(socket, wanted)
        except ConnectionLost as loss:
            raise _close_error(loss) from None

    def close(self) -> None:
        """Abandon the lookup. Never raises."""
        self._socket.close()


def _collect(socket: EnclaveSocket, wanted: Collection[str]) -> dict[str, DirectoryEntry | None]:
    """Read until every number was found, or the service ends after an answer.

    The enclave blanks the whole triple of an unregistered number, so its number is missing as well.
    """
    found: dict[str, DirectoryEntry] = {}
    answered = False
    while not found.keys() >= set(wanted):
        try:
            answer = _receive(socket)
        except ConnectionLost as loss:
            if answered and loss.close_code in REGULAR_ENDS:
                break
            raise
        answered = True
        for triple in answer.found:
            if triple.aci is not None or triple.pni is not None:
                found[triple.number] = DirectoryEntry(triple.aci, triple.pni)
    return {number: found.get(number) for number in wanted}


def _receive(socket: EnclaveSocket) -> LookupResponse:
    try:
        return decode_lookup_response(socket.receive())
    except MalformedMessage:
        raise MalformedAnswer("contact discovery sent an unreadable answer") from None


def _close_error(loss: ConnectionLost) -> ServiceError:
    """The error for a close code of contact discovery."""
    match loss.close_code:
        case 4008:
            return RateLimited(
                "contact discovery accepts no more lookups for now",
                status=4008,
                retry_after_s=_retry_after_s(loss.reason),
            )
        case 4101:
            return DirectoryTokenRefused()
    return close_error(loss, "contact discovery")


def _retry_after_s(reason: str) -> int | None:
    import json

    try:
        answer = json.loads(reason)
    except ValueError:
        return None
    wait = answer.get("retry_after") if isinstance(answer, dict) else None
    return min(wait, MAX_RETRY_AFTER_S) if type(wait) is int and wait >= 0 else None
