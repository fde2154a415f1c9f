"""Reactions, receipts, typing indicators, and deleting messages for everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

from sigcli.daemon.rest import shapes
from sigcli.daemon.rest.recipients import person, recipient_params
from sigcli.daemon.routes.declaring import Family

if TYPE_CHECKING:
    from sigcli.daemon.routes.call import Call

routes = Family("Reactions and receipts")


class RemoteDeleteBody(TypedDict):
    """A message of this account."""

    recipient: str
    timestamp: int


class ReactionBody(TypedDict):
    """A reaction to a message."""

    recipient: str
    reaction: str
    target_author: str
    timestamp: int


class ReactionRemovalBody(TypedDict):
    """A message to remove the reaction from."""

    recipient: str
    target_author: str
    timestamp: int
    reaction: NotRequired[str]


class ReceiptBody(TypedDict):
    """A message that was read or viewed."""

    recipient: str
    timestamp: int
    receipt_type: Literal["read", "viewed"]


class TypingBody(TypedDict):
    """Who sees that the account is typing."""

    recipient: str


@routes.add(
    "DELETE",
    "/v1/remote-delete/{number}",
    body=RemoteDeleteBody,
    status=201,
    answer=shapes.TimestampAnswer,
)
def remote_delete(call: Call) -> dict[str, str]:
    """Delete your message for everyone."""
    outcome = call.run(
        "remoteDelete",
        targetTimestamp=call.body["timestamp"],
        **recipient_params(call.body["recipient"]),
    )
    return {"timestamp": str(outcome["timestamp"])}


@routes.add("POST", "/v1/reactions/{number}", body=ReactionBody, status=204)
def react(call: Call) -> None:
    """React to a message."""
    _react(call, call.body["reaction"], remove=False)


@routes.add("DELETE", "/v1/reactions/{number}", body=ReactionRemovalBody, status=204)
def remove_reaction(call: Call) -> None:
    """Remove a reaction."""
    _react(call, call.body.get("reaction") or "", remove=True)


@routes.add("POST", "/v1/receipts/{number}", body=ReceiptBody, status=204)
def receipt(call: Call) -> None:
    """Tell the sender that a message was read or viewed."""
    call.run(
        "sendReceipt",
        recipient=person(call.body["recipient"]),
        targetTimestamp=call.body["timestamp"],
        type=call.body["receipt_type"],
    )


@routes.add("PUT", "/v1/typing-indicator/{number}", body=TypingBody, status=204)
def begin_typing(call: Call) -> None:
    """Show that you are typing."""
    _type(call, stop=False)


@routes.add("DELETE", "/v1/typing-indicator/{number}", body=TypingBody, status=204)
def end_typing(call: Call) -> None:
    """Show that you have stopped typing."""
    _type(call, stop=True)


def _react(call: Call, emoji: str, *, remove: bool) -> None:
    call.run(
        "sendReaction",
        emoji=emoji,
        remove=remove,
        targetAuthor=person(call.body["target_author"]),
        targetTimestamp=call.body["timestamp"],
        **recipient_params(call.body["recipient"]),
    )


def _type(call: Call, *, stop: bool) -> None:
    params: dict[str, Any] = recipient_params(call.body["recipient"])
    if "username" in params:
        params = {"recipient": person(call.body["recipient"])}
    call.run("sendTyping", stop=stop, **params)
