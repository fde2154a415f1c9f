from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from sigcli.client.base.events import Failure, ReceivedEvent
from sigcli.daemon.signald.events import incoming, older_message
from sigcli.daemon.signald.lines import line, without_nulls
from sigcli.wire.content import AttachmentPointer, Content, DataMessage
from sigcli.wire.content.message_parts import GroupContext, Preview, Quote, Reaction
from sigcli.wire.content.ranges import BodyRange, TextStyle
from sigcli.wire.content.receipts import ReceiptMessage, ReceiptType, TypingAction, TypingMessage
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import SyncSent
from tests.unit.operations.shapes.arbitrary_content import (
    HostileDirectory,
    any_events,
    hostile_texts,
)
from tests.unit.operations.shapes.known_people import (
    ALICE_ACI,
    BOB_ACI,
    GROUP_ID,
    MASTER_KEY,
    NOW_MS,
    OWN,
    KnownPeople,
    received,
)

ALICE = {"number": "+15550101", "uuid": str(ALICE_ACI)}


def v1(event: ReceivedEvent, folder: Path | None = None) -> Any:
    return json.loads(line(incoming(event, KnownPeople(folder))))


def v0(event: ReceivedEvent) -> Any:
    return json.loads(line(older_message(event, KnownPeople())))


def data_message(**fields: Any) -> ReceivedEvent:
    return received(Content(data_message=DataMessage(timestamp_ms=NOW_MS, **fields)))


def test_the_envelope_has_what_clients_require() -> None:
    event = v1(data_message(body="text"))
    assert event == {
        "type": "IncomingMessage",
        "version": "v1",
        "data": {
            "account": OWN.number,
            "source": ALICE,
            "source_device": 2,
            "type": "UNIDENTIFIED_SENDER",
            "timestamp": NOW_MS,
            "server_receiver_timestamp": NOW_MS + 1,
            "server_deliver_timestamp": NOW_MS + 2,
            "has_legacy_message": False,
            "has_content": True,
            "unidentified_sender": True,
            "server_guid": "3f1c0f1e-0000-4000-8000-000000000000",
            "data_message": {
                "timestamp": NOW_MS,
                "body": "text",
                "endSession": False,
                "expiresInSeconds": 0,
                "profileKeyUpdate": False,
                "viewOnce": False,
                "is_expiration_update": False,
            },
        },
    }


def test_what_is_not_there_is_left_out() -> None:
    message = v1(data_message())["data"]["data_message"]
    assert not {"body", "attachments", "mentions", "previews", "group", "quote"} & set(message)


