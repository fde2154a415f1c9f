"""Commands done by a running daemon: nobody can tell from what they print, and nothing is lost when it dies."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sigcli.cli.app import main
from sigcli.client.base.settings import Settings
from sigcli.daemon.core import Core
from sigcli.daemon.handover.listening import HandOver
from sigcli.daemon.handover.visit import Declined
from sigcli.operations.table import OPERATIONS
from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from tests.support.acquaintance import talk
from tests.support.printed import next_text
from tests.support.sigcli_process import Finished, RunningSigcli, Sigcli

BOB = "BOB"
"""Stands for Bob's number, as GROUP does for a group with him and NOW for the time of a message."""
WORDS: dict[str, tuple[str, ...]] = {
    "startChangeNumber": ("startChangeNumber", "15"),
    "finishChangeNumber": ("finishChangeNumber", "+15550999", "-v", "123-456", "-p", "-"),
    "unregister": ("unregister", "--no-such-option"),
    "removePin": ("removePin", "too", "much"),
    "addDevice": ("addDevice", "--uri", "sgnl://nothing"),
    "removeDevice": ("removeDevice", "-d", "7"),
    "send": ("send", "-m", "hi", BOB),
    "sendReaction": ("sendReaction", "-e", "👍", "-a", BOB, "-t", "NOW", BOB),
    "sendReceipt": ("sendReceipt", "-t", "NOW", BOB),
    "sendTyping": ("sendTyping", BOB),
    "remoteDelete": ("remoteDelete", "-t", "NOW", BOB),
    "sendAdminDelete": ("sendAdminDelete", "-a", BOB, "-t", "NOW", "-g", "GROUP"),
    "sendPinMessage": ("sendPinMessage", "-a", BOB, "-t", "NOW", BOB),
    "sendUnpinMessage": ("sendUnpinMessage", "-a", BOB, "-t", "NOW", BOB),
    "sendPollCreate": ("--json", "sendPollCreate", "-q", "which?", "-o", "this", "that", "--", BOB),
    "sendPollVote": (
        "sendPollVote",
        "--poll-author",
        BOB,
        "--poll-timestamp",
        "NOW",
        "--vote-count",
        "1",
        "-o",
        "0",
        "--",
        BOB,
    ),
    "sendPollTerminate": ("sendPollTerminate", "--poll-timestamp", "NOW", BOB),
    "sendStory": ("sendStory", "-a", "missing.png"),
    "sendPaymentNotification": ("sendPaymentNotification", "--receipt", "YWJj", BOB),
    "receive": ("receive", "--json"),
    "getAttachment": ("getAttachment", "--id", "nothing"),
    "listAttachments": ("listAttachments", "--json"),
    "removeAttachment": ("removeAttachment", "--id", "nothing"),
    "listDevices": ("listDevices",),
    "updateDevice": ("updateDevice", "-d", "7", "-n", "name"),
    "updateAccount": ("updateAccount", "--unrestricted-unidentified-sender", "false"),
    "updateProfile": ("updateProfile", "--given-name", "Alice"),
    "updateConfiguration": ("updateConfiguration", "--read-receipts", "true"),
    "sendSyncRequest": ("sendSyncRequest",),
    "sendContacts": ("sendContacts",),
    "submitRateLimitChallenge": (
        "submitRateLimitChallenge",
        "--challenge",
        "none",
        "--captcha",
        "none",
    ),
    "listContacts": ("listContacts", "--json"),
    "updateContact": ("updateContact", "-n", "Bobby", BOB),
    "removeContact": ("removeContact", "+15550000"),
    "block": ("block", "+15550000"),
    "unblock": ("unblock", "+15550000"),
    "reportSpam": ("reportSpam", "+15550000"),
    "sendMessageRequestResponse": ("sendMessageRequestResponse", "--type", "accept", BOB),
    "getAvatar": ("getAvatar", "--contact", BOB),
    "getUserStatus": ("getUserStatus", "--json", BOB),
    "listIdentities": ("listIdentities",),
    "trust": ("trust", "-a", BOB),
    "listStickerPacks": ("listStickerPacks",),
    "addStickerPack": ("addStickerPack", "--uri", "no-link"),
    "removeStickerPack": ("removeStickerPack", "--uri", "no-link"),
    "uploadStickerPack": ("uploadStickerPack", "missing.json"),
    "getSticker": ("getSticker", "--pack-id", "00", "--sticker-id", "1"),
    "updateGroup": ("updateGroup", "-g", "GROUP", "-d", "description"),
    "listGroups": ("listGroups",),
    "joinGroup": ("joinGroup", "--uri", "https://example.org"),
    "quitGroup": ("quitGroup", "-g", "bm8gZ3JvdXA="),
}
_TIME = re.compile(r"\b1[0-9]{12}\b|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")


