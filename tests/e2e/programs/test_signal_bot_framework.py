"""signal-bot-framework 0.2.2 from PyPI, unchanged: a bot that answers over one connection to the daemon's TCP port."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.programs.conftest import data_messages
from tests.support.foreign_programs import Program, needs_program, python_with
from tests.support.sigcli_process import Sigcli

SCRIPT = """
import asyncio, json, sys
import signal_bot_framework
async def main():
    own, port = sys.argv[1:]
    bot = await signal_bot_framework.create(own, "tcp://127.0.0.1:" + port)
    async def answer(signal, context, message):
        await (await bot.send_message(message.sender, "you said " + message.message))
        await (await bot.send_reaction(message, "👍"))
        print(json.dumps("answered"), flush=True)  # an error in an answer is raised
        return True
    bot.on_keyword("ping", answer)
    running = asyncio.create_task(bot.run())
    print(json.dumps("runs"), flush=True)
    await running
asyncio.run(main())
"""


@pytest.fixture(scope="session")
def framework() -> Path:
    with needs_program():
        return python_with("signal-bot-framework==0.2.2")
    raise AssertionError


def test_a_bot_answers(framework: Path, alice: Sigcli, bot: Sigcli) -> None:
    running = bot.start("daemon", "--tcp", "127.0.0.1:0", "--no-auth", "--no-receive-stdout")
    running.wait_for_complaint("the daemon is ready")
    (port,) = re.findall(r"--tcp listens on 127\.0\.0\.1:(\d+)\n", running.stderr_so_far)
    with Program(framework, SCRIPT, [str(bot.account), port], environment={}) as program:
        assert program.read() == "runs"
        alice.run("send", "-m", "ping pong", str(bot.account))
        assert program.read() == "answered"
        text, reaction = sorted(data_messages(alice, 2), key=lambda one: "reaction" in one)
        assert text["message"] == "you said ping pong"
        assert reaction["reaction"]["emoji"] == "👍"
    running.terminate()
    running.wait().expect(0)
