from __future__ import annotations

from typing import Any

import pytest

from sigcli.daemon.signald.declaring import REQUESTS, V0, V1
from tests.support.signald_client import RawClient
from tests.unit.daemon.signald.conftest import NUMBER


def problems(answer: dict[str, Any]) -> list[str]:
    assert answer["error_type"] == "RequestValidationFailure"
    assert "data" not in answer
    assert answer["error"]["message"].startswith("input validation failed")
    found: list[str] = answer["error"]["validationResults"]
    return found


def test_missing_arguments(client: RawClient) -> None:
    answer = client.ask(type="mark_read", version="v1", account=NUMBER)
    assert answer["type"] == "mark_read"
    assert problems(answer) == [
        "missing required argument: to",
        "missing required argument: timestamps",
    ]


@pytest.mark.parametrize(
    ("given", "count"),
    [({}, 0), ({"recipientAddress": "+15550101", "recipientGroupId": "x="}, 2)],
)
def test_exactly_one(client: RawClient, given: dict[str, Any], count: int) -> None:
    answer = client.ask(type="send", version="v1", username=NUMBER, messageBody="x", **given)
    assert problems(answer) == [
        f"exactly one required of: recipientAddress, recipientGroupId ({count} found)"
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", 5),
        ("to", {}),
        ("to", {"number": None}),
        ("to", {"number": 5}),
        ("to", ""),
        ("timestamps", 5),
        ("timestamps", ["x"]),
        ("timestamps", [-1]),
        ("timestamps", [True]),
        ("when", 1 << 64),
    ],
)
def test_values_that_do_not_fit(client: RawClient, field: str, value: Any) -> None:
    request = {"account": NUMBER, "to": "+15550101", "timestamps": [1], field: value}
    assert len(problems(client.ask(type="mark_read", version="v1", **request))) == 1


def test_unknown_fields_and_nulls_are_passed_over(client: RawClient) -> None:
    answer = client.ask(type="list_groups", version="v1", account=NUMBER, colour="red", quote=None)
    assert answer == {"type": "list_groups", "data": {"groups": [], "legacyGroups": []}}


def test_versions(client: RawClient) -> None:
    assert client.ask(type="no_such_type")["type"] == "unknown_command"
    assert client.ask(type="no_such_type", version="v0")["data"]["msg_number"] == 5
    assert problems(client.ask(type="no_such_type", version="v1")) == [
        "Unknown request type: no_such_type"
    ]
    assert problems(client.ask(type="remote_delete")) == ["missing required argument: version"]
    wrong: tuple[Any, ...] = ("v0", "v2", 5, [])
    for version in wrong:
        assert problems(client.ask(type="remote_delete", version=version)) == [
            "unknown version of that request type"
        ]
    # v1 without saying so, and v0 without saying so.
    assert client.ask(type="resolve_address")["error_type"] == "RequestValidationFailure"
    assert client.ask(type="list_groups", username=NUMBER)["type"] == "group_list"


def test_an_account_that_is_not_here(client: RawClient) -> None:
    answer = client.ask(type="list_groups", version="v1", account="+15550199")
    assert answer["error_type"] == "NoSuchAccountError"
    assert answer["error"]["account"] == "+15550199"
    assert "data" not in answer


@pytest.mark.parametrize(
    ("request_", "error_type"),
    [
        ({"type": "get_group", "groupID": "AAAA"}, "UnknownGroupError"),
        ({"type": "group_link_info", "uri": "https://example.org"}, "InvalidInviteURIError"),
        ({"type": "add_server"}, "InvalidRequestError"),
        ({"type": "send_sync_message"}, "InvalidRequestError"),
        ({"type": "wait_for_scan", "session_id": "none"}, "NoSuchSessionError"),
        ({"type": "get_profile", "address": "no such name"}, "InvalidRecipientError"),
        (
            {
                "type": "trust",
                "address": {"uuid": "0c6a0a52-9f4e-4a2e-8f6e-0a9d3a1b2c3d"},
                "safety_number": "1" * 60,
            },
            "UnknownIdentityKeyError",
        ),
        (
            {"type": "send", "recipientAddress": NUMBER, "attachments": [{"filename": "/no/file"}]},
            "InvalidAttachmentError",
        ),
        ({"type": "send", "recipientAddress": NUMBER}, "InvalidRequestError"),
        (
            {"type": "send", "recipientAddress": NUMBER, "messageBody": "x", "members": ["+1555"]},
            "InvalidRequestError",
        ),
        (
            {
                "type": "update_group",
                "groupID": "AAAA",
                "updateAccessControl": {"link": "EVERYBODY"},
            },
            "InvalidRequestError",
        ),
    ],
)
def test_errors_have_the_names_that_clients_know(
    client: RawClient, request_: dict[str, Any], error_type: str
) -> None:
    answer = client.ask(version="v1", account=NUMBER, id="1", **request_)
    assert answer["error_type"] == error_type
    assert (answer["type"], answer["id"]) == (request_["type"], "1")
    assert answer["error"]["message"]


def test_v0_errors(client: RawClient) -> None:
    answer = client.ask(type="leave_group", username=NUMBER, recipientGroupId="AAAA", id="1")
    assert (answer["type"], answer["id"]) == ("leave_group_error", "1")
    assert answer["data"]["error"] is True
    assert client.ask(type="send", username=NUMBER)["type"] == "unexpected_error"
    assert client.ask(type="verify", username=NUMBER)["type"] == "error"
    wrong = {"recipientAddress": NUMBER, "fingerprint": "zz"}
    assert client.ask(type="trust", username=NUMBER, **wrong)["type"] == "input_error"


def test_protocol_describes_exactly_what_is_served(client: RawClient) -> None:
    document = client.ask(type="protocol")["data"]
    described = {(version, name) for version in (V0, V1) for name in document["actions"][version]}
    assert described == set(REQUESTS)
    for (version, name), declared in REQUESTS.items():
        action = document["actions"][version][name]
        assert action["doc"], name
        fields = document["types"][version][action["request"]]["fields"]
        assert list(fields) == [field.name for field in declared.fields]
        for field in declared.fields:
            assert fields[field.name]["required"] is field.required
            assert fields[field.name]["list"] is field.many
        if declared.answer is not None:
            assert action["response"] in document["types"][declared.answer.version]
