"""Each kind of message as ``sigcli`` sends it and the mock server's libsignal and protobuf read it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from sigcli.wire.addresses import ServiceId
from tests.support.linking import link_device
from tests.support.mock_server import MockDevice, MockGroup, MockPrimary, MockServer
from tests.support.sigcli_process import Sigcli

Expected = dict[str, Any]
FIRE = "\N{FIRE}"
BOLD, ITALIC, SPOILER, STRIKETHROUGH, MONOSPACE = 1, 2, 3, 4, 5


@pytest.fixture
def bob(mock_server: MockServer, linked: MockDevice) -> MockPrimary:
    """Somebody to write to; the command is linked."""
    return mock_server.create_primary("Bob")


@pytest.fixture
def carol(mock_server: MockServer, bob: MockPrimary) -> MockPrimary:
    """Somebody to be mentioned and quoted."""
    return mock_server.create_primary("Carol")


def binary(primary: MockPrimary) -> bytes:
    return ServiceId.parse(primary.aci).to_binary()


def next_sync(mock_server: MockServer, primary: MockPrimary, name: str) -> dict[str, Any]:
    """The next sync message of a kind that the phone decrypted."""
    while True:
        received = mock_server.received(primary, kind="syncMessage").content["syncMessage"]
        if received.get(name):
            sync: dict[str, Any] = received
            return sync


def without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


@dataclass(frozen=True)
class Kind:
    """Words of a command, ``{carol}`` being an ACI, and the fields of the data message besides the usual."""

    words: tuple[str, ...]
    fields: Callable[[MockPrimary], Expected]


def at_carols(**more: Any) -> Callable[[MockPrimary], Expected]:
    """The message of Carol's that was sent at 1000."""
    return lambda carol: {
        "targetAuthorAciBinary": binary(carol),
        "targetSentTimestamp": 1000,
        **more,
    }


def inside(name: str, fields: Callable[[MockPrimary], Expected], **beside: Any) -> Any:
    return lambda carol: {name: fields(carol), **beside}


AT_CAROLS = ("-a", "{carol}", "-t", "1000")
KINDS: dict[str, Kind] = {
    "mention": Kind(
        ("send", "-m", f"{FIRE} @Carol", "--mention", "3:6:{carol}"),
        lambda carol: {
            "body": f"{FIRE} @Carol",
            "bodyRanges": [{"start": 3, "length": 6, "mentionAciBinary": binary(carol)}],
            "requiredProtocolVersion": 6,
        },
    ),
    "text style": Kind(
        ("send", "-m", "so bold", "--text-style", "3:4:BOLD", "0:2:SPOILER"),
        lambda _: {
            "body": "so bold",
            "bodyRanges": [
                {"start": 0, "length": 2, "style": SPOILER},
                {"start": 3, "length": 4, "style": BOLD},
            ],
        },
    ),
    "markdown": Kind(
        ("send", "--markdown", "--mentions", "-m", f"{FIRE}**b** *i* ~~s~~ `m` @{{carol}}"),
        lambda carol: {
            "body": f"{FIRE}b i s m @{carol.aci}",
            "bodyRanges": [
                {"start": 2, "length": 1, "style": BOLD},
                {"start": 4, "length": 1, "style": ITALIC},
                {"start": 6, "length": 1, "style": STRIKETHROUGH},
                {"start": 8, "length": 1, "style": MONOSPACE},
                {"start": 10, "length": 37, "mentionAciBinary": binary(carol)},
            ],
            "requiredProtocolVersion": 6,
        },
    ),
    "quote": Kind(
        (
            *("send", "-m", "indeed", "--quote-timestamp", "1000", "--quote-author", "{carol}"),
            *("--quote-message", "as I said", "--quote-text-style", "0:2:ITALIC"),
            *("--quote-mention", "3:1:{carol}", "--quote-attachment", "image/png:a.png"),
        ),
        lambda carol: {
            "body": "indeed",
            "quote": {
                "id": 1000,
                "authorAciBinary": binary(carol),
                "text": "as I said",
                "attachments": [{"contentType": "image/png", "fileName": "a.png"}],
                "bodyRanges": [
                    {"start": 0, "length": 2, "style": ITALIC},
                    {"start": 3, "length": 1, "mentionAciBinary": binary(carol)},
                ],
            },
        },
    ),
    "preview": Kind(
        (
            *("send", "-m", "see https://example.org", "--preview-url", "https://example.org"),
            *("--preview-title", "Example", "--preview-description", "for documents"),
        ),
        lambda _: {
            "body": "see https://example.org",
            "preview": [
                {
                    "url": "https://example.org",
                    "title": "Example",
                    "description": "for documents",
                }
            ],
        },
    ),
    "story reply": Kind(
        ("send", "-m", "nice", "--story-timestamp", "1000", "--story-author", "{carol}"),
        lambda carol: {
            "body": "nice",
            "storyContext": {"authorAciBinary": binary(carol), "sentTimestamp": 1000},
        },
    ),
    "reaction": Kind(
        ("sendReaction", "-e", FIRE, *AT_CAROLS),
        inside("reaction", at_carols(emoji=FIRE), requiredProtocolVersion=4),
    ),
    "reaction taken back": Kind(
        ("sendReaction", "-e", FIRE, *AT_CAROLS, "-r"),
        inside("reaction", at_carols(emoji=FIRE, remove=True), requiredProtocolVersion=4),
    ),
    "reaction to a story": Kind(
        ("sendReaction", "-e", FIRE, *AT_CAROLS, "--story"),
        lambda carol: {
            "reaction": at_carols(emoji=FIRE)(carol),
            "storyContext": {"authorAciBinary": binary(carol), "sentTimestamp": 1000},
            "requiredProtocolVersion": 4,
        },
    ),
    "deletion": Kind(
        ("remoteDelete", "-t", "1000"), lambda _: {"delete": {"targetSentTimestamp": 1000}}
    ),
    "poll": Kind(
        ("sendPollCreate", "-q", "When?", "--no-multi", "-o", "now", "later"),
        lambda _: {
            "pollCreate": {"question": "When?", "options": ["now", "later"]},
            "requiredProtocolVersion": 8,
        },
    ),
    "poll with several answers": Kind(
        ("sendPollCreate", "-q", "When?", "-o", "now", "-o", "later"),
        lambda _: {
            "pollCreate": {"question": "When?", "options": ["now", "later"], "allowMultiple": True},
            "requiredProtocolVersion": 8,
        },
    ),
    "vote": Kind(
        (
            *("sendPollVote", "--poll-author", "{carol}", "--poll-timestamp", "1000"),
            *("-o", "0", "2", "--vote-count", "3"),
        ),
        inside("pollVote", at_carols(optionIndexes=[0, 2], voteCount=3)),
    ),
    "end of a poll": Kind(
        ("sendPollTerminate", "--poll-timestamp", "1000"),
        lambda _: {"pollTerminate": {"targetSentTimestamp": 1000}},
    ),
    "pin": Kind(
        ("sendPinMessage", *AT_CAROLS), inside("pinMessage", at_carols(pinDurationForever=True))
    ),
    "pin for a while": Kind(
        ("sendPinMessage", *AT_CAROLS, "-d", "60"),
        inside("pinMessage", at_carols(pinDurationSeconds=60)),
    ),
    "unpin": Kind(("sendUnpinMessage", *AT_CAROLS), inside("unpinMessage", at_carols())),
    "payment": Kind(
        ("sendPaymentNotification", "--receipt", "AQID", "--note", "thanks"),
        lambda _: {
            "payment": {
                "notification": {
                    "mobileCoin": {"receipt": b"\x01\x02\x03"},
                    "note": "thanks",
                }
            },
            "requiredProtocolVersion": 7,
        },
    ),
}
ONEOFS = ("associatedValue", "pinDuration", "Item", "Transaction")
USUAL = ("timestamp", "profileKey", "expireTimerVersion", "expireTimer")


