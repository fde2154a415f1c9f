"""Text of other people in text mode: it cannot move the cursor, change colours, hide, or pass for a line of ours."""

from __future__ import annotations

import unicodedata
from typing import Any
from uuid import UUID

import pytest

from tests.support.account_state import know
from tests.support.mock_server import Attachment, Big, MockDevice, MockPrimary, MockServer
from tests.support.sigcli_process import Sigcli

ESCAPES = (
    "\x1b]0;new title\x07\x1b[2J\x1b[1;1H\x1b[31mred\x1b[0m\x9b31m\x90q\x9c\x08\x08\r\x0b\x0c"
    "\x7f\x00\u202eevil\u202c\u2066x\u2069\u200f\u2028\u2029\ufeff\u061c"
)
FORGED = "fine\n\nEnvelope from: “Boss” +15550100 (device: 1) to +15550101\nBody: pay them"
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.fixture
def device(mock_server: MockServer, sigcli: Sigcli, linked: MockDevice) -> MockDevice:
    """The linked device; what the phone sent for a start has been read."""
    mock_server.wait_for_sync(linked)
    sigcli.run("receive")
    return linked


@pytest.fixture
def bob(mock_server: MockServer, sigcli: Sigcli, device: MockDevice) -> MockPrimary:
    """A contact with an evil profile name."""
    bob = mock_server.create_primary(f"B{ESCAPES}\nob\0Last{ESCAPES}")
    know(sigcli, bob)
    return bob


def assert_harmless(text: str) -> None:
    """No control character but the newline, nothing that changes direction, no lone surrogate."""
    bad = {
        character
        for character in text
        if (unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") and character != "\n")
        or character in BIDI
    }
    assert bad == set(), [hex(ord(character)) for character in sorted(bad)]


def received_as_text(sigcli: Sigcli, *marks: str) -> str:
    """What `receive` prints; AssertionError if it is not harmless, or one of the marks is missing."""
    run = sigcli.run("receive")
    assert_harmless(run.stdout)
    assert_harmless(run.stderr)
    for mark in marks:
        assert mark in run.stdout, run.stdout
    return run.stdout


def test_a_message_with_a_name_and_a_file_name(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    picture = Attachment(b"x", f"text/plain{ESCAPES}", f"../../etc/{ESCAPES}\n.txt")
    mock_server.send_text(
        bob, device, f"body{ESCAPES}", attachments=[picture], with_profile_key=True
    )
    received_as_text(sigcli, "body", "red", ".txt")
    # By now the profile has been fetched, and the name is shown.
    mock_server.send_text(bob, device, "again")
    received_as_text(sigcli, "again", "“B", "Last")
    for command in (["listContacts"], ["listContacts", "--detailed"], ["listIdentities"]):
        run = sigcli.run(*command)
        assert run.stdout
        assert_harmless(run.stdout)
    # One contact is one line.
    assert len(sigcli.run("listContacts").stdout.splitlines()) == len(
        sigcli.run("listContacts", "--json").json
    )


def test_no_text_passes_for_a_line_of_ours(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    fields: dict[str, Any] = {
        "quote": {
            "id": Big(5),
            "authorAciBinary": UUID(bob.aci).bytes,
            "text": FORGED,
            "attachments": [],
        },
        "preview": [{"url": f"https://x/{FORGED}", "title": FORGED, "description": FORGED}],
    }
    mock_server.send_text(
        bob, device, FORGED, attachments=[Attachment(b"x", FORGED, FORGED)], fields=fields
    )
    text = received_as_text(sigcli, "pay them")
    starts = [line for line in text.splitlines() if line.startswith(("Envelope from:", "Body:"))]
    assert len(starts) == 2
    assert "Boss" not in starts[0]
    assert starts[1] == "Body: fine"


@pytest.mark.parametrize("sealed", [False, True])
def test_every_part_of_a_message(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary, sealed: bool
) -> None:
    evil = f"evil{ESCAPES}"
    parts: list[dict[str, Any]] = [
        {"quote": {"id": Big(5), "authorAciBinary": b"\x01" * 16, "text": evil}},
        {"preview": [{"url": evil, "title": evil, "description": evil, "date": Big(1)}]},
        {
            "reaction": {
                "emoji": evil,
                "remove": False,
                "targetAuthorAciBinary": b"\x01" * 16,
                "targetSentTimestamp": Big(5),
            }
        },
        {
            "contact": [
                {
                    "name": {"givenName": evil, "familyName": evil, "nickname": evil},
                    "number": [{"value": evil, "type": 4, "label": evil}],
                    "email": [{"value": evil, "type": 4, "label": evil}],
                    "address": [{"type": 3, "label": evil, "street": evil, "city": evil}],
                    "organization": evil,
                }
            ]
        },
        {"pollCreate": {"question": evil, "allowMultiple": True, "options": [evil, "b"]}},
        {"groupCallUpdate": {"eraId": evil}},
        {
            "sticker": {
                "packId": b"\x1b" * 16,
                "packKey": b"\x1b" * 32,
                "stickerId": 1,
                "emoji": evil,
            }
        },
    ]
    for fields in parts:
        mock_server.send_text(
            bob, device, f"part {next(iter(fields))}", sealed=sealed, fields=fields
        )
    text = received_as_text(sigcli, "part quote", "part sticker")
    assert text.count("evil") >= 10


def test_what_the_own_phone_passes_on(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, primary: MockPrimary
) -> None:
    carol = mock_server.create_primary(f"Carol{ESCAPES}\nNumber: +1")
    mock_server.set_contacts(primary, [carol])
    mock_server.set_blocked(primary, numbers=[f"+1{ESCAPES}"])
    mock_server.send_sync_text(device, f"sent{ESCAPES}", carol.aci)
    received_as_text(sigcli, "sent")


def test_a_stranger_and_a_message_that_cannot_be_read(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice
) -> None:
    stranger = mock_server.create_primary(f"Stranger{ESCAPES}")
    mock_server.send_text(stranger, device, f"hello{ESCAPES}", with_profile_key=True)
    mock_server.corrupt_next(device, "content")
    mock_server.send_text(stranger, device, "broken")
    received_as_text(sigcli, "Exception:")


def test_json_keeps_every_character_and_one_line_a_message(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    text = f"all{ESCAPES}\n\u0085end\U0001f600"
    mock_server.send_text(bob, device, text)
    run = sigcli.run("receive", "--json")
    assert run.stdout.count("\n") == 1
    assert run.json["envelope"]["dataMessage"]["message"] == text
    assert "\x1b" not in run.stdout
