from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigcli.errors import (
    AttestationFailed,
    BadRequest,
    MalformedAnswer,
    NotFound,
    NotOffered,
    PinBackupRefused,
    PinDataMissing,
    RateLimited,
    ServerUnavailable,
    ServiceError,
    TimedOut,
    Unauthorized,
    UserError,
    WrongPin,
)
from sigcli.protocol.account_entropy import MasterKey
from sigcli.protocol.pin import PinHash, hash_pin, pin_salt
from sigcli.service.enclaves import Enclave as EnclaveSettings
from sigcli.service.enclaves import Svr2Settings
from sigcli.service.environment_fields import BaseUrl
from sigcli.service.network import Network
from sigcli.service.resources.certificates import ServiceLogin
from sigcli.service.svr2 import MAX_TRIES, Svr2Session, hash_for
from sigcli.wire.enclave_attestation import (
    HandshakeStart,
    encode_handshake_start,
    encode_minimum_limits,
    encode_raft_group_config,
)
from sigcli.wire.raft_group import RaftGroupConfig
from sigcli.wire.svr2 import (
    BackupRequest,
    BackupResponse,
    DeleteResponse,
    ExposeRequest,
    ExposeResponse,
    RestoreRequest,
    RestoreResponse,
    RestoreStatus,
)
from tests.support.enclave import MRENCLAVE, NOW_S, Authority, Enclave
from tests.support.enclave_service import Svr2StandIn
from tests.support.loopback_server import Answer, LoopbackServer, ServerWebSocket

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGIN = ServiceLogin("00112233445566778899aabbccddeeff", "password")
AUTHORITY = Authority()
RAFT = RaftGroupConfig(77, 4, 13, 2, 2, 604_800, False)
CURRENT, PREVIOUS = EnclaveSettings(MRENCLAVE, RAFT), EnclaveSettings(bytes(32), RAFT)
MASTER_KEY = MasterKey(bytes(range(32)))
PIN, WRONG = PinHash(b"e" * 32, b"a" * 32), PinHash(b"f" * 32, b"b" * 32)


def session(
    server: LoopbackServer,
    enclave: EnclaveSettings = CURRENT,
    *,
    attested: bool = False,
    timeout_s: float = 10,
) -> Svr2Session:
    svr2 = Svr2Settings(server.url, (CURRENT, PREVIOUS), attested)
    network = Network(server.environment(svr2=svr2), variables={})
    return Svr2Session.connect(
        network,
        enclave,
        LOGIN,
        NOW_S,
        lambda length: bytes(range(1, length + 1)),
        timeout_s=timeout_s,
        root_key=AUTHORITY.root_key,
    )


def attestation(key: bytes, *, limits: bool = True, **raft: Any) -> bytes:
    config = {name: getattr(RAFT, name) for name in RaftGroupConfig.__slots__} | raft
    claims = {"config": encode_raft_group_config(RaftGroupConfig(**config))}
    if limits:
        number = (21).to_bytes(8, "big")
        claims["minimum_limits"] = encode_minimum_limits({"sgx_tcb_evaluation_data_number": number})
    enclave = Enclave.make(AUTHORITY, key, **claims)
    return encode_handshake_start(
        HandshakeStart(enclave.quote.encode(), enclave.collateral.encode())
    )


@pytest.fixture
def stand_in() -> Svr2StandIn:
    return Svr2StandIn()


@pytest.fixture
def server(stand_in: Svr2StandIn) -> Iterator[LoopbackServer]:
    with LoopbackServer(play=stand_in) as server:
        yield server


def keep(server: LoopbackServer) -> None:
    with session(server) as enclave:
        enclave.back_up(PIN, MASTER_KEY)
        enclave.expose(PIN, MASTER_KEY)


