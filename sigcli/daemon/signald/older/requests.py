"""The v0 requests: what they are asked with and answered by has names of its own, what they do is the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sigcli import errors
from sigcli.daemon.signald.declaring import V0, flag, number, numbers, one, served, several, text
from sigcli.daemon.signald.older.answers import status
from sigcli.daemon.signald.requests import groups, messages, people
from sigcli.daemon.signald.requests.devices import DEVICE_NAME
from sigcli.daemon.signald.requests.subscriptions import GREETING
from sigcli.daemon.signald.shapes.groups import older_group_shape
from sigcli.daemon.signald.shapes.people import (
    address_of,
    older_account_shape,
    older_contact_shape,
    older_identity_shape,
)
from sigcli.daemon.signald.shapes.sent import send_results
from sigcli.daemon.signald.structures import ADDRESS, CONTACT_CHANGE, REACTION
from sigcli.errors import SignaldRefusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.outcomes import SendOutcome
    from sigcli.daemon.signald.call import Call

_OWN = text("username", required=True)
_PEER = one("recipientAddress", ADDRESS)
_PEER_REQUIRED = one("recipientAddress", ADDRESS, required=True)
_GROUP = text("recipientGroupId")
_GROUP_REQUIRED = text("recipientGroupId", required=True)
_HEX_KEY = re.compile(r"[0-9a-fA-F]{66}")
_SAFETY_NUMBER = re.compile(r"[0-9]{60}")


def _answer(type: str, data: Any = None) -> dict[str, Any]:
    return {"type": type, "data": data}


def _done(type: str, number_: int, message: str) -> dict[str, Any]:
    return _answer(type, status(number_, message, error=False))


# --- messages -------------------------------------------------------------------------------------


@served(
    "send",
    [_OWN, *messages.MESSAGE_FIELDS, one("reaction", REACTION)],
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
    [_OWN, _PEER, _GROUP, one("reaction", REACTION, required=True), number("timestamp")],
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
    served(type, [_OWN, _PEER, _GROUP, number("when")], version=V0, exactly_one=(messages.TO,))(
        tell
    )


_typing("typing_started", "Show that the account is typing.", stop=False)
_typing("typing_stopped", "Show that it is no longer typing.", stop=True)


@served(
    "mark_read",
    [_OWN, _PEER_REQUIRED, numbers("timestamps", required=True), number("when")],
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
    return _answer("mark_read")


@served(
    "mark_delivered",
    [_OWN, _PEER_REQUIRED, numbers("timestamps"), number("when")],
    version=V0,
)
def mark_delivered(call: Call) -> Any:
    """Nothing: senders are told of themselves."""
    return


@served(
    "set_expiration",
    [_OWN, _PEER, _GROUP, number("expiresInSeconds", required=True)],
    version=V0,
    exactly_one=(messages.TO,),
    keeps_order=True,
)
def set_expiration(call: Call) -> Any:
    """Let the messages of a conversation vanish after a time."""
    response = messages.change_timer(
        call, "recipientAddress", "recipientGroupId", call["expiresInSeconds"]
    )
    call.client.answer_early("send_results", response["results"])
    return _answer("expiration_updated")


def _sent(call: Call, send: Callable[[], SendOutcome]) -> Any:
    try:
        outcome = send()
    except (errors.UntrustedIdentity, errors.AddressMoved):
        return _untrusted(call)
    if isinstance(outcome.failure(), errors.SendUntrusted):
        return _untrusted(call)
    with call.opened() as account:
        return _answer("send_results", send_results(account, outcome, 0))


def _untrusted(call: Call) -> Any:
    peer = call.get("recipientAddress")
    word = None if peer is None else peer.word
    found = people.identities_of(call, word) if word else []
    entry = call.live.entry
    return _answer(
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


# --- subscriptions and accounts -------------------------------------------------------------------


@served("version", version=V0)
def version(call: Call) -> Any:
    """What the greeting says."""
    return _answer("version", GREETING)


@served("subscribe", [_OWN], version=V0)
def subscribe(call: Call) -> Any:
    """Get what the account receives."""
    call.client.subscribe(call.live, call.account_name, V0)
    return _answer("subscribed")


@served("unsubscribe", [_OWN], version=V0)
def unsubscribe(call: Call) -> Any:
    """Stop getting what the account receives."""
    call.client.unsubscribe(call.live)
    return _answer("unsubscribed")


@served("list_accounts", version=V0)
def list_accounts(call: Call) -> Any:
    """List the accounts."""
    shapes = []
    for live in call.core.all_accounts():
        with live.opened() as account:
            shapes.append(
                older_account_shape(
                    live.entry,
                    account.device_id,
                    is_subscribed=call.core.handing_out.is_wanted(live),
                )
            )
    return _answer("account_list", {"accounts": shapes})


@served("register", [_OWN, text("captcha"), flag("voice")], version=V0)
def register(call: Call) -> Any:
    """Have a verification code sent to a number."""
    try:
        call.run_on_settings("register", voice=call.get("voice"), captcha=call.get("captcha"))
    except (errors.CaptchaRequired, errors.CaptchaRejected) as error:
        return _answer("captcha_required", error.message)
    return _answer(
        "verification_required",
        {
            "username": call.account_name,
            "registered": False,
            "has_keys": False,
            "subscribed": False,
        },
    )


@served("verify", [_OWN, text("code", required=True)], version=V0)
def verify(call: Call) -> Any:
    """Hand in the code and become the primary device."""
    call.run_on_settings("verify", code=call["code"])
    live = call.live
    return _answer(
        "verification_succeeded", older_account_shape(live.entry, 1, is_subscribed=False)
    )


@served("link", [text("deviceName")], version=V0)
def link(call: Call) -> Any:
    """Become a linked device: first the URI to scan, then the account."""
    session, uri = call.links.start()
    call.client.answer_early("linking_uri", {"uri": uri})
    linked = call.links.finish(session, call.get("deviceName", DEVICE_NAME))
    live = call.core.account(linked.number or str(linked.aci))
    return _answer(
        "linking_successful",
        older_account_shape(live.entry, linked.device_id, is_subscribed=False),
    )


@served("add_device", [_OWN, text("uri", required=True)], version=V0)
def add_device(call: Call) -> Any:
    """Link another device, as the primary one."""
    call.run("addDevice", uri=call["uri"])
    return _done("device_added", 4, "Successfully linked device")


def _sync(type: str) -> None:
    def ask(call: Call) -> Any:
        call.run("sendSyncRequest")
        return _answer("sync_requested")

    ask.__doc__ = "Ask the primary device for what it shares."
    served(type, [_OWN], version=V0)(ask)


for _type in ("sync_contacts", "sync_groups", "sync_configuration"):
    _sync(_type)


# --- groups ---------------------------------------------------------------------------------------


@served("list_groups", [_OWN], version=V0)
def list_groups(call: Call) -> Any:
    """List the groups that are known."""
    shapes = [older_group_shape(one) for one in groups.known_groups(call)]
    return _answer("group_list", {"groups": shapes})


@served(
    "update_group",
    [
        _OWN,
        _GROUP,
        text("groupName"),
        several("members", ADDRESS),
        text("avatar", doc="a picture's path"),
        text("groupAvatar"),
    ],
    version=V0,
)
def update_group(call: Call) -> Any:
    """Change a group; without an id: make one."""
    group_id = call.get("recipientGroupId")
    call.run(
        "updateGroup",
        group_id=group_id,
        name=call.get("groupName"),
        members=call.words("members"),
        avatar=call.get("avatar") or call.get("groupAvatar"),
    )
    if group_id is None:
        return _done("group_created", 5, "Created group")
    return _done("group_updated", 6, "Updated group")


@served("leave_group", [_OWN, _GROUP_REQUIRED], version=V0)
def leave_group(call: Call) -> Any:
    """Leave a group."""
    call.run("quitGroup", group_id=call["recipientGroupId"])
    return _done("left_group", 7, "Successfully left group")


@served("group_link_info", [_OWN, text("uri", required=True)], version=V0)
def group_link_info(call: Call) -> Any:
    """Tell what a group's link leads to."""
    return _answer("group_join_info", groups.link_info(call))


