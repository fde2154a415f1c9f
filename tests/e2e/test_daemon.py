"""Accounts kept open by a daemon, in the sandbox: nothing is lost when it is killed, and others work beside it."""

from __future__ import annotations

import random
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from sigcli.client.base.settings import Settings
from sigcli.client.live.live_account import LiveAccount
from sigcli.operations.declaring import load
from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from tests.support.account_state import know
from tests.support.acquaintance import talk
from tests.support.file_size_limit import file_size_limit
from tests.support.live_consumer import LiveConsumer
from tests.support.mock_server import MockDevice, MockServer
from tests.support.printed import receive_texts, texts_of
from tests.support.sigcli_process import RunningSigcli, Sigcli

KILLS = 12
MESSAGES = 240
MANY_MESSAGES = 5_000
GROWTH_KIB = 6_000
"""Memory that may be needed beyond that of a fifth of them."""
SOON_S = 60.0


def send_text(live: LiveAccount, to: str, text: str) -> int:
    """Send, and give the timestamp."""
    sent = live.run(load("send").from_json({"recipient": to, "message": text}))
    assert sent.failure is None
    return int(sent.to_json()["timestamp"])


@pytest.fixture
def alice(register: Callable[..., Sigcli]) -> Sigcli:
    return register("alice")


@pytest.fixture
def bob(register: Callable[..., Sigcli], alice: Sigcli) -> Sigcli:
    """He and Alice have talked to each other."""
    bob = register("bob")
    talk(bob, alice)
    return bob


@pytest.fixture
def sender(sandbox: Sandbox, alice: Sigcli) -> Iterator[LiveAccount]:
    """Alice's account, kept open in this process."""
    settings = Settings(data_dir=alice.data_dir, warn=lambda _: None)
    (entry,) = settings.data_directory.accounts()
    live = LiveAccount(settings, entry)
    yield live
    live.close()


def daemon(sigcli: Sigcli, *options: str) -> RunningSigcli:
    running = sigcli.start("daemon", *options)
    running.wait_for_complaint("the daemon is ready")
    return running


