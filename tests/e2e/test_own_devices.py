"""A primary device and two linked ones: what is done on one of them shows on the two others."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sigcli.store.account_data import load_account_keys
from tests.support.account_state import in_store
from tests.support.sandbox_process import SandboxProcess, envelopes, texts
from tests.support.sigcli_process import Sigcli

FIRE = "\N{FIRE}"
PICTURE = b"\x89PNG picture"


@dataclass
class Cast:
    """Alice's three devices, and Bob, who knows her."""

    sandbox: SandboxProcess
    phone: Sigcli
    laptop: Sigcli
    tablet: Sigcli
    bob: Sigcli
    group: str

    @property
    def own(self) -> tuple[Sigcli, Sigcli, Sigcli]:
        return self.phone, self.laptop, self.tablet

    def others(self, device: Sigcli) -> list[Sigcli]:
        return [other for other in self.own if other is not device]

    def settle(self) -> None:
        """Everybody takes what waits for them."""
        for device in (*self.own, self.bob):
            device.run("receive")


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    with SandboxProcess(tmp_path_factory.mktemp("devices")) as sandbox:
        phone, bob = sandbox.account(), sandbox.account()
        laptop, tablet = sandbox.linked(phone), sandbox.linked(phone)
        for device in (phone, laptop, tablet):
            device.run("receive")
        phone.run("send", "-m", "hello", number(bob))
        bob.run("receive")
        bob.run("send", "-m", "hello yourself", number(phone))
        made = phone.run("--json", "updateGroup", "-n", "friends", "-m", number(bob)).json
        cast = Cast(sandbox, phone, laptop, tablet, bob, made["groupId"])
        cast.settle()
        bob.run("updateGroup", "-g", cast.group)
        cast.settle()
        yield cast


@pytest.fixture(params=["phone", "laptop"])
def device(request: pytest.FixtureRequest, cast: Cast) -> Sigcli:
    """The primary device, and one of the linked ones."""
    found: Sigcli = getattr(cast, request.param)
    return found


def number(sigcli: Sigcli) -> str:
    assert sigcli.account is not None
    return sigcli.account


def edit(device: Sigcli, *words: str) -> None:
    """Runs a command whose change the storage service learns of, by the next ``receive`` at the latest."""
    device.run(*words)
    device.run("receive")


def told(device: Sigcli) -> list[Any]:
    """What a device is told by the other ones, but for what it is to fetch from the service."""
    syncs = [envelope.get("syncMessage") for envelope in envelopes(device)]
    return [sync for sync in syncs if sync and "fetchLatest" not in sync]


def contact(device: Sigcli, person: Sigcli) -> dict[str, Any]:
    listed = device.run("--json", "listContacts", "--all-recipients").json
    (found,) = [one for one in listed if one["number"] == number(person)]
    return dict(found)


def group(device: Sigcli, cast: Cast) -> dict[str, Any]:
    (found,) = device.run("--json", "listGroups", "-g", cast.group).json
    return dict(found)


def message_from(person: Sigcli, cast: Cast, text: str = "hi") -> int:
    """Bob or somebody else writes, and all three devices take it."""
    sent = person.run("--json", "send", "-m", text, number(cast.phone)).json["timestamp"]
    for device in cast.own:
        device.run("receive")
    return int(sent)


