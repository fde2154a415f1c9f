from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.errors import (
    AttestationFailed,
    BadRequest,
    ConnectionLost,
    DirectoryTokenRefused,
    MalformedAnswer,
    NotOffered,
    RateLimited,
    ServerUnavailable,
    TimedOut,
    Unauthorized,
)
from sigcli.service.contact_discovery import look_up
from sigcli.service.enclave_trust import expected_enclave
from sigcli.service.enclaves import AttestationSettings, DirectorySettings
from sigcli.service.enclaves import Enclave as EnclaveSettings
from sigcli.service.environment_fields import BaseUrl
from sigcli.service.network import Network
from sigcli.service.resources.certificates import ServiceLogin
from sigcli.service.resources.directory import DirectoryEntry
from sigcli.wire.addresses import ServiceId
from sigcli.wire.contact_discovery import LookupRequest
from sigcli.wire.enclave_attestation import HandshakeStart, encode_handshake_start
from tests.support.enclave import MRENCLAVE, NOW_S, Authority, Enclave
from tests.support.enclave_service import DirectoryStandIn, rate_limit
from tests.support.loopback_server import Answer, LoopbackServer, ServerWebSocket

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.service.environments import Environment

ACI, PNI = ServiceId.aci(UUID(int=0xA)), ServiceId.pni(UUID(int=0xB))
BOB, EVE, MALLORY = "+15550101", "+15550199", "+15550198"
LOGIN = ServiceLogin("user", "password")
AUTHORITY = Authority()


def environment_of(server: LoopbackServer, *, attested: bool = False) -> Environment:
    enclave = EnclaveSettings(MRENCLAVE) if attested else None
    return server.environment(directory=DirectorySettings("cdsi", server.url, enclave, attested))


def ask(
    environment: Environment,
    request: LookupRequest,
    *,
    on_token: Callable[[bytes], None] = lambda token: None,
    timeout_s: float = 10,
) -> dict[str, DirectoryEntry | None]:
    network = Network(environment, variables={})
    return look_up(
        network,
        LOGIN,
        request,
        (*request.previous, *request.new),
        NOW_S,
        on_token,
        lambda length: bytes(range(1, length + 1)),
        timeout_s,
        AUTHORITY.root_key,
    )


def attestation(key: bytes, **quote: object) -> bytes:
    enclave = Enclave.make(AUTHORITY, key).with_quote(**quote)
    return encode_handshake_start(
        HandshakeStart(enclave.quote.encode(), enclave.collateral.encode())
    )


def test_an_attested_enclave_is_asked() -> None:
    stand_in = DirectoryStandIn({BOB: (ACI, PNI)}, attestation)
    tokens: list[bytes] = []
    with LoopbackServer(play=stand_in) as server:
        request = LookupRequest(new=(BOB, EVE), access_keys=((ACI, bytes(16)),))
        found = ask(environment_of(server, attested=True), request, on_token=tokens.append)
        assert server.received[0].headers["authorization"] == "Basic dXNlcjpwYXNzd29yZA=="
    assert found == {BOB: DirectoryEntry(ACI, PNI), EVE: None}
    assert tokens == stand_in.tokens == [b"token 1"]
    assert stand_in.paths == [f"/v1/{MRENCLAVE.hex()}/discovery"]


def test_nothing_is_told_to_another_enclave() -> None:
    stand_in = DirectoryStandIn(attest=lambda key: attestation(key, mrenclave=bytes(32)))
    with LoopbackServer(play=stand_in) as server:
        environment = environment_of(server, attested=True)
        with pytest.raises(AttestationFailed, match="enclave measurement"):
            ask(environment, LookupRequest(new=(BOB,)))
        stand_in.attest = DirectoryStandIn.attest
        with pytest.raises(AttestationFailed, match="handshake message"):
            ask(environment, LookupRequest(new=(BOB,)))
    assert stand_in.requests == []


def test_who_does_not_hold_the_key_is_found_out() -> None:
    stand_in = DirectoryStandIn(attest=attestation, spoils_handshake=True)
    with LoopbackServer(play=stand_in) as server, pytest.raises(AttestationFailed) as caught:
        ask(environment_of(server, attested=True), LookupRequest(new=(BOB,)))
    assert caught.value.check == "Noise handshake"
    assert stand_in.requests == []


def test_a_stand_in_is_for_loopback_only() -> None:
    with LoopbackServer(play=DirectoryStandIn({BOB: (ACI, PNI)})) as server:
        assert ask(environment_of(server), LookupRequest(new=(BOB,))) == {
            BOB: DirectoryEntry(None, PNI)
        }
        elsewhere = DirectorySettings("cdsi", BaseUrl("example.org"), None, False)
        with pytest.raises(NotOffered):
            ask(server.environment(directory=elsewhere), LookupRequest(new=(BOB,)))
        with pytest.raises(NotOffered):
            ask(server.environment(), LookupRequest(new=(BOB,)))


