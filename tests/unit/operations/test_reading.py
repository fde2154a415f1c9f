"""Parameters as programs write them."""

from __future__ import annotations

from typing import Any

import pytest

from sigcli.errors import InvalidParameters, NoRecipients, UserError
from sigcli.operations import (
    ListContacts,
    Receive,
    Send,
    SendMessageRequestResponse,
    SendReaction,
    SendReceipt,
    UpdateDevice,
    UpdateGroup,
    Verify,
)
from sigcli.operations.reading import json_names

REACTION: dict[str, Any] = {"emoji": "x", "targetAuthor": "+1", "targetTimestamp": 5}


@pytest.mark.parametrize(
    "params",
    [
        {"recipient": "+1"},
        {"recipient": ["+1"]},
        {"recipients": ["+1"]},
        {"recipients": "+1"},
        {"recipient": None, "recipients": ["+1", None]},
    ],
)
def test_one_or_many_in_singular_and_plural(params: dict[str, Any]) -> None:
    assert Send.from_json({**params, "message": "x"}).recipients == ("+1",)


def test_dashed_names_come_first() -> None:
    read = SendReaction.from_json(
        {
            **REACTION,
            "group-id": ["G="],
            "groupId": ["H="],
            "target-author": "+2",
            "target-timestamp": "1750000000123",
        }
    )
    assert read.group_ids == ("G=",)
    assert (read.target_author, read.target_timestamp) == ("+2", 1_750_000_000_123)


@pytest.mark.parametrize("timestamp", [5, 5.0, "5", [5], ["5"]])
def test_numbers_in_any_form(timestamp: Any) -> None:
    params = {**REACTION, "targetTimestamp": timestamp, "noteToSelf": True}
    assert SendReaction.from_json(params).target_timestamp == 5


@pytest.mark.parametrize(("given", "read"), [(True, True), ("true", True), ("False", False)])
def test_booleans_in_any_form(given: Any, read: bool) -> None:
    assert ListContacts.from_json({"blocked": given}).blocked is read
    assert ListContacts.from_json({"allRecipients": given}).all_recipients is read
    assert ListContacts.from_json({"blocked": None}).blocked is None


def test_what_clients_send_beside_is_ignored() -> None:
    read = SendReceipt.from_json(
        {
            "account": "+1",
            "recipient": ["+2"],
            "target-timestamps": [1, "2"],
            "receipt-type": "read",
            "trustNewIdentities": "always",
            "type": "VIEWED",
        }
    )
    assert (read.recipient, read.target_timestamps, read.type) == ("+2", (1, 2), "viewed")


def test_a_group_as_programs_update_it() -> None:
    read = UpdateGroup.from_json(
        {
            "groupId": "G=",
            "member": [],
            "admins": "+1",
            "removeMember": "+2",
            "link": "enabledWithApproval",
            "setPermissionAddMember": "onlyAdmins",
            "set-permission-send-messages": "EVERY_MEMBER",
            "expiration": 0,
            "description": "",
            "avatar": None,
        }
    )
    assert (read.members, read.admins, read.remove_members) == ((), ("+1",), ("+2",))
    assert (read.link, read.add_member) == ("enabled-with-approval", "only-admins")
    assert (read.send_messages, read.expiration, read.description) == ("every-member", 0, "")


def test_mentions_are_those_of_the_text_and_not_the_search_for_them() -> None:
    read = Send.from_json({"recipient": "+1", "message": "@x", "mentions": ["0:2:+2"]})
    assert (read.mentions, read.find_mentions) == (("0:2:+2",), False)
    assert Send.from_json({"recipient": "+1", "message": "x", "findMentions": True}).find_mentions


def test_the_command_lines_own_parameters_are_unknown() -> None:
    with pytest.raises(UserError):
        Send.from_json({"recipient": "+1", "messageFromStdin": True})


@pytest.mark.parametrize(
    ("declared", "params", "named"),
    [
        (SendReaction, {"emoji": "x", "targetAuthor": "+1"}, "targetTimestamp"),
        (SendReaction, {**REACTION, "targetTimestamp": "soon"}, "targetTimestamp"),
        (SendReaction, {**REACTION, "targetTimestamp": 5.5}, "targetTimestamp"),
        (SendReaction, {**REACTION, "targetTimestamp": True}, "targetTimestamp"),
        (SendReaction, {**REACTION, "targetTimestamp": -1}, "targetTimestamp"),
        (SendReaction, {**REACTION, "targetTimestamp": float("inf")}, "targetTimestamp"),
        (SendReaction, {**REACTION, "emoji": {"a": 1}}, "emoji"),
        (SendReaction, {**REACTION, "emoji": ["a", "b"]}, "emoji"),
        (SendReaction, {**REACTION, "remove": 1}, "remove"),
        (Send, {"recipient": [["+1"]], "message": "x"}, "recipient"),
        (Send, {"recipient": "+1", "text-style": [{"start": 1}]}, "text-style"),
        (SendMessageRequestResponse, {"recipient": "+1", "type": "perhaps"}, "type"),
        (UpdateDevice, {"deviceName": "x"}, "deviceId"),
        (Verify, {"verificationCode": "1", "account": "+1"}, "account"),
        (Receive, {"consumer": "x"}, "consumer"),
    ],
)
def test_what_does_not_fit_is_named(declared: Any, params: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidParameters, match=named) as caught:
        declared.from_json(params)
    assert caught.value.parameter == named
    assert (caught.value.exit_code, caught.value.code) == (1, "invalidParameters")


def test_what_makes_no_sense_together_is_the_operations_own_error() -> None:
    with pytest.raises(NoRecipients):
        Send.from_json({"message": "x"})


def test_all_names_of_a_parameter() -> None:
    names = {one.name: json_names(one) for one in Send.parameters}
    assert names["group_ids"] == ["group-id", "group", "groupId", "group-ids", "groups", "groupIds"]
    assert names["message"] == ["message"]
    assert names["recipients"] == ["recipient", "recipients"]
