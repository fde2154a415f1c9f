"""Every request of signald's socket, against the sandbox: what it is asked, and what is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sigcli.daemon.signald import answering
from sigcli.daemon.signald.declaring import REQUESTS
from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from tests.support.accounts import CAPTCHA
from tests.support.acquaintance import talk
from tests.support.sigcli_process import Sigcli
from tests.support.signald_client import RawClient

assert answering is not None
MESSAGES = {"IncomingMessage", "message"}


class Desk:
    """A socket, the account behind it, somebody else, and what was asked so far."""

    def __init__(self, path: str, own: Sigcli, alice: Sigcli) -> None:
        self.client = RawClient(path, timeout_s=60)
        assert self.client.line()["type"] == "version"
        self.own = str(own.account)
        self.alice = str(alice.account)
        (account,) = alice.run("--json", "listAccounts").json
        self.alice_uuid: str = account["uuid"]
        self.to_alice = {"number": self.alice}
        self.asked: set[tuple[str, str]] = set()
        self._count = 0

    def answers(self, request: dict[str, Any], version: str, count: int) -> list[dict[str, Any]]:
        self._count += 1
        id = str(self._count)
        self.asked.add((version, request["type"]))
        self.client.send(id=id, version=version, **request)
        found: list[dict[str, Any]] = []
        while len(found) < count:
            line = self.client.line()
            if line.get("id") == id:
                found.append(line)
        return found

    def data(self, type: str, **fields: Any) -> Any:
        """The data of v1's answer."""
        request = {"type": type, "account": self.own, **fields}
        (answer,) = self.answers(request, "v1", 1)
        assert answer["type"] == type
        assert "error" not in answer, answer
        return answer["data"]

    def error(self, type: str, **fields: Any) -> str:
        """The type of v1's error."""
        (answer,) = self.answers({"type": type, "account": self.own, **fields}, "v1", 1)
        assert "data" not in answer, answer
        error_type: str = answer["error_type"]
        return error_type

    def sent(self, type: str, **fields: Any) -> Any:
        """The same for something that is sent: it has reached everybody."""
        data = self.data(type, **fields)
        assert all(one["success"] for one in data["results"]), data
        assert data["timestamp"] > 0
        return data

    def old(self, type: str, *, count: int = 1, **fields: Any) -> list[dict[str, Any]]:
        """v0's answers."""
        return self.answers({"type": type, "username": self.own, **fields}, "v0", count)

    def one(self, type: str, answer_type: str, **fields: Any) -> Any:
        """The data of v0's only answer, which has this type."""
        (answer,) = self.old(type, **fields)
        assert answer["type"] == answer_type, answer
        return answer.get("data")


@pytest.fixture
def alice(register: Callable[..., Sigcli]) -> Sigcli:
    alice = register("alice")
    alice.run("updateProfile", "--given-name", "Alice")
    return alice


@pytest.fixture
def own(register: Callable[..., Sigcli], alice: Sigcli) -> Sigcli:
    own = register("own")
    own.run("updateProfile", "--given-name", "Own")
    talk(own, alice)
    return own


@pytest.fixture
def desk(own: Sigcli, alice: Sigcli, tmp_path: Path) -> Iterator[Desk]:
    path = tmp_path / "signald" / "signald.sock"
    account, own.account = own.account, None  # the daemon serves all accounts
    running = own.start("daemon", "--signald", str(path))
    running.wait_for_complaint("the daemon is ready")
    own.account = account
    desk = Desk(str(path), own, alice)
    yield desk
    desk.client.close()
    running.terminate()
    running.wait().expect(0)


@pytest.mark.long
def test_every_request(
    desk: Desk,
    alice: Sigcli,
    in_sandbox: Callable[[str], Sigcli],
    sandbox: Sandbox,
    tmp_path: Path,
) -> None:
    control = RunningSandbox.find(sandbox.environment_file)
    _general(desk)
    timestamp = _messages(desk, tmp_path)
    _people(desk)
    _groups(desk, alice)
    _older(desk, alice, timestamp)
    _accounts(desk, control)
    _devices(desk, alice, in_sandbox)
    assert desk.data("delete_account", account=desk.own) == {}
    assert desk.error("list_groups") == "NoSuchAccountError"
    left_out = set(REQUESTS) - desk.asked
    assert not left_out, left_out


def _general(desk: Desk) -> None:
    assert desk.data("version")["name"] == "signald"
    assert desk.one("version", "version")["name"] == "signald"
    assert set(desk.data("protocol")["actions"]) == {"v0", "v1"}
    assert desk.data("subscribe") == {}
    assert desk.data("unsubscribe") == {}
    assert desk.data("get_servers") == {"servers": []}
    assert desk.data("get_remote_config") == {"config": []}
    for refused in ("add_server", "delete_server", "send_sync_message"):
        assert desk.error(refused) == "InvalidRequestError"
    wanted = {"group_id": "AAAA", "from_revision": 0}
    assert desk.error("get_group_revision_pages", **wanted) == "InvalidRequestError"