# --- people ---------------------------------------------------------------------------------------


@served("list_contacts", [_OWN], version=V0)
def list_contacts(call: Call) -> Any:
    """List the contacts."""
    contacts = call.run("listContacts").contacts
    return _answer("contact_list", [older_contact_shape(one) for one in contacts])


@served("update_contact", [_OWN, one("contact", CONTACT_CHANGE, required=True)], version=V0)
def update_contact(call: Call) -> Any:
    """Name somebody."""
    contact = call["contact"]
    address = contact.get("address")
    word = contact.get("number") if address is None else address.word
    if word is None:
        raise SignaldRefusal(
            "InvalidRequestError", "the contact has neither an address nor a number"
        )
    call.run("updateContact", recipient=word, name=contact.get("name"))
    return _done("contact_updated", 0, "Contact updated")


@served("get_user", [_OWN, _PEER, text("recipientNumber")], version=V0)
def get_user(call: Call) -> Any:
    """Tell whether somebody is on the service."""
    peer = call.get("recipientAddress")
    word = call.get("recipientNumber") if peer is None else peer.word
    if word is None:
        raise SignaldRefusal("InvalidRequestError", "no person is named")
    (found,) = call.run("getUserStatus", recipients=[word]).to_json()
    if not found["isRegistered"]:
        return _answer("user_not_registered")
    return _answer(
        "user",
        {
            "name": "",
            "number": found.get("number"),
            "uuid": found.get("uuid"),
            "active": True,
        },
    )


