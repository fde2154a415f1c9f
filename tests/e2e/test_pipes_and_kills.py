"""Readers that stop, and processes that are killed: nothing is lost, and what is printed twice is only what must be."""

from __future__ import annotations

import json
import random
import select
import signal
import subprocess
from collections.abc import Callable

import pytest

from tests.support.account_state import account_folders, database_path, know
from tests.support.arrived import next_message
from tests.support.killing import run_and_kill
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.printed import exceptions_of, next_text, receive, receive_texts, texts_of
from tests.support.shell import child_environment, shell
from tests.support.sigcli_process import Sigcli, installed_command

KILLS = 200
SEND_KILLS = 40


@pytest.fixture
def device(mock_server: MockServer, sigcli: Sigcli, linked: MockDevice) -> MockDevice:
    """The linked device; what the phone sent for a start has been read."""
    mock_server.wait_for_sync(linked)
    sigcli.run("receive")
    return linked


@pytest.fixture
def bob(mock_server: MockServer, sigcli: Sigcli, device: MockDevice) -> MockPrimary:
    """A contact."""
    bob = mock_server.create_primary("Bob")
    know(sigcli, bob)
    return bob


def numbered(prefix: str, count: int) -> list[str]:
    return [f"{prefix} {index}" for index in range(count)]


def assert_conversation_lives(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, *others: MockPrimary
) -> None:
    for other in others:
        mock_server.all_received()
        for sealed in (False, True):
            mock_server.send_text(other, device, f"afterwards {sealed}", sealed=sealed)
        assert receive_texts(sigcli) == ["afterwards False", "afterwards True"]
        sigcli.run("send", "-m", "and back", other.aci)
        assert next_message(mock_server, other).text == "and back"
    assert mock_server.decryption_failures() == []


def test_head_takes_what_it_takes(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, device, "n", count=30)
    mock_server.send_text(bob, device, "s", count=30, sealed=True)
    expected = numbered("n", 30) + numbered("s", 30)
    taken: list[str] = []
    for _ in range(10):
        run = shell(sigcli, "sigcli receive --json | head -n 5")
        assert run.stderr == ""
        lines = [json.loads(line) for line in run.stdout.splitlines()]
        assert len(lines) == 5
        assert exceptions_of(lines) == []
        taken += texts_of(lines)
    assert taken == expected[:50]
    assert receive_texts(sigcli) == expected[50:]
    assert mock_server.queue_size(device) == 0
    assert receive(sigcli) == []


def test_a_reader_that_dies_without_reading_has_taken_nothing(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, device, "n", count=5)
    for _ in range(3):
        run = shell(sigcli, "(sigcli receive --json; echo $? >&2) | true")
        assert run.stderr == "0\n"
    assert receive_texts(sigcli) == numbered("n", 5)


def test_a_full_disk_under_stdout_has_taken_nothing(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, device, "n", count=3)
    run = shell(sigcli, "sigcli receive --json >/dev/full")
    assert run.returncode != 0
    assert "Traceback" not in run.stderr
    assert run.stderr.startswith("sigcli: error: ")
    assert receive_texts(sigcli) == numbered("n", 3)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_receive_in_order(
    mock_server: MockServer,
    sigcli: Sigcli,
    device: MockDevice,
    bob: MockPrimary,
    number: signal.Signals,
) -> None:
    receiving = sigcli.start("receive", "--json", "-t", "-1")
    mock_server.wait_for_reader(device)
    mock_server.send_text(bob, device, "n", count=3)
    assert [next_text(receiving) for _ in range(3)] == numbered("n", 3)
    receiving.send_signal(number)
    finished = receiving.wait(timeout_s=10).expect(0)
    assert finished.stderr == ""
    mock_server.wait_for_close(device)
    assert receive(sigcli) == []


