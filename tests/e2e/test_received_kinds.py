"""Each kind of message as the mock server's protobuf and libsignal make it, and as ``sigcli receive --json`` prints it.

What is to be printed stands in ``expected``, one file a kind; ``expected/objects.json`` has what many of them share.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.account_state import know
from tests.support.expected_fields import Description
from tests.support.made_messages import (
    DATA,
    FIRST_MS,
    LISTS,
    LONG_TEXT,
    OTHERS,
    PICTURE,
    SYNC,
    UNKNOWN,
    UNKNOWN_PART,
    UNPRINTED,
    Cast,
    Fields,
    binary,
)
from tests.support.mock_server import Attachment, Big, MockDevice, MockPrimary, MockServer
from tests.support.printed import receive
from tests.support.sigcli_process import Sigcli
from tests.support.wire_fields import encoded_number

EXPECTED = Path(__file__).parent / "expected"


@pytest.fixture
def cast(mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, linked: MockDevice) -> Cast:
    """Everybody; the command knows Bob and the group, and has taken what linking causes."""
    bob, carol, dan = (mock_server.create_primary(name) for name in ("Bob", "Carol", "Dan"))
    group = mock_server.create_group(primary, "Friends", [bob, carol])
    config = sigcli.home / ".config" / "sigcli" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('keep_messages = "1d"\n')
    mock_server.wait_for_sync(linked)
    know(sigcli, bob)
    mock_server.send_text(bob, linked, "first", sealed=True, group=group)
    assert receive(sigcli)[-1]["envelope"]["dataMessage"]["groupInfo"]["groupName"] == "Friends"
    return Cast(
        primary,
        bob,
        carol,
        dan,
        group,
        mock_server.store_attachment(Attachment(PICTURE, "image/png", "a.png")),
        mock_server.store_attachment(Attachment(LONG_TEXT.encode(), "text/x-signal-plain")),
    )


def differences(name: str, cast: Cast, timestamp_ms: int, line: Fields | None) -> list[str]:
    """Where a printed line differs from the file of its kind."""
    if line is None:
        return ["nothing was printed"]
    objects = json.loads((EXPECTED / "objects.json").read_text())
    expected = json.loads((EXPECTED / f"{name.replace(' ', '_')}.json").read_text())
    values = {**cast.values(), "timestamp": timestamp_ms, "sent": FIRST_MS}
    return Description(objects, values).differences({"account": "{me}", **expected}, line)


def test_each_kind_is_printed_with_exactly_its_fields(
    mock_server: MockServer, sigcli: Sigcli, linked: MockDevice, cast: Cast
) -> None:
    timestamps = iter(range(FIRST_MS, FIRST_MS + 1000))
    kinds: dict[str, int] = {}

    def send(name: str, sender: MockPrimary, content: Fields) -> None:
        kinds[name] = next(timestamps)
        sealed = sender is not cast.me
        # The message's own time is that of its envelope.
        edit = content.get("editMessage", {})
        for written in (content.get("typingMessage"), edit.get("dataMessage")):
            if written is not None:
                written["timestamp"] = Big(kinds[name])
        mock_server.send_content(
            sender, linked, {"content": content}, sealed=sealed, timestamp_ms=kinds[name]
        )

    for name, make in DATA.items():
        # Its own timestamp is that of its envelope.
        send(
            name, cast.bob, {"dataMessage": {"timestamp": Big(FIRST_MS + len(kinds)), **make(cast)}}
        )
    for name, make in (*OTHERS.items(), *UNPRINTED.items()):
        send(name, cast.bob, make(cast))
    for name, make in SYNC.items():
        send(name, cast.me, {"syncMessage": {"content": make(cast)}})
    for name, make in LISTS.items():
        send(name, cast.me, {"syncMessage": make(cast)})
    for name, encoded in UNKNOWN.items():
        kinds[name] = next(timestamps)
        sender = cast.me if "sync" in name else cast.bob
        if name == UNKNOWN_PART:
            data = encoded[2:] + encoded_number(7, kinds[name])
            encoded = encoded[:1] + bytes([len(data)]) + data
        mock_server.send_content(sender, linked, encoded, timestamp_ms=kinds[name])
    kinds["failure"] = next(timestamps)
    mock_server.send_envelope(
        linked,
        {
            "type": 1,
            "sourceServiceIdBinary": binary(cast.carol),
            "sourceDeviceId": 1,
            "destinationServiceIdBinary": binary(cast.me),
            "clientTimestamp": Big(kinds["failure"]),
            "content": b"\x44" + bytes(100),
        },
    )
    kinds["receipt of the service"] = next(timestamps)
    mock_server.send_server_receipt(cast.carol, linked, kinds["receipt of the service"])

    lines = {line["envelope"]["timestamp"]: line for line in receive(sigcli)}
    for name in UNPRINTED:
        assert kinds.pop(name) not in lines, name
    found = {
        name: problems
        for name, timestamp_ms in kinds.items()
        if (problems := differences(name, cast, timestamp_ms, lines.get(timestamp_ms)))
    }
    assert found == {}, json.dumps(found, indent=1)
    assert len(lines) == len(kinds)
    # And once more, as text: as many envelopes, whatever is in them.
    again = receive(sigcli, "--replay")
    assert {line["envelope"]["timestamp"] for line in again} >= lines.keys()
    text = sigcli.run("receive", "--replay").stdout
    assert text.count("Envelope from: ") == len(again)
    # What comes last changes who the account is.
    moved = replace(cast, me=mock_server.change_number(cast.me))
    (line,) = receive(sigcli)
    kinds["new number"] = line["envelope"]["timestamp"]
    assert differences("new number", moved, kinds["new number"], line) == []
    files = {path.stem.replace("_", " ") for path in EXPECTED.glob("*.json")} - {"objects"}
    assert files == set(kinds)
