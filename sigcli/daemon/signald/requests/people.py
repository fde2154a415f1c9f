"""People: profiles, contacts, addresses, identity keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.declaring import flag, number, one, served, text, texts
from sigcli.daemon.signald.shapes.people import (
    address_of,
    identity_shape,
    profile_shape,
    recipient_address,
)
from sigcli.daemon.signald.structures import (
    ADDRESS,
    ALL_IDENTITIES,
    IDENTITIES,
    PROFILE,
    PROFILES,
    YES_OR_NO,
)
from sigcli.errors import ServiceError, SignaldRefusal, UnknownIdentity

if TYPE_CHECKING:
    from sigcli.client.account.people.identities import ListedIdentity
    from sigcli.client.base.account import Account
    from sigcli.daemon.signald.call import Call
    from sigcli.store.recipient_values import Recipient

_ACCOUNT = text("account", required=True)
_ADDRESS = one("address", ADDRESS, required=True)
_VERIFIED, _UNVERIFIED, _UNTRUSTED = TRUST_LEVELS = (
    "TRUSTED_VERIFIED",
    "TRUSTED_UNVERIFIED",
    "UNTRUSTED",
)


@served(
    "get_profile",
    [
        _ACCOUNT,
        _ADDRESS,
        flag("async", doc="answer with what is known, without asking the service"),
    ],
    answer=PROFILE,
)
def get_profile(call: Call) -> Any:
    """Get what is known about a person."""
    return profile_of(call, call.word("address"), asks=not call.get("async"))


@served(
    "set_profile",
    [
        _ACCOUNT,
        text("name"),
        text("avatarFile", doc="the path of a picture"),
        text("about"),
        text("emoji"),
        text("mobilecoin_address"),
        texts("visible_badge_ids", doc="ignored"),
    ],
)
def set_profile(call: Call) -> Any:
    """Change the account's profile; fields that are not named stay."""
    # signald puts a NUL between given and family name.
    given, _, family = call.get("name", "").partition("\0")
    call.run(
        "updateProfile",
        given_name=given or None,
        family_name=family if given else None,
        avatar=call.get("avatarFile"),
        about=call.get("about"),
        about_emoji=call.get("emoji"),
        mobile_coin_address=call.get("mobilecoin_address"),
    )
    return {}


@served("list_contacts", [_ACCOUNT, flag("async")], answer=PROFILES)
def list_contacts(call: Call) -> Any:
    """List the contacts as stored here."""
    contacts = call.run("listContacts").contacts
    with call.opened() as account:
        return {"profiles": [profile_shape(account, contact) for contact in contacts]}


@served(
    "update_contact",
    [
        _ACCOUNT,
        _ADDRESS,
        text("name"),
        text("color", doc="ignored"),
        number("inbox_position", doc="ignored"),
    ],
    answer=PROFILE,
)
def update_contact(call: Call) -> Any:
    """Give a contact a name."""
    call.run("updateContact", recipient=call.word("address"), name=call.get("name"))
    return profile_of(call, call.word("address"), asks=False)


@served("resolve_address", [_ACCOUNT, one("partial", ADDRESS, required=True)], answer=ADDRESS)
def resolve_address(call: Call) -> Any:
    """Complete an address."""
    from sigcli.client.people.recipients import resolve

    with call.opened() as account:
        return recipient_address(resolve(account, call.word("partial")))


@served("is_identifier_registered", [_ACCOUNT, text("identifier", required=True)], answer=YES_OR_NO)
def is_identifier_registered(call: Call) -> Any:
    """Tell whether a number or UUID is on the service."""
    (status,) = call.run("getUserStatus", recipients=[call["identifier"]]).to_json()
    return {"value": status["isRegistered"]}


