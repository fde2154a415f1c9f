"""Which row a set of ids belongs to, and what happens when ids meet.

The ids given together are one person's: an envelope, the directory, a signed statement or another of the account's
devices says so. The ACI is the person; number and PNI belong together and may move to another one; a username is the
ACI's. Of several rows that the ids name:

    the row with the ACI, else one with the PNI, else the number   keeps its id and gets all ids
    a row with no ACI of its own                                   is merged into it and vanishes
    a row with an ACI of its own                                   loses the ids that moved

Whether the ids are to be believed is decided before (``address_claims``), except where the account itself, or the user,
says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass, replace
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids of one person."""

    aci: ServiceId | None = None
    pni: ServiceId | None = None
    number: str | None = None
    username: str | None = None

    @property
    def service_id(self) -> ServiceId | None:
        """The ACI, else the PNI."""
        return self.aci or self.pni


@dataclass(frozen=True, slots=True)
class Resolution:
    """The row of a person, and those that were merged into it."""

    id: int
    merged: tuple[int, ...] = ()
    created: bool = False


def resolve_recipient(
    database: Transaction,
    *,
    aci: ServiceId | None = None,
    pni: ServiceId | None = None,
    number: str | None = None,
    username: str | None = None,
) -> Resolution:
    """The row for ids that are one person's, made or merged as needed.

    At least one id is given.
    """
    given = Ids(aci, pni, number, username)
    if given == Ids():
        raise TypeError("a recipient has at least one id")
    found = rows_with(database, given)
    keeper = keeper_of(found, given)
    if keeper is None:
        for row_id, ids in found.items():
            _set_ids(database, row_id, ids_without(ids, given))
        return Resolution(_insert(database, given), created=True)
    final = _with(found[keeper], given)
    merged = []
    # Ids are unique: they leave their old rows before the new one gets them.
    for row_id, ids in found.items():
        if row_id == keeper:
            continue
        if ids.aci is None:
            _fill_blanks(database, keeper, row_id)
            database.write("DELETE FROM recipient WHERE id = ?", (row_id,))
            final = _with(ids, final)
            merged.append(row_id)
        else:
            _set_ids(database, row_id, ids_without(ids, given))
    if final != found[keeper]:
        _set_ids(database, keeper, final)
    return Resolution(keeper, tuple(merged))


def take_from(database: Transaction, holder: ServiceId, ids: Ids) -> None:
    """Take these ids away from somebody; a PNI is all that is known of whom it names."""
    for row_id, present in rows_with(database, _named(holder)).items():
        left = Ids(
            aci=present.aci,
            pni=None if present.aci and present.pni == ids.pni else present.pni,
            number=None if present.number == ids.number else present.number,
            username=None if is_same_username(present, ids) else present.username,
        )
        _set_ids(database, row_id, left)


def recipient_id_of(database: Transaction, service_id: ServiceId) -> int:
    """The row for one service id, made if needed."""
    column = "aci" if service_id.is_aci else "pni"
    row = database.row(
        f"SELECT id FROM recipient WHERE {column} = ?",  # noqa: S608
        (service_id.uuid_bytes,),
    )
    if row is not None:
        return int(row[0])
    if service_id.is_aci:
        return _insert(database, Ids(aci=service_id))
    return _insert(database, Ids(pni=service_id))


def keeper_of(found: dict[int, Ids], given: Ids) -> int | None:
    """The row that stays: no other person's, and named by the strongest of the ids."""
    if given.aci is None and (of_number := _owner_of_number(found, given)) is not None:
        return of_number
    for name in ("aci", "pni", "number", "username"):
        for row_id, ids in found.items():
            if not _share(ids, given, name):
                continue
            if ids.aci is None or given.aci is None or ids.aci == given.aci:
                return row_id
    return None


def _owner_of_number(found: dict[int, Ids], given: Ids) -> int | None:
    """A known person with the given number, to whom the given PNI (with no ACI yet) belongs too."""
    if any(ids.aci is not None and ids.pni == given.pni for ids in found.values()):
        return None
    for row_id, ids in found.items():
        number_matches = given.number is not None and ids.number == given.number
        if number_matches and ids.aci is not None and ids.pni is None:
            return row_id
    return None


def _with(ids: Ids, given: Ids) -> Ids:
    """The ids with the given ones in place of their own; number and PNI change together."""
    if given.number is not None and ids.number is not None and given.number != ids.number:
        ids = replace(ids, pni=None)
    if given.pni is not None and ids.pni is not None and given.pni != ids.pni:
        ids = replace(ids, number=None)
    return Ids(
        aci=given.aci or ids.aci,
        pni=given.pni or ids.pni,
        number=given.number or ids.number,
        username=given.username or ids.username,
    )


