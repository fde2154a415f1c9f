"""sigcli as other people's programs use it: documentation, example, fixtures and types, against the sandbox."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import runpy
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import sigcli
import sigcli.aio
from sigcli import events
from sigcli.sandbox.control import RunningSandbox
from sigcli.testing import TestSandbox

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "ack_bot.py"
SOON_S = 60.0
_TCP_ESTABLISHED = "01"

_PROGRAM = """
import sys, time
import sigcli

with sigcli.open_account(data_dir=sys.argv[1], warn=lambda text: None) as me:
    for message in me.messages(30):
        print(message.text, flush=True)
        if message.text == sys.argv[2]:
            time.sleep(60)
"""


@pytest.fixture(scope="module")
def box() -> Iterator[TestSandbox]:
    with TestSandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def everybody(box: TestSandbox) -> tuple[sigcli.Account, sigcli.Account]:
    """Alice and Bob, who have talked to each other."""
    alice, bob = box.account("Alice"), box.account("Bob")
    alice.send(bob.aci, "hello")
    for message in bob.messages(until_empty=True):
        message.reply("hello")
    # Who writes for the first time has a name.
    senders = [message.sender for message in alice.messages(until_empty=True)]
    assert [str(sender) for sender in senders] == ["Bob"]
    return alice, bob


@pytest.fixture
def alice(everybody: tuple[sigcli.Account, sigcli.Account]) -> sigcli.Account:
    """Alice, for whom nothing waits."""
    list(everybody[0].events(until_empty=True))
    return everybody[0]


@pytest.fixture
def bob(everybody: tuple[sigcli.Account, sigcli.Account]) -> sigcli.Account:
    """Bob, for whom nothing waits."""
    list(everybody[1].events(until_empty=True))
    return everybody[1]


def type_check(program: Path) -> None:
    """As in a project of the user's own, which knows the installed package by its py.typed."""
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", ROOT / ".mypy_cache", program],
        cwd=program.parent,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def next_message(stream: Iterator[events.Event]) -> sigcli.Message:
    for event in stream:
        if isinstance(event, sigcli.Message):
            return event
    raise AssertionError("no message came")


# --- what the documentation promises --------------------------------------------------------------


def test_the_example_bot(alice: sigcli.Account, bob: sigcli.Account) -> None:
    raise_alert: Callable[..., bool] = runpy.run_path(str(EXAMPLE))["raise_alert"]
    with ThreadPoolExecutor(1) as pool:
        answered = pool.submit(raise_alert, alice, bob.aci, "disk full", SOON_S)
        stream = bob.messages(SOON_S)
        assert next(stream).text == "disk full"
        bob.send(alice.aci, "ack")
        assert answered.result(SOON_S)
    reacted, edited = next(stream), next(stream)
    assert reacted.reaction is not None
    assert reacted.reaction.emoji == "👍"
    assert edited.text == "disk full, taken by Bob"
    assert edited.edits_ms is not None