@served("get_identities", [_ACCOUNT, _ADDRESS], answer=IDENTITIES)
def get_identities(call: Call) -> Any:
    """List a person's identity keys."""
    found = identities_of(call, call.word("address"))
    given = call["address"]
    address = {"number": given.number, "uuid": given.uuid}
    return {
        "address": address_of(found[0].person) if found else address,
        "identities": [identity_shape(one) for one in found],
    }


@served("get_all_identities", [_ACCOUNT], answer=ALL_IDENTITIES)
def get_all_identities(call: Call) -> Any:
    """List all identity keys."""
    people: dict[Any, dict[str, Any]] = {}
    for identity in identities_of(call):
        person = identity.person
        entry = people.setdefault(
            person.aci or identity.service_id, {"address": address_of(person), "identities": []}
        )
        entry["identities"].append(identity_shape(identity))
    return {"identity_keys": list(people.values())}


@served(
    "trust",
    [
        _ACCOUNT,
        _ADDRESS,
        text("safety_number"),
        text("qr_code_data", doc="base64"),
        text("trust_level", doc="TRUSTED_VERIFIED (default) or TRUSTED_UNVERIFIED"),
    ],
    exactly_one=(("safety_number", "qr_code_data"),),
)
def trust(call: Call) -> Any:
    """Trust the identity key that has this safety number."""
    level = call.get("trust_level", _VERIFIED)
    call.refuse_unless_known(level, TRUST_LEVELS, "trust_level")
    code = call.get("safety_number") or call.get("qr_code_data") or ""
    trust_key(call, call.word("address"), code, level)
    return {}


# --- shared with v0 -------------------------------------------------------------------------------


def profile_of(call: Call, word: str, *, asks: bool) -> dict[str, Any]:
    """A person's profile; ``asks``: fetched if it is old. Raises ProfileUnavailableError."""
    from sigcli.client.people.recipients import resolve, resolve_noted

    find = resolve if asks else resolve_noted
    with call.opened() as account:
        recipient = find(account, word)
        problem = _fetch(account, recipient) if asks else None
        recipient = find(account, word)
        is_known = recipient.contact.name or recipient.profile.fetched_ms or recipient.profile.name
        if asks and not is_known:
            raise SignaldRefusal(
                "ProfileUnavailableError",
                "nothing is known about them" if problem is None else problem.message,
            )
        return profile_shape(account, recipient)


def identities_of(call: Call, word: str | None = None) -> list[ListedIdentity]:
    """The keys of everyone or of one person; those of PNIs, unknown to signald, only if there are no others."""
    found: list[ListedIdentity] = call.run("listIdentities", number=word).identities
    by_aci = [one for one in found if one.service_id.is_aci]
    return by_aci or found


def trust_key(call: Call, word: str, code: str, level: str) -> None:
    """Give the key with this safety number, code or fingerprint a trust level.

    Raises UnknownIdentity, SafetyNumberMismatch; SignaldRefusal for a level that cannot be set.
    """
    if level == _UNTRUSTED:
        raise SignaldRefusal("InvalidRequestError", "trust cannot be taken away")
    wanted = _plain(code)
    found = call.run("listIdentities", number=word).identities
    # Codes and fingerprints come back as they were listed; a scanned code is that of the other side.
    known = {
        _plain(text): one.safety_number
        for one in found
        for text in (one.safety_number, one.scannable_base64, one.fingerprint_hex)
    }
    if level == _VERIFIED:
        call.run("trust", recipient=word, verified_safety_number=known.get(wanted, code))
    elif wanted in known:
        call.run("trust", recipient=word, trust_all_known_keys=True)
    else:
        raise UnknownIdentity


# --- within ---------------------------------------------------------------------------------------


def _fetch(account: Account, recipient: Recipient) -> ServiceError | None:
    from sigcli.client.people.profiles import fetch_due, fetch_profile

    if not fetch_due(account, recipient):
        return None
    try:
        fetch_profile(account, recipient)
    except ServiceError as error:
        return error
    return None


def _plain(code: str) -> str:
    return "".join(code.split()).lower()