def _messages(desk: Desk, folder: Path) -> int:
    file = folder / "file.bin"
    file.write_bytes(b"content")
    sent = desk.sent(
        "send",
        recipientAddress=desk.to_alice,
        messageBody="￼ look",
        attachments=[
            {"filename": str(file), "customFilename": "note.txt", "contentType": "text/plain"}
        ],
        mentions=[{"uuid": desk.alice_uuid, "start": 0, "length": 1}],
        quote={"id": 1, "author": desk.alice_uuid, "text": "before", "attachments": None},
        previews=[{"url": "https://example.org", "title": "look", "attachment": None}],
        timestamp=None,
    )
    (result,) = sent["results"]
    assert result["address"] == {"number": desk.alice, "uuid": desk.alice_uuid}
    assert set(result["success"]) == {"unidentified", "needsSync", "duration", "devices"}
    timestamp: int = sent["timestamp"]
    note_to_self = desk.sent("send", recipientAddress=desk.own, messageBody="to me")
    assert len(note_to_self["results"]) == 1
    unknown = desk.data("send", recipientAddress="+15559999999", messageBody="x")
    assert unknown["results"][0]["unregisteredFailure"] is True
    assert "success" not in unknown["results"][0]
    target = {"targetAuthor": desk.own, "targetSentTimestamp": timestamp}
    desk.sent("react", recipientAddress=desk.to_alice, reaction={"emoji": "👍", **target})
    desk.sent("remote_delete", address=desk.to_alice, timestamp=timestamp)
    assert desk.data("mark_read", to=desk.to_alice, timestamps=[timestamp]) == {}
    assert desk.data("typing", address=desk.to_alice, typing=True) == {}
    desk.sent("set_expiration", address=desk.to_alice, expiration=60)
    desk.sent("reset_session", address=desk.to_alice)
    desk.sent("send_payment", address=desk.to_alice, payment={"receipt": "AAAA", "note": "for you"})
    assert desk.error("submit_challenge", challenge="none", captcha_token="none")
    return timestamp


def _people(desk: Desk) -> None:
    assert desk.data("get_profile", address=desk.to_alice)["profile_name"] == "Alice"
    assert desk.data("set_profile", name="New", about="about", emoji="🎈") == {}
    named = desk.data("update_contact", address=desk.to_alice, name="Alice from work")
    assert (named["name"], named["profile_name"]) == ("Alice from work", "Alice")
    (contact,) = desk.data("list_contacts")["profiles"]
    assert contact["address"]["number"] == desk.alice
    address = {"number": desk.alice, "uuid": desk.alice_uuid}
    assert desk.data("resolve_address", partial=desk.to_alice) == address
    assert desk.data("is_identifier_registered", identifier=desk.alice) == {"value": True}
    assert desk.data("is_identifier_registered", identifier="+15559999999") == {"value": False}
    found = desk.data("get_identities", address=desk.alice_uuid)
    (key,) = found["identities"]
    assert found["address"] == address
    assert set(key) == {"added", "safety_number", "qr_code_data", "trust_level"}
    assert len(desk.data("get_all_identities")["identity_keys"]) == 2
    code = {"safety_number": key["safety_number"], "trust_level": "TRUSTED_UNVERIFIED"}
    assert desk.data("trust", address=desk.to_alice, **code) == {}
    assert desk.data("trust", address=desk.to_alice, qr_code_data=key["qr_code_data"]) == {}
    (key,) = desk.data("get_identities", address=desk.to_alice)["identities"]
    assert key["trust_level"] == "TRUSTED_VERIFIED"