def pruned(value: Any) -> Any:
    """Without what protobuf's defaults stand for, and the names of oneofs around their members."""
    if isinstance(value, dict):
        flat: dict[str, Any] = {}
        for name, one in value.items():
            if name in ONEOFS and isinstance(one, dict):
                flat |= pruned(one)
            elif one not in (None, False, 0, "", b"", [], {}):
                flat[name] = pruned(one)
        return flat
    return [pruned(one) for one in value] if isinstance(value, list) else value


def test_each_kind_is_read_by_its_recipient_and_the_own_phone(
    mock_server: MockServer,
    sigcli: Sigcli,
    primary: MockPrimary,
    bob: MockPrimary,
    carol: MockPrimary,
) -> None:
    for name, kind in KINDS.items():
        words = [word.replace("{carol}", carol.aci) for word in kind.words]
        run = sigcli.run("--json", *words, bob.aci)
        assert run.stderr == "", name
        assert [one["type"] for one in run.json["results"]] == ["SUCCESS"], name
        data = mock_server.received(bob, kind="dataMessage").content["dataMessage"]
        assert data["timestamp"] == run.json["timestamp"], name
        assert data["profileKey"] == primary.profile_key, name
        expected = pruned(kind.fields(carol))
        assert pruned(without(data, *USUAL)) == expected, name
        sent = next_sync(mock_server, primary, "sent")["sent"]
        assert sent["timestamp"] == run.json["timestamp"], name
        assert sent["destinationServiceIdBinary"] == binary(bob), name
        assert pruned(without(sent["message"], *USUAL)) == expected, name
    assert mock_server.decryption_failures() == []


def test_each_kind_goes_to_oneself_as_a_transcript(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, carol: MockPrimary
) -> None:
    for name in ("reaction", "deletion", "poll", "vote", "pin"):
        kind = KINDS[name]
        words = [word.replace("{carol}", carol.aci) for word in kind.words]
        sigcli.run(*words, "--note-to-self")
        sent = next_sync(mock_server, primary, "sent")["sent"]
        assert sent["destinationServiceIdBinary"] == binary(primary), name
        assert pruned(without(sent["message"], *USUAL)) == pruned(kind.fields(carol)), name


