"""What other commands send through the client room, against Signal's mock server."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from sigcli.client.applying.retries_out import resend, send_null_message, send_retry_request
from sigcli.client.base.account import Account, open_account
from sigcli.client.base.outcomes import ResultType
from sigcli.client.base.settings import resolve_settings
from sigcli.client.sending.delivery import deliver
from sigcli.client.sending.outgoing import Outgoing
from sigcli.client.sending.receipts import ReceiptType, send_receipt
from sigcli.client.sending.sending import send_message
from sigcli.client.sending.sync_sending import send_sync
from sigcli.crypto.curve import KeyPair
from sigcli.errors import LoginRefused
from sigcli.protocol.decryption_error import DecryptionErrorMessage
from sigcli.service.exchange import Request
from sigcli.store.identity_keys import find_identity
from sigcli.store.recipient_merging import recipient_id_of
from sigcli.store.recipients import set_expire_timer, set_profile_key, update_recipient
from sigcli.store.send_log import find_sent
from sigcli.store.sessions import archive_session, session_devices, usable_devices
from sigcli.wire.addresses import ProtocolAddress, ServiceId, ServiceIdKind
from sigcli.wire.content import Content, DataMessage, decode_content, encode_content
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import FetchLatestType, SyncFetchLatest
from sigcli.wire.key_types import ProfileKeyBytes
from tests.e2e.test_send import next_sync
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.sigcli_process import Sigcli

BOTH = pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "identified"])


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def account(sigcli: Sigcli, linked: MockDevice, warnings: list[str]) -> Iterator[Account]:
    """The linked account, opened in this process."""
    settings = resolve_settings(
        warn=warnings.append,
        data_dir=str(sigcli.data_dir),
        environ={"HOME": str(sigcli.home)},
    )
    with open_account(settings) as account:
        yield account


@pytest.fixture
def bob(mock_server: MockServer) -> MockPrimary:
    return mock_server.create_primary("Bob")


def aci(primary: MockPrimary) -> ServiceId:
    return ServiceId.parse(primary.aci)


def know(account: Account, primary: MockPrimary, *, sealed: bool = True, **change: Any) -> int:
    with account.database.transaction() as database:
        row = recipient_id_of(database, aci(primary))
        if sealed:
            set_profile_key(database, row, ProfileKeyBytes(primary.profile_key))
        if change:
            update_recipient(database, row, **change)
    return row


def text(body: str, timestamp_ms: int) -> bytes:
    return encode_content(Content(data_message=DataMessage(timestamp_ms=timestamp_ms, body=body)))


@BOTH
def test_a_receipt(
    mock_server: MockServer, account: Account, bob: MockPrimary, sealed: bool
) -> None:
    know(account, bob, sealed=sealed)
    result = send_receipt(account, aci(bob), ReceiptType.DELIVERY, [1000, 2000])
    assert (result.type, result.sealed) == (ResultType.SUCCESS, sealed)
    message = mock_server.received(bob, kind="receiptMessage")
    assert message.sealed is sealed
    assert message.content["receiptMessage"]["timestamp"] == [1000, 2000]
    (request,) = mock_server.requests(f"^/v1/messages/{bob.aci}")
    assert b'"urgent":false' in (request.body or b"")


@BOTH
def test_a_retry_request(
    mock_server: MockServer, account: Account, bob: MockPrimary, sealed: bool
) -> None:
    know(account, bob, sealed=sealed)
    key = KeyPair.generate().public_key
    result = send_retry_request(account, aci(bob), DecryptionErrorMessage(key, 1234, 1))
    assert (result.type, result.sealed) == (ResultType.SUCCESS, sealed)
    message = mock_server.received(bob)
    asked = message.content["decryptionError"]
    assert (asked["timestamp"], asked["deviceId"]) == (1234, 1)
    assert asked["ratchetKey"] == key.serialize()


def test_an_answer_to_a_retry_request_goes_to_one_device(
    mock_server: MockServer, account: Account, bob: MockPrimary
) -> None:
    know(account, bob)
    mock_server.add_device(bob)
    outcome = send_message(account, recipients=[bob.aci], text="kept")
    assert mock_server.received(bob).text == "kept"
    phone, tablet = (ProtocolAddress(aci(bob), device) for device in (1, 2))
    for device in (phone, tablet):
        with account.database.transaction() as transaction:
            key = account.protocol_store(transaction).identity(device)
        assert key is not None
        identity_key = key.serialize()
        sent = find_sent(
            account.database, outcome.timestamp_ms, device, identity_key, account.now_ms()
        )
        assert sent is not None
        assert decode_content(sent.content).data_message is not None
        # Its ratchet had gone wrong: it starts anew.
        with account.database.transaction() as database:
            archive_session(database, ServiceIdKind.ACI, device)
        assert resend(account, device, sent, identity_key).succeeded
    message = mock_server.received(bob)
    assert (message.text, message.data["timestamp"]) == ("kept", outcome.timestamp_ms)
    # The answer to the tablet is nothing to the phone.
    assert mock_server.received(bob).kind == "nullMessage"


def test_a_null_message(mock_server: MockServer, account: Account, bob: MockPrimary) -> None:
    assert send_null_message(account, aci(bob)).succeeded
    assert mock_server.received(bob).kind == "nullMessage"


def test_a_sync_message_follows_the_own_devices(
    mock_server: MockServer, account: Account, primary: MockPrimary, linked: MockDevice
) -> None:
    message = SyncMessage(fetch_latest=SyncFetchLatest(type=FetchLatestType.LOCAL_PROFILE))
    assert send_sync(account, message).devices == (1,)
    received = next_sync(mock_server, primary, "fetchLatest")
    assert received["padding"]
    third = mock_server.add_device(primary)
    assert send_sync(account, message).devices == (1, third.device_id)
    mock_server.remove_device(third)
    mock_server.re_register(primary, keep_identity=True)
    assert send_sync(account, message).devices == (1,)
    # This device never keeps a session with itself.
    devices = session_devices(account.database, ServiceIdKind.ACI, account.aci)
    assert linked.device_id not in devices


def test_a_foreign_key_among_the_own_devices_is_refused(
    mock_server: MockServer, account: Account, primary: MockPrimary
) -> None:
    mock_server.re_register(primary)
    message = SyncMessage(fetch_latest=SyncFetchLatest(type=FetchLatestType.LOCAL_PROFILE))
    assert send_sync(account, message).type is ResultType.IDENTITY_FAILURE
    assert usable_devices(account.database, ServiceIdKind.ACI, account.aci, 0) == []


def test_a_message_to_a_number_identity_goes_identified(
    mock_server: MockServer, account: Account, bob: MockPrimary
) -> None:
    assert bob.pni is not None
    result = deliver(account, ServiceId.parse(bob.pni), Outgoing(text("to a PNI", 5), 5))
    assert (result.type, result.sealed) == (ResultType.SUCCESS, False)
    message = mock_server.received(bob)
    assert (message.text, message.identity) == ("to a PNI", "PNI")
    # An access key never lets anything in to a PNI.
    (request,) = mock_server.requests("^/v1/messages/PNI")
    assert request.authenticated


def test_timer_and_proof_of_the_number_travel_with_a_message(
    mock_server: MockServer, account: Account, primary: MockPrimary, bob: MockPrimary
) -> None:
    row = know(account, bob, needs_pni_signature=True)
    with account.database.transaction() as database:
        set_expire_timer(database, row, 3600, 7)
    send_message(account, recipients=[bob.aci], text="vanishing")
    content = mock_server.received(bob).content
    data = content["dataMessage"]
    assert (data["expireTimer"], data["expireTimerVersion"]) == (3600, 7)
    assert primary.pni is not None
    own_pni = ServiceId.parse(primary.pni)
    assert content["pniSignatureMessage"]["pni"] == own_pni.uuid_bytes
    sent = next_sync(mock_server, primary, "sent")["sent"]
    assert sent["expirationStartTimestamp"] >= data["timestamp"]


def test_a_blocked_person_gets_no_profile_key(
    mock_server: MockServer, account: Account, bob: MockPrimary
) -> None:
    know(account, bob, blocked=True)
    send_message(account, recipients=[bob.aci], text="last words")
    assert "profileKey" not in mock_server.received(bob).data


def test_answers_that_get_lost(
    mock_server: MockServer, account: Account, bob: MockPrimary, warnings: list[str]
) -> None:
    know(account, bob)
    path = f"^/v1/messages/{bob.aci}"
    mock_server.cut_next("PUT", path, times=2)
    (lost,) = send_message(account, recipients=[bob.aci], text="lost").results
    assert lost.type is ResultType.NETWORK_FAILURE
    assert warnings == []
    # The ratchet had gone on: the next message has another key and is read all the same.
    send_message(account, recipients=[bob.aci], text="arrives")
    assert mock_server.received(bob).text == "arrives"
    assert not mock_server.decryption_failures()


def test_a_damaged_session_is_replaced(
    mock_server: MockServer, account: Account, bob: MockPrimary
) -> None:
    send_message(account, recipients=[bob.aci], text="one")
    with account.database.transaction() as database:
        database.write(
            "UPDATE session SET record = ? WHERE service_id = ?",
            (b"damaged", aci(bob).to_fixed_width()),
        )
        database.epoch += 1
    assert send_message(account, recipients=[bob.aci], text="two").results[0].succeeded
    assert [mock_server.received(bob).text for _ in range(2)] == ["one", "two"]


def test_a_bad_signature_in_the_prekeys(
    mock_server: MockServer, account: Account, bob: MockPrimary
) -> None:
    carol = mock_server.create_primary("Carol")
    with account.database.transaction() as database:
        recipient_id_of(database, aci(bob))
    forged = keys_of(account, aci(carol))
    forged["identityKey"] = base64.b64encode(bob.identity_key).decode()
    mock_server.fail_next("GET", f"^/v2/keys/{bob.aci}", 200, body=forged)
    (failed,) = send_message(account, recipients=[bob.aci], text="never").results
    assert failed.type is ResultType.INVALID_PRE_KEY_FAILURE
    assert session_devices(account.database, ServiceIdKind.ACI, aci(bob)) == []
    # Neither a key nor the guard stays behind.
    assert find_identity(account.database, aci(bob)) is None
    assert send_message(account, recipients=[bob.aci], text="now").results[0].succeeded


def keys_of(account: Account, service_id: ServiceId) -> dict[str, Any]:
    answer = account.identified.request(Request("GET", f"/v2/keys/{service_id}/*"))
    keys: dict[str, Any] = json.loads(answer.body)
    return keys


def test_a_dead_login_is_the_accounts_own_failure(
    mock_server: MockServer, account: Account, bob: MockPrimary
) -> None:
    mock_server.fail_next("GET", f"^/v2/keys/{bob.aci}", 401)
    with pytest.raises(LoginRefused):
        send_message(account, recipients=[bob.aci], text="never")