@pytest.mark.long
def test_the_example_and_the_documentation_are_typed(tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text(EXAMPLE.read_text())
    type_check(tmp_path / "bot.py")
    documented = tmp_path / "documented.py"
    # A test's parameters are not annotated there, for brevity.
    blocks = [block for block in blocks_of_documentation() if "def test_" not in block]
    documented.write_text("\n".join(blocks))
    type_check(documented)


def blocks_of_documentation() -> list[str]:
    text = (ROOT / "docs" / "library.md").read_text()
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.mark.long
def test_the_blocks_of_the_documentation_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("df.txt").write_text("full")
    with TestSandbox() as box:
        box.register("+15550100", tmp_path / "data")
        monkeypatch.setenv("SIGCLI_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("SIGCLI_SERVICE_ENVIRONMENT", str(box.environment_file))
        bob = box.account("Bob", number="+15550101")
        with sigcli.open_account("+15550100") as me:
            me.send(bob.aci, "hello")
            for message in bob.messages(until_empty=True):
                message.reply("hello", attachments=[sigcli.File(b"x", "x.txt")])
        namespace: dict[str, Any] = {}
        for block in blocks_of_documentation():
            bob.send("+15550100", "ack")
            exec(compile(block, "docs/library.md", "exec"), namespace)
        texts = [one.text for one in bob.messages(until_empty=True)]
        assert "disk full on web-1, taken by Bob" in texts
        assert "thank you" in texts
        assert "got it" in texts


def test_the_fixtures_in_a_project_of_the_users_own(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["sigcli.testing"]\n')
    (tmp_path / "test_bot.py").write_text(
        textwrap.dedent("""
        def test_two_accounts(signal_account, new_signal_account):
            alice = new_signal_account("Alice")
            alice.send(signal_account.aci, "hello")
            (message,) = signal_account.messages(until_empty=True)
            assert message.text == "hello"

        def test_the_server(signal_sandbox, tmp_path):
            signal_sandbox.register("+15550999", tmp_path)
            assert len(signal_sandbox.control.accounts()) == 3
        """)
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout
    assert "2 passed" in ran.stdout


# --- what it does ---------------------------------------------------------------------------------


def test_a_message_with_everything_done_to_it(alice: sigcli.Account, bob: sigcli.Account) -> None:
    sent = alice.send(bob.aci, "draft", attachments=[sigcli.File(b"bytes", "a.bin")])
    assert [(one.person.aci, one.succeeded) for one in sent.results] == [(bob.aci, True)]
    stream = bob.messages(SOON_S)
    draft = next(stream)
    assert draft.sender == bob.person(alice.aci)
    assert [one.read() for one in draft.attachments] == [b"bytes"]
    better = sent.edit("better")
    assert next(stream).edits_ms == sent.timestamp_ms
    better.react("🎉")
    reaction = next(stream).reaction
    assert reaction is not None
    assert reaction.timestamp_ms == better.timestamp_ms
    better.reply("a quote")
    quote = next(stream).quote
    assert quote is not None
    assert (quote.author, quote.text) == (bob.person(alice.aci), "better")
    stream.close()
    everything = bob.events(SOON_S)
    better.delete()
    deletion = next(one for one in everything if isinstance(one, events.Deletion))
    assert deletion.target_ms == better.timestamp_ms


def test_groups_are_objects(alice: sigcli.Account, bob: sigcli.Account) -> None:
    group = alice.create_group("Ops", [alice.person(bob.aci)], description="on call")
    group.send("in the group")
    message = next_message(bob.messages(SOON_S))
    assert message.group == group
    message.reply("there too")
    answer = next_message(alice.messages(SOON_S))
    assert answer.group == group
    assert answer.text == "there too"
    assert group in bob.groups()
    details = message.group.details(fetch=True) if message.group else None
    assert details is not None
    assert (details.name, details.description) == ("Ops", "on call")
    assert {one.person.aci for one in details.members} == {alice.aci, bob.aci}
    alice.run(sigcli.operations.UpdateGroup(group_id=group.id, name="Operations"))
    change = next(one for one in bob.events(SOON_S) if isinstance(one, events.GroupChange))
    assert change.group == group


def test_strangers_are_accepted_and_blocked(box: TestSandbox) -> None:
    # Blocking makes a new profile key, which others learn a little later: so this account is the test's own.
    carol, stranger = box.account("Carol"), box.account("Mallory")
    stream = carol.messages(SOON_S)
    stranger.send(carol.aci, "hi", attachments=[sigcli.File(b"x", "x.txt")])
    message = next(stream)
    assert message.is_request
    message.sender.accept()
    stranger.send(carol.aci, "hi again")
    assert not next(stream).is_request
    message.sender.block()
    blocked = carol.run(sigcli.operations.ListContacts(all_recipients=True, blocked=True)).to_json()
    assert [one["uuid"] for one in blocked] == [stranger.aci]
    message.sender.unblock()
    stranger.send(carol.aci, "thank you")
    assert next(stream).text == "thank you"


def test_an_administrator_deletes_and_a_member_leaves(
    box: TestSandbox, alice: sigcli.Account, bob: sigcli.Account
) -> None:
    group = alice.create_group("Short-lived", [alice.person(bob.aci)])
    stream = bob.events(SOON_S)
    group.send("hello")
    message = next_message(stream)
    assert message.group is not None
    message.group.show_typing()
    message.group.send("nonsense")
    nonsense = next_message(alice.messages(SOON_S))
    nonsense.delete()
    deletion = next(one for one in stream if isinstance(one, events.Deletion))
    assert deletion.author == bob.own
    assert deletion.group == group
    message.group.leave()
    details = message.group.details()
    assert details is not None
    assert not details.is_member


def test_events_tell_receipts_typing_and_that_all_is_here(
    alice: sigcli.Account, bob: sigcli.Account
) -> None:
    stream = alice.events(SOON_S)
    assert any(isinstance(one, events.CaughtUp) for one in stream)
    sent = alice.send(bob.aci, "read this")
    message = next_message(bob.messages(SOON_S))
    message.show_typing()
    message.mark_read()
    kinds: set[str] = set()
    while kinds < {"typing", "read"}:
        event = next(stream)
        if isinstance(event, events.Typing):
            kinds.add("typing")
        elif isinstance(event, events.Receipt) and sent.timestamp_ms in event.timestamps_ms:
            kinds.add(event.kind)


def test_many_threads_send_while_one_receives_over_one_connection_of_each_kind() -> None:
    # In a sandbox of its own: what other tests' accounts do in the background is not counted.
    with (
        TestSandbox() as box,
        box.account() as me,
        box.account() as other,
        other.messages(SOON_S) as stream,
        ThreadPoolExecutor(6) as pool,
    ):
        receiving = me.messages(SOON_S)
        me.send(other.aci, "first")
        next(stream).reply("back")
        assert next(receiving).text == "back"
        sent = list(pool.map(lambda number: me.send(other.aci, f"number {number}"), range(18)))
        assert len({one.timestamp_ms for one in sent}) == 18
        assert {next(stream).text for _ in sent} == {f"number {number}" for number in range(18)}
        # Of each account the one with its login and the anonymous one stay; those to the storage service end.
        until = time.monotonic() + SOON_S
        while len(connections(box)) > 4 and time.monotonic() < until:
            time.sleep(0.05)
        assert len(connections(box)) <= 4


def connections(box: TestSandbox) -> set[str]:
    """The local ends of all connections to the sandbox."""
    port = RunningSandbox.find(box.environment_file).port
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, *_ = line.split()
        if state == _TCP_ESTABLISHED and int(remote.rpartition(":")[2], 16) == port:
            found.add(local)
    return found


def test_a_limit_says_when_to_try_again(
    box: TestSandbox, alice: sigcli.Account, bob: sigcli.Account
) -> None:
    box.control.fault("status", status=429, retryAfter=60, path="/v1/messages/*")
    try:
        with pytest.raises(sigcli.errors.SendRateLimited) as caught:
            alice.send(bob.aci, "too much")
    finally:
        box.control.clear_faults()
    assert caught.value.retry_after_s == 60
    assert caught.value.hint
    assert isinstance(caught.value.result, sigcli.SentMessage)
    (result,) = caught.value.result.results
    assert (result.succeeded, result.retry_after_s) == (False, 60)


def test_nothing_is_lost_when_the_program_is_killed(
    box: TestSandbox, tmp_path: Path, bob: sigcli.Account
) -> None:
    box.register("+15550777", tmp_path)
    with sigcli.open_account(data_dir=tmp_path, environment=box.environment_file) as account:
        aci = account.aci
    for text in ("one", "two", "three"):
        bob.send(aci, text)
    with program(tmp_path, "two") as running:
        assert running.stdout is not None
        assert [running.stdout.readline().strip() for _ in range(2)] == ["one", "two"]
        running.kill()
    with sigcli.open_account(data_dir=tmp_path) as account:
        left = [one.text for one in account.messages(until_empty=True)]
    # That the first one was taken is stored soon after, or was about to be.
    assert left in (["one", "two", "three"], ["two", "three"])


def test_two_processes_use_one_account(
    box: TestSandbox, tmp_path: Path, bob: sigcli.Account
) -> None:
    box.register("+15550778", tmp_path)
    with (
        sigcli.open_account(data_dir=tmp_path, environment=box.environment_file) as account,
        program(tmp_path, "never") as running,
    ):
        bob.send(account.aci, "one")
        assert running.stdout is not None
        assert running.stdout.readline().strip() == "one"
        # This one follows what the other receives, and knows when all of it is here.
        assert list(account.messages(until_empty=True, consumer="second")) == []
        bob.send(account.aci, "two")
        assert running.stdout.readline().strip() == "two"
        texts = [one.text for one in account.messages(until_empty=True, consumer="second")]
        assert texts == ["two"]
        assert account.send(bob.aci, "from beside").results[0].succeeded
        running.kill()
    assert next_message(bob.messages(SOON_S)).text == "from beside"


def program(data_dir: Path, last: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(data_dir), last], stdout=subprocess.PIPE, text=True
    )


def test_a_device_that_was_removed_is_told_by_the_loop(box: TestSandbox, tmp_path: Path) -> None:
    box.register("+15550779", tmp_path / "one")
    with sigcli.open_account(
        data_dir=tmp_path / "one", environment=box.environment_file, warn=lambda _: None
    ) as old:
        stream = old.events()
        assert isinstance(next(stream), events.CaughtUp)
        box.register("+15550779", tmp_path / "two")
        with pytest.raises(sigcli.errors.ServiceError) as caught:
            list(stream)
    assert caught.value.hint


# --- asyncio --------------------------------------------------------------------------------------


def test_the_asynchronous_face(box: TestSandbox, tmp_path: Path, bob: sigcli.Account) -> None:
    box.register("+15550780", tmp_path)

    async def talk() -> None:
        async with sigcli.aio.open_account(
            data_dir=tmp_path, environment=box.environment_file
        ) as me:
            stream = me.messages(SOON_S)
            bob.send(me.aci, "hello")
            message = await anext(stream)
            assert message.text == "hello"
            sent = await me.reply(message, "hi")
            await me.edit(sent, "hi!")
            await me.react(message, "👍")
            assert await me.find_message(bob.aci, message.timestamp_ms) is not None
            assert await me.call(message.to_json) == json.loads(json.dumps(message.to_json()))
            # Waiting for a message keeps nothing else from going on, and can be given up.
            waiting = asyncio.ensure_future(anext(stream))
            done, _ = await asyncio.wait([waiting], timeout=0.2)
            assert not done
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            with pytest.raises(StopAsyncIteration):
                await anext(stream)
            assert [one async for one in me.messages(until_empty=True)] == []
            await me.run(sigcli.operations.SendTyping(recipients=[bob.aci]))

    asyncio.run(talk())
    stream = bob.messages(SOON_S)
    assert [one.text for one in itertools.islice(stream, 3)] == ["hi", "hi!", None]
    for thread in threading.enumerate():
        if thread.name.startswith("sigcli-aio"):
            thread.join(SOON_S)
            assert not thread.is_alive()
