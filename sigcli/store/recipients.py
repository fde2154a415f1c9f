"""People: one row each, known by ACI, PNI, number or username, with what is known of them.

Which row a set of ids belongs to, and what happens when ids meet, is in ``recipient_merging``.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypedDict

from sigcli.durations import HOUR_MS
from sigcli.protocol.limits import MAX_EXPIRE_TIMER_VERSION
from sigcli.store.recipient_values import (
    AccessMode,
    Contact,
    Profile,
    Recipient,
    RequestState,
    given_name,
)
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Unpack

    from sigcli.store.database import Database, Row, Transaction
    from sigcli.wire.key_types import ProfileKeyBytes

USERNAME_PREFIX = "u:"
_MAX_FORMER_KEYS = 16
_KEPT_RECIPIENTS = 128
_LOOKED_UP_TOGETHER = 250
PROFILE_REFRESH_MS = 6 * HOUR_MS
"""How old the knowledge of somebody's profile may become."""


class RecipientChange(TypedDict, total=False):
    """Columns that ``update_recipient`` sets; times in milliseconds."""

    is_contact: bool
    given_name: str | None
    family_name: str | None
    nickname: str | None
    nickname_given: str | None
    nickname_family: str | None
    note: str | None
    color: str | None
    blocked: bool
    hidden: bool
    archived: bool
    mute_until_ms: int
    profile_sharing: bool
    request_state: RequestState
    unregistered_ms: int | None
    needs_pni_signature: bool
    profile_key_credential: bytes | None
    profile_given_name: str | None
    profile_family_name: str | None
    about: str | None
    about_emoji: str | None
    avatar_path: str | None
    mobile_coin_address: bytes | None
    capabilities: Iterable[str]
    access_mode: AccessMode
    shares_number: bool | None
    discoverable: bool | None
    profile_fetched_ms: int
    username_checked_ms: int
    number_checked_ms: int


_CHANGEABLE = frozenset(RecipientChange.__annotations__)


# --- changing -------------------------------------------------------------------------------------


def update_recipient(
    database: Transaction, recipient_id: int, **change: Unpack[RecipientChange]
) -> None:
    """Set some columns of a row."""
    columns: dict[str, Any] = dict(change)
    if not columns or not _CHANGEABLE.issuperset(columns):
        raise TypeError("no column, or one that is not changed this way")
    if "capabilities" in columns:
        columns["capabilities"] = " ".join(sorted(columns["capabilities"]))
    assignments = ", ".join(f"{name} = ?" for name in columns)
    database.write(
        f"UPDATE recipient SET {assignments} WHERE id = ?",  # noqa: S608
        (*columns.values(), recipient_id),
    )


def set_profile_key(
    database: Transaction,
    recipient_id: int,
    profile_key: ProfileKeyBytes,
    written_ms: int | None = None,
) -> bool:
    """Remember a profile key (32 bytes); true if it is a new one.

    What depended on the old one (access mode, credential, freshness) is then forgotten. A key that they had before is
    not taken once more, nor one of a message that was written (``written_ms``) before the one that brought the present
    key: its sender is late. Only a message that they have written since brings a former key back. Who is
    known by PNI alone can be asked about again: the directory names an ACI to those who know its access key.
    """
    row = database.row(
        "SELECT profile_key, former_profile_keys, profile_key_ms FROM recipient WHERE id = ?",
        (recipient_id,),
    )
    if row is None:
        return False
    present, former, present_ms = row
    is_late = written_ms is not None and written_ms < present_ms
    is_news = written_ms is not None and written_ms > present_ms
    is_former = _hash(profile_key) in _hashes(former) and not is_news
    if profile_key == present or is_former or is_late:
        return False
    if present is not None:
        former = b"".join([*_hashes(former), _hash(present)][-_MAX_FORMER_KEYS:])
    database.write(
        "UPDATE recipient SET profile_key = ?, former_profile_keys = ?, profile_key_ms = ?, "
        "profile_key_credential = NULL, access_mode = 0, profile_fetched_ms = 0 WHERE id = ?",
        (profile_key, former, written_ms or present_ms, recipient_id),
    )
    database.write(
        "UPDATE recipient SET number_checked_ms = 0 WHERE aci IS NULL AND number_checked_ms > 0"
    )
    return True


def is_former_profile_key(
    database: Database, recipient_id: int, profile_key: ProfileKeyBytes
) -> bool:
    """Whether somebody had this profile key before the present one."""
    row = database.row("SELECT former_profile_keys FROM recipient WHERE id = ?", (recipient_id,))
    return row is not None and _hash(profile_key) in _hashes(row[0])


