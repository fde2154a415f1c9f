"""Contacts, identities, the account's profile, and lookups of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from sigcli.daemon.rest import shapes
from sigcli.daemon.rest.base64_files import as_data_uri, sniffed
from sigcli.daemon.rest.recipients import person
from sigcli.daemon.routes.call import as_number
from sigcli.daemon.routes.declaring import PICTURE, Blob, Family, Query
from sigcli.daemon.routes.refusing import NothingThere, Refused
from sigcli.errors import NoSuchFile, UnknownRecipient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.client.live.live_account import LiveAccount
    from sigcli.daemon.routes.call import Call

routes = Family("People")
_ALL = (Query("all_recipients", bool, default=False, help="also people who are not contacts"),)
_NUMBERS = (Query("numbers", required=True, many=True, help="numbers, the parameter repeated"),)


class ContactBody(TypedDict):
    """The details of a contact."""

    recipient: str
    name: NotRequired[str]
    expiration_in_seconds: NotRequired[int]


class TrustBody(TypedDict):
    """Exactly one of the two."""

    verified_safety_number: NotRequired[str]
    trust_all_known_keys: NotRequired[bool]


class ProfileBody(TypedDict):
    """What other people see; the avatar is removed unless a picture is given."""

    name: str
    about: NotRequired[str]
    base64_avatar: NotRequired[str]


@routes.add("GET", "/v1/contacts/{number}", query=_ALL, answer=list[shapes.Contact])
def contacts(call: Call) -> list[dict[str, Any]]:
    """List contacts."""
    listed = call.run("listContacts", allRecipients=call.query["all_recipients"])
    return [contact_object(one) for one in listed]


@routes.add("PUT", "/v1/contacts/{number}", body=ContactBody, status=204)
def update_contact(call: Call) -> None:
    """Change the details of a contact."""
    call.run(
        "updateContact",
        recipient=person(call.body["recipient"]),
        name=call.body.get("name"),
        expiration=call.body.get("expiration_in_seconds"),
    )


@routes.add("POST", "/v1/contacts/{number}/sync", status=204)
def sync(call: Call) -> None:
    """Send the contacts to the linked devices."""
    call.run("sendContacts")


@routes.add(
    "GET",
    "/v1/contacts/{number}/{uuid}/avatar",
    answer=PICTURE,
    also={404: shapes.Error},
)
def avatar(call: Call) -> Blob:
    """Get a contact's picture."""
    try:
        picture = call.result_of("getAvatar", profile=call.path["uuid"])
    except (NoSuchFile, UnknownRecipient) as error:
        raise NothingThere(error.message) from None
    data: bytes = picture.data  # type: ignore[attr-defined]
    return Blob(data, sniffed(data))


@routes.add(
    "GET",
    "/v1/contacts/{number}/{uuid}",
    query=_ALL,
    answer=shapes.Contact,
    also={404: shapes.Error},
)
def contact(call: Call) -> dict[str, Any]:
    """Get one contact."""
    wanted = call.path["uuid"].lower()
    for one in call.run("listContacts", allRecipients=True):
        if wanted in (one["uuid"], one["number"]):
            return contact_object(one)
    raise NothingThere("No contact with that id (uuid) found")


@routes.add("GET", "/v1/identities/{number}", answer=list[shapes.Identity])
def identities(call: Call) -> list[dict[str, Any]]:
    """List identity keys."""
    return [
        {
            "number": shapes.text(one["number"]),
            "uuid": shapes.text(one["uuid"]),
            "status": one["trustLevel"],
            "fingerprint": one["fingerprint"],
            "added": str(one["addedTimestamp"]),
            "safety_number": one["safetyNumber"],
        }
        for one in call.run("listIdentities")
    ]


@routes.add("PUT", "/v1/identities/{number}/trust/{number_to_trust}", body=TrustBody, status=204)
def trust(call: Call) -> None:
    """Trust an identity key."""
    number = call.body.get("verified_safety_number")
    all_known = call.body.get("trust_all_known_keys")
    if bool(number) == bool(all_known):
        raise Refused(
            "Couldn't process request - please provide either 'verified_safety_number' or 'trust_all_known_keys'"
        )
    call.run(
        "trust",
        recipient=person(as_number(call.path["number_to_trust"])),
        verifiedSafetyNumber=number or None,
        trustAllKnownKeys=all_known,
    )


@routes.add("PUT", "/v1/profiles/{number}", body=ProfileBody, status=204)
def update_profile(call: Call) -> None:
    """Change the profile that other people see."""
    picture = call.body.get("base64_avatar")
    call.run(
        "updateProfile",
        givenName=call.body["name"],
        about=call.body.get("about"),
        avatar=as_data_uri(picture, "avatar") if picture else None,
        removeAvatar=not picture,
    )


@routes.add("GET", "/v1/search", query=_NUMBERS, answer=list[shapes.Found])
def search(call: Call) -> list[dict[str, Any]]:
    """Look up which numbers are on the service, with any account."""
    return _search(call, call.any_account())


@routes.add("GET", "/v1/search/{number}", query=_NUMBERS, answer=list[shapes.Found])
def search_with(call: Call) -> list[dict[str, Any]]:
    """Look up which numbers are on the service."""
    return _search(call, call.account())


def contact_object(contact: Mapping[str, Any]) -> dict[str, Any]:
    """A contact of ``listContacts`` in the format of this interface."""
    text = shapes.text
    profile = contact["profile"] or {}
    given, family = text(profile.get("givenName")), text(profile.get("familyName"))
    return {
        "number": text(contact["number"]),
        "uuid": text(contact["uuid"]),
        "name": text(contact["name"]),
        "profile_name": f"{given} {family}".strip(),
        "username": text(contact["username"]),
        "color": text(contact["color"]),
        "blocked": contact["isBlocked"],
        "message_expiration": str(contact["messageExpirationTime"]),
        "note": text(contact["note"]),
        "given_name": text(contact["givenName"]),
        "profile": {
            "given_name": given,
            "lastname": family,
            "about": text(profile.get("about")),
            "has_avatar": bool(profile.get("hasAvatar")),
            "last_updated_timestamp": profile.get("lastUpdateTimestamp") or 0,
        },
        "nickname": {
            "name": text(contact["nickName"]),
            "given_name": text(contact["nickGivenName"]),
            "family_name": text(contact["nickFamilyName"]),
        },
    }


def _search(call: Call, live: LiveAccount) -> list[dict[str, Any]]:
    numbers = [as_number(one.replace(" ", "")) for one in call.query["numbers"]]
    return [
        {"number": one["recipient"], "registered": one["isRegistered"]}
        for one in call.run("getUserStatus", live, recipient=numbers)
    ]
