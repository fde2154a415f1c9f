"""v0 requests about messages; their fields and answers have other names, their effect is the same as in v1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli import errors
from sigcli.daemon.signald.declaring import V0, number, numbers, one, served
from sigcli.daemon.signald.older.answers import answer
from sigcli.daemon.signald.older.fields import ACCOUNT, GROUP, PEER, PEER_REQUIRED
from sigcli.daemon.signald.requests import messages, people
from sigcli.daemon.signald.shapes.people import address_of
from sigcli.daemon.signald.shapes.sent import send_results
from sigcli.daemon.signald.structures import REACTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.outcomes import SendOutcome
    from sigcli.daemon.signald.call import Call


@served(
    "send",
    [ACCOUNT, *messages.MESSAGE_FIELDS, one("reaction", REACTION)],
    version=V0,
    exactly_one=(messages.TO,),
    keeps_order=True,
)
def send(call: Call) -> Any:
    """Send a message, or a reaction."""
    if call.get("reaction") is not None:
        return _sent(call, lambda: messages.send_reaction(call))
    return _sent(call, lambda: messages.send_message(call))


@served(
    "react",
    [ACCOUNT, PEER, GROUP, one("reaction", REACTION, required=True), number("timestamp")],
    version=V0,
    exactly_one=(messages.TO,),
    keeps_order=True,
)
def react(call: Call) -> Any:
    """React to a message."""
    return _sent(call, lambda: messages.send_reaction(call))


def _typing(type: str, doc: str, *, stop: bool) -> None:
    def tell(call: Call) -> Any:
        call.run("sendTyping", stop=stop, **messages.recipients(call))

    tell.__doc__ = doc
    served(type, [ACCOUNT, PEER, GROUP, number("when")], version=V0, exactly_one=(messages.TO,))(
        tell
    )


_typing("typing_started", "Show that the account is typing.", stop=False)
_typing("typing_stopped", "Show that it is no longer typing.", stop=True)


@served(
    "mark_read",
    [ACCOUNT, PEER_REQUIRED, numbers("timestamps", required=True), number("when")],
    version=V0,
)
def mark_read(call: Call) -> Any:
    """Tell a sender that messages were read."""
    if call["timestamps"]:
        call.run(
            "sendReceipt",
            recipient=call.word("recipientAddress"),
            target_timestamps=call["timestamps"],
        )
    return answer("mark_read")


@served(
    "mark_delivered",
    [ACCOUNT, PEER_REQUIRED, numbers("timestamps"), number("when")],
    version=V0,
)
def mark_delivered(call: Call) -> Any:
    """Do nothing: delivery receipts are sent automatically."""
    return


@served(
    "set_expiration",
    [ACCOUNT, PEER, GROUP, number("expiresInSeconds", required=True)],
    version=V0,
    exactly_one=(messages.TO,),
    keeps_order=True,
)
def set_expiration(call: Call) -> Any:
    """Set the disappearing messages timer of a conversation."""
    response = messages.change_timer(
        call, "recipientAddress", "recipientGroupId", call["expiresInSeconds"]
    )
    call.client.answer_early("send_results", response["results"])
    return answer("expiration_updated")


def _sent(call: Call, send: Callable[[], SendOutcome]) -> Any:
    try:
        outcome = send()
    except (errors.UntrustedIdentity, errors.AddressMoved):
        return _untrusted(call)
    if isinstance(outcome.failure(), errors.SendUntrusted):
        return _untrusted(call)
    with call.opened() as account:
        return answer("send_results", send_results(account, outcome, 0))


def _untrusted(call: Call) -> Any:
    peer = call.get("recipientAddress")
    word = None if peer is None else peer.word
    found = people.identities_of(call, word) if word else []
    entry = call.live.entry
    return answer(
        "untrusted_identity",
        {
            "local_address": {"number": entry.number, "uuid": str(entry.aci)},
            "remote_address": address_of(found[0].person)
            if found
            else None
            if peer is None
            else {"number": peer.number, "uuid": peer.uuid},
            "fingerprint": found[0].fingerprint_hex if found else None,
            "safety_number": found[0].safety_number.replace(" ", "") if found else None,
        },
    )
