"""A daemon that dies while it does a command for a caller: nothing is sent twice, and what is not known is said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from threading import Thread

import pytest

from sigcli.sandbox.server import Sandbox
from tests.support.accounts import link_account
from tests.support.acquaintance import talk
from tests.support.printed import receive, receive_texts
from tests.support.sigcli_process import Sigcli


@pytest.fixture
def alice(register: Callable[..., Sigcli]) -> Sigcli:
    return register("alice")


def met(alice: Sigcli, register: Callable[..., Sigcli], name: str) -> Sigcli:
    """Somebody who has talked to Alice."""
    somebody = register(name)
    talk(somebody, alice)
    return somebody


@pytest.fixture
def bob(register: Callable[..., Sigcli], alice: Sigcli) -> Sigcli:
    return met(alice, register, "bob")


SENDING = "sigcli.client.sending"
DEATHS = [
    # Where it dies, whether the caller does it then or knows that it is done, and whether Bob has got it otherwise.
    ("sigcli.daemon.handover.visit:Visit.accept", "before", True, None),
    ("sigcli.daemon.handover.visit:Visit.accept", "after", True, None),
    (f"{SENDING}.sending:resolve_audience", "before", True, None),
    (f"{SENDING}.sending:_begin", "before", True, None),
    ("sigcli.store.hand_overs:note_begun", "before", True, None),
    ("sigcli.store.hand_overs:note_begun", "after", True, None),
    (f"{SENDING}.sending:_begin", "after", True, None),
    (f"{SENDING}.delivery:_Delivery._encrypt", "before", True, None),
    (f"{SENDING}.delivery:_Delivery._encrypt", "after", False, False),
    ("sigcli.service.resources.messages:send_sealed", "before", False, False),
    ("sigcli.service.resources.messages:send_sealed", "after", False, True),
    ("sigcli.store.hand_overs:end_parts", "before", False, True),
    ("sigcli.store.hand_overs:end_parts", "after", True, None),
    ("sigcli.cli.running:present", "before", True, None),
    ("sigcli.cli.running:present", "after", False, True),
    ("sigcli.daemon.handover.visit:Visit.finish", "before", False, True),
]


@pytest.fixture
def dying(alice: Sigcli) -> Iterator[Callable[[str, str], None]]:
    """Starts a daemon that dies at a place."""
    made: list[subprocess.Popen[bytes]] = []

    def start(place: str, when: str) -> None:
        words = [sys.executable, "-m", "tests.support.dying_daemon", place, when]
        process = subprocess.Popen([*words, str(alice.data_dir)], stdout=subprocess.PIPE)
        made.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"

    yield start
    for process in made:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_a_daemon_that_dies_at_any_point_sends_nothing_twice(
    alice: Sigcli, bob: Sigcli, dying: Callable[[str, str], None]
) -> None:
    for at, (place, when, does_it_itself, may_have_arrived) in enumerate(DEATHS):
        text, where = f"text {at}", f"{when} {place}"
        dying(place, when)
        sent = alice.run("--json", "send", "-m", text, str(bob.account), exit_code=None)
        arrived = receive_texts(bob).count(text)
        if does_it_itself:
            assert (sent.exit_code, arrived) == (0, 1), (where, sent)
        else:
            assert sent.exit_code == 3, (where, sent)
            assert sent.json_error["code"] == "handOverUnknown", where
            assert arrived == may_have_arrived, where


# --- to a group, with a linked device --------------------------------------------------------------


@pytest.fixture
def tablet(sandbox: Sandbox, alice: Sigcli, in_sandbox: Callable[[str], Sigcli]) -> Sigcli:
    """Alice's linked device."""
    tablet = in_sandbox("tablet")
    scans: list[Thread] = []

    def scan(uri: str) -> None:
        scans.append(Thread(target=alice.run, args=("addDevice", "--uri", uri)))
        scans[0].start()

    link_account(sandbox.environment_file, tablet.data_dir, scan, name="tablet")
    scans[0].join()
    tablet.account = alice.account
    alice.run("receive")
    tablet.run("receive")
    return tablet


def shown_texts(tablet: Sigcli) -> list[str]:
    """What Alice has sent, as her linked device shows it."""
    envelopes = [line["envelope"] for line in receive(tablet)]
    sent = [one["syncMessage"]["sentMessage"] for one in envelopes if "syncMessage" in one]
    return [one["message"] for one in sent if one["message"]]


