"""Messages and reactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sigcli.daemon.rest.base64_files import as_data_uri
from sigcli.daemon.rest_python import shapes
from sigcli.daemon.routes.call import as_number
from sigcli.daemon.routes.declaring import Family
from sigcli.daemon.routes.refusing import Refused
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sigcli.client.live.live_account import LiveAccount
    from sigcli.daemon.routes.call import Call

routes = Family("Messages")
_GROUP_MARKS = frozenset("/=")


@routes.add("POST", "/v2/send", body=shapes.SendBody, status=201, answer=shapes.SendAnswer)
def send(call: Call) -> dict[str, Any]:
    """Send a message to people and groups."""
    return _send(call, call.body["recipients"])


@routes.add(
    "POST",
    "/v1/send/{recipient:path}",
    body=shapes.SendToBody,
    status=201,
    answer=shapes.SendAnswer,
)
def send_to(call: Call) -> dict[str, Any]:
    """Send a message to one recipient; an underscore stands for a slash."""
    return _send(call, [call.path["recipient"].replace("_", "/")])


@routes.add(
    "POST", "/v1/reactions/{number}", body=shapes.ReactionBody, answer=shapes.ReactionAnswer
)
def react(call: Call) -> dict[str, int]:
    """React to a message."""
    return _react(call, call.body["reaction"], remove=call.body.get("remove", False))


@routes.add(
    "DELETE",
    "/v1/reactions/{number}",
    body=shapes.ReactionRemovalBody,
    answer=shapes.ReactionAnswer,
)
def remove_reaction(call: Call) -> dict[str, int]:
    """Remove a reaction."""
    return _react(call, "", remove=True)


@dataclass(frozen=True, slots=True)
class _Meant:
    people: tuple[str, ...]
    groups: tuple[str, ...]


def _send(call: Call, words: Sequence[str]) -> dict[str, Any]:
    """People get one message, each group gets its own; nothing is sent if a recipient is not valid."""
    live = _sender(call)
    meant = _recipients(call, live, words)
    params: dict[str, Any] = {
        "message": call.body["message"],
        "attachment": [as_data_uri(one) for one in call.body.get("base64_attachments", [])],
        "mention": list(call.body.get("mentions", [])),
    }
    timestamps: dict[str, dict[str, list[str]]] = {}

    def note(outcome: Mapping[str, Any], recipients: list[str]) -> None:
        entry = timestamps.setdefault(str(outcome["timestamp"]), {"recipients": []})
        entry["recipients"] += recipients

    if meant.people:
        outcome = call.run("send", live, recipient=list(meant.people), **params)
        note(outcome, _reached(outcome))
    for group in meant.groups:
        note(call.run("send", live, groupId=group, **params), [group])
    return {"timestamp": next(iter(timestamps)), "timestamps": timestamps}


def _sender(call: Call) -> LiveAccount:
    """The account in the body, or the only one; raises Refused if it has to be named."""
    if "number" in call.body:
        return call.account(call.body["number"])
    accounts = call.accounts()
    if len(accounts) != 1:
        raise Refused("number missing in request body and the daemon was not started for one")
    return accounts[0]


def _recipients(call: Call, live: LiveAccount, words: Sequence[str]) -> _Meant:
    """Groups by their ids, people by number or id; raises Refused with all recipients that are neither."""
    wanted = [word.strip() for word in words if word.strip()]
    if not wanted:
        raise Refused("no recipient(s) submitted")
    known = {one["id"] for one in call.run("listGroups", live)}
    groups = [word for word in wanted if word in known]
    others = [word for word in wanted if word not in known]
    people = [word for word in others if _is_uuid(word)]
    numbers = [
        as_number(word)
        for word in others
        if not (_is_uuid(word) or any(one.isalpha() or one in _GROUP_MARKS for one in word))
    ]
    invalid = [word for word in others if word not in people and as_number(word) not in numbers]
    if numbers and not invalid:
        statuses = call.run("getUserStatus", live, recipient=numbers)
        invalid += [one["recipient"] for one in statuses if not one["isRegistered"]]
    if invalid:
        raise Refused(f"invalid recipient(s): {','.join(invalid)}")
    return _Meant((*numbers, *people), tuple(dict.fromkeys(groups)))


def _reached(outcome: Mapping[str, Any]) -> list[str]:
    addresses = [one["recipientAddress"] for one in outcome["results"] if one["type"] == "SUCCESS"]
    return list(dict.fromkeys(one["number"] or one["uuid"] for one in addresses))


def _react(call: Call, emoji: str, *, remove: bool) -> dict[str, int]:
    outcome = call.run(
        "sendReaction",
        emoji=emoji,
        remove=remove,
        targetAuthor=as_number(call.body["target_author"]),
        targetTimestamp=call.body["timestamp"],
        **_audience(call, call.body["recipient"], call.body.get("groupid")),
    )
    return {"timestamp": outcome["timestamp"]}


def _audience(call: Call, recipient: str, group: str | None) -> dict[str, Any]:
    known = {one["id"] for one in call.run("listGroups")}
    groups = [one for one in (group, recipient) if one is not None and one in known]
    params: dict[str, Any] = {"groupId": groups}
    if recipient not in known:
        params["recipient"] = as_number(recipient)
    if group is not None and group not in known:
        raise Refused(f"invalid recipient(s): {group}")
    return params


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