def test_a_key_is_kept_behind_a_pin_and_comes_back(
    server: LoopbackServer, stand_in: Svr2StandIn
) -> None:
    keep(server)
    with session(server) as enclave:
        assert enclave.restore(PIN) == MASTER_KEY
    kept = stand_in.kept[MRENCLAVE.hex()]
    assert (kept.data, kept.access_key, kept.tries) == (PIN.wrap(MASTER_KEY), b"a" * 32, MAX_TRIES)
    assert stand_in.asked(MRENCLAVE) == [BackupRequest, ExposeRequest, RestoreRequest]
    authorization = server.received[0].headers["authorization"]
    assert authorization == "Basic MDAxMTIyMzM0NDU1NjY3Nzg4OTlhYWJiY2NkZGVlZmY6cGFzc3dvcmQ="
    assert {request.path for request in server.received} == {f"/v1/{MRENCLAVE.hex()}"}


def test_a_backup_that_was_not_exposed_cannot_be_read(server: LoopbackServer) -> None:
    with session(server) as enclave:
        enclave.back_up(PIN, MASTER_KEY)
        with pytest.raises(PinDataMissing):
            enclave.restore(PIN)


def test_wrong_pins_are_counted_until_nothing_is_kept(server: LoopbackServer) -> None:
    keep(server)
    left = []
    with session(server) as enclave:
        for _ in range(MAX_TRIES - 1):
            with pytest.raises(WrongPin) as caught:
                enclave.restore(WRONG)
            left.append(caught.value.tries_left)
        assert caught.value.message == "the PIN is wrong: 1 try is left"
        with pytest.raises(PinDataMissing):
            enclave.restore(WRONG)
        with pytest.raises(PinDataMissing):
            enclave.restore(PIN)
    assert left == list(range(MAX_TRIES - 1, 0, -1))


def test_deleting_is_for_what_is_kept_and_for_nothing(server: LoopbackServer) -> None:
    keep(server)
    with session(server) as enclave:
        for _ in range(2):
            enclave.delete()
        with pytest.raises(PinDataMissing):
            enclave.restore(PIN)


def test_generations_keep_apart_what_they_keep(server: LoopbackServer) -> None:
    keep(server)
    with session(server, PREVIOUS) as enclave, pytest.raises(PinDataMissing):
        enclave.restore(PIN)


def test_the_hash_depends_on_login_and_group() -> None:
    expected = hash_pin(b"1234", pin_salt(LOGIN.username, 77))
    assert hash_for(CURRENT, LOGIN, " 1234\n") == expected


# --- who is talked to -----------------------------------------------------------------------------


def test_an_attested_enclave_is_talked_to(server: LoopbackServer, stand_in: Svr2StandIn) -> None:
    stand_in.attest = attestation
    with session(server, attested=True) as enclave:
        enclave.back_up(PIN, MASTER_KEY)
    assert stand_in.asked(MRENCLAVE) == [BackupRequest]


def test_replicas_that_are_set_up_otherwise_are_told_nothing(
    server: LoopbackServer, stand_in: Svr2StandIn
) -> None:
    for change in ({"group_id": 78}, {"min_voting_replicas": 1}, {"simulated": True}):
        stand_in.attest = lambda key, change=change: attestation(key, **change)  # type: ignore[misc]
        with pytest.raises(AttestationFailed) as caught:
            session(server, attested=True)
        assert caught.value.check == "raft configuration"
    stand_in.attest = attestation
    with pytest.raises(AttestationFailed, match="enclave measurement"):
        session(server, PREVIOUS, attested=True)
    stand_in.attest = Svr2StandIn.attest
    with pytest.raises(AttestationFailed, match="handshake message"):
        session(server, attested=True)
    assert stand_in.requests == []


def test_only_old_enclaves_need_not_state_limits(
    server: LoopbackServer, stand_in: Svr2StandIn
) -> None:
    stand_in.attest = lambda key: attestation(key, limits=False)
    with pytest.raises(AttestationFailed, match="minimum limits"):
        session(server, attested=True)
    old = EnclaveSettings(MRENCLAVE, RAFT, states_minimum_limits=False)
    session(server, old, attested=True).close()


