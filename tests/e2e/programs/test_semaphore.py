"""semaphore-bot 0.17.0 from PyPI, unchanged, on signald's socket of a daemon in the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.programs.conftest import data_messages, wait_for_texts
from tests.support.foreign_programs import Program, needs_program, python_with
from tests.support.sigcli_process import Sigcli

BEGIN = """
import json, logging, os, sys
import anyio
from semaphore import Bot, Attachment, LinkPreview
socket_path, own, *words = sys.argv[1:]
def tell(value):
    print(json.dumps(value, default=lambda one: one.__dict__))
"""


@pytest.fixture(scope="session")
def semaphore() -> Path:
    with needs_program():
        return python_with("semaphore-bot==0.17.0")
    raise AssertionError


def test_it_answers_reacts_and_sends_files(
    semaphore: Path, alice: Sigcli, bot: Sigcli, signald_socket: str, tmp_path: Path
) -> None:
    file = tmp_path / "file.txt"
    file.write_text("content")
    script = (
        BEGIN
        + """
file, = words
async def echo(context):
    message = context.message
    tell({"text": message.get_body(), "source": message.source.number, "group": message.get_group_id(),
          "files": [one.stored_filename for one in message.data_message.attachments]})
    await message.typing_started()
    tell(await message.reply(message.get_body() + "!", quote=True))
    tell(await message.reply("👍", reaction=True))
    await message.typing_stopped()
    tell(await message.reply("a file", attachments=[Attachment(file)]))
    profile = await message.get_profile()
    tell([profile.name, profile.address.number])
async def main():
    async with Bot(own, socket_path=socket_path, profile_name="Semaphore", logging_level=logging.WARNING) as bot:
        bot.register_handler("look.*", echo)
        await bot.start()
anyio.run(main)
"""
    )
    with Program(semaphore, script, [signald_socket, str(bot.account), str(file)]) as program:
        timestamp = int(
            alice.run("send", "-m", "look at this", "-a", str(file), str(bot.account)).stdout
        )
        heard = program.read()
        assert heard["text"] == "look at this"
        assert (heard["source"], heard["group"]) == (alice.account, None)
        assert Path(heard["files"][0]).read_text() == "content"
        assert [program.read() for _ in range(3)] == [True, True, True]
        assert program.read() == ["Alice", alice.account]
        quoted, reacted, sent = data_messages(alice, 3)
        assert quoted["message"] == "look at this!"
        assert quoted["quote"]["id"] == timestamp
        assert quoted["quote"]["authorNumber"] == alice.account
        assert reacted["reaction"]["emoji"] == "👍"
        assert reacted["reaction"]["targetSentTimestamp"] == timestamp
        assert Path(sent["attachments"][0]["localPath"]).read_text() == "content"
        # In a group it accepts an invitation first, whether or not there is one.
        made = alice.run("--json", "updateGroup", "-n", "us", "-m", str(bot.account)).json
        alice.run("send", "-m", "look, a group", "-g", made["groupId"])
        assert program.read()["group"] == made["groupId"]
        assert [program.read() for _ in range(3)] == [True, True, True]
        program.read()
        texts = [one["message"] for one in data_messages(alice, 3)]
        assert texts == ["look, a group!", None, "a file"]


def test_it_makes_and_changes_groups(
    semaphore: Path, alice: Sigcli, bot: Sigcli, signald_socket: str, tmp_path: Path
) -> None:
    script = (
        BEGIN
        + """
alice_number, alice_uuid, go_on = words
async def main():
    async with Bot(own, socket_path=socket_path, logging_level=logging.ERROR) as bot:
        group = await bot.create_group("a new group", [alice_uuid])
        tell([group.id, group.title, group.revision])
        group = await bot.update_group_title(group.id, "another title")
        tell([group.title, group.revision])
        tell((await bot.update_group_timer(group.id, 3600)).timer)
        tell((await bot.update_group_role(group.id, alice_uuid, "ADMINISTRATOR")).id)
        tell((await bot.update_group_access_control(group.id, "link", "ANY")).revision)
        group = await bot.get_group(group.id)
        tell([group.title, [one["number"] for one in group.members]])
        tell([one.title for one in await bot.list_groups()])
        tell(await bot.send_message(group.id, "to the group"))
        tell(await bot.send_message(alice_number, "to her"))
        await bot.set_expiration(alice_number, 60)
        while not os.path.exists(go_on):
            await anyio.sleep(0.05)
        tell((await bot.remove_members(group.id, [alice_uuid])).revision)
        await bot.leave_group(group.id)
        tell("left")
anyio.run(main)
"""
    )
    number = str(alice.account)
    (account,) = alice.run("--json", "listAccounts").json
    go_on = tmp_path / "go on"
    words = [signald_socket, str(bot.account), number, account["uuid"], str(go_on)]
    with Program(semaphore, script, words) as program:
        group_id, title, revision = program.read()
        assert (title, revision) == ("a new group", 0)
        assert group_id.endswith("=")
        assert program.read() == ["another title", 1]
        assert program.read() == 3600
        assert program.read() == group_id
        assert program.read() == 4
        title, numbers = program.read()
        assert title == "another title"
        assert set(numbers) == {alice.account, bot.account}
        assert program.read() == ["another title"]
        assert program.read() is True
        assert program.read() is True
        wait_for_texts(alice, "to the group", "to her")
        go_on.touch()
        assert program.read() == 5
        assert program.read() == "left"
    (group,) = bot.run("--json", "listGroups").json
    assert (group["id"], group["isMember"]) == (group_id, False)