MESSAGES = "sigcli.service.resources.messages"
TO_ALL = ("bob", "carol", "dave")
GROUP_DEATHS = [
    # Where it dies, how many copies Bob, Carol and Dave have got in the end, of whom it is not known, and how many
    # conversations the linked device shows it in.
    (f"{SENDING}.message_sending:MessageSending.to_group", "before", (1, 1, 1), (), 2),
    (f"{SENDING}.sender_key_message:SenderKeyMessage.encrypt", "after", (1, 1, 1), (), 2),
    (f"{MESSAGES}:send_to_many", "before", (1, 0, 0), ("carol", "dave"), 1),
    (f"{MESSAGES}:send_to_many", "after", (1, 1, 1), ("carol", "dave"), 1),
    (f"{SENDING}.sender_key_sending:_GroupSending._succeed", "after", (1, 1, 1), (), 2),
    (f"{SENDING}.group_sending:_show_other_devices", "before", (1, 1, 1), (), 2),
    (f"{SENDING}.group_sending:_show_other_devices", "after", (1, 1, 1), (), 2),
]


def test_the_caller_goes_on_with_those_who_had_not_got_it(
    alice: Sigcli,
    bob: Sigcli,
    tablet: Sigcli,
    register: Callable[..., Sigcli],
    dying: Callable[[str, str], None],
) -> None:
    """To Bob, and to a group of Carol and Dave."""
    people = {"bob": bob, **{name: met(alice, register, name) for name in ("carol", "dave")}}
    numbers = {str(one.account): name for name, one in people.items()}
    others = [str(people[name].account) for name in ("carol", "dave")]
    group = alice.run("--json", "updateGroup", "-n", "all", "-m", *others).json["groupId"]
    for name in ("carol", "dave"):
        people[name].run("receive")
        people[name].run("send", "-g", group, "-m", "here")
    alice.run("receive")
    alice.run("send", "-m", "first", "-g", group, "--", str(bob.account))
    for one in (*people.values(), tablet):
        one.run("receive")
    for at, (place, when, arrived, unknown, shown) in enumerate(GROUP_DEATHS):
        text, where = f"to all {at}", f"{when} {place}"
        dying(place, when)
        words = ("--json", "send", "-m", text, "-g", group, "--", str(bob.account))
        sent = alice.run(*words, exit_code=3 if unknown else 0)
        assert tuple(receive_texts(people[one]).count(text) for one in TO_ALL) == arrived, where
        ends = {
            numbers[one["recipientAddress"]["number"]]: (one["type"], one.get("unknown"))
            for one in sent.json["results"]
        }
        assert ends == {
            name: ("NETWORK_FAILURE", True) if name in unknown else ("SUCCESS", None)
            for name in TO_ALL
        }, where
        if unknown:
            assert sent.json_error["code"] == "handOverUnknown", where
        assert shown_texts(tablet).count(text) == shown, (where, sent.stderr)


def test_a_transcript_that_had_begun_is_not_sent_again(
    alice: Sigcli, bob: Sigcli, tablet: Sigcli, dying: Callable[[str, str], None]
) -> None:
    deaths = [
        (f"{SENDING}.sync_sending:transcript_delivery", "before", 1, False),
        (f"{MESSAGES}:send", "before", 0, True),
        (f"{MESSAGES}:send", "after", 1, True),
        (f"{SENDING}.message_sending:MessageSending.to_people", "after", 1, False),
    ]
    for at, (place, when, shown, is_unknown) in enumerate(deaths):
        text, where = f"to bob {at}", f"{when} {place}"
        dying(place, when)
        sent = alice.run("--json", "send", "-m", text, str(bob.account))
        assert receive_texts(bob).count(text) == 1, where
        assert ("may not see this message" in sent.stderr) is is_unknown, (where, sent.stderr)
        assert shown_texts(tablet).count(text) == shown, where


# --- from a pipe ----------------------------------------------------------------------------------


def test_text_from_a_pipe_is_not_lost_without_a_word(
    alice: Sigcli, bob: Sigcli, dying: Callable[[str, str], None]
) -> None:
    dying(f"{SENDING}.sending:_begin", "before")
    words = ("--json", "send", "--message-from-stdin", str(bob.account))
    sent = alice.run(*words, stdin="only here", exit_code=3)
    assert sent.json_error["code"] == "handOverLost"
    dying("sigcli.cli.stdin_text:with_text", "before")
    alice.run(*words, stdin="still there")
    assert receive_texts(bob) == ["still there"]