def test_what_is_sent(cast: Cast, device: Sigcli, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("bread\n")
    text = device.run("--json", "send", "-m", "hi", "-a", str(file), number(cast.bob)).json
    edit = ("send", "-m", "ho", "--edit-timestamp", str(text["timestamp"]))
    device.run(*edit, number(cast.bob))
    reaction = ("sendReaction", "-e", FIRE, "-a", number(cast.bob), "-t", "1000")
    device.run(*reaction, "-g", cast.group)
    device.run("send", "--note-to-self", "-m", "milk")
    for other in cast.others(device):
        first, second, third, fourth = (sync["sentMessage"] for sync in told(other))
        assert first["destinationNumber"] == number(cast.bob)
        assert (first["timestamp"], first["message"]) == (text["timestamp"], "hi")
        (attachment,) = first["attachments"]
        assert Path(attachment["localPath"]).read_text() == "bread\n"
        assert second["editMessage"]["dataMessage"]["message"] == "ho"
        assert third["reaction"]["emoji"] == FIRE
        assert third["groupInfo"]["groupId"] == cast.group
        assert (fourth["destinationNumber"], fourth["message"]) == (number(cast.phone), "milk")
    device.run("remoteDelete", "-t", str(text["timestamp"]), number(cast.bob))
    for other in cast.others(device):
        (sync,) = told(other)
        assert sync["sentMessage"]["remoteDelete"]["timestamp"] == text["timestamp"]
    assert told(device) == []
    cast.bob.run("receive")


def test_what_is_read_and_viewed(cast: Cast, device: Sigcli) -> None:
    timestamp = message_from(cast.bob, cast)
    for kind, member in (("read", "readMessages"), ("viewed", "viewedMessages")):
        device.run("sendReceipt", number(cast.bob), "-t", str(timestamp), "--type", kind)
        for other in cast.others(device):
            (sync,) = told(other)
            ((mark),) = sync[member]
            assert (mark["senderNumber"], mark["timestamp"]) == (number(cast.bob), timestamp)
    receipts = [one["receiptMessage"] for one in envelopes(cast.bob) if one.get("receiptMessage")]
    assert [one["timestamps"] for one in receipts if one["isRead"]] == [[timestamp]]
    assert [one["timestamps"] for one in receipts if one["isViewed"]] == [[timestamp]]


def test_what_is_read_as_it_is_received(cast: Cast, device: Sigcli) -> None:
    sent = cast.bob.run("--json", "send", "-m", "hi", number(cast.phone)).json["timestamp"]
    device.run("receive", "--send-read-receipts")
    for other in cast.others(device):
        (sync,) = told(other)
        assert [mark["timestamp"] for mark in sync["readMessages"]] == [sent]
    cast.bob.run("receive")


def test_a_new_timer(cast: Cast, device: Sigcli) -> None:
    seconds = 3600 + 60 * cast.own.index(device)
    device.run("updateContact", number(cast.bob), "-e", str(seconds))
    for other in cast.others(device):
        (sync,) = told(other)
        assert sync["sentMessage"]["isExpirationUpdate"] is True
        assert contact(other, cast.bob)["messageExpirationTime"] == seconds
    cast.bob.run("receive")
    assert contact(cast.bob, cast.phone)["messageExpirationTime"] == seconds
    device.run("updateContact", number(cast.bob), "-e", "0")
    cast.settle()


def test_the_names_of_contacts(cast: Cast) -> None:
    edit(cast.phone, "updateContact", number(cast.bob), "-n", "Bob", "--family-name", "Lee")
    for other in (cast.laptop, cast.tablet):
        assert told(other) == [{"type": "CONTACTS_SYNC"}]
        assert contact(other, cast.bob)["name"] == "Bob Lee"
    nickname = ("--nick-given-name", "Bobby", "--note", "plumber")
    edit(cast.laptop, "updateContact", number(cast.bob), "-n", "Robert", *nickname)
    for other in (cast.phone, cast.tablet):
        other.run("receive")
        found = contact(other, cast.bob)
        assert (found["givenName"], found["familyName"]) == ("Robert", "Lee")
        assert (found["nickGivenName"], found["note"]) == ("Bobby", "plumber")
    edit(cast.laptop, "removeContact", number(cast.bob), "--hide")
    for other in (cast.phone, cast.tablet):
        other.run("receive")
        assert contact(other, cast.bob)["isHidden"] is True
    # Whoever is written to is back.
    cast.phone.run("send", "-m", "hello again", number(cast.bob))
    cast.phone.run("sendContacts")
    cast.settle()
    for own in cast.own:
        found = contact(own, cast.bob)
        assert (found["nickGivenName"], found["isHidden"]) == ("Bobby", False)


def test_a_group(cast: Cast, device: Sigcli) -> None:
    name = f"friends of {cast.own.index(device)}"
    device.run("updateGroup", "-g", cast.group, "-n", name, "-e", "3600")
    made = device.run("--json", "updateGroup", "-n", "new", "-m", number(cast.bob)).json["groupId"]
    for other in cast.others(device):
        infos = [sync["sentMessage"]["groupInfo"] for sync in told(other)]
        assert [(info["groupId"], info["type"]) for info in infos] == [
            (cast.group, "UPDATE"),
            (made, "DELIVER"),
        ]
        changed = group(other, cast)
        assert (changed["name"], changed["messageExpirationTime"]) == (name, 3600)
        listed = other.run("--json", "listGroups", "-g", made).json
        assert [one["isMember"] for one in listed] == [True]
    edit(device, "quitGroup", "-g", made, "--admin", number(cast.bob))
    for other in cast.others(device):
        told(other)
        listed = other.run("--json", "listGroups", "-g", made).json
        assert [one["isMember"] for one in listed] == [False]
    cast.settle()


def test_who_is_blocked(cast: Cast, device: Sigcli) -> None:
    edit(device, "block", number(cast.bob), "-g", cast.group)
    for other in cast.others(device):
        told(other)
        assert contact(other, cast.bob)["isBlocked"] is True
        assert group(other, cast)["isBlocked"] is True
    cast.bob.run("send", "-m", "let me in", number(cast.phone))
    assert [text for own in cast.own for text in texts(own)] == []
    edit(device, "unblock", number(cast.bob), "-g", cast.group)
    for other in cast.others(device):
        told(other)
        assert contact(other, cast.bob)["isBlocked"] is False
        assert group(other, cast)["isBlocked"] is False
    cast.bob.run("send", "-m", "thanks", number(cast.phone))
    assert [text for own in cast.own for text in texts(own)] == ["thanks"] * 3
    cast.settle()


def test_whose_key_is_verified(cast: Cast, device: Sigcli) -> None:
    keys = in_store(cast.bob, load_account_keys)

    def trust(own: Sigcli) -> Any:
        # The number that he was first written to has a key of its own.
        listed = own.run("--json", "listIdentities", "-n", number(cast.bob)).json
        (identity,) = [one for one in listed if one["serviceId"] == one["uuid"]]
        assert identity["fingerprint"] == keys.aci_identity.public_key.serialize().hex(" ")
        return identity

    device.run("trust", number(cast.bob), "-v", trust(device)["safetyNumber"])
    names = {line.split(": ")[0] for line in device.run("listIdentities").lines}
    assert number(cast.bob) in names
    assert [name for name in names if name.startswith("PNI:")]
    for other in cast.others(device):
        told(other)
        assert trust(other)["trustLevel"] == "TRUSTED_VERIFIED"


def test_whose_request_is_accepted_or_deleted(cast: Cast, device: Sigcli) -> None:
    stranger = cast.sandbox.account()

    def asks(own: Sigcli) -> list[Any]:
        lines = [one for one in envelopes(own) if one.get("dataMessage")]
        return [(one["sourceUuid"], one.get("messageRequest", False)) for one in lines]

    stranger.run("send", "-m", "may I?", number(cast.phone))
    ((uuid, is_request),) = asks(cast.phone)
    assert is_request
    assert [asks(own) for own in cast.others(cast.phone)] == [[(uuid, True)]] * 2
    for answer in ("delete", "accept"):
        device.run("sendMessageRequestResponse", "--type", answer, uuid)
        for other in cast.others(device):
            (sync,) = told(other)
            response = sync["messageRequestResponse"]
            assert (response["type"], response["personUuid"]) == (answer.upper(), uuid)
    stranger.run("receive")
    stranger.run("send", "-m", "thanks", number(cast.phone))
    assert [asks(own) for own in cast.own] == [[(uuid, False)]] * 3


def test_the_profile(cast: Cast, device: Sigcli, tmp_path: Path) -> None:
    name = f"Alice {cast.own.index(device)}"
    picture = tmp_path / "me.png"
    picture.write_bytes(PICTURE + name.encode())
    device.run("updateProfile", "--given-name", name, "--about", "busy", "--avatar", str(picture))
    for own in cast.own:
        own.run("receive")
    # What a device prints of the others' messages says by which name the account goes.
    device.run("send", "--note-to-self", "-m", "milk")
    for other in cast.others(device):
        shown = [one for one in envelopes(other) if "sentMessage" in one["syncMessage"]]
        assert [one["sourceName"] for one in shown] == [name]
        avatar = other.run("--json", "getAvatar", "-p", number(cast.phone)).json
        assert base64.b64decode(avatar["data"]) == picture.read_bytes()


def test_the_configuration(cast: Cast) -> None:
    cast.phone.run("updateConfiguration", "--read-receipts", "false")
    linked = (cast.laptop, cast.tablet)
    for other in linked:
        (sync,) = told(other)
        assert sync["configuration"]["readReceipts"] is False
    timestamp = message_from(cast.bob, cast)
    for other in linked:
        marked = other.run("--json", "sendReceipt", number(cast.bob), "-t", str(timestamp))
        assert marked.json["results"] == []
    cast.phone.run("updateConfiguration", "--read-receipts", "true")
    cast.settle()
    for other in linked:
        marked = other.run("--json", "sendReceipt", number(cast.bob), "-t", str(timestamp))
        assert [one["type"] for one in marked.json["results"]] == ["SUCCESS"]
    cast.settle()


def test_what_a_linked_device_asks_for(cast: Cast) -> None:
    cast.phone.run("block", "-g", cast.group)
    cast.settle()
    cast.laptop.run("sendSyncRequest")
    cast.phone.run("receive")
    for other in (cast.laptop, cast.tablet):
        answers = {name: value for sync in told(other) for name, value in sync.items()}
        assert answers["type"] == "CONTACTS_SYNC"
        assert (answers["blockedNumbers"], answers["blockedGroupIds"]) == ([], [cast.group])
        assert answers["configuration"]["readReceipts"] is True
        assert set(answers["keys"]) == {"accountEntropyPool", "mediaRootBackupKey"}
    cast.phone.run("unblock", "-g", cast.group)
    cast.settle()


def test_a_device_that_is_renamed_and_removed(cast: Cast) -> None:
    def names(own: Sigcli) -> dict[int, str]:
        return {one["id"]: one["name"] for one in own.run("--json", "listDevices").json}

    third = cast.sandbox.linked(cast.phone)
    cast.settle()
    third.run("receive")
    (new,) = set(names(cast.phone)) - {1, 2, 3}
    cast.phone.run("updateDevice", "-d", str(new), "-n", "desk")
    assert told(cast.laptop) == told(third) == [{"deviceNameChange": {"deviceId": new}}]
    assert names(cast.laptop)[new] == names(third)[new] == "desk"
    cast.phone.run("removeDevice", "-d", str(new))
    assert new not in names(cast.tablet)
    refused = third.run("--json", "receive", exit_code=3)
    assert refused.json_error["code"] == "loginRefused"
    for own in cast.own:
        assert own.run("send", "--note-to-self", "-m", "still here").stderr == ""
    cast.settle()