def set_expire_timer(
    database: Transaction, recipient_id: int, expire_timer_s: int, version: int | None = None
) -> bool:
    """Set the time after which messages vanish; true if it was taken.

    With the ``version`` of a received message only if that is not older than the known one;
    without one it is the user's own change, which counts the version up, as far as it goes.
    """
    if version is None:
        changed = database.write(
            "UPDATE recipient SET expire_timer_s = ?, "
            "expire_timer_version = min(expire_timer_version + 1, ?) "
            "WHERE id = ? AND expire_timer_s != ?",
            (expire_timer_s, MAX_EXPIRE_TIMER_VERSION, recipient_id, expire_timer_s),
        )
    else:
        version = min(version, MAX_EXPIRE_TIMER_VERSION)
        changed = database.write(
            "UPDATE recipient SET expire_timer_s = ?, expire_timer_version = ? WHERE id = ? "
            "AND expire_timer_version <= ? AND (expire_timer_s, expire_timer_version) != (?, ?)",
            (expire_timer_s, version, recipient_id, version, expire_timer_s, version),
        )
    return bool(changed)


def replace_blocked(database: Transaction, recipient_ids: Iterable[int]) -> None:
    """Make exactly these rows the blocked ones."""
    database.write("UPDATE recipient SET blocked = 0 WHERE blocked = 1")
    database.write_many(
        "UPDATE recipient SET blocked = 1 WHERE id = ?", ((i,) for i in recipient_ids)
    )


def forget_username(database: Transaction, recipient_id: int) -> None:
    """Forget the username of somebody."""
    database.write(
        "UPDATE recipient SET username = NULL, username_checked_ms = 0 WHERE id = ?",
        (recipient_id,),
    )


def note_numbers_checked(database: Transaction, numbers: Iterable[str], checked_ms: int) -> None:
    """Note when the directory was asked whose these numbers are."""
    database.write_many(
        "UPDATE recipient SET number_checked_ms = ? WHERE number = ?",
        ((checked_ms, number) for number in numbers),
    )


def numbers_checked_before(database: Database, before_ms: int, limit: int) -> list[str]:
    """Numbers of people whom the user talks to, about which the directory was not asked since a time; oldest first."""
    rows = database.rows(
        "SELECT number FROM recipient WHERE number IS NOT NULL AND (is_contact OR profile_sharing) "
        "AND NOT blocked AND coalesce(aci, pni) IS NOT NULL AND number_checked_ms < ? "
        "ORDER BY number_checked_ms LIMIT ?",
        (before_ms, limit),
    )
    return [number for (number,) in rows]


def delete_recipient(database: Transaction, recipient_id: int) -> None:
    """Forget somebody altogether."""
    database.write("DELETE FROM recipient WHERE id = ?", (recipient_id,))


def delete_contact(database: Transaction, recipient_id: int) -> None:
    """Forget what the user has noted about somebody; ids and profile stay.

    So do a block, which only unblocking ends, and the timer: its version must not go back.
    """
    database.write(
        "UPDATE recipient SET is_contact = 0, given_name = NULL, family_name = NULL, "
        "nickname = NULL, nickname_given = NULL, nickname_family = NULL, note = NULL, "
        "color = NULL, hidden = 0, archived = 0, mute_until_ms = 0, profile_sharing = 0, "
        "request_state = 0 "
        "WHERE id = ?",
        (recipient_id,),
    )


# --- finding --------------------------------------------------------------------------------------


def load_recipient(database: Database, recipient_id: int) -> Recipient | None:
    """The person in a row."""
    return _one(database, "id = ?", recipient_id)


def find_by_service_id(database: Database, service_id: ServiceId) -> Recipient | None:
    """The person with this ACI or PNI."""
    column = "aci" if service_id.is_aci else "pni"
    return _one(database, f"{column} = ?", service_id.uuid_bytes)


def find_by_service_ids(
    database: Database, service_ids: Collection[ServiceId]
) -> dict[ServiceId, Recipient]:
    """The people with these ACIs and PNIs, as far as there are any."""
    found: dict[ServiceId, Recipient] = {}
    for column, is_aci in (("aci", True), ("pni", False)):
        ids = [one.uuid_bytes for one in service_ids if one.is_aci is is_aci]
        for start in range(0, len(ids), _LOOKED_UP_TOGETHER):
            some = ids[start : start + _LOOKED_UP_TOGETHER]
            marks = ", ".join("?" * len(some))
            query = f"SELECT {_COLUMNS} FROM recipient WHERE {column} IN ({marks})"  # noqa: S608
            for recipient in map(_recipient, database.rows(query, some)):
                service_id = recipient.aci if is_aci else recipient.pni
                assert service_id is not None
                found[service_id] = recipient
    return found


def find_by_number(database: Database, number: str) -> Recipient | None:
    """The person with this number (E.164)."""
    return _one(database, "number = ?", number)


def find_by_username(database: Database, username: str) -> Recipient | None:
    """The person with this username; case does not matter."""
    return _one(database, "username = ? COLLATE NOCASE", username)


