"""The account itself: its profile, its settings, its username. What else stands in the record is carried along."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.client.base.task_items import account_target
from sigcli.client.storage.merging import incoming, outgoing
from sigcli.lazy_dataclass import replace
from sigcli.store import account_data
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import find_by_service_id, update_recipient
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.storage_records import AccountRecord, PhoneNumberSharing, StoredUsernameLink

if TYPE_CHECKING:
    from typing import Any

    from sigcli.client.base.account import Account
    from sigcli.client.storage.merging import Shared
    from sigcli.store.database import Transaction
    from sigcli.store.settings import Setting

_KEY_LENGTH = 32
_ENTROPY_LENGTH = 32
_HANDLE_LENGTH = 16
_SETTINGS: dict[str, Setting[bool]] = {
    "read_receipts": account_data.READ_RECEIPTS,
    "typing_indicators": account_data.TYPING_INDICATORS,
    "link_previews": account_data.LINK_PREVIEWS,
    "sealed_sender_indicators": account_data.UNIDENTIFIED_DELIVERY_INDICATORS,
    "discoverable": account_data.DISCOVERABLE_BY_NUMBER,
    "number_sharing": account_data.NUMBER_SHARING,
}
_AS_IT_IS = ("read_receipts", "typing_indicators", "link_previews", "sealed_sender_indicators")
_OF_THE_PROFILE = {
    "given_name": "profile_given_name",
    "family_name": "profile_family_name",
    "avatar_path": "avatar_path",
    "archived": "archived",
}
_DEFAULTS = AccountRecord(
    read_receipts=True,
    typing_indicators=True,
    link_previews=True,
    phone_number_sharing=PhoneNumberSharing.NOBODY,
)
"""What applies where the user has said nothing."""


def take_account(
    account: Account,
    transaction: Transaction,
    record: AccountRecord,
    last_seen: AccountRecord | None,
    now_ms: int,
) -> None:
    """Bring the database to a record that is new; the caller reads the account's keys again."""
    change = incoming(
        None if last_seen is None else _of_record(last_seen),
        _of_database(account),
        _of_record(record),
    )
    for name, setting in _SETTINGS.items():
        if name in change:
            write_setting(transaction, setting, bool(change[name]))
    if "username" in change:
        write_setting(transaction, account_data.USERNAME, _text_or_none(change["username"]))
    if "username_link" in change:
        _take_link(account, transaction, change["username_link"])
    _take_profile(account, transaction, change, now_ms)
    if account.keys.is_primary and ("profile_key" in change or "discoverable" in change):
        add_task(transaction, TaskKind.ATTRIBUTES_UPDATE, now_ms=now_ms)


def edited_account(account: Account, record: AccountRecord) -> AccountRecord:
    """The record with what the database says differently; the same one if that is nothing."""
    edits: dict[str, Any] = outgoing(_of_record(record), _of_database(account))
    fields = {name: edits[name] for name in _AS_IT_IS if name in edits}
    for name in ("given_name", "family_name", "username"):
        if name in edits:
            fields[name] = edits[name] or ""
    if "avatar_path" in edits:
        fields["avatar_url_path"] = edits["avatar_path"] or ""
    if "profile_key" in edits:
        fields["profile_key"] = edits["profile_key"]
    if "archived" in edits:
        fields["note_to_self_archived"] = edits["archived"]
    if "discoverable" in edits:
        fields["unlisted_phone_number"] = not edits["discoverable"]
    if "number_sharing" in edits:
        sharing = PhoneNumberSharing
        fields["phone_number_sharing"] = (
            sharing.EVERYBODY if edits["number_sharing"] else sharing.NOBODY
        )
    if "username_link" in edits:
        fields["username_link"] = edits["username_link"]
    return replace(record, **fields) if fields else record


def new_account_record(account: Account) -> AccountRecord:
    """The first record of an account."""
    return edited_account(account, _DEFAULTS)


# --- the database ---------------------------------------------------------------------------------


def _take_link(account: Account, transaction: Transaction, link: Any) -> None:
    entropy = server_id = color = None
    if isinstance(link, StoredUsernameLink):
        entropy, color = link.entropy, link.color
        server_id = str(UUID(bytes=link.server_id))
    write_setting(transaction, account_data.USERNAME_LINK_ENTROPY, entropy)
    write_setting(transaction, account_data.USERNAME_LINK_SERVER_ID, server_id)
    write_setting(transaction, account_data.USERNAME_LINK_COLOR, color)


def _take_profile(
    account: Account, transaction: Transaction, change: dict[str, Any], now_ms: int
) -> None:
    database, keys = transaction, account.keys
    if "profile_key" in change:
        write_setting(database, account_data.PROFILE_KEY, change["profile_key"])
    columns: dict[str, Any] = {
        column: change[name] for name, column in _OF_THE_PROFILE.items() if name in change
    }
    if columns:
        row_id = resolve_recipient(database, aci=keys.aci, pni=keys.pni, number=keys.number).id
        update_recipient(database, row_id, **columns)
    if "profile_key" in change or "avatar_path" in change:
        add_task(database, TaskKind.PROFILE_FETCH, account_target(keys.aci), now_ms=now_ms)


# --- what they share ------------------------------------------------------------------------------


def _of_record(record: AccountRecord) -> Shared:
    has_key = len(record.profile_key) == _KEY_LENGTH
    return {
        "profile_key": record.profile_key if has_key else None,
        "given_name": record.given_name or None,
        "family_name": record.family_name or None,
        "avatar_path": record.avatar_url_path or None,
        "archived": record.note_to_self_archived,
        "read_receipts": record.read_receipts,
        "typing_indicators": record.typing_indicators,
        "link_previews": record.link_previews,
        "sealed_sender_indicators": record.sealed_sender_indicators,
        "discoverable": not record.unlisted_phone_number,
        "number_sharing": record.phone_number_sharing == PhoneNumberSharing.EVERYBODY,
        "username": record.username or None,
        "username_link": _link_of(record),
    }


def _link_of(record: AccountRecord) -> StoredUsernameLink | None:
    link = record.username_link
    if link is None or (len(link.entropy), len(link.server_id)) != (
        _ENTROPY_LENGTH,
        _HANDLE_LENGTH,
    ):
        return None
    return link


def _of_database(account: Account) -> Shared:
    """What the database says; nothing of a setting that was never made, or of a profile that was never fetched."""
    database = account.database
    shared: dict[str, object] = {
        name: value
        for name, setting in _SETTINGS.items()
        if (value := read_setting(database, setting)) is not None
    }
    shared["profile_key"] = account.keys.profile_key
    shared["username"] = read_setting(database, account_data.USERNAME)
    shared["username_link"] = _stored_link(account)
    own = find_by_service_id(database, account.aci)
    if own is not None:
        profile = own.profile
        values = {
            "given_name": profile.given_name or None,
            "family_name": profile.family_name or None,
            "avatar_path": profile.avatar_path or None,
        }
        is_fetched = profile.fetched_ms > 0
        shared |= {name: value for name, value in values.items() if is_fetched or value}
        shared["archived"] = own.contact.archived
    return shared


def _stored_link(account: Account) -> StoredUsernameLink | None:
    database = account.database
    entropy = read_setting(database, account_data.USERNAME_LINK_ENTROPY)
    handle = read_setting(database, account_data.USERNAME_LINK_SERVER_ID)
    if entropy is None or handle is None:
        return None
    color = read_setting(database, account_data.USERNAME_LINK_COLOR) or 0
    return StoredUsernameLink(entropy=entropy, server_id=UUID(handle).bytes, color=color)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
