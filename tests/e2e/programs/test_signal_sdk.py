"""signal-sdk 0.0.6 from npm, unchanged: it starts ``jsonRpc`` and talks over its standard streams."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.programs.conftest import data_messages
from tests.support.foreign_programs import Program, needs_program, node_with
from tests.support.node import find_node
from tests.support.sigcli_process import Sigcli, installed_command

SCRIPT = """
const { SignalCli } = require('signal-sdk');
const [own, to, binary] = process.argv.slice(1);
const tell = value => console.log(JSON.stringify(value));
const cli = new SignalCli(binary, own);
cli.on('error', error => tell({ error: String(error) }));
(async () => {
    await cli.connect();
    const got = new Promise(done => cli.on('message', message => {
        if (message.envelope.dataMessage) done([message.envelope.dataMessage.message, message.account]);
    }));
    const sent = await cli.sendMessage(to, 'from the sdk');
    tell([typeof sent.timestamp, sent.results.map(one => one.type)]);
    tell(await got);
    tell((await cli.listContacts()).map(one => one.number));
    tell(await cli.sendMessage('+15559999999', 'x').catch(error => String(error)));
    await cli.gracefulShutdown();
    tell('closed');
})();
"""


@pytest.fixture(scope="session")
def signal_sdk() -> Path:
    with needs_program():
        return node_with("signal-sdk@0.0.6")
    raise AssertionError


def test_it_sends_and_receives(signal_sdk: Path, alice: Sigcli, bot: Sigcli) -> None:
    words = [str(bot.account), str(alice.account), str(installed_command())]
    with Program(
        find_node().node,
        SCRIPT,
        words,
        flags=("-e",),
        cwd=signal_sdk,
        environment=bot.environment,
    ) as program:
        assert program.read() == ["number", ["SUCCESS"]]
        (message,) = data_messages(alice, 1)
        assert message["message"] == "from the sdk"
        alice.run("send", "-m", "to the sdk", str(bot.account))
        assert program.read() == ["to the sdk", bot.account]
        assert alice.account in program.read()
        assert program.read().startswith("Error: [-1] ")
        assert program.read() == "closed"