class Desk:
    """Alice's accounts kept open in this process, which does what is handed over, and notes what."""

    def __init__(self, alice: Sigcli) -> None:
        self.core = Core(Settings(data_dir=alice.data_dir, warn=lambda _: None))
        self.done: list[str] = []
        self._hand_over = HandOver(self.core, self._run)

    def __enter__(self) -> Desk:
        self.core.start()
        self._hand_over.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._hand_over.close()
        self.core.close()

    def _run(self, words: object, visit: object) -> int:
        assert isinstance(words, list)
        try:
            exit_code = main(words, None, visit)  # type: ignore[arg-type]
        except Declined:
            self.done.append("declined")
            raise
        self.done.append(" ".join(words))
        return exit_code


@pytest.fixture
def alice(register: Callable[..., Sigcli]) -> Sigcli:
    return register("alice")


@pytest.fixture
def bob(register: Callable[..., Sigcli], alice: Sigcli) -> Sigcli:
    """He and Alice have talked to each other."""
    bob = register("bob")
    talk(bob, alice)
    return bob


def daemon(sigcli: Sigcli, *options: str) -> RunningSigcli:
    running = sigcli.start("daemon", *options)
    running.wait_for_complaint("the daemon is ready")
    return running


def shown(finished: Finished) -> tuple[int, str, str]:
    """What a caller sees, without the times."""
    return (
        finished.exit_code,
        _TIME.sub("TIME", finished.stdout),
        _TIME.sub("TIME", finished.stderr),
    )


def test_the_table_names_every_operation_that_may_be_handed_over() -> None:
    assert set(WORDS) == {name for name, entry in OPERATIONS.items() if entry.hand_over}


def test_everything_handed_over_says_what_the_command_itself_says(
    alice: Sigcli, bob: Sigcli
) -> None:
    group = alice.run("--json", "updateGroup", "-n", "both", "-m", str(bob.account)).json["groupId"]
    now = alice.run("send", "-m", "about this", str(bob.account)).lines[-1]
    meant = {BOB: str(bob.account), "GROUP": group, "NOW": now}
    differing = {}
    alice.run("updateProfile", "--given-name", "Alice")
    alice.run("updateContact", "-n", "Bobby", meant[BOB])
    alice.run("receive")
    with Desk(alice) as desk:
        for name, words in WORDS.items():
            words = tuple(meant.get(word, word) for word in words)
            own = alice.run("--no-daemon", *words, exit_code=None)
            assert desk.done == [], name
            handed_over = alice.run(*words, exit_code=None)
            assert desk.done == [" ".join(words)], name
            desk.done.clear()
            if shown(own) != shown(handed_over):
                differing[name] = (shown(own), shown(handed_over))
        counted = {(name, outcome) for name, outcome, _ in desk.core.counters.operations()}
    assert differing == {}, differing
    assert ("send", "ok") in counted
    assert ("quitGroup", "ok") not in counted
    assert "quitGroup" in {name for name, _ in counted}


# --- a daemon that ends ---------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_receive_goes_on_by_itself_when_the_daemon_that_did_it_ends(
    alice: Sigcli, bob: Sigcli, number: signal.Signals
) -> None:
    running = daemon(bob)
    following = bob.start("receive", "--json", "-t", "-1")
    alice.run("send", "-m", "one", str(bob.account))
    assert next_text(following) == "one"
    running.send_signal(number)
    alice.run("send", "-m", "two", str(bob.account))
    following_texts = [next_text(following)]
    if following_texts == ["one"]:  # the daemon had printed it, and not noted that yet
        following_texts = [next_text(following)]
    assert following_texts == ["two"]
    following.terminate()
    following.wait().expect(0)


# --- where the caller stands ----------------------------------------------------------------------


def test_files_are_those_of_each_callers_folder_though_many_call_at_once(
    alice: Sigcli, bob: Sigcli
) -> None:
    folders = [alice.home / f"folder-{at}" for at in range(6)]
    for folder in folders:
        folder.mkdir()
        (folder / "note.txt").write_text(f"in {folder.name}")
    environment = {**alice.environment, "SIGCLI_ACCOUNT": str(alice.account)}
    with Desk(alice) as desk:
        words = ("send", "-m", "see", "-a", "note.txt", "--", str(bob.account))
        running = [RunningSigcli(words, environment, folder) for folder in folders]
        for one in running:
            one.wait().expect(0)
        alice.run("send", "-a", "-", "--", str(bob.account), stdin="from a pipe")
        assert len(desk.done) == len(folders) + 1
        assert "declined" not in desk.done
    bob.run("receive")
    stored = {path.read_text() for path in bob.data_dir.glob("*/attachments/*") if path.is_file()}
    assert stored == {*(f"in {folder.name}" for folder in folders), "from a pipe"}


