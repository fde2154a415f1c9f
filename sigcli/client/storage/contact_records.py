"""Contacts: what a record and a row of the database share, and each brought to the other.

``system…`` names are those of the phone's address book, the plain ones those of the profile. Facts: the public clients
(signal-cli ``syncStorage/ContactRecordProcessor``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.task_items import NEW_PROFILE_KEY_TARGET
from sigcli.client.people.claimed_addresses import take_claimed_ids
from sigcli.client.storage.identity_records import edited_identity, take_identity
from sigcli.client.storage.merging import incoming, outgoing
from sigcli.lazy_dataclass import replace
from sigcli.store.address_claims import is_disputed
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import load_recipient, set_profile_key, update_recipient
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.addresses import is_e164
from sigcli.wire.storage_records import ContactRecord, Nickname

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from sigcli.client.base.account import Account
    from sigcli.client.storage.merging import Shared
    from sigcli.store.database import Transaction
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId

_KEY_LENGTH = 32
_MAX_INTEGER = (1 << 63) - 1
_FIELDS: dict[str, str] = {
    "given_name": "system_given_name",
    "family_name": "system_family_name",
    "nickname": "system_nickname",
    "note": "note",
    "profile_given_name": "given_name",
    "profile_family_name": "family_name",
    "blocked": "blocked",
    "hidden": "hidden",
    "archived": "archived",
    "profile_sharing": "whitelisted",
    "mute_until_ms": "muted_until_ms",
    "unregistered_ms": "unregistered_at_ms",
}
"""The database's name of what is shared, and the record's."""
_NICKNAME = ("nickname_given", "nickname_family")
_GIVEN_BY_THE_USER = ("given_name", "family_name", "nickname", "note", *_NICKNAME)
_STICKY = ("blocked",)


# --- who it is ------------------------------------------------------------------------------------


def is_usable(account: Account, record: ContactRecord) -> bool:
    """Whether a record is about somebody, and not about the account itself: others are taken away."""
    if record.aci is None and record.pni is None and not record.number:
        return False
    is_own = (
        record.aci == account.aci
        or (record.pni is not None and record.pni == account.pni)
        or (bool(record.number) and record.number == account.number)
    )
    return not is_own


def primary_id(record: ContactRecord) -> ServiceId | str:
    """The strongest id of a usable record: two records with the same one are about the same person."""
    return record.aci or record.pni or record.number


class ContactsById:
    """Finds the record, or the row, of a person among many: by ACI, else by PNI, else by number."""

    def __init__(self) -> None:
        self._found: dict[ServiceId | str, Any] = {}

    @classmethod
    def of_rows(cls, people: Iterable[Recipient]) -> ContactsById:
        index = cls()
        for person in people:
            index.add(person, person.aci, person.pni, person.number)
        return index

    def add(
        self, value: Any, aci: ServiceId | None, pni: ServiceId | None, number: str | None
    ) -> None:
        for one in (aci, pni, number):
            if one:
                self._found.setdefault(one, value)

    def find(self, aci: ServiceId | None, pni: ServiceId | None, number: str | None) -> Any:
        """What was added with one of these ids, strongest first; None if nothing was."""
        for one in (aci, pni, number):
            if one and one in self._found:
                return self._found[one]
        return None


# --- from a record --------------------------------------------------------------------------------


def take_contact(
    account: Account,
    transaction: Transaction,
    record: ContactRecord,
    last_seen: ContactRecord | None,
    now_ms: int,
) -> ServiceId | None:
    """Bring the database to a usable record that is new; gives who has become trusted by it.

    ``last_seen``: the record of the same person before.
    """
    number = record.number if is_e164(record.number) else None
    if record.aci is None and record.pni is None and number is None:
        return None
    row_id = take_claimed_ids(
        account,
        transaction,
        aci=record.aci,
        pni=record.pni,
        number=number,
        username=record.username or None if record.aci is not None else None,
    )
    person = load_recipient(transaction, row_id)
    assert person is not None  # just made or found
    change = incoming(
        None if last_seen is None else _of_record(last_seen),
        _of_row(person),
        _of_record(record),
        sticky=_STICKY,
    )
    _apply(account, transaction, person, change, now_ms)
    if person.aci is None:
        return None
    return take_identity(account, transaction, person.aci, record, last_seen, now_ms)


def _apply(
    account: Account,
    transaction: Transaction,
    person: Recipient,
    taken_over: Mapping[str, Any],
    now_ms: int,
) -> None:
    change = dict(taken_over)
    profile_key = change.pop("profile_key", None)
    if profile_key is not None:
        set_profile_key(transaction, person.id, profile_key)
    if change.get("profile_sharing"):
        change["request_state"] = RequestState.ACCEPTED
    elif "profile_sharing" in change and person.contact.request_state is RequestState.ACCEPTED:
        change["request_state"] = RequestState.NONE
    if any(change.get(name) for name in _GIVEN_BY_THE_USER):
        change["is_contact"] = True
    if change:
        update_recipient(transaction, person.id, **change)
    if change.get("blocked") and person.contact.profile_sharing and account.keys.is_primary:
        from sigcli.client.people.profile_key_loss import is_key_lost_to

        if is_key_lost_to(transaction, account.aci, person.aci):
            add_task(transaction, TaskKind.ATTRIBUTES_UPDATE, NEW_PROFILE_KEY_TARGET, now_ms=now_ms)


# --- to a record ----------------------------------------------------------------------------------


def edited_contact(account: Account, record: ContactRecord, person: Recipient) -> ContactRecord:
    """The record with what the database says differently; the same one if that is nothing."""
    changed = _with(record, outgoing(_of_record(record), _of_row(person)))
    if person.service_id is not None and is_disputed(account.database, person.service_id):
        # The user decides who has an address: what the other devices say of addresses stays.
        return edited_identity(account, changed, person)
    ids: dict[str, Any] = {}
    if person.aci is not None and person.aci != record.aci:
        ids["aci"] = person.aci
    if person.pni != record.pni and (person.pni is not None or record.aci is not None):
        ids["pni"] = person.pni
    number = person.number or ""
    if number != record.number and _is_number_told(record, person):
        ids["number"] = number
    if person.username and not record.username and person.aci is not None:
        ids["username"] = person.username
    if ids:
        changed = replace(changed, **ids)
    return edited_identity(account, changed, person)


def new_contact(account: Account, person: Recipient) -> ContactRecord | None:
    """A record for somebody who has none; None for those of whom the user has noted nothing."""
    contact = person.contact
    if person.service_id is None or account.is_own(person.service_id):
        return None
    is_noted = (
        contact.is_contact
        or contact.profile_sharing
        or contact.blocked
        or bool(contact.name or contact.note)
    )
    if not is_noted or contact.unregistered_ms is not None:
        return None
    return edited_contact(account, ContactRecord(aci=person.aci, pni=person.pni), person)


def _is_number_told(record: ContactRecord, person: Recipient) -> bool:
    """A number stands in a record beside the PNI that belongs to it; one that cannot be read here stays."""
    if record.number and not is_e164(record.number):
        return False
    return person.pni is not None or bool(record.number)


# --- what they share ------------------------------------------------------------------------------


def _of_record(record: ContactRecord) -> Shared:
    shared: dict[str, object] = {
        name: _in_database(name, getattr(record, field)) for name, field in _FIELDS.items()
    }
    nickname = record.nickname or Nickname()
    shared["nickname_given"] = nickname.given or None
    shared["nickname_family"] = nickname.family or None
    has_key = len(record.profile_key) == _KEY_LENGTH
    shared["profile_key"] = record.profile_key if has_key else None
    return shared


def _of_row(person: Recipient) -> Shared:
    contact, profile = person.contact, person.profile
    shared: dict[str, object] = {
        name: _in_database(name, getattr(contact, name))
        for name in (*_FIELDS, *_NICKNAME)
        if not name.startswith("profile_") or name == "profile_sharing"
    }
    shared["profile_given_name"] = profile.given_name or None
    shared["profile_family_name"] = profile.family_name or None
    shared["profile_key"] = profile.key
    return shared


def _in_database(name: str, value: Any) -> object:
    """A field's value as the database holds it: no text and no time are None."""
    if isinstance(value, str) or value is None:
        return value or None
    if isinstance(value, bool):
        return value
    held = min(int(value), _MAX_INTEGER)
    return held or None if name == "unregistered_ms" else held


def _with(record: ContactRecord, edits: dict[str, Any]) -> ContactRecord:
    if not edits:
        return record
    fields: dict[str, Any] = {}
    for name, field in _FIELDS.items():
        if name in edits:
            value = edits[name]
            fields[field] = (0 if name == "unregistered_ms" else "") if value is None else value
    if "profile_key" in edits:
        fields["profile_key"] = edits["profile_key"] or b""
    if any(name in edits for name in _NICKNAME):
        present = record.nickname or Nickname()
        nickname = Nickname(
            given=edits.get("nickname_given", present.given) or "",
            family=edits.get("nickname_family", present.family) or "",
        )
        fields["nickname"] = nickname if nickname != Nickname() else None
    return replace(record, **fields)
