"""Identity keys of others: listed with their safety numbers, and trusted by the user's word.

Trusting a key releases the messages that it kept back: they are decrypted and become new rows of the inbox.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from sigcli.client.base.events import Person
from sigcli.errors import (
    ProtocolError,
    SafetyNumberMismatch,
    UnknownIdentity,
    UnknownRecipient,
    UsageError,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.store import identity_keys
from sigcli.store.identity_keys import KnownIdentity, TrustLevel
from sigcli.store.inbox import held
from sigcli.store.recipients import find_by_number, find_by_service_id
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigcli.client.base.account import Account
    from sigcli.protocol.fingerprint import SafetyNumber
    from sigcli.store.address_claims import Claim

_DIGITS = 60
_GROUP = 5
_KEY_LENGTH = 33


@dataclass(frozen=True, slots=True)
class ListedIdentity:
    """A key as it is listed."""

    person: Person
    service_id: ServiceId
    """Whose key it is: somebody's ACI, or their PNI, which has a key of its own."""
    fingerprint_hex: str
    """The key's 33 bytes, with blanks between them."""
    safety_number: str
    """12 groups of 5 digits."""
    scannable_base64: str
    trust_level: str
    added_ms: int


def list_identities(account: Account, word: str | None = None) -> list[ListedIdentity]:
    """The keys of everybody, the account's own last, or of one person; no network. Raises UnknownRecipient."""
    own_key = account.keys.aci_identity.public_key
    own = KnownIdentity(account.aci, own_key, TrustLevel.TRUSTED_VERIFIED, added_ms=0)
    others = identity_keys.list_identities(account.database)
    known = [*(one for one in others if one.service_id != account.aci), own]
    if word is not None:
        claim = _claim(account, word)
        wanted = _service_ids(account, word) if claim is None else _sides(claim)
        known = [identity for identity in known if identity.service_id in wanted]
    return [_listed(account, identity) for identity in known]


def trust_identity(account: Account, word: str, safety_number: str | None = None) -> None:
    """Trust somebody's key, and with their safety number note that it was compared.

    A number or username that another account is said to have now becomes that account's, unless the safety number is
    the former one's. ``safety_number``: 60 digits, the key in hex, or the scanned code in base64. Raises
    UnknownIdentity if no key is known, SafetyNumberMismatch, UsageError, UnknownRecipient.
    """
    claim = _claim(account, word)
    known = _known_keys(account, _service_ids(account, word) if claim is None else _sides(claim))
    if claim is not None and safety_number is None:
        _settle(account, claim, is_confirmed=True)
        # The former one's key is as trusted as before.
        known = [identity for identity in known if identity.service_id == claim.claimant]
    elif not known:
        raise UnknownIdentity
    if safety_number is None:
        _trust(account, known, TrustLevel.TRUSTED_UNVERIFIED)
        return
    matching = [identity for identity in known if _matches(account, identity, safety_number)]
    if not matching:
        raise SafetyNumberMismatch
    if claim is not None:
        is_confirmed = any(identity.service_id == claim.claimant for identity in matching)
        _settle(account, claim, is_confirmed=is_confirmed)
    _trust(account, matching, TrustLevel.TRUSTED_VERIFIED)


def trust_all_pending(account: Account) -> None:
    """Trust every key that holds messages back; never one that somebody had before, or may have had."""
    keys: dict[ServiceId, set[bytes | None]] = {}
    for row in held(account.database):
        if row.metadata.source is not None:
            keys.setdefault(row.metadata.source, set()).add(row.held_key)
    known = [
        identity
        for source, held_under in keys.items()
        if (identity := identity_keys.find_identity(account.database, source)) is not None
        and not held_under.isdisjoint((None, identity.identity_key.serialize()))
    ]
    _trust(account, known, TrustLevel.TRUSTED_UNVERIFIED)


# --- trusting -------------------------------------------------------------------------------------