def test_a_data_directory_may_be_named_from_where_the_daemon_stands(
    alice: Sigcli, bob: Sigcli
) -> None:
    running = daemon(alice, "-d", "../data")
    environment = {**alice.environment, "SIGCLI_ACCOUNT": str(alice.account)}
    for _ in range(8):  # more than accounts are kept open
        folder = alice.home / "elsewhere"
        folder.mkdir(exist_ok=True)
        RunningSigcli(("listContacts",), environment, folder).wait().expect(0)
        words = ("send", "-m", "from elsewhere", "--", str(bob.account))
        RunningSigcli(words, environment, folder).wait().expect(0)
    assert running.running
    assert list(folder.iterdir()) == []


def test_a_data_directory_with_a_long_path_has_its_socket_elsewhere(
    alice: Sigcli, bob: Sigcli
) -> None:
    long = alice.home / ("long-" * 20) / "data"
    long.parent.mkdir()
    alice.data_dir.rename(long)
    alice.data_dir = long
    alice.environment["SIGCLI_DATA_DIR"] = str(long)
    with Desk(alice) as desk:
        socket = Path((long / "daemon.socket.path").read_text())
        assert socket.is_socket()
        alice.run("listContacts")
        assert desk.done == ["listContacts"]
    assert not socket.parent.exists()
    assert alice.run("listContacts").lines


@pytest.mark.parametrize("option", ["-v", "--no-daemon"])
def test_what_the_caller_asks_for_himself_is_not_handed_over(alice: Sigcli, option: str) -> None:
    with Desk(alice) as desk:
        alice.run("listContacts", option)
        alice.run(option, "listContacts")
        assert set(desk.done) <= {"declined"}


def test_words_in_a_locale_that_is_not_utf_8_are_not_handed_over(
    alice: Sigcli, bob: Sigcli
) -> None:
    ascii = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    words = ("--json", "send", "-m", "x", "nöbody")
    with Desk(alice) as desk:
        own = alice.run("--no-daemon", *words, exit_code=1, env=ascii)
        beside_it = alice.run(*words, exit_code=1, env=ascii)
        assert desk.done == []
    assert shown(own) == shown(beside_it)


def test_another_users_or_versions_daemon_is_not_asked(
    alice: Sigcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigcli.daemon.handover.listening.__version__", "0.0.0")
    with Desk(alice) as desk:
        alice.run("listContacts")
        assert desk.done == []


def test_a_caller_loads_nothing_that_it_does_not_need(alice: Sigcli) -> None:
    with Desk(alice) as desk:
        profile = {"PYTHONPROFILEIMPORTTIME": "1"}
        said = alice.run("listContacts", "--json", env=profile).stderr
        assert desk.done == ["listContacts --json"]
    loaded = {line.rpartition("|")[2].strip() for line in said.splitlines()}
    assert "sigcli.daemon.handover.calling" in loaded
    heavy = {"dataclasses", "inspect", "json", "signal", "sqlite3", "ssl", "threading", "typer"}
    assert loaded & heavy == set()
    assert not any(name.startswith(("sigcli.client", "sigcli.errors", "google")) for name in loaded)


# --- signals --------------------------------------------------------------------------------------


def test_signals_to_the_caller_end_what_the_daemon_does(
    sandbox: Sandbox, alice: Sigcli, bob: Sigcli
) -> None:
    control = RunningSandbox.find(sandbox.environment_file)
    running = daemon(alice)
    for number, exit_code in ((signal.SIGINT, 0), (signal.SIGTERM, 0)):
        following = alice.start("receive", "--json", "-t", "-1")
        bob.run("send", "-m", "for the follower", str(alice.account))
        while following.read_json()["envelope"].get("dataMessage") is None:
            continue
        following.send_signal(number)
        following.wait().expect(exit_code)
    received: list[int] = []
    until_s = time.monotonic() + 60
    while (
        len(received) < 2
    ):  # the daemon's receipts, so that nothing but the next message is delayed
        assert time.monotonic() < until_s
        for line in bob.run("--json", "receive").json_lines:
            received += line["envelope"].get("receiptMessage", {}).get("timestamps", [])
    for number, exit_code in ((signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)):
        control.fault("latency", path="/v1/messages/*", delay=5000, times=1)
        sending = alice.start("send", "-m", "late", str(bob.account))
        until_s = time.monotonic() + 60
        while control.faults():  # until its request has come, which is answered later
            assert time.monotonic() < until_s
            time.sleep(0.02)
        sending.send_signal(number)
        sending.wait().expect(exit_code)
        control.clear_faults()
    assert alice.run("send", "-m", "after", str(bob.account)).lines
    running.terminate()
    running.wait().expect(0)
    assert not (alice.data_dir / "daemon.socket").exists()