@served("get_identities", [_OWN, _PEER], version=V0)
def get_identities(call: Call) -> Any:
    """List identity keys, of everybody or one."""
    peer = call.get("recipientAddress")
    found = people.identities_of(call, None if peer is None else peer.word)
    return _answer("identities", {"identities": [older_identity_shape(one) for one in found]})


@served(
    "trust",
    [
        _OWN,
        _PEER_REQUIRED,
        text("fingerprint", required=True, doc="the key in hex, or its safety number"),
        text("trustLevel"),
    ],
    version=V0,
)
def trust(call: Call) -> Any:
    """Trust the identity key with this fingerprint."""
    code = "".join(call["fingerprint"].split())
    is_key = _HEX_KEY.fullmatch(code) is not None
    level = call.get("trustLevel", "TRUSTED_VERIFIED").upper()
    if not (is_key or _SAFETY_NUMBER.fullmatch(code)) or level not in people.TRUST_LEVELS:
        return _answer(
            "input_error",
            status(0, "Fingerprint has wrong format", error=True),
        )
    people.trust_key(call, call.word("recipientAddress"), code, level)
    if is_key:
        return _done("trusted_fingerprint", 0, "Successfully trusted fingerprint")
    return _done("trusted_safety_number", 0, "Successfully trusted safety number")


@served("get_profile", [_OWN, _PEER_REQUIRED], version=V0)
def get_profile(call: Call) -> Any:
    """Tell what somebody says of themselves."""
    try:
        profile = people.profile_of(call, call.word("recipientAddress"), asks=True)
    except (SignaldRefusal, errors.PersonNotRegistered, errors.UnknownRecipient):
        return _answer("profile_not_available")
    return _answer(
        "profile",
        {
            "name": profile["profile_name"],
            "avatar": profile["avatar"],
            "about": profile["about"],
            "emoji": profile["emoji"],
            "address": profile["address"],
        },
    )


@served("set_profile", [_OWN, text("name")], version=V0)
def set_profile(call: Call) -> Any:
    """Change the name in the account's profile."""
    call.run("updateProfile", given_name=call.get("name") or None)
    return _answer("profile_set")


@served("refresh_account", [_OWN], version=V0)
def refresh_account(call: Call) -> Any:
    """Nothing: the daemon keeps an account in order of itself."""
    return _answer("account_refreshed", status(0, "nothing to do", error=False))
