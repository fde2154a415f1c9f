"""The oracle itself: values both ways, errors, batches, a crash."""

from __future__ import annotations

import pytest

from tests.interop.oracle import Oracle, OracleCrashed, OracleError
from tests.support.requirements import needs_node


def test_values_travel_both_ways(oracle: Oracle) -> None:
    value = {"bytes": b"\x00\xff", "big": 2**63, "list": [1, "ö", None, True, 0.5]}
    assert oracle.call("return value;", value=value) == value


def test_serializable_objects_come_back_as_bytes(oracle: Oracle) -> None:
    key = oracle.call("return lib.PrivateKey.generate().getPublicKey();")
    assert len(key) == 33
    assert key[0] == 5


def test_libsignal_errors_keep_their_name_and_code(oracle: Oracle) -> None:
    with pytest.raises(OracleError, match="too short") as caught:
        oracle.call("return lib.SignalMessage.deserialize(body);", body=b"\x44garbage")
    assert caught.value.name == "LibSignalError"
    assert caught.value.code == oracle.call("return lib.ErrorCode.Generic;")


def test_state_lives_between_calls_and_a_batch_is_one_round_trip(oracle: Oracle) -> None:
    results = oracle.batch(
        [
            ("state.n = start;", {"start": 1}),
            ("state.n += 1; throw new TypeError('odd');", {}),
            ("return state.n;", {}),
        ]
    )
    assert results[0] is None
    assert isinstance(results[1], OracleError)
    assert (results[1].name, results[1].message) == ("TypeError", "odd")
    assert results[2] == 2
    assert oracle.call("return state.n;") == 2


def test_two_parties_hold_a_conversation(oracle: Oracle) -> None:
    oracle.call("""
        state.a = new stores.Party({serviceId: '11111111-1111-4111-8111-111111111111'});
        state.b = new stores.Party({serviceId: '22222222-2222-4222-8222-222222222222'});
        await state.a.processBundle(state.b.address, await state.b.bundle());
    """)
    first = oracle.call("return state.a.encrypt(state.b.address, text);", text=b"hello")
    assert first["type"] == 3
    decrypt = "return state.b.decrypt(state.a.address, message.type, message.body);"
    assert oracle.call(decrypt, message=first) == b"hello"
    with pytest.raises(OracleError) as caught:
        oracle.call(decrypt, message=first)
    assert caught.value.name == "DuplicatedMessage"


def test_the_mock_servers_modules_load_on_demand(oracle: Oracle) -> None:
    assert oracle.call("return typeof mock.protos.signalservice.Content.encode;") == "function"
    assert oracle.call("return typeof mock.crypto.encryptProvisionMessage;") == "function"


def test_a_crash_shows_stderr() -> None:
    with needs_node():
        crashing = Oracle()
    with crashing, pytest.raises(OracleCrashed, match=r"(?s)exit status 3.*last words"):
        crashing.call("process.stderr.write('last words\\n'); process.exit(3);")