def test_receipts(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    for kind, number, sync in (("read", 1, "read"), ("viewed", 2, "viewed")):
        run = sigcli.run("--json", "sendReceipt", bob.aci, "-t", "1000", "2000", "--type", kind)
        assert [one["type"] for one in run.json["results"]] == ["SUCCESS"]
        receipt = mock_server.received(bob, kind="receiptMessage").content["receiptMessage"]
        assert (receipt["type"], receipt["timestamp"]) == (number, [1000, 2000])
        marks = next_sync(mock_server, primary, sync)[sync]
        assert [(mark["senderAciBinary"], mark["timestamp"]) for mark in marks] == [
            (binary(bob), 1000),
            (binary(bob), 2000),
        ]


def test_receipts_that_are_off_are_for_the_own_devices_alone(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary
) -> None:
    mock_server.set_configuration(primary, read_receipts=False)
    link_device(mock_server, sigcli, primary)
    sigcli.run("receive")
    dave = mock_server.create_primary("Dave")
    run = sigcli.run("--json", "sendReceipt", dave.aci, "-t", "1000")
    assert run.json["results"] == []
    assert next_sync(mock_server, primary, "read")["read"][0]["timestamp"] == 1000
    assert not mock_server.requests(f"^/v1/messages/{dave.aci}")


def test_typing(mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary) -> None:
    for words, action in (((), 0), (("--stop",), 1)):
        run = sigcli.run("--json", "sendTyping", *words, bob.aci)
        typing = mock_server.received(bob, kind="typingMessage").content["typingMessage"]
        assert typing.get("action", 0) == action
        assert typing["timestamp"] == run.json["timestamp"]
        assert "groupId" not in typing
    for request in mock_server.requests(f"^/v1/messages/{bob.aci}"):
        body = json.loads(request.body or b"")
        assert (body["online"], body["urgent"]) == (True, False)


def test_what_goes_to_a_group(
    mock_server: MockServer,
    sigcli: Sigcli,
    primary: MockPrimary,
    linked: MockDevice,
    bob: MockPrimary,
    carol: MockPrimary,
) -> None:
    group: MockGroup = mock_server.create_group(primary, "Friends", [bob, carol])
    mock_server.send_text(bob, linked, "first", group=group)
    sigcli.run("receive")
    mock_server.all_received()
    admins = Kind(("sendAdminDelete", *AT_CAROLS), inside("adminDelete", at_carols()))
    in_group = ("mention", "reaction", "deletion", "poll", "vote", "end of a poll", "pin", "unpin")
    for name, kind in {**{name: KINDS[name] for name in in_group}, "admin's": admins}.items():
        filled = [word.replace("{carol}", carol.aci) for word in kind.words]
        expected = kind.fields(carol)
        run = sigcli.run("--json", *filled, "-g", group.id)
        assert [one["type"] for one in run.json["results"]] == ["SUCCESS"] * 2, name
        for member in (bob, carol):
            data = mock_server.received(member, kind="dataMessage").content["dataMessage"]
            assert data["groupV2"]["masterKey"] == group.master_key, name
            assert pruned(without(data, *USUAL, "groupV2")) == pruned(expected), name
        sent = next_sync(mock_server, primary, "sent")["sent"]
        assert pruned(without(sent["message"], *USUAL, "groupV2")) == pruned(expected), name
    run = sigcli.run("--json", "send", "-m", "new", "--edit-timestamp", "9", "-g", group.id)
    for member in (bob, carol):
        edit = mock_server.received(member, kind="editMessage").content["editMessage"]
        assert edit["targetSentTimestamp"] == 9
        assert edit["dataMessage"]["groupV2"]["masterKey"] == group.master_key
    assert "editMessage" in next_sync(mock_server, primary, "sent")["sent"]
    sigcli.run("sendTyping", "-g", group.id)
    for member in (bob, carol):
        typing = mock_server.received(member, kind="typingMessage").content["typingMessage"]
        assert base64.b64encode(typing["groupId"]).decode() == group.id
    sigcli.run("send", "-m", "mine too", "-g", group.id, "--notify-self")
    assert mock_server.received(primary, kind="dataMessage").text == "mine too"
    mock_server.all_received()
    # One for all fails, and again; nobody gets it twice.
    mock_server.fail_next("PUT", "/v1/messages/multi_recipient", 503, times=2)
    run = sigcli.run("--json", "send", "-m", "alert", "-g", group.id, "--retry", "1m")
    assert [one["type"] for one in run.json["results"]] == ["SUCCESS"] * 2
    sent = next_sync(mock_server, primary, "sent")["sent"]
    assert (sent["timestamp"], sent["message"]["body"]) == (run.json["timestamp"], "alert")
    received = [one for one in mock_server.all_received() if one.kind == "dataMessage"]
    assert sorted(one.primary for one in received) == sorted([bob.aci, carol.aci])
    assert {one.data["timestamp"] for one in received} == {run.json["timestamp"]}
    assert mock_server.decryption_failures() == []
