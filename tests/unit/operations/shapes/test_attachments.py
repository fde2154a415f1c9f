"""Shared contacts, attachments, long texts and edits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sigcli.operations.shapes.envelope import receive_object
from sigcli.wire.content import AttachmentFlag, AttachmentPointer, Content, EditMessage
from sigcli.wire.content.shared_contacts import (
    ContactFieldType,
    PostalAddressType,
    SharedContact,
    SharedContactAddress,
    SharedContactAvatar,
    SharedContactField,
    SharedContactName,
)
from tests.unit.operations.shapes.known_people import KnownPeople, attachment_shape, received
from tests.unit.operations.shapes.test_data_message import MINIMAL, POINTER, message, shape

CONTACTS: tuple[dict[str, Any], dict[str, Any]] = (
    {
        "contacts": (
            SharedContact(
                name=SharedContactName(given="Zoë", family=" ", nickname="Z"),
                phones=(
                    SharedContactField(value="+1", type=ContactFieldType.MOBILE, label=""),
                    SharedContactField(value="+2", type=99, label="boat"),
                ),
                emails=(SharedContactField(value="z@e.org", type=ContactFieldType.WORK),),
                addresses=(
                    SharedContactAddress(
                        type=PostalAddressType.HOME, label=" ", street="1 Way", country="X"
                    ),
                ),
                avatar=SharedContactAvatar(attachment=POINTER, is_profile=True),
                organization="Org",
            ),
            SharedContact(avatar=SharedContactAvatar()),
        )
    },
    {
        "contacts": [
            {
                "name": {
                    "nickname": "Z",
                    "given": "Zoë",
                    "family": None,
                    "prefix": None,
                    "suffix": None,
                    "middle": None,
                },
                "avatar": {
                    "attachment": attachment_shape(id="pic", contentType="image/png"),
                    "isProfile": True,
                },
                "phone": [
                    {"value": "+1", "type": "MOBILE", "label": None},
                    {"value": "+2", "type": "UNKNOWN_99", "label": "boat"},
                ],
                "email": [{"value": "z@e.org", "type": "WORK", "label": None}],
                "address": [
                    {
                        "type": "HOME",
                        "label": None,
                        "street": "1 Way",
                        "pobox": None,
                        "neighborhood": None,
                        "city": None,
                        "region": None,
                        "postcode": None,
                        "country": "X",
                    }
                ],
                "organization": "Org",
            },
            {
                "name": {
                    "nickname": None,
                    "given": None,
                    "family": None,
                    "prefix": None,
                    "suffix": None,
                    "middle": None,
                },
                "avatar": {"attachment": None, "isProfile": False},
                "organization": None,
            },
        ]
    },
)


def test_contacts() -> None:
    held, expected = CONTACTS
    assert shape(**held) == MINIMAL | expected


# --- attachments ---


def test_an_attachment_with_everything(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"x")
    pointer = AttachmentPointer(
        cdn_key="clip.mp4",
        content_type="video/mp4",
        size=99,
        thumbnail=b"\x01",
        flags=int(AttachmentFlag.VOICE_MESSAGE | AttachmentFlag.BORDERLESS | AttachmentFlag.GIF),
        file_name="a.mp4",
        width=3,
        height=4,
        caption="look",
        upload_timestamp_ms=8,
        key=b"secret",
        digest=b"d",
    )
    assert shape(tmp_path, attachments=(pointer,))["attachments"] == [
        {
            "contentType": "video/mp4",
            "filename": "a.mp4",
            "id": "clip.mp4",
            "size": 99,
            "width": 3,
            "height": 4,
            "caption": "look",
            "uploadTimestamp": 8,
            "localPath": str(tmp_path / "clip.mp4"),
            "isVoiceNote": True,
            "voiceNote": True,
            "borderless": True,
            "gif": True,
            "preview": "AQ==",
        }
    ]


def test_an_attachment_with_nothing() -> None:
    empty = AttachmentPointer(width=0, height=0, caption="", upload_timestamp_ms=0)
    assert shape(attachments=(empty,))["attachments"] == [attachment_shape()]


def test_a_long_text_is_read_from_its_attachment(tmp_path: Path) -> None:
    pointer = AttachmentPointer(cdn_key="long", content_type="text/x-signal-plain")
    held: dict[str, Any] = {"body": "the beginning", "attachments": (POINTER, pointer)}
    cut = shape(tmp_path, **held)
    assert (cut["message"], cut["isMessageIncomplete"]) == ("the beginning", True)
    assert cut["attachments"][1]["id"] == "long"  # the way to the rest
    (tmp_path / "long").write_bytes("the beginning and the end é".encode())
    found = shape(tmp_path, **held)
    assert found["message"] == "the beginning and the end é"
    assert "isMessageIncomplete" not in found
    assert [one["id"] for one in found["attachments"]] == ["pic", "long"]
    (tmp_path / "long").write_bytes(b"x" * (1 << 20) + b"x")
    cut = shape(tmp_path, **held)
    assert (cut["message"], cut["isMessageIncomplete"]) == ("the beginning", True)


def test_a_text_that_was_put_in_its_place_is_whole() -> None:
    pointer = AttachmentPointer(cdn_key="long", content_type="text/x-signal-plain", size=8)
    assert "isMessageIncomplete" not in shape(body="whole é", attachments=(pointer,))
    assert shape(body="whole", attachments=(pointer,))["isMessageIncomplete"] is True


# --- edits ---


def test_edits() -> None:
    for inner, expected in ((message(body="new"), MINIMAL | {"message": "new"}), (None, None)):
        edit = EditMessage(target_timestamp_ms=5, data_message=inner)
        envelope = receive_object(received(Content(edit_message=edit)), KnownPeople())["envelope"]
        assert envelope["editMessage"] == {"targetSentTimestamp": 5, "dataMessage": expected}
        assert "dataMessage" not in envelope
