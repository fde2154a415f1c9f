"""Sending: messages, reactions, deletions, receipts, typing indicators, timers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sigcli.client.content.attachment_sources import NamedFile
from sigcli.client.sending.message_extras import words_for_quoted_file
from sigcli.daemon.signald.declaring import flag, number, numbers, one, served, several, text
from sigcli.daemon.signald.failures import validation_failure
from sigcli.daemon.signald.shapes.sent import done_response, send_response
from sigcli.daemon.signald.structures import (
    ADDRESS,
    ATTACHMENT,
    MENTION,
    PAYMENT,
    PREVIEW,
    QUOTE,
    REACTION,
    SEND_RESPONSE,
)
from sigcli.errors import SignaldRefusal

if TYPE_CHECKING:
    from sigcli.client.base.outcomes import SendOutcome
    from sigcli.daemon.signald.call import Call

OWN = ("username", "account")
TO = ("recipientAddress", "recipientGroupId")
_CONVERSATION = (("address", "group"),)
MESSAGE_FIELDS = (
    one("recipientAddress", ADDRESS),
    text("recipientGroupId"),
    text("messageBody"),
    several("attachments", ATTACHMENT),
    one("quote", QUOTE),
    several("mentions", MENTION),
    several("previews", PREVIEW),
    number("timestamp", doc="ignored: the answer tells the message's timestamp"),
)


@served(
    "send",
    [
        text("username"),
        text("account"),
        *MESSAGE_FIELDS,
        several("members", ADDRESS, doc="only some members of the group: refused"),
        flag("is_for_story", doc="refused"),
    ],
    answer=SEND_RESPONSE,
    exactly_one=(OWN, TO),
    keeps_order=True,
)
def send(call: Call) -> Any:
    """Send a message."""
    refuse_some_members(call)
    if call.get("is_for_story"):
        raise SignaldRefusal("InvalidRequestError", "stories are not sent over this socket")
    return timed(call, lambda: send_message(call))


@served(
    "react",
    [
        text("username"),
        text("account"),
        one("recipientAddress", ADDRESS),
        text("recipientGroupId"),
        one("reaction", REACTION, required=True),
        number("timestamp"),
        several("members", ADDRESS, doc="only some members of the group: refused"),
    ],
    answer=SEND_RESPONSE,
    exactly_one=(OWN, TO),
    keeps_order=True,
)
def react(call: Call) -> Any:
    """React to a message, or take a reaction back."""
    refuse_some_members(call)
    return timed(call, lambda: send_reaction(call))


@served(
    "remote_delete",
    [
        text("account", required=True),
        one("address", ADDRESS),
        text("group"),
        number("timestamp", required=True),
        several("members", ADDRESS, doc="only some members of the group: refused"),
    ],
    answer=SEND_RESPONSE,
    exactly_one=_CONVERSATION,
    keeps_order=True,
)
def remote_delete(call: Call) -> Any:
    """Delete your message for everyone."""
    refuse_some_members(call)
    return timed(
        call,
        lambda: call.send(
            "remoteDelete",
            target_timestamp=call["timestamp"],
            **recipients(call, "address", "group"),
        ),
    )


@served(
    "mark_read",
    [
        text("account", required=True),
        one("to", ADDRESS, required=True),
        numbers("timestamps", required=True),
        number("when"),
    ],
)
def mark_read(call: Call) -> Any:
    """Tell a sender that messages were read."""
    if call["timestamps"]:
        call.run("sendReceipt", recipient=call.word("to"), target_timestamps=call["timestamps"])
    return {}


@served(
    "typing",
    [
        text("account", required=True),
        one("address", ADDRESS),
        text("group"),
        flag("typing", required=True),
        number("when"),
    ],
    exactly_one=_CONVERSATION,
)
def typing(call: Call) -> Any:
    """Show that the account is typing, or has stopped."""
    call.run("sendTyping", stop=not call["typing"], **recipients(call, "address", "group"))
    return {}


@served(
    "set_expiration",
    [
        text("account", required=True),
        one("address", ADDRESS),
        text("group"),
        number("expiration", required=True, doc="seconds, 0 for never"),
    ],
    answer=SEND_RESPONSE,
    exactly_one=_CONVERSATION,
    keeps_order=True,
)
def set_expiration(call: Call) -> Any:
    """Set the disappearing messages timer of a conversation."""
    return change_timer(call, "address", "group", call["expiration"])


@served(
    "reset_session",
    [
        text("account", required=True),
        one("address", ADDRESS, required=True),
        number("timestamp"),
    ],
    answer=SEND_RESPONSE,
)
def reset_session(call: Call) -> Any:
    """Reset the sessions with a person."""
    call.run("send", recipients=[call.word("address")], end_session=True)
    return done(call, "address")


@served(
    "send_payment",
    [
        text("account", required=True),
        one("address", ADDRESS, required=True),
        one("payment", PAYMENT, required=True),
        number("when"),
    ],
    answer=SEND_RESPONSE,
    keeps_order=True,
)
def send_payment(call: Call) -> Any:
    """Tell a person about a payment."""
    payment = call["payment"]
    return timed(
        call,
        lambda: call.send(
            "sendPaymentNotification",
            recipient=call.word("address"),
            receipt=payment["receipt"],
            note=payment.get("note"),
        ),
    )


# --- shared with v0 -------------------------------------------------------------------------------


def recipients(
    call: Call, address: str = "recipientAddress", group: str = "recipientGroupId"
) -> dict[str, Any]:
    """The recipients of a request, as parameters of an operation."""
    if call.get(group) is not None:
        return {"group_ids": [call[group]]}
    return {"recipients": [call.word(address)]}


def send_message(call: Call) -> SendOutcome:
    """Send the message in the fields; raises SignaldRefusal if they do not make one."""
    attachments = call.get("attachments", [])
    parameters: dict[str, Any] = {
        "message": call.get("messageBody") or None,
        "attachments": [_file(one) for one in attachments],
        "voice_note": any(one.get("voiceNote") for one in attachments),
        "mentions": _mentions(call.get("mentions", [])),
        **_quote(call.get("quote")),
        **_preview(call.get("previews", [])),
    }
    return call.send("send", **recipients(call), **parameters)


def send_reaction(call: Call) -> SendOutcome:
    """Send the reaction in the field ``reaction``."""
    reaction = call["reaction"]
    return call.send(
        "sendReaction",
        emoji=reaction.get("emoji", ""),
        remove=reaction.get("remove"),
        target_author=reaction["targetAuthor"].word,
        target_timestamp=reaction["targetSentTimestamp"],
        **recipients(call),
    )


def timed(call: Call, send: Any) -> Any:
    """Send, and return the outcome."""
    began = time.monotonic()
    outcome: SendOutcome = send()
    duration_ms = int((time.monotonic() - began) * 1000)
    with call.opened() as account:
        return send_response(account, outcome, duration_ms)


def change_timer(call: Call, address: str, group: str, seconds: int) -> Any:
    """Change the timer of a conversation, and return who was told."""
    if call.get(group) is None:
        call.run("updateContact", recipient=call.word(address), expiration=seconds)
        return done(call, address)

    def change() -> SendOutcome:
        from sigcli.client.base.outcomes import SendOutcome

        outcome = call.run("updateGroup", group_id=call[group], expiration=seconds).outcome
        return outcome or SendOutcome(0, ())

    return timed(call, change)


def done(call: Call, address: str) -> Any:
    """The answer of an operation that only reports success."""
    known = call[address]
    with call.opened() as account:
        return done_response(
            account, {"number": known.number, "uuid": known.uuid}, account.now_ms()
        )


def refuse_some_members(call: Call) -> None:
    """Raises SignaldRefusal: messages go to whole groups."""
    if call.get("members"):
        raise SignaldRefusal("InvalidRequestError", "a message to a group goes to all its members")


# --- within ---------------------------------------------------------------------------------------


def _file(attachment: dict[str, Any]) -> str:
    return NamedFile(
        attachment["filename"], attachment.get("customFilename"), attachment.get("contentType")
    )


def _mentions(mentions: list[dict[str, Any]]) -> list[str]:
    return [f"{one['start']}:{one['length']}:{one['uuid']}" for one in mentions]


def _quote(quote: dict[str, Any] | None) -> dict[str, Any]:
    if quote is None:
        return {}
    return {
        "quote_timestamp": quote["id"],
        "quote_author": quote["author"].word,
        "quote_message": quote.get("text"),
        "quote_mentions": _mentions(quote.get("mentions", [])),
        "quote_attachments": [_quoted(one) for one in quote.get("attachments", [])],
    }


def _quoted(attachment: dict[str, Any]) -> str:
    kind = attachment.get("contentType") or "application/octet-stream"
    return words_for_quoted_file(kind, attachment.get("fileName"))


def _preview(previews: list[dict[str, Any]]) -> dict[str, Any]:
    if not previews:
        return {}
    if len(previews) > 1:
        raise validation_failure(["previews may hold only one preview"])
    preview = previews[0]
    image = preview.get("attachment")
    return {
        "preview_url": preview["url"],
        "preview_title": preview.get("title"),
        "preview_description": preview.get("description"),
        "preview_image": None if image is None else image["filename"],
    }
