"""``/v1/send`` and ``/v2/send``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict, cast

from sigcli.daemon.rest import shapes
from sigcli.daemon.rest.base64_files import as_data_uri
from sigcli.daemon.rest.group_ids import internal_id
from sigcli.daemon.rest.recipients import Meant, person, read_recipients
from sigcli.daemon.rest.styled_text import parse_styled
from sigcli.daemon.routes.declaring import Family
from sigcli.daemon.routes.refusing import Refused
from sigcli.errors import NobodyInGroup, SendRateLimited, SendUntrusted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.client.live.live_account import LiveAccount
    from sigcli.daemon.routes.call import Call
    from sigcli.operations.shapes.sent import Sent

routes = Family("Messages")
UNTRUSTED = "Unable to complete request due to untrusted recipient keys"
RATE_LIMITED = "Couldn't send the message: the service wants a pause, or an answer to its challenge"


class Mention(TypedDict):
    """A person mentioned in the text; positions in UTF-16 units."""

    start: int
    length: int
    author: str


class LinkPreview(TypedDict):
    """The preview of a link."""

    url: str
    title: str
    description: NotRequired[str]
    base64_thumbnail: NotRequired[str]


class SendV1Body(TypedDict):
    """A message in the older format; with ``is_group`` the only recipient is a group."""

    number: str
    recipients: list[str]
    message: NotRequired[str]
    is_group: NotRequired[bool]
    base64_attachment: NotRequired[str]


class SendBody(TypedDict):
    """A message; its recipients are those in both members."""

    number: str
    recipients: NotRequired[list[str]]
    recipient: NotRequired[str]
    message: NotRequired[str]
    base64_attachments: NotRequired[list[str]]
    sticker: NotRequired[str]
    mentions: NotRequired[list[Mention]]
    quote_timestamp: NotRequired[int]
    quote_author: NotRequired[str]
    quote_message: NotRequired[str]
    quote_mentions: NotRequired[list[Mention]]
    text_mode: NotRequired[Literal["normal", "styled"]]
    edit_timestamp: NotRequired[int]
    notify_self: NotRequired[bool]
    link_preview: NotRequired[LinkPreview]
    view_once: NotRequired[bool]


class OldSendBody(TypedDict):
    """A message for the recipient in the path."""

    message: str
    number: NotRequired[str]
    base64_attachments: NotRequired[list[str]]


_ALSO = {429: shapes.ChallengeError}


@routes.add("POST", "/v1/send", body=SendV1Body, status=201, answer=shapes.SendAnswer, also=_ALSO)
def send_v1(call: Call) -> dict[str, Any]:
    """Send a message."""
    body = call.body
    if body.get("is_group"):
        if len(body["recipients"]) != 1:
            raise Refused("Couldn't process request - a group must be the only recipient")
        meant = Meant(groups=(internal_id(body["recipients"][0]),))
    else:
        meant = _meant(body["recipients"])
    params: dict[str, Any] = {"message": body.get("message")}
    if body.get("base64_attachment"):
        params["attachment"] = [as_data_uri(body["base64_attachment"])]
    return send(call, call.account(body["number"]), meant, params)


@routes.add(
    "POST",
    "/v2/send",
    body=SendBody,
    status=201,
    answer=shapes.SendAnswer | list[shapes.SendAnswer],
    also=_ALSO,
)
def send_v2(call: Call) -> Any:
    """Send a message with everything that can be part of one."""
    body = call.body
    meant = _meant([*body.get("recipients", []), body.get("recipient", "")])
    configured = call.core.settings.daemon
    params = _params({"text_mode": configured.get("rest_text_mode"), **body})
    answer = send(call, call.account(body["number"]), meant, params)
    # signalbot from 2.0 on posts text and expects a list, all others say JSON and expect the object.
    wanted = configured.get("rest_send_answer") or ("object" if call.is_json else "array")
    return answer if wanted == "object" else [answer]


@routes.add(
    "POST",
    "/v1/send/{recipient}",
    body=OldSendBody,
    status=201,
    answer=shapes.SendAnswer,
    also=_ALSO,
)
def send_to(call: Call) -> dict[str, Any]:
    """Send a message to one recipient, as older programs do; an underscore stands for a slash."""
    word = call.path["recipient"].replace("_", "/")
    group = None if word.startswith("+") else _group(word)
    meant = _meant([word]) if group is None else Meant(groups=(group,))
    params: dict[str, Any] = {
        "message": call.body["message"],
        "attachment": [as_data_uri(one) for one in call.body.get("base64_attachments", [])],
    }
    live = call.account(call.body["number"]) if "number" in call.body else call.any_account()
    return send(call, live, meant, params)


def send(call: Call, live: LiveAccount, meant: Meant, params: Mapping[str, Any]) -> dict[str, Any]:
    """Send, and return the answer; raises Refused if nobody was reached because of untrusted keys or rate limits."""
    result = cast("Sent", call.result_of("send", live, **params, **meant.params))
    failure, outcome = result.failure, result.to_json()
    tokens = [one["token"] for one in outcome.get("results", []) if one.get("token")]
    if isinstance(failure, SendUntrusted):
        raise Refused(UNTRUSTED)
    if isinstance(failure, SendRateLimited) or (failure is not None and tokens):
        raise Refused(
            RATE_LIMITED,
            status=429,
            challenge_tokens=tokens,
            account=live.entry.number or str(live.entry.aci),
        )
    if failure is not None:
        raise failure
    if result.outcome.empty_groups and not call.body.get("notify_self"):
        # Only the account itself got it, which is the default here and nobody's wish.
        raise NobodyInGroup
    return sent_answer(outcome)


def sent_answer(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for a message: its timestamp as text, and the recipients that it did not reach."""
    stamp = str(outcome["timestamp"])
    reached: list[str] = []
    failed: list[dict[str, str]] = []
    for one in outcome["results"]:
        address = one["recipientAddress"]
        if one["type"] == "SUCCESS":
            reached.append(
                one.get("groupId") or address["number"] or address["uuid"] or address["username"]
            )
        else:
            failed.append(
                {
                    "number": shapes.text(address["number"]),
                    "uuid": shapes.text(address["uuid"]),
                    "username": shapes.text(address["username"]),
                    "reason": one["type"],
                }
            )
    answer: dict[str, Any] = {
        "timestamp": stamp,
        "timestamps": {stamp: {"recipients": list(dict.fromkeys(filter(None, reached)))}},
    }
    if failed:
        answer["errors"] = {"recipients": failed}
    return answer