def test_without_attestation_or_settings_nothing_is_told(server: LoopbackServer) -> None:
    elsewhere = Svr2Settings(BaseUrl("example.org"), (CURRENT,), False)
    without_raft = Svr2Settings(server.url, (EnclaveSettings(MRENCLAVE),), True)
    for svr2 in (None, elsewhere, without_raft):
        network = Network(server.environment(svr2=svr2), variables={})
        enclave = svr2.enclaves[0] if svr2 else CURRENT
        with pytest.raises(NotOffered):
            Svr2Session.connect(network, enclave, LOGIN, NOW_S, bytes)
    assert server.connections == 0


# --- what goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Unauthorized), (404, NotFound), (429, RateLimited)]
)
def test_a_refused_upgrade_has_a_name(status: int, kind: type[ServiceError]) -> None:
    with LoopbackServer(refuse_upgrade=Answer(status)) as server, pytest.raises(kind):
        session(server)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (4003, BadRequest),
        (4013, ServerUnavailable),
        (4014, ServerUnavailable),
        (1000, MalformedAnswer),
    ],
)
def test_a_close_code_has_a_name(code: int, kind: type[ServiceError]) -> None:
    def refuse(websocket: ServerWebSocket) -> None:
        websocket.close(code)
        websocket.wait_closed()

    with LoopbackServer(play=refuse) as server, pytest.raises(kind):
        session(server)


def test_a_lost_answer_and_a_silent_enclave_have_names(
    server: LoopbackServer, stand_in: Svr2StandIn
) -> None:
    stand_in.answer = lambda request, answer: None
    with session(server) as enclave, pytest.raises(ServerUnavailable):
        enclave.back_up(PIN, MASTER_KEY)
    silent = LoopbackServer(play=lambda websocket: (websocket.wait_closed(), None)[1])
    with silent, pytest.raises(TimedOut):
        session(silent, timeout_s=0.3)


def test_a_refused_backup_is_no_backup(server: LoopbackServer, stand_in: Svr2StandIn) -> None:
    stand_in.answer = lambda request, answer: BackupResponse(False)
    with session(server) as enclave, pytest.raises(PinBackupRefused):
        enclave.back_up(PIN, MASTER_KEY)
    stand_in.answer = lambda request, answer: ExposeResponse(False)
    with session(server) as enclave, pytest.raises(PinBackupRefused):
        enclave.expose(PIN, MASTER_KEY)


@pytest.mark.parametrize(
    "answer",
    [
        DeleteResponse(),
        RestoreResponse(RestoreStatus.OK, bytes(48), 10),
        RestoreResponse(RestoreStatus.OK, bytes(16), 10),
        RestoreResponse(RestoreStatus.OK),
        b"",
        b"\xff\xff",
        b"\x12\x02\x08\x09",
    ],
)
def test_an_answer_that_is_none_is_refused(
    server: LoopbackServer, stand_in: Svr2StandIn, answer: Any
) -> None:
    keep(server)
    stand_in.answer = lambda request, _: answer
    with session(server) as enclave, pytest.raises(MalformedAnswer):
        enclave.restore(PIN)


def test_an_enclave_that_cannot_read_says_so(server: LoopbackServer, stand_in: Svr2StandIn) -> None:
    stand_in.answer = lambda request, answer: RestoreResponse(RestoreStatus.ERROR)
    with session(server) as enclave, pytest.raises(ServerUnavailable):
        enclave.restore(PIN)


class _Socket:
    """In the place of an enclave's socket: answers with what it was made with."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def send(self, message: bytes) -> None:
        del message

    def receive(self) -> bytes:
        return self._answer


@settings(max_examples=300)
@given(
    st.one_of(
        st.binary(max_size=80),
        st.builds(
            lambda kind, body: bytes([kind << 3 | 2, len(body)]) + body,
            st.integers(1, 6),
            st.binary(max_size=60),
        ),
    )
)
def test_hostile_answers_have_names(answer: bytes) -> None:
    enclave = Svr2Session(_Socket(answer))  # type: ignore[arg-type]
    with suppress(ServiceError, UserError):
        enclave.back_up(PIN, MASTER_KEY)
    with suppress(ServiceError, UserError):
        enclave.expose(PIN, MASTER_KEY)
    with suppress(ServiceError, UserError):
        assert len(enclave.restore(PIN)) == 32
    with suppress(ServiceError):
        enclave.delete()