def list_recipients(
    database: Database,
    *,
    only_contacts: bool = False,
    blocked: bool | None = None,
    name: str | None = None,
) -> list[Recipient]:
    """People in the order in which they became known.

    ``only_contacts``: those with a name from the user, or who were accepted or blocked, without
    hidden ones; ``name``: those whom the user or their profile calls exactly so.
    """
    conditions = ["1"]
    parameters: list[object] = []
    if only_contacts:
        conditions.append(_IS_CONTACT)
    if blocked is not None:
        conditions.append("blocked = ?")
        parameters.append(blocked)
    rows = database.rows(
        f"SELECT {_COLUMNS} FROM recipient WHERE {' AND '.join(conditions)} ORDER BY id",  # noqa: S608
        parameters,
    )
    found = [_recipient(row) for row in rows]
    return found if name is None else [r for r in found if name in (r.contact.name, r.profile.name)]


def given_names(
    database: Database, *, only_contacts: bool = True
) -> list[tuple[int, str, bytes | None]]:
    """Row, name and UUID of the ACI of everybody whom the user has named; contacts are those of ``list_recipients``.

    Reads no more than that: for finding one among very many.
    """
    condition = _IS_CONTACT if only_contacts else "1"
    rows = database.rows(
        "SELECT id, aci, given_name, family_name, nickname, nickname_given, nickname_family "  # noqa: S608
        f"FROM recipient WHERE {condition} ORDER BY id"
    )
    return [(row[0], name, row[1]) for row in rows if (name := given_name(*row[2:]))]


# --- rows -----------------------------------------------------------------------------------------

_IS_CONTACT = "(is_contact OR profile_sharing OR blocked) AND NOT hidden"
_COLUMNS = (
    "id, aci, pni, number, username, "
    "is_contact, given_name, family_name, nickname, nickname_given, nickname_family, note, color, "
    "blocked, hidden, archived, expire_timer_s, expire_timer_version, mute_until_ms, "
    "profile_sharing, request_state, unregistered_ms, needs_pni_signature, "
    "profile_key, profile_key_credential, profile_given_name, profile_family_name, about, "
    "about_emoji, avatar_path, mobile_coin_address, capabilities, access_mode, shares_number, "
    "discoverable, profile_fetched_ms, username_checked_ms, number_checked_ms"
)
_NAMES = tuple(_COLUMNS.split(", "))


def _one(database: Database, condition: str, value: object) -> Recipient | None:
    # The condition is one of the constants above.
    row = database.row(f"SELECT {_COLUMNS} FROM recipient WHERE {condition}", (value,))  # noqa: S608
    return None if row is None else _recipient(row)


# A message looks at the same person several times, and the next message again.
@lru_cache(_KEPT_RECIPIENTS)
def _recipient(row: Row) -> Recipient:
    value = dict(zip(_NAMES, row, strict=True))
    contact = Contact(
        is_contact=bool(value["is_contact"]),
        given_name=value["given_name"],
        family_name=value["family_name"],
        nickname=value["nickname"],
        nickname_given=value["nickname_given"],
        nickname_family=value["nickname_family"],
        note=value["note"],
        color=value["color"],
        blocked=bool(value["blocked"]),
        hidden=bool(value["hidden"]),
        archived=bool(value["archived"]),
        expire_timer_s=value["expire_timer_s"],
        # Older releases could count it beyond what can be sent.
        expire_timer_version=min(value["expire_timer_version"], MAX_EXPIRE_TIMER_VERSION),
        mute_until_ms=value["mute_until_ms"],
        profile_sharing=bool(value["profile_sharing"]),
        request_state=RequestState(value["request_state"]),
        unregistered_ms=value["unregistered_ms"],
        needs_pni_signature=bool(value["needs_pni_signature"]),
    )
    profile = Profile(
        key=value["profile_key"],
        key_credential=value["profile_key_credential"],
        given_name=value["profile_given_name"],
        family_name=value["profile_family_name"],
        about=value["about"],
        about_emoji=value["about_emoji"],
        avatar_path=value["avatar_path"],
        mobile_coin_address=value["mobile_coin_address"],
        capabilities=frozenset(value["capabilities"].split()),
        access_mode=AccessMode(value["access_mode"]),
        shares_number=_flag(value["shares_number"]),
        discoverable=_flag(value["discoverable"]),
        fetched_ms=value["profile_fetched_ms"],
    )
    aci, pni = value["aci"], value["pni"]
    return Recipient(
        id=value["id"],
        aci=None if aci is None else ServiceId.aci(aci),
        pni=None if pni is None else ServiceId.pni(pni),
        number=value["number"],
        username=value["username"],
        contact=contact,
        profile=profile,
        username_checked_ms=value["username_checked_ms"],
        number_checked_ms=value["number_checked_ms"],
    )


def _hash(profile_key: ProfileKeyBytes) -> bytes:
    return sha256(profile_key).digest()


def _hashes(joined: bytes) -> list[bytes]:
    size = sha256().digest_size
    return [joined[start : start + size] for start in range(0, len(joined), size)]


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)