def ids_without(ids: Ids, given: Ids) -> Ids:
    """What is left of a row's ids when the given ones belong to somebody else."""
    moved = (given.number is not None and ids.number == given.number) or (
        given.pni is not None and ids.pni == given.pni
    )
    return Ids(
        aci=ids.aci,
        pni=None if moved else ids.pni,
        number=None if moved else ids.number,
        username=None if is_same_username(ids, given) else ids.username,
    )


def _share(one: Ids, other: Ids, name: str) -> bool:
    if name == "username":
        return is_same_username(one, other)
    wanted = getattr(other, name)
    return wanted is not None and getattr(one, name) == wanted


def is_same_username(one: Ids, other: Ids) -> bool:
    """Whether both have the same username; case does not matter."""
    if one.username is None or other.username is None:
        return False
    return one.username.lower() == other.username.lower()


# --- rows -----------------------------------------------------------------------------------------

_TEXTS = (
    "given_name",
    "family_name",
    "nickname",
    "nickname_given",
    "nickname_family",
    "note",
    "color",
    "unregistered_ms",
    "profile_key_credential",
    "profile_given_name",
    "profile_family_name",
    "about",
    "about_emoji",
    "avatar_path",
    "mobile_coin_address",
    "shares_number",
    "discoverable",
)
_FLAGS = ("is_contact", "blocked", "profile_sharing", "needs_pni_signature", "mute_until_ms")
_PROFILE = (
    "profile_key",
    "former_profile_keys",
    "profile_key_ms",
    "access_mode",
    "profile_fetched_ms",
)
_TIMER = ("expire_timer_s", "expire_timer_version")


def rows_with(database: Database, given: Ids) -> dict[int, Ids]:
    """The rows that have one of the ids, with all that they have."""
    rows = database.rows(
        "SELECT id, aci, pni, number, username FROM recipient "
        "WHERE aci = ? OR pni = ? OR number = ? OR username = ? COLLATE NOCASE ORDER BY id",
        _columns(given),
    )
    return {
        row_id: Ids(
            None if aci is None else ServiceId.aci(aci),
            None if pni is None else ServiceId.pni(pni),
            number,
            username,
        )
        for row_id, aci, pni, number, username in rows
    }


def _named(service_id: ServiceId) -> Ids:
    return Ids(aci=service_id) if service_id.is_aci else Ids(pni=service_id)


def _insert(database: Transaction, ids: Ids) -> int:
    return database.insert(
        "INSERT INTO recipient (aci, pni, number, username) VALUES (?, ?, ?, ?)", _columns(ids)
    )


def _set_ids(database: Transaction, row_id: int, ids: Ids) -> None:
    database.write(
        "UPDATE recipient SET aci = ?, pni = ?, number = ?, username = ? WHERE id = ?",
        (*_columns(ids), row_id),
    )


def _columns(ids: Ids) -> tuple[bytes | None, bytes | None, str | None, str | None]:
    return (
        None if ids.aci is None else ids.aci.uuid_bytes,
        None if ids.pni is None else ids.pni.uuid_bytes,
        ids.number,
        ids.username,
    )


def _fill_blanks(database: Transaction, keeper: int, other: int) -> None:
    """Give the row that stays what only the other one knows; what either forbids stays forbidden."""
    parts = [f"{name} = coalesce(k.{name}, o.{name})" for name in _TEXTS]
    parts += [f"{name} = max(k.{name}, o.{name})" for name in _FLAGS]
    # Known under either name: it is hidden or archived only if both rows are.
    parts += [f"{name} = min(k.{name}, o.{name})" for name in ("hidden", "archived")]
    parts += [_choice(name, "k.profile_key IS NULL") for name in _PROFILE]
    parts += [_choice(name, "o.expire_timer_version > k.expire_timer_version") for name in _TIMER]
    parts += [_choice("request_state", "k.request_state = 0")]
    parts += [_choice("capabilities", "k.capabilities = ''")]
    # UPDATE … FROM reads the row that is updated as it was.
    database.write(
        f"UPDATE recipient SET {', '.join(parts)} "  # noqa: S608
        "FROM recipient AS k, recipient AS o "
        "WHERE recipient.id = ? AND k.id = recipient.id AND o.id = ?",
        (keeper, other),
    )


def _choice(name: str, condition: str) -> str:
    return f"{name} = CASE WHEN {condition} THEN o.{name} ELSE k.{name} END"
