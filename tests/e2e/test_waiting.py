"""`receive --from … --contains …`: waiting for an answer, alone and beside another receiver."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from tests.support.accounts import CAPTCHA
from tests.support.sigcli_process import RunningSigcli, Sigcli

WAIT = ("receive", "--contains", "ack", "--max-messages", "1", "-t", "60")


@pytest.fixture(scope="module")
def pair(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Sigcli, Sigcli]]:
    """Two accounts; each test leaves nothing that waits for Alice."""
    made = []
    for name, account in (("alice", "+15550970"), ("bob", "+15550971")):
        device = Sigcli(tmp_path_factory.mktemp(name), sandbox.environment_file)
        device.account = account
        device.run("register", "--captcha", CAPTCHA)
        device.run("verify", RunningSandbox.find(sandbox.environment_file).code(account))
        made.append(device)
    yield made[0], made[1]
    for device in made:
        device.dispose()


def number(device: Sigcli) -> str:
    assert device.account is not None
    return device.account


def say(sender: Sigcli, to: Sigcli, *texts: str) -> None:
    for text in texts:
        sender.run("send", "-m", text, number(to))


def texts(lines: list[dict[str, dict[str, dict[str, str]]]]) -> list[str]:
    return [line["envelope"]["dataMessage"]["message"] for line in lines]


def started(device: Sigcli, *words: str) -> RunningSigcli:
    """A run that waits, once it has its place."""
    running = device.start(*words)
    (database,) = device.data_dir.glob("*/account.db")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and running.running:
        with closing(sqlite3.connect(database)) as connection:
            if connection.execute("SELECT count(*) FROM watcher").fetchone() != (0,):
                return running
        time.sleep(0.02)
    raise AssertionError(running.wait().stderr)


def heeds(running: RunningSigcli, number: signal.Signals) -> None:
    """Waits until a run has a handler for a signal: one that a daemon does gets it a moment later."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status = Path(f"/proc/{running.pid}/status").read_text()
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
        if int(caught.split()[1], 16) >> (number - 1) & 1:
            return
        time.sleep(0.02)
    raise AssertionError(f"no handler for {number.name}")


def test_alone_it_takes_what_it_waits_for_and_leaves_the_rest(pair: tuple[Sigcli, Sigcli]) -> None:
    alice, bob = pair
    say(bob, alice, "what?", "Ack, on it")
    waited = alice.run("--json", *WAIT, "--from", str(_aci(bob)))
    assert texts(waited.json_lines) == ["Ack, on it"]
    assert texts(alice.run("--json", "receive").json_lines) == ["what?"]
    nothing = alice.run("--json", *WAIT[:-1], "0.2", exit_code=1)
    assert nothing.stdout == ""
    assert nothing.json_error["code"] == "nothingCame"


def test_beside_another_receiver_both_print(pair: tuple[Sigcli, Sigcli]) -> None:
    alice, bob = pair
    other = alice.start("--json", "receive", "-t", "-1")
    say(bob, alice, "hello")
    assert texts([other.read_json(timeout_s=60)]) == ["hello"]
    waiting = started(alice, *WAIT, "--brief")
    say(bob, alice, "what?", "ack")
    assert waiting.wait().expect(0).stdout.endswith(": ack\n")
    assert texts([other.read_json(timeout_s=60), other.read_json(timeout_s=60)])[0] == "what?"
    other.terminate()
    other.wait().expect(0)
    assert alice.run("receive").stdout == ""


def test_others_receive_beside_it(pair: tuple[Sigcli, Sigcli]) -> None:
    alice, bob = pair
    waiting = started(alice, *WAIT, "--json")
    say(bob, alice, "what?")
    assert texts(alice.run("--json", "receive", "-t", "5", "--max-messages", "1").json_lines) == [
        "what?"
    ]
    say(bob, alice, "ack")
    assert texts(waiting.wait().expect(0).json_lines) == ["ack"]
    assert alice.run("receive").stdout == ""


def test_beside_a_daemon_which_does_it(pair: tuple[Sigcli, Sigcli]) -> None:
    alice, bob = pair
    daemon = alice.start("daemon")
    daemon.wait_for_complaint("the daemon is ready", timeout_s=60)
    waiting = started(alice, *WAIT, "--json", "--from", _aci(bob))
    say(bob, alice, "what?", "ack")
    assert texts(waiting.wait().expect(0).json_lines) == ["ack"]
    nothing = alice.run("--json", *WAIT[:-1], "0.2", exit_code=1)
    assert nothing.json_error["code"] == "nothingCame"
    assert texts(alice.run("--json", "receive").json_lines) == ["what?"]
    daemon.terminate()
    daemon.wait().expect(0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("beside_a_daemon", [False, True], ids=["alone", "daemon"])
def test_a_wait_that_is_stopped_is_no_answer(
    pair: tuple[Sigcli, Sigcli], number: signal.Signals, beside_a_daemon: bool
) -> None:
    """Neither is it silence: a script that asks whether somebody answered can tell all three apart."""
    alice, bob = pair
    wait = ("receive", "--json", "--contains", "ack", "-t", "-1")
    daemon = alice.start("daemon") if beside_a_daemon else None
    if daemon is not None:
        daemon.wait_for_complaint("the daemon is ready", timeout_s=60)
    waiting = started(alice, *wait)
    heeds(waiting, number)
    waiting.send_signal(number)
    stopped = waiting.wait().expect(130)
    assert (stopped.stdout, stopped.stderr) == ("", "")
    # After an answer, being stopped is the end of the wait.
    waiting = started(alice, *wait)
    say(bob, alice, "ack")
    assert texts([waiting.read_json(timeout_s=60)]) == ["ack"]
    heeds(waiting, number)
    waiting.send_signal(number)
    waiting.wait().expect(0)
    if daemon is not None:
        daemon.terminate()
        daemon.wait().expect(0)


def _aci(device: Sigcli) -> str:
    (account,) = device.run("--json", "listAccounts").json
    return str(account["uuid"])