def test_a_long_answer_in_parts_is_put_together() -> None:
    numbers = tuple(f"+1555{index:07}" for index in range(5000))
    people = {
        number: (ServiceId.aci(UUID(int=index + 1)), ServiceId.pni(UUID(int=index + 1)))
        for index, number in enumerate(numbers)
    }
    stand_in = DirectoryStandIn(people, parts=3)
    with LoopbackServer(play=stand_in) as server:
        found = ask(environment_of(server), LookupRequest(new=numbers[10:], previous=numbers[:10]))
    assert list(found) == list(numbers)
    assert all(found.values())
    assert stand_in.requests[0].previous == numbers[:10]


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        ((4003, "bad"), BadRequest),
        ((4013, ""), ServerUnavailable),
        ((4014, ""), ServerUnavailable),
        ((4101, ""), DirectoryTokenRefused),
        ((1000, ""), MalformedAnswer),
        ((4999, ""), ConnectionLost),
    ],
)
def test_close_codes_have_their_errors(refusal: tuple[int, str], kind: type[Exception]) -> None:
    with LoopbackServer(play=DirectoryStandIn(refusals=[refusal])) as server:
        with pytest.raises(kind) as caught:
            ask(environment_of(server), LookupRequest(new=(BOB,)))
        assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("refusal", "wait_s"), [(rate_limit(90), 90), ((4008, "soon"), None), ((4008, "[1]"), None)]
)
def test_the_rate_limit_says_how_long_to_wait(refusal: tuple[int, str], wait_s: int | None) -> None:
    with LoopbackServer(play=DirectoryStandIn(refusals=[refusal])) as server:
        with pytest.raises(RateLimited) as caught:
            ask(environment_of(server), LookupRequest(new=(BOB,)))
        assert caught.value.retry_after_s == wait_s


def test_the_service_may_refuse_before_the_handshake() -> None:
    with LoopbackServer(play=lambda websocket: websocket.close(*rate_limit(5))) as server:
        with pytest.raises(RateLimited) as caught:
            ask(environment_of(server), LookupRequest(new=(BOB,)))
        assert caught.value.retry_after_s == 5


@pytest.mark.parametrize("code", [1000, 1005])
@pytest.mark.parametrize("numbers", [(BOB, EVE), (EVE, BOB), (EVE, MALLORY)])
def test_a_regular_end_after_an_answer_ends_the_lookup(code: int, numbers: tuple[str, ...]) -> None:
    # Numbers that nobody has are blanked; the second answer never comes.
    stand_in = DirectoryStandIn({BOB: (ACI, PNI)}, ends_with=code)
    with LoopbackServer(play=stand_in) as server:
        found = ask(environment_of(server), LookupRequest(new=numbers))
    assert found == {
        number: DirectoryEntry(None, PNI) if number == BOB else None for number in numbers
    }
    assert list(found) == list(numbers)


def test_what_an_answer_leaves_out_is_not_registered() -> None:
    stand_in = DirectoryStandIn({BOB: (ACI, PNI), EVE: (ACI, PNI)}, answers=1)
    with LoopbackServer(play=stand_in) as server:
        found = ask(environment_of(server), LookupRequest(new=(BOB, EVE)))
    assert found == {BOB: DirectoryEntry(None, PNI), EVE: None}


@pytest.mark.parametrize("answers", [0, 1])
@pytest.mark.parametrize(
    ("code", "kind"), [(4014, ServerUnavailable), (1011, ConnectionLost), (1000, None)]
)
def test_only_a_regular_end_after_an_answer_says_that_nobody_has_a_number(
    answers: int, code: int, kind: type[Exception] | None
) -> None:
    stand_in = DirectoryStandIn({BOB: (ACI, PNI)}, answers=answers, ends_with=code)
    with LoopbackServer(play=stand_in) as server:
        request = LookupRequest(new=(BOB, EVE))
        if kind is None and answers:
            assert ask(environment_of(server), request)[EVE] is None
            return
        with pytest.raises(kind or MalformedAnswer):
            ask(environment_of(server), request)


def test_a_refused_login_and_a_silent_service_have_names() -> None:
    with LoopbackServer(refuse_upgrade=Answer(401)) as server, pytest.raises(Unauthorized):
        ask(environment_of(server), LookupRequest(new=(BOB,)))
    limited = Answer(429, headers={"Retry-After": "7"})
    with LoopbackServer(refuse_upgrade=limited) as server:
        with pytest.raises(RateLimited) as caught:
            ask(environment_of(server), LookupRequest(new=(BOB,)))
        assert caught.value.retry_after_s == 7

    def say_nothing(websocket: ServerWebSocket) -> None:
        websocket.wait_closed()

    with LoopbackServer(play=say_nothing) as server, pytest.raises(TimedOut):
        ask(environment_of(server), LookupRequest(new=(BOB,)), timeout_s=1.5)


def test_what_an_environment_does_not_say_is_not_put_up_with() -> None:
    enclave = EnclaveSettings(MRENCLAVE)
    for settings in (None, AttestationSettings()):
        expected = expected_enclave(enclave, settings)
        assert (expected.minimum_evaluation_number, tuple(expected.accepted_advisories)) == (21, ())
    expected = expected_enclave(enclave, AttestationSettings(30, ("INTEL-SA-00615",)))
    assert expected.minimum_evaluation_number == 30
    assert expected.accepted_advisories == ("INTEL-SA-00615",)
