"""pysignald 0.1.1 from PyPI, unchanged, on signald's socket of a daemon in the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.programs.conftest import data_messages
from tests.support.foreign_programs import Program, needs_program, python_with
from tests.support.sigcli_process import Sigcli

BEGIN = """
import json, sys
import signald
from signald import Signal, Reaction
from signald.types import Address, TrustLevel
socket_path, own, *words = sys.argv[1:]
bot = Signal(own, socket_path=socket_path)
def tell(value):
    print(json.dumps(value, default=lambda one: getattr(one, "name", None) or one.__dict__))
"""


@pytest.fixture(scope="session")
def pysignald() -> Path:
    with needs_program():
        return python_with("pysignald==0.1.1")
    raise AssertionError


def test_it_sends_reacts_and_asks(
    pysignald: Path, alice: Sigcli, bot: Sigcli, signald_socket: str, tmp_path: Path
) -> None:
    picture = tmp_path / "notes.txt"
    picture.write_text("what there is to know")
    script = (
        BEGIN
        + """
alice, file = words
tell(bot.send("text", recipient=alice))
tell(bot.send("with a file", recipient={"number": alice}, attachments=[file]))
tell(bot.send("not waited for", recipient=alice, block=False))
tell(bot.get_profile(alice))
identities = bot.get_identities(alice)
tell([one.safety_number for one in identities])
tell(bot.trust(alice, identities[0].safety_number, TrustLevel.TRUSTED_VERIFIED))
tell([one.trust_level.name for one in bot.get_identities(alice)])
tell(bot.set_profile("Renamed"))
try:
    bot.send("nobody named")
except ValueError as error:
    tell(error.args[0])
"""
    )
    with Program(
        pysignald, script, [signald_socket, str(bot.account), str(alice.account), str(picture)]
    ) as program:
        sent = program.read()
        assert sent["type"] == "send"
        (result,) = sent["data"]["results"]
        assert result["success"]["unidentified"] is True
        assert result["address"]["number"] == alice.account
        assert program.read()["data"]["results"][0]["success"]
        assert program.read() == {}
        profile = program.read()
        assert profile["name"] == "Alice"
        (safety_number,) = program.read()
        assert len(safety_number) == 60
        assert safety_number.isdigit()
        assert program.read()["data"] == {}
        assert program.read() == ["TRUSTED_VERIFIED"]
        assert program.read()["data"] == {}
        assert (
            "exactly one required of: recipientAddress, recipientGroupId (0 found)"
            in (program.read()["validationResults"])
        )
    first, second, third = data_messages(alice, 3)
    assert first["message"] == "text"
    assert second["message"] == "with a file"
    assert second["attachments"][0]["filename"] == "notes.txt"
    assert Path(second["attachments"][0]["localPath"]).read_text() == "what there is to know"
    assert third["message"] == "not waited for"


def test_it_receives_and_reacts_also_in_groups(
    pysignald: Path, alice: Sigcli, bot: Sigcli, signald_socket: str, tmp_path: Path
) -> None:
    script = (
        BEGIN
        + """
(alice,) = words
for message in bot.receive_messages():
    group_id = message.group_v2.get("id")
    tell({
        "text": message.text,
        "source": message.source,
        "group": group_id,
        "files": [one.stored_filename for one in message.attachments],
        "reaction": message.reaction and message.reaction.emoji,
        "timestamp": message.timestamp,
    })
    if message.text is None:
        continue
    reaction = Reaction("👍", message.source, message.timestamp)
    if group_id:
        tell([(one.id, one.title, len(one.members)) for one in bot.list_groups()])
        tell(bot.react(reaction, recipient_group_id=group_id))
        tell(bot.send("to all", recipient_group_id=group_id))
    else:
        tell(bot.react(reaction, recipient=message.source))
        tell(bot.send_read_receipt(message.source, message.timestamp))
"""
    )
    file = tmp_path / "file.txt"
    file.write_text("content")
    with Program(
        pysignald, script, [signald_socket, str(bot.account), str(alice.account)]
    ) as program:
        timestamp = int(
            alice.run("send", "-m", "look", "-a", str(file), str(bot.account)).stdout.strip()
        )
        message = program.read()
        assert message["text"] == "look"
        assert message["source"]["number"] == alice.account
        assert message["timestamp"] == timestamp
        assert message["group"] is None
        assert Path(message["files"][0]).read_text() == "content"
        reacted = program.read()
        assert reacted["type"] == "send_results"
        assert reacted["data"][0]["success"]
        assert program.read()["data"] == {}
        reaction = data_messages(alice, 1)[0]["reaction"]
        assert (reaction["emoji"], reaction["targetSentTimestamp"]) == ("👍", timestamp)
        made = alice.run("--json", "updateGroup", "-n", "all of us", "-m", str(bot.account)).json
        alice.run("send", "-m", "in the group", "-g", made["groupId"])
        message = program.read()
        while message["text"] is None:
            message = program.read()
        assert (message["text"], message["group"]) == ("in the group", made["groupId"])
        assert program.read() == [[made["groupId"], "all of us", 2]]
        assert program.read()["data"][0]["success"]
        assert program.read()["data"]["results"][0]["success"]
        texts = [one["message"] for one in data_messages(alice, 2)]
        assert texts == [None, "to all"]


def test_what_comes_while_it_is_away_is_not_lost(
    pysignald: Path, alice: Sigcli, bot: Sigcli, signald_socket: str
) -> None:
    script = BEGIN + "\nfor message in bot.receive_messages():\n    tell(message.text)\n"
    arguments = [signald_socket, str(bot.account)]
    with Program(pysignald, script, arguments) as program:
        alice.run("send", "-m", "while it is here", str(bot.account))
        assert program.read() == "while it is here"
    for n in range(3):
        alice.run("send", "-m", f"while it is away {n}", str(bot.account))
    with Program(pysignald, script, arguments) as program:
        # What it had read right before its end may come once more.
        texts = [program.read()]
        while len(texts) < 3 or texts[-1] != "while it is away 2":
            texts.append(program.read())
        assert [one for one in texts if one != "while it is here"] == [
            f"while it is away {n}" for n in range(3)
        ]
        alice.run("send", "-m", "the first one afterwards", str(bot.account))
        assert program.read() == "the first one afterwards"
