"""v0 requests about contacts, profiles and identity keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sigcli import errors
from sigcli.daemon.signald.declaring import V0, one, served, text
from sigcli.daemon.signald.older.answers import answer, done, status
from sigcli.daemon.signald.older.fields import ACCOUNT, PEER, PEER_REQUIRED
from sigcli.daemon.signald.requests import people
from sigcli.daemon.signald.shapes.people import older_contact_shape, older_identity_shape
from sigcli.daemon.signald.structures import CONTACT_CHANGE
from sigcli.errors import SignaldRefusal

if TYPE_CHECKING:
    from sigcli.daemon.signald.call import Call

_HEX_KEY = re.compile(r"[0-9a-fA-F]{66}")
_SAFETY_NUMBER = re.compile(r"[0-9]{60}")


@served("list_contacts", [ACCOUNT], version=V0)
def list_contacts(call: Call) -> Any:
    """List the contacts."""
    contacts = call.run("listContacts").contacts
    return answer("contact_list", [older_contact_shape(one) for one in contacts])


@served("update_contact", [ACCOUNT, one("contact", CONTACT_CHANGE, required=True)], version=V0)
def update_contact(call: Call) -> Any:
    """Give a contact a name."""
    contact = call["contact"]
    address = contact.get("address")
    word = contact.get("number") if address is None else address.word
    if word is None:
        raise SignaldRefusal(
            "InvalidRequestError", "the contact has neither an address nor a number"
        )
    call.run("updateContact", recipient=word, name=contact.get("name"))
    return done("contact_updated", 0, "Contact updated")


@served("get_user", [ACCOUNT, PEER, text("recipientNumber")], version=V0)
def get_user(call: Call) -> Any:
    """Tell whether a person is on the service."""
    peer = call.get("recipientAddress")
    word = call.get("recipientNumber") if peer is None else peer.word
    if word is None:
        raise SignaldRefusal("InvalidRequestError", "no person is named")
    (found,) = call.run("getUserStatus", recipients=[word]).to_json()
    if not found["isRegistered"]:
        return answer("user_not_registered")
    return answer(
        "user",
        {
            "name": "",
            "number": found.get("number"),
            "uuid": found.get("uuid"),
            "active": True,
        },
    )


@served("get_identities", [ACCOUNT, PEER], version=V0)
def get_identities(call: Call) -> Any:
    """List identity keys, of everyone or of one person."""
    peer = call.get("recipientAddress")
    found = people.identities_of(call, None if peer is None else peer.word)
    return answer("identities", {"identities": [older_identity_shape(one) for one in found]})


@served(
    "trust",
    [
        ACCOUNT,
        PEER_REQUIRED,
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
        return answer(
            "input_error",
            status(0, "Fingerprint has wrong format", error=True),
        )
    people.trust_key(call, call.word("recipientAddress"), code, level)
    if is_key:
        return done("trusted_fingerprint", 0, "Successfully trusted fingerprint")
    return done("trusted_safety_number", 0, "Successfully trusted safety number")


@served("get_profile", [ACCOUNT, PEER_REQUIRED], version=V0)
def get_profile(call: Call) -> Any:
    """Get a person's profile."""
    try:
        profile = people.profile_of(call, call.word("recipientAddress"), asks=True)
    except (SignaldRefusal, errors.PersonNotRegistered, errors.UnknownRecipient):
        return answer("profile_not_available")
    return answer(
        "profile",
        {
            "name": profile["profile_name"],
            "avatar": profile["avatar"],
            "about": profile["about"],
            "emoji": profile["emoji"],
            "address": profile["address"],
        },
    )


@served("set_profile", [ACCOUNT, text("name")], version=V0)
def set_profile(call: Call) -> Any:
    """Change the name in the account's profile."""
    call.run("updateProfile", given_name=call.get("name") or None)
    return answer("profile_set")