def _trust(account: Account, identities: Sequence[KnownIdentity], level: TrustLevel) -> None:
    if not identities:
        return
    from sigcli.client.applying.envelope_intake import EnvelopeIntake

    changed = []
    intake = EnvelopeIntake(account)
    with intake.batch() as transaction:
        for identity in identities:
            if identity.trust_level <= level:
                peer, key = identity.service_id, identity.identity_key
                is_present = identity_keys.set_trust_level(
                    transaction, peer, key, level, account.now_ms()
                )
                if is_present and identity.trust_level < level:
                    changed.append(identity)
            intake.release(identity.service_id)
        if changed:
            add_task(transaction, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
    _tell_other_devices(account, changed, level)


def _tell_other_devices(
    account: Account, identities: Iterable[KnownIdentity], level: TrustLevel
) -> None:
    """What was compared here counts on the other devices as well; a failure is a warning."""
    from sigcli.client.sending.sync_sending import tell_other_devices
    from sigcli.wire.content.sync_message import SyncMessage
    from sigcli.wire.content.sync_state import SyncVerified, VerifiedState

    verified = level is TrustLevel.TRUSTED_VERIFIED
    for identity in identities:
        if not identity.service_id.is_aci:
            continue
        message = SyncMessage(
            verified=SyncVerified(
                destination=identity.service_id,
                identity_key=identity.identity_key.serialize(),
                state=VerifiedState.VERIFIED if verified else VerifiedState.DEFAULT,
            )
        )
        if not tell_other_devices(account, message, "of a key that is trusted now"):
            return  # they would not get the next one either


# --- addresses that have moved --------------------------------------------------------------------


def _claim(account: Account, word: str) -> Claim | None:
    """What another account claims of an address, if the word is one."""
    from sigcli.client.people.claimed_addresses import disputed
    from sigcli.client.people.recipient_words import LinkToUsername, Number, Username, classify
    from sigcli.store.address_claims import AddressKind

    match classify(word, account.settings.aliases):
        case Number(e164):
            return disputed(account, AddressKind.NUMBER, e164)
        case Username(name):
            return disputed(account, AddressKind.USERNAME, name)
        case LinkToUsername(link):
            from sigcli.store.followed_links import find_followed_link

            followed = find_followed_link(account.database, link.serialize())
            return (
                None if followed is None else disputed(account, AddressKind.USERNAME, followed[0])
            )
        case _:
            return None


def _sides(claim: Claim) -> list[ServiceId]:
    return [one for one in (claim.holder, claim.claimant) if one is not None]


def _settle(account: Account, claim: Claim, *, is_confirmed: bool) -> None:
    """Let the claimant have what they claim, or the holder keep it; opens a transaction."""
    from sigcli.client.people.claimed_addresses import described
    from sigcli.store.address_claims import confirm_claim, reject_claim

    with account.database.transaction() as database:
        if is_confirmed:
            confirm_claim(database, claim)
        else:
            reject_claim(database, claim)
        add_task(database, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
    account.forget_people()
    owner = claim.claimant if is_confirmed else claim.holder
    account.warn(f"{described(claim)} is taken for that of {owner} from now on")


def _known_keys(account: Account, service_ids: Iterable[ServiceId]) -> list[KnownIdentity]:
    return [
        identity
        for service_id in service_ids
        if (identity := identity_keys.find_identity(account.database, service_id)) is not None
    ]


# --- comparing ------------------------------------------------------------------------------------


def _matches(account: Account, identity: KnownIdentity, text: str) -> bool:
    """Whether what the user gives is this key's; raises UsageError for anything but the three forms."""
    compact = "".join(text.split())
    if len(compact) == _DIGITS and compact.isascii() and compact.isdigit():
        return _safety_number(account, identity).numeric == compact
    key = _hex(compact)
    if key is not None and len(key) == _KEY_LENGTH:
        return identity.identity_key.serialize() == key
    try:
        scanned = base64.b64decode(compact, validate=True)
        return _safety_number(account, identity).matches(scanned)
    except (ValueError, ProtocolError):
        raise UsageError(
            "this is not a safety number",
            hint="give its 60 digits, the key in hex, or the scanned code in base64",
        ) from None


def _hex(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text.replace(":", ""))
    except ValueError:
        return None


def _safety_number(account: Account, identity: KnownIdentity) -> SafetyNumber:
    from sigcli.protocol.fingerprint import safety_number

    own_key = account.keys.aci_identity.public_key
    return safety_number(account.aci, own_key, identity.service_id, identity.identity_key)


def _listed(account: Account, identity: KnownIdentity) -> ListedIdentity:
    number = _safety_number(account, identity)
    digits = number.numeric
    groups = (digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))
    return ListedIdentity(
        person=_person(account, identity.service_id),
        service_id=identity.service_id,
        fingerprint_hex=identity.identity_key.serialize().hex(" "),
        safety_number=" ".join(groups),
        scannable_base64=base64.b64encode(number.scannable).decode(),
        trust_level=identity.trust_level.name,
        added_ms=identity.added_ms,
    )


# --- people ---------------------------------------------------------------------------------------


def _person(account: Account, service_id: ServiceId) -> Person:
    from sigcli.client.groups.people_directory import PeopleDirectory

    return PeopleDirectory.of(account).person(service_id)


def _service_ids(account: Account, word: str) -> list[ServiceId]:
    """Under which ids the keys of a person may be known; looks nobody up beyond this machine."""
    from sigcli.client.people.recipient_words import LinkToUsername, Number, Username, classify
    from sigcli.client.people.recipients import resolve

    named = classify(word, account.settings.aliases)
    if isinstance(named, ServiceId):
        person = find_by_service_id(account.database, named)
        if person is None:
            return [named]
    elif isinstance(named, Number):
        person = find_by_number(account.database, named.e164)
        if person is None:
            raise UnknownRecipient(f"nobody with the number {named.e164} is known here")
    elif isinstance(named, Username | LinkToUsername):
        from sigcli.client.people.username_lookup import known_person

        person = known_person(account, named)
        if person is None:
            raise UnknownRecipient("nobody with this username is known here")
    else:
        person = resolve(account, word)
    return [service_id for service_id in (person.aci, person.pni) if service_id is not None]