def test_a_reader_that_is_stuck_does_not_keep_a_signal_from_working(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    texts = [f"{'x' * 1900} {index}" for index in range(80)]
    mock_server.send_text(bob, device, "x" * 1900, count=len(texts))
    with subprocess.Popen(
        [str(installed_command()), "receive", "--json"],
        env=child_environment(sigcli),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as receiving:
        assert receiving.stdout is not None
        assert receiving.stderr is not None
        # The first batch is stored and acknowledged; its first line waits for a reader.
        mock_server.wait_for_queue(device, at_most=len(texts) - 1)
        assert select.select([receiving.stdout], [], [], 10)[0]
        receiving.terminate()
        assert receiving.wait(10) == 0
        assert receiving.stderr.read() == b""
    assert receive_texts(sigcli) == texts


def test_no_room_for_messages_loses_none(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, device, "n", count=10)
    mock_server.send_text(bob, device, "s", count=10, sealed=True)
    expected = numbered("n", 10) + numbered("s", 10)
    taken: list[str] = []
    # No file may grow beyond so many blocks of 512 bytes: a full disk in the middle of the work.
    for blocks in (0, 8, 64, 128):
        run = shell(sigcli, f"ulimit -f {blocks}; sigcli receive --json")
        assert "Traceback" not in run.stderr
        if run.returncode != 0:
            assert run.stderr.startswith("sigcli: error: ")
            assert json.loads(run.stderr.splitlines()[-1])["error"]["code"] != "unexpected"
        taken += texts_of(json.loads(line) for line in run.stdout.splitlines())
        assert len(taken) + mock_server.queue_size(device) >= 20 or run.returncode == 0
        run = shell(sigcli, f"ulimit -f {blocks}; sigcli send -m x {bob.aci}")
        assert "Traceback" not in run.stderr
    taken += receive_texts(sigcli)
    assert sorted(set(taken), key=taken.index) == expected
    assert_conversation_lives(mock_server, sigcli, device, bob)


def test_standard_streams_that_are_closed(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    before = database_path(sigcli).stat().st_ino
    mock_server.send_text(bob, device, "n", count=3)
    for script in (
        "sigcli receive --json >&-",
        "sigcli receive --json <&- >&-",
        f"sigcli send -m x {bob.aci} >&-",
        f"sigcli send -m x {bob.aci} >/dev/full",
        "sigcli listContacts >/dev/full",
    ):
        run = shell(sigcli, script)
        assert run.returncode == 1, script
        assert run.stderr.startswith("sigcli: error: standard output cannot be written"), run.stderr
        assert "sigcli: hint: " in run.stderr
    # What belongs on stderr goes nowhere else.
    run = shell(sigcli, "sigcli send -m x nobody-here 2>&-")
    assert (run.returncode, run.stdout) == (1, "")
    run = shell(sigcli, f"sigcli send --message-from-stdin {bob.aci} <&-")
    assert run.returncode == 1
    assert "no message" in run.stderr
    # A reader that is gone is no failure of the message.
    run = shell(sigcli, f"(sigcli send -m x {bob.aci}; echo $? >&2) | true")
    assert run.stderr == "0\n"
    assert database_path(sigcli).stat().st_ino == before
    assert receive_texts(sigcli) == numbered("n", 3)
    assert_conversation_lives(mock_server, sigcli, device, bob)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_receive_killed_two_hundred_times(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    carol = mock_server.create_primary("Carol")
    know(sigcli, carol)
    # Fixed, so that a failure can be had again.
    chance = random.Random(20)
    sent: list[str] = []
    seen: list[str] = []
    guids: dict[str, str] = {}
    repeated = 0

    def queue_some(turn: int) -> None:
        for sender, sealed in ((bob, False), (carol, True), (bob, True), (carol, False)):
            count = chance.randrange(3)
            if count:
                prefix = f"{turn}{'s' if sealed else 'p'}{'b' if sender is bob else 'c'}"
                mock_server.send_text(sender, device, prefix, count=count, sealed=sealed)
                sent.extend([prefix] if count == 1 else numbered(prefix, count))

    def take(lines: list[str]) -> None:
        nonlocal repeated
        parsed = [json.loads(line) for line in lines]
        assert exceptions_of(parsed) == []
        for line in parsed:
            for text in texts_of([line]):
                guid = line["envelope"]["serverGuid"]
                if text in guids:
                    repeated += 1
                    # A consumer can tell the repeat by its GUID.
                    assert guids[text] == guid
                else:
                    guids[text] = guid
                    seen.append(text)

    killed = 0
    for turn in range(KILLS):
        queue_some(turn)
        after_lines = chance.choice([None, None, None, 1, 2, 4])
        run = run_and_kill(
            sigcli,
            ["receive", "--json", "-t", "-1"],
            after_s=chance.uniform(0.08, 0.45),
            after_lines=after_lines,
        )
        killed += run.exit_code == -signal.SIGKILL
        assert run.stderr == ""
        take(run.lines)
        # As if more came in while nobody was there.
        if chance.random() < 0.2:
            queue_some(1000 + turn)
    assert killed == KILLS
    take([json.dumps(line) for line in receive(sigcli)])
    assert seen == sent
    assert mock_server.queue_size(device) == 0
    assert receive(sigcli) == []
    # Only the last lines before a kill may come again.
    assert repeated < len(sent)
    assert_conversation_lives(mock_server, sigcli, device, bob, carol)


@pytest.mark.long
def test_send_killed_at_any_moment(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    carol = mock_server.create_primary("Carol")
    sigcli.run("send", "-m", "before", bob.aci, carol.aci)
    chance = random.Random(21)
    printed: list[str] = []
    for turn in range(SEND_KILLS):
        run = run_and_kill(
            sigcli,
            ["send", "-m", f"kill {turn}", bob.aci, carol.aci],
            after_s=chance.uniform(0.05, 0.30),
            after_lines=1,
        )
        if run.lines:
            printed.append(f"kill {turn}")
    for person in (bob, carol):
        sigcli.run("send", "-m", "last", person.aci)
        texts: list[str | None] = []
        while not texts or texts[-1] != "last":
            texts.append(next_message(mock_server, person).text)
        # Never twice, in order, and whatever was reported as sent has arrived.
        assert texts == sorted(set(texts), key=texts.index)
        assert [text for text in texts if text in printed] == printed
    assert mock_server.decryption_failures() == []
    assert_conversation_lives(mock_server, sigcli, device, bob, carol)


def test_first_messages_killed_at_any_moment(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    """While keys are fetched and sessions are built, which one process at a time does for each person."""
    chance = random.Random(22)
    for turn in range(12):
        person = mock_server.create_primary(f"Person {turn}")
        run_and_kill(
            sigcli, ["send", "-m", "first", person.aci, bob.aci], after_s=chance.uniform(0.08, 0.25)
        )
        # No time to wait: who was killed counts as gone at once.
        sigcli.run("--lock-timeout", "0", "send", "-m", "second", person.aci)
        texts = [next_message(mock_server, person).text]
        if texts == ["first"]:
            texts.append(next_message(mock_server, person).text)
        assert texts[-1] == "second"
    assert mock_server.decryption_failures() == []


def test_a_dead_receiver_is_followed_at_once(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    receiving = sigcli.start("receive", "--json", "-t", "-1")
    mock_server.wait_for_reader(device)
    busy = sigcli.run("receive", "--json", "--lock-timeout", "1.5", exit_code=3)
    assert busy.json_error["code"] == "receiverBusy"
    # It does not wait in silence.
    warning, *_ = busy.stderr.splitlines()
    assert warning.startswith("sigcli: warning: ")
    assert str(receiving.pid) in warning
    assert str(receiving.pid) in busy.json_error["message"]
    assert busy.stdout == ""
    receiving.kill()
    receiving.wait()
    mock_server.send_text(bob, device, "next")
    # No time to wait: the dead one is replaced at once.
    assert receive_texts(sigcli, "--lock-timeout", "0") == ["next"]
    assert len(account_folders(sigcli)) == 1


def test_a_batch_is_printed_once_when_acknowledgements_are_lost(
    mock_server: MockServer,
    sigcli: Sigcli,
    device: MockDevice,
    bob: MockPrimary,
    new_sigcli: Callable[[str], Sigcli],
) -> None:
    mock_server.send_text(bob, device, "n", count=40)
    mock_server.send_text(bob, device, "s", count=40, sealed=True)
    mock_server.drop_acks(device, 50)
    mock_server.cut_after_messages(device, 70, acknowledged=False)
    before = len(mock_server.requests())
    assert receive_texts(sigcli) == numbered("n", 40) + numbered("s", 40)
    assert receive(sigcli) == []
    assert mock_server.queue_size(device) == 0
    # No retry request went out for what came twice.
    assert not [
        entry
        for entry in mock_server.requests(f"^/v1/messages/{bob.aci}")[before:]
        if entry.body and json.loads(entry.body)["messages"][0]["type"] == 8
    ]
