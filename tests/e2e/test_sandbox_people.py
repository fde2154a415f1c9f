"""People as a primary device and its linked one see them, between accounts of the sandbox."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from sigcli.store.account_data import PROFILE_KEY
from sigcli.store.recipients import find_by_number
from sigcli.store.settings import AllSettings
from tests.support.account_state import in_store
from tests.support.sigcli_process import Sigcli

PICTURE = b"\x89PNG picture"


@pytest.fixture(scope="module")
def events() -> list[dict[str, object]]:
    """What the sandbox tells."""
    return []


@pytest.fixture(scope="module")
def sandbox(events: list[dict[str, object]]) -> Iterator[Sandbox]:
    with Sandbox(emit=events.append) as sandbox:
        RunningSandbox.find(sandbox.environment_file).switch(rateLimits=False)
        yield sandbox


@pytest.fixture
def laptop(alice: Sigcli, in_sandbox: Callable[[str], Sigcli]) -> Sigcli:
    """A device linked to Alice's account."""
    laptop = in_sandbox("laptop")
    linking = laptop.start("link", "-n", "laptop")
    alice.run("addDevice", "--uri", linking.read_line())
    linking.wait().expect(0)
    laptop.account = alice.account
    alice.run("receive")
    laptop.run("receive")
    return laptop


@pytest.fixture
def alice(register: Callable[[str], Sigcli]) -> Sigcli:
    return register("alice")


@pytest.fixture
def bob(register: Callable[[str], Sigcli]) -> Sigcli:
    return register("bob")


@pytest.fixture
def carol(register: Callable[[str], Sigcli]) -> Sigcli:
    return register("carol")


def number(sigcli: Sigcli) -> str:
    assert sigcli.account is not None
    return sigcli.account


def befriend(one: Sigcli, other: Sigcli) -> None:
    one.run("send", "-m", "hello", number(other))
    other.run("receive")
    other.run("send", "-m", "hello yourself", number(one))
    one.run("receive")


def texts(sigcli: Sigcli) -> list[str]:
    lines = sigcli.run("--json", "receive").json_lines
    found = [line["envelope"].get("dataMessage", {}).get("message") for line in lines]
    return [text for text in found if text]


def own_key(sigcli: Sigcli) -> bytes:
    return in_store(sigcli, lambda database: AllSettings(database).require(PROFILE_KEY))


def key_known_to(sigcli: Sigcli, other: Sigcli) -> bytes | None:
    person = in_store(sigcli, lambda database: find_by_number(database, number(other)))
    assert person is not None
    return person.profile.key


def blocked(sigcli: Sigcli) -> list[Any]:
    listed = sigcli.run("--json", "listContacts", "--blocked", "true").json
    return [contact["number"] for contact in listed]


def told(sigcli: Sigcli, member: str) -> list[Any]:
    """What the account's other devices say of one thing."""
    lines = sigcli.run("--json", "receive").json_lines
    found = [line["envelope"].get("syncMessage", {}).get(member) for line in lines]
    return [value for value in found if value is not None]


def test_known_and_unknown_numbers_are_looked_up_together(alice: Sigcli, bob: Sigcli) -> None:
    # The directory blanks a number that nobody has, and closes after one answer.
    nobody, other = "+15550000001", "+15550000002"
    numbers = (nobody, str(bob.account), other)
    statuses = alice.run("--json", "getUserStatus", *numbers).json
    assert {status["number"]: status["isRegistered"] for status in statuses} == {
        nobody: False,
        bob.account: True,
        other: False,
    }
    sent = alice.run("--json", "send", "-m", "hello", "+15550000003", str(bob.account)).json
    assert sorted(result["type"] for result in sent["results"]) == [
        "SUCCESS",
        "UNREGISTERED_FAILURE",
    ]


def test_a_block_takes_the_profile_key_away_and_shows_on_the_linked_device(
    alice: Sigcli, bob: Sigcli, carol: Sigcli, laptop: Sigcli
) -> None:
    alice.run("updateProfile", "--given-name", "Alice", "--about", "busy")
    for friend in (bob, carol):
        befriend(alice, friend)
    laptop.run("receive")
    before = own_key(alice)
    assert own_key(laptop) == key_known_to(bob, alice) == key_known_to(carol, alice) == before
    alice.run("block", number(bob))
    after = own_key(alice)
    assert after != before
    # Everybody else is told by the next receive.
    alice.run("receive")
    carol.run("receive")
    bob.run("receive")
    assert key_known_to(carol, alice) == after
    assert key_known_to(bob, alice) == before
    laptop.run("receive")
    assert blocked(laptop) == [number(bob)]
    bob.run("send", "-m", "let me in", number(alice))
    carol.run("send", "-m", "hi", number(alice))
    assert texts(alice) == ["hi"]
    assert texts(laptop) == ["hi"]
    # The linked device takes the key from what the primary writes.
    alice.run("send", "-m", "hi back", number(carol))
    laptop.run("receive")
    assert own_key(laptop) == after
    (contact,) = carol.run("--json", "listContacts", number(alice)).json
    assert (contact["profile"]["givenName"], contact["profile"]["about"]) == ("Alice", "busy")

    alice.run("unblock", number(bob))
    laptop.run("receive")
    assert blocked(laptop) == []