def test_the_parts_of_a_message(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("content")
    file = AttachmentPointer(cdn_key="here", content_type="text/plain", size=7, file_name="a.txt")
    message = v1(
        data_message(
            body="￼ look",
            attachments=(file,),
            group=GroupContext(master_key=MASTER_KEY, revision=3),
            expire_timer_s=60,
            body_ranges=(
                BodyRange(start=0, length=1, mention=BOB_ACI),
                BodyRange(start=2, length=4, style=TextStyle.BOLD),
            ),
            quote=Quote(timestamp_ms=5, author=ALICE_ACI, text="before"),
            reaction=Reaction(emoji="👍", target_author=BOB_ACI, target_timestamp_ms=6),
            previews=(Preview(url="https://example.org", title="look"),),
        ),
        tmp_path,
    )["data"]["data_message"]
    (attachment,) = message["attachments"]
    assert attachment == {
        "contentType": "text/plain",
        "id": "here",
        "size": 7,
        "storedFilename": str(tmp_path / "here"),
        "customFilename": "a.txt",
        "voiceNote": False,
    }
    assert message["groupV2"] == {"id": GROUP_ID, "revision": 3, "timer": 60, "removed": False}
    assert message["mentions"] == [{"uuid": str(BOB_ACI), "start": 0, "length": 1}]
    assert message["quote"] == {"id": 5, "author": ALICE, "text": "before"}
    assert message["reaction"] == {
        "emoji": "👍",
        "remove": False,
        "targetAuthor": {"uuid": str(BOB_ACI)},
        "targetSentTimestamp": 6,
    }
    (preview,) = message["previews"]
    assert set(preview) <= {"url", "title", "description", "date", "attachment"}


def test_a_file_that_is_not_here_has_a_name_nevertheless() -> None:
    message = v1(data_message(attachments=(AttachmentPointer(cdn_id=1),)))["data"]["data_message"]
    assert message["attachments"] == [
        {
            "contentType": "application/octet-stream",
            "id": "",
            "size": 0,
            "storedFilename": "",
            "voiceNote": False,
        }
    ]


def test_other_kinds() -> None:
    receipt = ReceiptMessage(type=ReceiptType.READ, timestamps_ms=(1, 2))
    event = received(Content(receipt_message=receipt))
    told = {"type": "READ", "timestamps": [1, 2], "when": NOW_MS}
    assert v1(event)["data"]["receipt_message"] == told
    assert v0(event)["data"]["receipt"] == told
    typing = TypingMessage(timestamp_ms=1, action=TypingAction.STARTED)
    event = received(Content(typing_message=typing))
    assert v1(event)["data"]["typing_message"] == {"action": "STARTED", "timestamp": 1}
    sent = SyncSent(
        timestamp_ms=7,
        destination=ALICE_ACI,
        message=DataMessage(timestamp_ms=7, body="from the phone"),
    )
    event = received(Content(sync_message=SyncMessage(sent=sent)))
    told = v1(event)["data"]["sync_message"]["sent"]
    assert (told["destination"], told["timestamp"]) == (ALICE, 7)
    assert told["message"]["body"] == "from the phone"
    assert v0(event)["data"]["syncMessage"]["sent"]["message"]["body"] == "from the phone"
    server_receipt = received(is_delivery_receipt=True, sealed=False)
    assert (v1(server_receipt)["data"]["type"], v0(server_receipt)["data"]["type"]) == (
        "RECEIPT",
        "RECEIPT",
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("ProtocolInvalidMessageException", "ProtocolInvalidMessageError"),
        ("ProtocolNoSessionException", "ProtocolNoSessionError"),
        ("UntrustedIdentityException", "UntrustedIdentityError"),
        ("AnythingElseException", "InternalError"),
    ],
)
def test_failures(kind: str, name: str) -> None:
    failed = received(failure=Failure(kind, "why", kind.startswith("Untrusted")))
    event = v1(failed)
    assert (event["type"], event["error"]) == (name, True)
    assert event["data"] == {
        "sender": "+15550101",
        "sender_device": 2,
        "timestamp": NOW_MS,
        "message": "why",
    }
    older = v0(failed)["type"]
    assert older == (
        "inbound_identity_failure"
        if failed.failure and failed.failure.untrusted_identity
        else "unreadable_message"
    )


def test_v0() -> None:
    event = v0(data_message(body="text"))
    assert event["type"] == "message"
    assert event["data"] == {
        "username": OWN.number,
        "source": ALICE,
        "sourceDevice": 2,
        "uuid": "3f1c0f1e-0000-4000-8000-000000000000",
        "type": "UNIDENTIFIED_SENDER",
        "timestamp": NOW_MS,
        "timestampISO": "2023-11-14T22:13:20.123Z",
        "serverTimestamp": NOW_MS + 1,
        "serverDeliveredTimestamp": NOW_MS + 2,
        "hasLegacyMessage": False,
        "hasContent": True,
        "isUnidentifiedSender": True,
        "dataMessage": {
            "timestamp": NOW_MS,
            "body": "text",
            "endSession": False,
            "expiresInSeconds": 0,
            "profileKeyUpdate": False,
            "viewOnce": False,
        },
    }


@settings(max_examples=150, deadline=None)
@given(any_events(), hostile_texts)
def test_every_event_is_one_line_without_nulls(event: ReceivedEvent, name: str) -> None:
    for shape in (
        incoming(event, HostileDirectory(name)),
        older_message(event, HostileDirectory(name)),
    ):
        data = line(shape)
        assert data.count(b"\n") == 1
        assert data.endswith(b"\n")
        told = json.loads(data)
        assert without_nulls(told) == told
        if told["type"] in ("IncomingMessage", "message"):
            assert set(told["data"]["source"]) <= {"number", "uuid"}