def _groups(desk: Desk, alice: Sigcli) -> None:
    group = desk.data("create_group", title="a group", members=[desk.alice_uuid], timer=60)
    id = group["id"]
    assert set(group["accessControl"]) == {"link", "attributes", "members"}
    assert {one["uuid"] for one in group["members"]} >= {desk.alice_uuid}
    sent = desk.sent("send", recipientGroupId=id, messageBody="to all")
    assert sent["results"][0]["address"]["uuid"] == desk.alice_uuid
    changes: dict[str, Any] = {
        "title": "another",
        "description": "what it is for",
        "updateTimer": 0,
        "updateRole": {"uuid": desk.alice_uuid, "role": "ADMINISTRATOR"},
        "updateAccessControl": {"members": "ADMINISTRATOR"},
        "announcements": "ENABLED",
        "removeMembers": [desk.alice_uuid],
        "addMembers": [desk.to_alice],
        "resetLink": True,
    }
    for name, value in changes.items():
        group = desk.data("update_group", groupID=id, **{name: value})["v2"]
    group = desk.data("update_group", groupID=id, updateAccessControl={"link": "ADMINISTRATOR"})[
        "v2"
    ]
    assert (group["title"], group["description"], group["timer"]) == (
        "another",
        "what it is for",
        0,
    )
    assert group["announcements"] == "ENABLED"
    assert group["accessControl"] == {
        "link": "ADMINISTRATOR",
        "attributes": "MEMBER",
        "members": "ADMINISTRATOR",
    }
    assert desk.data("get_group", groupID=id) == group
    assert desk.data("list_groups") == {"groups": [group], "legacyGroups": []}
    assert desk.data("accept_invitation", groupID=id)["id"] == id
    link = group["inviteLink"]
    told = desk.data("group_link_info", uri=link)
    assert (told["groupID"], told["title"], told["memberCount"]) == (id, "another", 2)
    # Alice leaves and asks to come back.
    alice.run("receive")
    for _ in range(2):
        alice.run("quitGroup", "-g", id)
        alice.run("joinGroup", "--uri", link)
        if _ == 0:
            group = desk.data("get_group", groupID=id)
            assert [one["uuid"] for one in group["requestingMembers"]] == [desk.alice_uuid]
            group = desk.data("approve_membership", groupID=id, members=[desk.alice_uuid])
            assert desk.alice_uuid in [one["uuid"] for one in group["members"]]
            alice.run("receive")
    group = desk.data("refuse_membership", group_id=id, members=[desk.alice_uuid], also_ban=True)
    assert group.get("requestingMembers") in ([], None)
    assert [one["uuid"] for one in group["banned_members"]] == [desk.alice_uuid]
    group = desk.data("unban_user", group_id=id, users=[desk.alice_uuid])
    assert group["banned_members"] == []
    group = desk.data("ban_user", group_id=id, users=[desk.alice_uuid])
    assert [one["uuid"] for one in group["banned_members"]] == [desk.alice_uuid]
    assert desk.data("leave_group", groupID=id)["v2"]["removed"] is True
    # A group of Alice's, joined by its link.
    made = alice.run("--json", "updateGroup", "-n", "hers", "--link", "enabled").json
    (listed,) = alice.run("--json", "listGroups", "-g", made["groupId"]).json
    joined = desk.data("join_group", uri=listed["groupInviteLink"])
    assert (joined["title"], joined["pendingAdminApproval"]) == ("hers", False)
    # Where there is nobody else, nobody was reached.
    lonely = desk.data("create_group", title="Lonely", members=[])["id"]
    for type, fields in (
        ("send", {"recipientGroupId": lonely, "messageBody": "x"}),
        (
            "react",
            {
                "recipientGroupId": lonely,
                "reaction": {"emoji": "👍", "targetAuthor": desk.own, "targetSentTimestamp": 1},
            },
        ),
        ("remote_delete", {"group": lonely, "timestamp": 1}),
        ("typing", {"group": lonely, "typing": True}),
    ):
        assert desk.error(type, **fields) == "InvalidRequestError"