def _group(word: str) -> str | None:
    from sigcli.daemon.rest.group_ids import group_id_in

    return group_id_in(word)


def _meant(words: list[str]) -> Meant:
    meant = read_recipients(words)
    if not (meant.people or meant.groups or meant.usernames):
        raise Refused("Couldn't process request - please provide at least one recipient")
    if len(meant.groups) > 1:
        raise Refused("A signal message cannot be sent to more than one group at once")
    if meant.groups and meant.people:
        raise Refused("Signal Messenger Groups and phone numbers cannot be specified together")
    if meant.groups and meant.usernames:
        raise Refused("Signal Messenger Groups and usernames cannot be specified together")
    if meant.people and meant.usernames:
        raise Refused("Phone numbers and usernames cannot be specified together")
    return meant


def _params(body: Mapping[str, Any]) -> dict[str, Any]:
    """A request as parameters of ``send``; raises Refused."""
    message = body.get("message")
    params: dict[str, Any] = {"notifySelf": body.get("notify_self", True)}
    if body.get("text_mode") == "styled" and message:
        message, params["textStyle"] = parse_styled(message)
    params["message"] = message
    params["attachment"] = [as_data_uri(one) for one in body.get("base64_attachments", [])]
    if body.get("view_once"):
        if not params["attachment"]:
            raise Refused("'view_once' can only be set for image attachments")
        params["viewOnce"] = True
    if body.get("sticker"):
        if ":" not in body["sticker"]:
            raise Refused("Couldn't process request - please provide a valid sticker delimiter")
        params["sticker"] = body["sticker"]
    if body.get("mentions"):
        params["mention"] = [_mention(one) for one in body["mentions"]]
    if body.get("edit_timestamp"):
        params["editTimestamp"] = body["edit_timestamp"]
    if body.get("quote_timestamp"):
        params["quoteTimestamp"] = body["quote_timestamp"]
        params["quoteMessage"] = body.get("quote_message")
        if body.get("quote_author"):
            params["quoteAuthor"] = person(body["quote_author"])
        params["quoteMention"] = [_mention(one) for one in body.get("quote_mentions", [])]
    if body.get("link_preview"):
        params |= _preview(body["link_preview"], message or "")
    return {name: value for name, value in params.items() if value not in (None, [], "")}


def _preview(preview: Mapping[str, Any], message: str) -> dict[str, Any]:
    url = preview["url"]
    if not url.startswith("https://"):
        raise Refused("the preview's url does not begin with https://")
    if not preview["title"]:
        raise Refused("the preview has no title")
    if url not in message:
        raise Refused("the preview's url is not in the message")
    params = {
        "previewUrl": url,
        "previewTitle": preview["title"],
        "previewDescription": preview.get("description"),
    }
    if preview.get("base64_thumbnail"):
        params["previewImage"] = as_data_uri(preview["base64_thumbnail"], "preview")
    return params


def _mention(mention: Mapping[str, Any]) -> str:
    return f"{mention['start']}:{mention['length']}:{person(mention['author'])}"