def test_a_block_on_the_linked_device_makes_the_primary_replace_the_key(
    alice: Sigcli, bob: Sigcli, laptop: Sigcli
) -> None:
    befriend(alice, bob)
    laptop.run("receive")
    before = own_key(alice)
    laptop.run("block", number(bob))
    assert own_key(laptop) == before
    alice.run("receive")
    assert blocked(alice) == [number(bob)]
    assert own_key(alice) != before


def test_a_group_without_the_blocked_person_gets_the_new_key(
    alice: Sigcli, bob: Sigcli, carol: Sigcli
) -> None:
    for friend in (bob, carol):
        befriend(alice, friend)
    alice.run("updateGroup", "-n", "friends", "-m", number(carol))
    carol.run("receive")
    alice.run("removeContact", number(carol))
    alice.run("block", number(bob))
    alice.run("receive")
    carol.run("receive")
    assert key_known_to(carol, alice) == own_key(alice)


def test_settings_and_contacts_reach_the_linked_device(
    alice: Sigcli, bob: Sigcli, laptop: Sigcli
) -> None:
    befriend(alice, bob)
    laptop.run("receive")
    assert alice.run("updateConfiguration", "--read-receipts", "false").stdout == ""
    shown = alice.run("--json", "updateConfiguration").json
    assert shown["readReceipts"] is False
    (configuration,) = told(laptop, "configuration")
    assert configuration["readReceipts"] is False
    alice.run("updateContact", number(bob), "-n", "Bob")
    alice.run("receive")
    laptop.run("receive")
    (contact,) = laptop.run("--json", "listContacts", "--name", "Bob").json
    assert contact["number"] == number(bob)
    alice.run("sendContacts")
    assert told(laptop, "type") == ["CONTACTS_SYNC"]
    failed = alice.run("--json", "sendSyncRequest", exit_code=1)
    assert '"code": "linkedDeviceOnly"' in failed.stderr


def test_pictures_of_profiles(alice: Sigcli, bob: Sigcli, tmp_path: Path) -> None:
    befriend(alice, bob)
    file = tmp_path / "me.png"
    file.write_bytes(PICTURE)
    alice.run("updateProfile", "--given-name", "Alice", "--avatar", str(file))
    own = alice.run("--json", "getAvatar", "-p", number(alice)).json
    assert base64.b64decode(own["data"]) == PICTURE
    made = alice.run("--json", "updateGroup", "-n", "us", "-m", number(bob), "-a", str(file)).json
    bob.run("receive")
    shown = bob.run("--json", "getAvatar", "-g", made["groupId"]).json
    assert base64.b64decode(shown["data"]) == PICTURE
    alice.run("quitGroup", "-g", made["groupId"], "--admin", number(bob))
    alice.run("block", number(bob))  # the picture is encrypted anew
    own = alice.run("--json", "getAvatar", "-p", number(alice)).json
    assert base64.b64decode(own["data"]) == PICTURE
    alice.run("unblock", number(bob))
    alice.run("send", "-m", "my new key", number(bob))
    bob.run("receive")
    for _ in range(2):
        shown = bob.run("--json", "getAvatar", "-p", number(alice)).json
        assert base64.b64decode(shown["data"]) == PICTURE


def test_a_stranger_s_messages_are_reported_as_spam(
    register: Callable[[str], Sigcli], events: list[dict[str, object]]
) -> None:
    victim, spammer = register("victim"), register("spammer")
    assert victim.account is not None
    sent = [spammer.run("send", "-m", text, victim.account).lines[0] for text in ("buy", "now")]
    (first, *_) = [line["envelope"] for line in victim.run("--json", "receive").json_lines]
    word = first["sourceUuid"]
    one = victim.run("--json", "reportSpam", word, "--timestamp", sent[0]).json["reported"]
    assert one == [{"serverGuid": first["serverGuid"], "timestamp": int(sent[0])}]
    told = victim.run("reportSpam", word)
    assert (told.stdout, told.stderr) == ("", "sigcli: 2 messages reported\n")
    nothing = victim.run("--json", "reportSpam", word, "--timestamp", "1", exit_code=1)
    assert nothing.json_error["code"] == "nothingToReport"
    reports = [event for event in events if event["event"] == "spamReport"]
    assert [report["source"] for report in reports] == [word] * 3
    assert reports[0]["tokenIsRight"], "the first message came unsealed, with the service's token"


def test_a_directory_that_fails_holds_nobody_else_up(
    sandbox: Sandbox, alice: Sigcli, bob: Sigcli, carol: Sigcli
) -> None:
    befriend(alice, bob)
    control = RunningSandbox.find(sandbox.environment_file)
    words = ("--json", "send", "-m", "alarm", number(carol), number(bob))
    control.fault("status", status=503, path="/v2/directory/auth", times=1)
    results = alice.run(*words).json["results"]
    assert {one["recipientAddress"]["number"]: one["type"] for one in results} == {
        number(bob): "SUCCESS",
        number(carol): "NETWORK_FAILURE",
    }
    control.fault("status", status=503, path="/v2/directory/auth", times=2)
    again = alice.run(*words, "--retry", "1m").json
    assert [one["type"] for one in again["results"]] == ["SUCCESS", "SUCCESS"]
    assert texts(carol) == ["alarm"]
    assert texts(bob) == ["alarm", "alarm"]
    control.fault("status", status=503, path="/v2/directory/auth", times=1)
    alone = alice.run("--json", "send", "-m", "alarm", "+15550666", exit_code=3)
    assert alone.json_error["code"] == "serverUnavailable"