def _older(desk: Desk, alice: Sigcli, timestamp: int) -> None:
    to = {"recipientAddress": desk.to_alice}
    (result,) = desk.one("send", "send_results", messageBody="v0", **to)
    assert result["success"]
    target = {"targetAuthor": desk.to_alice, "targetSentTimestamp": timestamp}
    reaction = {"emoji": "👍", **target}
    for type in ("send", "react"):
        assert desk.one(type, "send_results", reaction=reaction, **to)[0]["success"]
    desk.asked |= {("v0", "typing_started"), ("v0", "typing_stopped"), ("v0", "mark_delivered")}
    for type in ("typing_started", "typing_stopped", "mark_delivered"):
        # Nothing is answered.
        desk.client.send(type=type, username=desk.own, timestamps=[timestamp], id=type, **to)
    assert desk.one("mark_read", "mark_read", timestamps=[timestamp], **to) is None
    first, second = desk.old("set_expiration", count=2, expiresInSeconds=0, **to)
    assert (first["type"], second["type"]) == ("send_results", "expiration_updated")
    assert desk.one("subscribe", "subscribed") is None
    assert desk.one("unsubscribe", "unsubscribed") is None
    (account,) = desk.one("list_accounts", "account_list")["accounts"]
    assert (account["username"], account["registered"]) == (desk.own, True)
    assert len(desk.one("list_groups", "group_list")["groups"]) >= 1
    assert desk.one("update_group", "group_created", groupName="v0")["msg_number"] == 5
    groups = desk.one("list_groups", "group_list")["groups"]
    (id,) = [one["groupId"] for one in groups if one["name"] == "v0"]
    change = {"recipientGroupId": id, "groupName": "v0 again"}
    assert desk.one("update_group", "group_updated", **change)["msg_number"] == 6
    assert desk.one("leave_group", "left_group", recipientGroupId=id)["msg_number"] == 7
    made = alice.run("--json", "updateGroup", "-n", "v0 link", "--link", "enabled").json
    (listed,) = alice.run("--json", "listGroups", "-g", made["groupId"]).json
    told = desk.one("group_link_info", "group_join_info", uri=listed["groupInviteLink"])
    assert told["title"] == "v0 link"
    assert desk.one("list_contacts", "contact_list")[0]["address"]["number"] == desk.alice
    named = {"address": desk.to_alice, "name": "A"}
    desk.one("update_contact", "contact_updated", contact=named)
    assert desk.one("get_user", "user", recipientNumber=desk.alice)["uuid"] == desk.alice_uuid
    desk.one("get_user", "user_not_registered", recipientAddress="+15559999999")
    (key,) = desk.one("get_identities", "identities", **to)["identities"]
    desk.one("trust", "trusted_fingerprint", fingerprint=key["fingerprint"], **to)
    desk.one("trust", "trusted_safety_number", fingerprint=key["safety_number"], **to)
    assert desk.one("get_profile", "profile", **to)["name"] == "Alice"
    assert desk.one("set_profile", "profile_set", name="v0") is None
    desk.one("refresh_account", "account_refreshed")
    for type in ("sync_contacts", "sync_groups", "sync_configuration"):
        # A primary device has nobody to ask.
        desk.one(type, "unexpected_error")


def _accounts(desk: Desk, control: RunningSandbox) -> None:
    (account,) = desk.data("list_accounts")["accounts"]
    assert (account["account_id"], account["device_id"]) == (desk.own, 1)
    assert desk.error("request_sync") == "InvalidRequestError"
    for number, version in (("+15550690", "v1"), ("+15550691", "v0")):
        if version == "v1":
            assert desk.error("register", account=number) == "CaptchaRequiredError"
            begun = desk.data("register", account=number, captcha=CAPTCHA)
            assert begun["pending"] is True
            code = control.code(number)
            assert desk.data("verify", account=number, code=code)["account_id"] == number
        else:
            (needs,) = desk.answers({"type": "register", "username": number}, "v0", 1)
            assert needs["type"] == "captcha_required"
            request = {"type": "register", "username": number, "captcha": CAPTCHA}
            (begun,) = desk.answers(request, "v0", 1)
            assert begun["type"] == "verification_required"
            request = {"type": "verify", "username": number, "code": control.code(number)}
            (verified,) = desk.answers(request, "v0", 1)
            assert verified["type"] == "verification_succeeded"
        assert desk.data("delete_account", account=number, server=True) == {}


def _devices(desk: Desk, alice: Sigcli, in_sandbox: Callable[[str], Sigcli]) -> None:
    assert desk.data("set_device_name", device_name="the bot's") == {}
    (device,) = desk.data("get_linked_devices")["devices"]
    assert device["name"] == "the bot's"
    # A device of Alice's, linked over the socket, in both ways.
    begun = desk.data("generate_linking_uri")
    adding = alice.start("addDevice", "--uri", begun["uri"])
    assert desk.data("wait_for_scan", session_id=begun["session_id"]) == {}
    linked = desk.data("finish_link", session_id=begun["session_id"], device_name="linked")
    adding.wait().expect(0)
    assert linked["address"]["uuid"] == desk.alice_uuid
    assert desk.data("request_sync", account=desk.alice) == {}
    assert desk.data("delete_account", account=desk.alice) == {}
    assert len(desk.data("list_accounts")["accounts"]) == 1
    desk.asked.add(("v0", "link"))
    desk.client.send(type="link", id="link", deviceName="v0")
    first = desk.client.line()
    assert first["type"] == "linking_uri"
    adding = alice.start("addDevice", "--uri", first["data"]["uri"])
    second = desk.client.line()
    assert (second["type"], second["id"]) == ("linking_successful", "link")
    adding.wait().expect(0)
    # Another device of the own account, in both versions.
    for n in range(2):
        other = in_sandbox(f"other{n}")
        linking = other.start("link", "-n", f"other {n}")
        uri = linking.read_line()
        if n:
            desk.one("add_device", "device_added", uri=uri)
        else:
            assert desk.data("add_device", uri=uri) == {}
        linking.wait().expect(0)
    ids = [one["id"] for one in desk.data("get_linked_devices")["devices"]]
    assert len(ids) == 3
    assert desk.data("remove_linked_device", deviceId=ids[-1]) == {}
    assert len(desk.data("get_linked_devices")["devices"]) == 2
