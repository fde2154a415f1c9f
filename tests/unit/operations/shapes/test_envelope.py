"""The outer line: who, when, failures, receipts of the server; and what a plain text loads."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from sigcli.client.base.events import Failure, Person
from sigcli.operations.shapes.envelope import receive_object
from sigcli.wire.content import Content, DataMessage
from sigcli.wire.content.call_message import (
    CallAnswer,
    CallBusy,
    CallHangup,
    CallHangupType,
    CallIceUpdate,
    CallMessage,
    CallOffer,
    CallOfferType,
    CallOpaque,
    CallOpaqueUrgency,
)
from sigcli.wire.content.receipts import (
    NullMessage,
    ReceiptMessage,
    ReceiptType,
    TypingAction,
    TypingMessage,
)
from tests.unit.operations.shapes.known_people import (
    ALICE_ACI,
    ALICE_PNI,
    BOB,
    BOB_ACI,
    NOW_MS,
    OWN_ACI,
    STRANGER_PNI,
    KnownPeople,
    received,
)

BARE = {
    "source": "+15550101",
    "sourceNumber": "+15550101",
    "sourceUuid": str(ALICE_ACI),
    "sourcePni": str(ALICE_PNI),
    "sourceName": "Alice",
    "sourceDevice": 2,
    "timestamp": NOW_MS,
    "serverReceivedTimestamp": NOW_MS + 1,
    "serverDeliveredTimestamp": NOW_MS + 2,
    "serverGuid": "3f1c0f1e-0000-4000-8000-000000000000",
    "sealedSender": True,
}
PLAIN = {
    "timestamp": NOW_MS,
    "message": "hi",
    "expiresInSeconds": 0,
    "isExpirationUpdate": False,
    "viewOnce": False,
}


def shape(content: Content | None = None, **changes: Any) -> dict[str, Any]:
    """The whole line."""
    return receive_object(received(content, **changes), KnownPeople())


def test_a_plain_text() -> None:
    content = Content(data_message=DataMessage(timestamp_ms=NOW_MS, body="hi"))
    assert shape(content) == {"account": "+15550100", "envelope": BARE | {"dataMessage": PLAIN}}


def test_the_keys_come_in_one_order() -> None:
    failure = Failure("ProtocolInvalidMessageException", "bad MAC")
    assert [*shape(failure=failure)] == ["account", "envelope", "exception"]


def test_an_account_without_a_number_is_its_aci() -> None:
    assert shape(account=Person(aci=OWN_ACI))["account"] == str(OWN_ACI)


def test_a_sender_without_a_number_and_name() -> None:
    facts = shape(source=BOB)["envelope"]
    assert facts["source"] == facts["sourceUuid"] == str(BOB_ACI)
    assert facts["sourceNumber"] is facts["sourcePni"] is None
    assert facts["sourceName"] == ""


@pytest.mark.parametrize(
    ("person", "identifier", "pni"),
    [
        (Person(pni=STRANGER_PNI), str(STRANGER_PNI), str(STRANGER_PNI)),
        (Person(username="zoe.01"), "zoe.01", None),
    ],
)
def test_the_legacy_identifier_is_what_there_is(
    person: Person, identifier: str, pni: str | None
) -> None:
    facts = shape(source=person)["envelope"]
    assert (facts["source"], facts["sourcePni"]) == (identifier, pni)
    assert facts["sourceNumber"] is facts["sourceUuid"] is facts["sourceName"] is None


def test_an_unknown_sender_is_null_everywhere() -> None:
    facts = shape(source=None, source_device=None, server_guid=None, sealed=False)["envelope"]
    names = ("source", "sourceNumber", "sourceUuid", "sourcePni", "sourceName", "sourceDevice")
    assert [facts[name] for name in names] == [None] * 6
    assert facts["serverGuid"] is None
    assert facts["sealedSender"] is False


def test_only_a_message_request_says_so() -> None:
    assert shape(message_request=True)["envelope"]["messageRequest"] is True
    assert "messageRequest" not in shape()["envelope"]


def test_a_failure_has_an_exception_and_no_content() -> None:
    failure = Failure("ProtocolNoSessionException", "no session")
    content = Content(data_message=DataMessage(timestamp_ms=1, body="half read"))
    assert shape(content, failure=failure) == {
        "account": "+15550100",
        "envelope": BARE,
        "exception": {"message": "no session", "type": "ProtocolNoSessionException"},
    }


# --- the small kinds ---


def test_a_receipt_of_the_server_is_a_delivery_of_the_message_named() -> None:
    assert shape(is_delivery_receipt=True)["envelope"]["receiptMessage"] == {
        "when": NOW_MS + 1,
        "isDelivery": True,
        "isRead": False,
        "isViewed": False,
        "timestamps": [NOW_MS],
    }


@pytest.mark.parametrize(
    ("type", "name"),
    [
        (ReceiptType.DELIVERY, "isDelivery"),
        (ReceiptType.READ, "isRead"),
        (ReceiptType.VIEWED, "isViewed"),
        (7, None),
    ],
)
def test_receipts(type: int, name: str | None) -> None:
    receipt = ReceiptMessage(type=type, timestamps_ms=(5, 6))
    expected: dict[str, Any] = dict.fromkeys(("isDelivery", "isRead", "isViewed"), False)
    if name:
        expected[name] = True
    found = shape(Content(receipt_message=receipt))["envelope"]["receiptMessage"]
    assert found == {"when": NOW_MS, "timestamps": [5, 6], **expected}


def typing(**held: Any) -> Any:
    """The shape of a typing message."""
    message = TypingMessage(timestamp_ms=NOW_MS, **held)
    return shape(Content(typing_message=message))["envelope"]["typingMessage"]


def test_typing() -> None:
    assert typing(action=TypingAction.STARTED) == {"action": "STARTED", "timestamp": NOW_MS}
    assert typing(action=TypingAction.STOPPED, group_id=b"\xff" * 32) == {
        "action": "STOPPED",
        "timestamp": NOW_MS,
        "groupId": "//////////////////////////////////////////8=",
    }
    assert typing(action=9)["action"] == "UNKNOWN_9"


CALLS: list[tuple[CallMessage, dict[str, Any]]] = [
    (CallMessage(), {}),
    (
        CallMessage(
            offer=CallOffer(id=2**64 - 1, type=CallOfferType.VIDEO_CALL, opaque=b"\x01"),
            destination_device_id=3,
        ),
        {
            "offerMessage": {"id": 2**64 - 1, "type": "VIDEO_CALL", "opaque": "AQ=="},
            "destinationDeviceId": 3,
        },
    ),
    (
        CallMessage(answer=CallAnswer(id=1, opaque=b"")),
        {"answerMessage": {"id": 1, "opaque": ""}},
    ),
    (CallMessage(busy=CallBusy(id=2)), {"busyMessage": {"id": 2}}),
    (
        CallMessage(hangup=CallHangup(id=-1, type=CallHangupType.NEED_PERMISSION)),
        {"hangupMessage": {"id": 2**64 - 1, "type": "NEED_PERMISSION", "deviceId": 0}},
    ),
    (
        CallMessage(hangup=CallHangup(id=1, type=77, device_id=4)),
        {"hangupMessage": {"id": 1, "type": "UNKNOWN_77", "deviceId": 4}},
    ),
    (
        CallMessage(ice_updates=(CallIceUpdate(id=1, opaque=b"a"), CallIceUpdate(id=2))),
        {"iceUpdateMessages": [{"id": 1, "opaque": "YQ=="}, {"id": 2, "opaque": None}]},
    ),
    (
        CallMessage(opaque=CallOpaque(data=b"o", urgency=CallOpaqueUrgency.HANDLE_IMMEDIATELY)),
        {"opaqueMessage": {"opaque": "bw==", "urgency": "HANDLE_IMMEDIATELY"}},
    ),
]


@pytest.mark.parametrize(("call", "expected"), CALLS)
def test_calls(call: CallMessage, expected: dict[str, Any]) -> None:
    assert shape(Content(call_message=call))["envelope"]["callMessage"] == expected


def test_what_is_not_known_is_named_by_its_number() -> None:
    envelope = shape(Content(unknown_fields=(12, 99)))["envelope"]
    assert envelope == BARE | {"unknownFields": [12, 99]}


@pytest.mark.parametrize(
    "content",
    [
        None,
        Content(),
        Content(null_message=NullMessage(padding=b"p")),
        Content(decryption_error_message=b"retry", sender_key_distribution_message=b"key"),
    ],
)
def test_what_is_not_for_the_user_is_a_bare_envelope(content: Content | None) -> None:
    assert shape(content)["envelope"] == BARE


# --- start-up ---


def test_a_plain_text_loads_no_other_family() -> None:
    code = """
import sys
from sigcli.cli.render import event_text
from sigcli.operations.shapes.envelope import receive_object
from sigcli.wire.content import Content, DataMessage
from tests.unit.operations.shapes.known_people import KnownPeople, received
event = received(Content(data_message=DataMessage(timestamp_ms=1, body="hi")))
receive_object(event, KnownPeople())
event_text(event, KnownPeople())
print(*sorted(name for name in sys.modules if name.startswith("sigcli.")))
"""
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    families = {name for name in loaded if name.startswith(("sigcli.operations.s", "sigcli.cli.r"))}
    assert families == {
        "sigcli.cli.render",
        "sigcli.cli.render.data_message",
        "sigcli.cli.render.envelope",
        "sigcli.cli.render.lines",
        "sigcli.operations.shapes",
        "sigcli.operations.shapes.data_message",
        "sigcli.operations.shapes.envelope",
    }
    assert not [name for name in loaded if name.startswith(("sigcli.zkgroup", "sigcli.crypto"))]
