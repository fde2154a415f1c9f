from __future__ import annotations

import pytest

from sigcli.errors import (
    MalformedAnswer,
    MismatchedDevices,
    NotFound,
    RecipientMismatch,
    StaleDevices,
    Unauthorized,
)
from sigcli.service.credentials import AccessKey, GroupSendToken
from sigcli.service.resources import messages
from sigcli.service.resources.messages import OutgoingMessage
from sigcli.wire.addresses import ServiceId
from tests.unit.service.resources.scripted_chat import ACI_TEXT, PNI_TEXT, Script

BOB = ServiceId.aci(ACI_TEXT)
MESSAGES = [OutgoingMessage(3, 1, 4711, b"\xff\xfe"), OutgoingMessage(1, 2, 815, b"secret")]


def test_an_identified_send() -> None:
    script = Script(body={"needsSync": True})
    sent = messages.send(script.identified, BOB, MESSAGES, 1_700_000_000_000, urgent=False)
    assert sent.needs_sync
    assert script.line == f"PUT /v1/messages/{ACI_TEXT}"
    assert script.json == {
        "messages": [
            {
                "type": 3,
                "destinationDeviceId": 1,
                "destinationRegistrationId": 4711,
                "content": "//4=",
            },
            {
                "type": 1,
                "destinationDeviceId": 2,
                "destinationRegistrationId": 815,
                "content": "c2VjcmV0",
            },
        ],
        "timestamp": 1_700_000_000_000,
        "online": False,
        "urgent": False,
    }
    assert "secret" not in repr(MESSAGES)


@pytest.mark.parametrize("body", [None, {"ok": True}, b"not json"])
def test_what_an_answer_leaves_out_is_no_failure(body: object) -> None:
    assert not messages.send(Script(body=body).identified, BOB, MESSAGES, 1).needs_sync


def test_a_sealed_send_carries_its_access() -> None:
    script = Script()
    messages.send_sealed(script.unidentified, BOB, MESSAGES, 1, AccessKey(bytes(16)), timeout_s=7)
    assert script.sent.headers["Unidentified-Access-Key"] == "A" * 22 + "=="
    assert script.timeouts == [7]
    script = Script()
    messages.send_sealed(script.unidentified, BOB, MESSAGES, 1, None, story=True)
    assert script.sent.path.endswith("?story=true")
    with pytest.raises(Unauthorized):
        messages.send_sealed(Script(401).unidentified, BOB, MESSAGES, 1, AccessKey(bytes(16)))


def test_devices_that_do_not_fit_are_named() -> None:
    with pytest.raises(MismatchedDevices) as mismatch:
        messages.send(
            Script(409, {"missingDevices": [2], "extraDevices": []}).identified, BOB, MESSAGES, 1
        )
    assert mismatch.value.missing == (2,)
    with pytest.raises(StaleDevices) as stale:
        messages.send(Script(410, {"staleDevices": [1, 2]}).identified, BOB, MESSAGES, 1)
    assert stale.value.stale == (1, 2)


def test_a_send_to_many() -> None:
    script = Script(body={"uuids404": [f"PNI:{PNI_TEXT}"]})
    missing = messages.send_to_many(
        script.unidentified, b"\x23", 5, GroupSendToken(b"t"), urgent=False
    )
    assert missing == (ServiceId.pni(PNI_TEXT),)
    assert (
        script.line == "PUT /v1/messages/multi_recipient?ts=5&online=false&urgent=false&story=false"
    )
    assert script.sent.headers["Content-Type"] == "application/vnd.signal-messenger.mrm"
    assert script.sent.headers["Group-Send-Token"] == "dA=="
    assert script.sent.body == b"\x23"


def test_a_send_to_many_tells_what_is_wrong_for_each() -> None:
    body = [{"uuid": ACI_TEXT, "devices": {"missingDevices": [3], "extraDevices": [4]}}]
    with pytest.raises(RecipientMismatch) as caught:
        messages.send_to_many(Script(409, body).unidentified, b"", 5, None, story=True)
    problem = caught.value.accounts[ACI_TEXT]
    assert isinstance(problem, MismatchedDevices)
    assert (problem.missing, problem.extra) == ((3,), (4,))
    body = [{"uuid": ACI_TEXT, "devices": {"staleDevices": [1]}}]
    with pytest.raises(RecipientMismatch) as caught:
        messages.send_to_many(Script(410, body).unidentified, b"", 5, None)
    assert isinstance(caught.value.accounts[ACI_TEXT], StaleDevices)
    with pytest.raises(NotFound):
        messages.send_to_many(Script(404).unidentified, b"", 5, AccessKey(bytes(16)))
    with pytest.raises(MalformedAnswer):
        messages.send_to_many(Script(409, [{"uuid": 1}]).unidentified, b"", 5, None)


def test_reporting_spam() -> None:
    script = Script(202)
    messages.report_spam(script.identified, BOB, PNI_TEXT, b"\x01")
    assert script.line == f"POST /v1/messages/report/{ACI_TEXT}/{PNI_TEXT}"
    assert script.json == {"token": "AQ=="}