def test_send_and_receive_work_beside_it_and_it_ends_at_once(
    alice: Sigcli, bob: Sigcli, sender: LiveAccount
) -> None:
    running = daemon(bob)
    following = bob.start("receive", "--json", "-t", "-1")
    to = str(bob.account)
    send_text(sender, to, "one")
    assert texts_of([following.read_json()]) == ["one"]
    # Several commands at once, in both directions.
    sends = [bob.start("send", "-m", f"from bob {n}", str(alice.account)) for n in range(3)]
    send_text(sender, to, "two")
    for send in sends:
        send.wait().expect(0)
    assert texts_of([following.read_json()]) == ["two"]
    following.terminate()
    following.wait().expect(0)
    send_text(sender, to, "three")
    # Without a time to wait it prints what is there and ends.
    assert receive_texts(bob) == ["three"]
    assert sorted(receive_texts(alice)) == [f"from bob {n}" for n in range(3)]
    began = time.monotonic()
    running.terminate()
    finished = running.wait().expect(0)
    assert time.monotonic() - began < 2
    assert finished.stdout == ""
    assert "warning" not in finished.stderr, finished.stderr
    # And without the daemon as ever.
    send_text(sender, to, "four")
    assert receive_texts(bob) == ["four"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_in_order_when_told_to_or_when_its_terminal_is_closed(
    bob: Sigcli, number: signal.Signals
) -> None:
    socket = bob.home / "rpc.sock"
    running = daemon(bob, "--socket", str(socket))
    assert socket.is_socket()
    running.send_signal(number)
    running.wait().expect(0)
    assert not socket.exists()


def test_it_lives_on_without_its_terminal_under_nohup(bob: Sigcli) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as a child inherits it
    try:
        running = daemon(bob)
    finally:
        signal.signal(signal.SIGHUP, before)
    running.send_signal(signal.SIGHUP)
    assert bob.run("listContacts").exit_code == 0
    assert running.running
    running.terminate()
    running.wait().expect(0)


def test_a_follower_receives_by_itself_when_the_daemon_dies(
    bob: Sigcli, sender: LiveAccount
) -> None:
    running = daemon(bob)
    following = bob.start("--no-daemon", "receive", "--json", "-t", "-1")
    to = str(bob.account)
    send_text(sender, to, "one")
    assert texts_of([following.read_json()]) == ["one"]
    running.kill()
    send_text(sender, to, "two")
    assert texts_of([following.read_json(timeout_s=30)]) == ["two"]
    # A daemon that starts beside it hands out what it stores, and says so.
    again = bob.start("daemon")
    again.wait_for_complaint("is already receiving for this account")
    again.terminate()
    again.wait().expect(0)
    following.terminate()
    following.wait().expect(0)


def test_killed_at_any_moment_it_loses_nothing(
    sandbox: Sandbox, bob: Sigcli, sender: LiveAccount
) -> None:
    """Its consumer stores the last id that it has seen, and resumes after it."""
    expected = [f"message {n}" for n in range(MESSAGES)]

    def send() -> None:
        for text in expected:
            send_text(sender, str(bob.account), text)
            time.sleep(0.01)

    dice = random.Random(13)
    environment = Path(sandbox.environment_file)
    sending = threading.Thread(target=send)
    sending.start()
    stored_id: int | None = None
    seen: dict[str, int] = {}
    order: list[int] = []
    try:
        for kill in range(KILLS + 1):
            consumer = LiveConsumer(bob.data_dir, environment, "bot", stored_id)
            is_last = kill == KILLS
            takes = MESSAGES * 2 if is_last else dice.randrange(1, 30)
            until = time.monotonic() + (SOON_S if is_last else dice.uniform(0.2, 3))
            run_ids: list[int] = []
            while takes and len(seen) < MESSAGES and time.monotonic() < until:
                line = consumer.next(until - time.monotonic())
                if line is None:
                    continue
                takes -= 1
                assert line["failure"] is None, line
                run_ids.append(line["id"])
                if line["text"] is not None:
                    # Twice only where this test has not stored its id.
                    seen.setdefault(line["text"], line["id"])
                    assert seen[line["text"]] == line["id"]
                if dice.random() < 0.8:
                    stored_id = line["id"]
                    if dice.random() < 0.5:
                        consumer.tell(f"taken {stored_id}")
            consumer.kill()
            assert run_ids == sorted(set(run_ids))
            order += run_ids
    finally:
        sending.join()
    assert sorted(seen, key=seen.__getitem__) == expected
    # The default consumer has not been there: everything waits for it, once.
    last = LiveConsumer(bob.data_dir, environment, "default", None)
    texts = [next_text(last) for _ in expected]
    assert texts == expected
    last.close()


def next_text(consumer: LiveConsumer) -> str:
    line: dict[str, Any] | None = {}
    while line is not None:
        line = consumer.next(SOON_S)
        if line is not None and line.get("text") is not None:
            return str(line["text"])
    raise AssertionError("nothing came")


def test_memory_stays_flat(
    mock_server: MockServer, sigcli: Sigcli, linked: MockDevice, mock_environment: Path
) -> None:
    """Whatever comes, and with a consumer that takes nothing: what waits for it lies in the store."""
    mock_server.wait_for_sync(linked)
    sigcli.run("receive")
    bob = mock_server.create_primary("Bob")
    know(sigcli, bob)
    consumer = LiveConsumer(sigcli.data_dir, mock_environment, "bot", None)
    sizes: list[int] = []
    wanted = MANY_MESSAGES // 5
    for fifth in range(5):
        mock_server.send_text(
            bob, linked, f"text {fifth}", sealed=True, count=wanted, timeout_s=2 * SOON_S
        )
        assert [next_text(consumer) for _ in range(wanted)] == [
            f"text {fifth} {n}" for n in range(wanted)
        ]
        consumer.tell("memory")
        line = consumer.next(SOON_S)
        while line is not None and "resident_kib" not in line:
            line = consumer.next(SOON_S)
        assert line is not None, fifth
        sizes.append(line["resident_kib"])
    consumer.close()
    assert sizes[-1] - sizes[0] < GROWTH_KIB, sizes


def test_a_full_disk_stops_the_intake_until_there_is_space(
    bob: Sigcli, sender: LiveAccount, sandbox: Sandbox
) -> None:
    # The limit is that of the process: raised from outside, as if space had been freed.
    import resource

    database = next(bob.data_dir.glob("*/account.db"))
    with file_size_limit(database.stat().st_size + 60_000):
        running = bob.start("daemon", "--http", "127.0.0.1:0", "--no-auth")
    running.wait_for_complaint("the daemon is ready")
    (url,) = re.findall(r"http://127\.0\.0\.1:\d+", running.stderr_so_far)
    # How many fit depends on how many come at once.
    complaint, expected = "the disk is full: nothing is received", list[str]()
    while complaint not in running.stderr_so_far:
        assert len(expected) < 2000
        expected.append(f"{len(expected)} " + "x" * 1900)
        send_text(sender, str(bob.account), expected[-1])
    assert running.running
    trouble = 'reason="diskFull"'
    assert trouble in httpx2.get(f"{url}/metrics").text
    assert httpx2.get(f"{url}/v1/health").status_code == 204
    _, hard = resource.prlimit(running.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
    deadline = time.monotonic() + SOON_S
    while waiting_at_service(sandbox, bob):
        assert time.monotonic() < deadline, running.stderr_so_far
        time.sleep(0.1)
    assert running.running
    running.wait_for_complaint("messages are received again")
    assert trouble not in httpx2.get(f"{url}/metrics").text
    # Nothing is repeated, whatever tries again and again meanwhile.
    lines = running.stderr_so_far.splitlines()
    assert len(lines) == len(set(lines)), lines
    assert receive_texts(bob) == expected
    running.terminate()
    running.wait().expect(0)


def waiting_at_service(sandbox: Sandbox, device: Sigcli) -> int:
    accounts = RunningSandbox.find(sandbox.environment_file).accounts()
    (own,) = [one for one in accounts if one["number"] == device.account]
    return int(own["devices"][0]["queued"])


def test_a_device_that_was_registered_elsewhere_says_so_and_waits(
    bob: Sigcli, register: Callable[..., Sigcli]
) -> None:
    running = daemon(bob)
    register("elsewhere", bob.account)
    running.wait_for_complaint("login")
    assert running.running
    running.terminate()
    finished = running.wait().expect(0)
    assert finished.stderr.count("login") <= 2


def test_a_connection_that_breaks_comes_back_and_nothing_is_lost(
    sandbox: Sandbox, bob: Sigcli, sender: LiveAccount
) -> None:
    control = RunningSandbox.find(sandbox.environment_file)
    # Each of the next connections breaks after so many messages.
    control.fault("cut", after=7, times=4, account=bob.account)
    consumer = LiveConsumer(bob.data_dir, Path(sandbox.environment_file), "bot", None)
    try:
        expected = [f"message {n}" for n in range(60)]
        for text in expected:
            send_text(sender, str(bob.account), text)
        assert [next_text(consumer) for _ in expected] == expected
        assert control.faults() == []
    finally:
        control.clear_faults()
        consumer.close()


def test_operations_run_side_by_side_on_one_account(
    bob: Sigcli, alice: Sigcli, sender: LiveAccount
) -> None:
    with ThreadPoolExecutor(6) as threads:
        stamps = list(
            threads.map(lambda n: send_text(sender, str(bob.account), f"message {n}"), range(30))
        )
    assert len(set(stamps)) == 30
    alice.run("send", "-m", "from a command", str(bob.account))
    texts = receive_texts(bob)
    assert sorted(texts) == sorted([*(f"message {n}" for n in range(30)), "from a command"])
