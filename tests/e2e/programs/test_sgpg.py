"""sgpg 0.2.0 from PyPI, unchanged: it starts the daemon itself and talks JSON-RPC over its Unix socket."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.programs.conftest import data_messages
from tests.support.foreign_programs import Program, needs_program, python_with
from tests.support.sigcli_process import Sigcli, installed_command

SCRIPT = """
import asyncio, json, sys
from pathlib import Path
from sgpg.signal.client import connect, daemon_session
path, binary, own, to = sys.argv[1:]
def tell(value):
    print(json.dumps(value))
async def main():
    path_ = Path(path)
    async with daemon_session(path_, account=own, signal_cli_binary=binary) as is_ours:
        async with connect(path_, account=own) as client:
            await client.send(to, "from sgpg")
            tell(is_ours)
            async for message in client.messages():
                tell([message.body, message.source_number, message.account])
                break
            tell([one.number for one in await client.list_contacts()])
            tell(len(await client.list_identities()))
    tell("closed")
asyncio.run(main())
"""


@pytest.fixture(scope="session")
def sgpg() -> Path:
    with needs_program():
        return python_with("sgpg==0.2.0")
    raise AssertionError


def test_it_sends_and_receives(sgpg: Path, alice: Sigcli, bot: Sigcli, tmp_path: Path) -> None:
    words = [
        str(tmp_path / "run" / "socket"),
        str(installed_command()),
        str(bot.account),
        str(alice.account),
    ]
    with Program(sgpg, SCRIPT, words, environment=bot.environment) as program:
        assert program.read() is True
        (message,) = data_messages(alice, 1)
        assert message["message"] == "from sgpg"
        alice.run("send", "-m", "to sgpg", str(bot.account))
        assert program.read() == ["to sgpg", alice.account, bot.account]
        assert alice.account in program.read()
        assert program.read() >= 1
        assert program.read() == "closed"
