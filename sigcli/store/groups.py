"""Groups on disk: found by their identifier, saved as a whole when a revision was fetched or applied."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.lazy_dataclass import dataclass
from sigcli.store.group_members import load_people, save_people
from sigcli.store.group_values import AccessRules, Group, GroupDetails

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.store.database import Database, Row, Transaction
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey

_COLUMNS = (
    "id, group_id, master_key, revision, title, description, avatar_url, timer_s, "
    "access_attributes, access_members, access_invite_link, access_member_label, "
    "invite_link_password, announcements_only, terminated, access_lost, fetched_ms, distribution_id"
)
_NAMES = tuple(_COLUMNS.split(", "))


# --- finding --------------------------------------------------------------------------------------


def find_group(database: Database, group_id: GroupIdentifier) -> Group | None:
    """The group with this identifier (32 bytes)."""
    row = database.row(
        f"SELECT {_COLUMNS} FROM signal_group WHERE group_id = ?",  # noqa: S608
        (group_id,),
    )
    return None if row is None else _group(database, row)


def list_groups(database: Database) -> list[Group]:
    """All groups in the order in which they became known."""
    rows = database.rows(f"SELECT {_COLUMNS} FROM signal_group ORDER BY id")  # noqa: S608
    return [_group(database, row) for row in rows]


def groups_called(database: Database, title: str) -> list[Group]:
    """The groups with exactly this title, in the order in which they became known."""
    rows = database.rows(
        f"SELECT {_COLUMNS} FROM signal_group WHERE title = ? AND revision IS NOT NULL ORDER BY id",  # noqa: S608
        (title,),
    )
    return [_group(database, row) for row in rows]


def groups_of(database: Database, service_id: ServiceId) -> list[GroupIdentifier]:
    """The identifiers of the groups that somebody is a member of."""
    rows = database.rows(
        "SELECT group_id FROM signal_group JOIN group_person ON group_row = signal_group.id "
        "WHERE standing = 0 AND service_id = ? ORDER BY signal_group.id",
        (service_id.to_fixed_width(),),
    )
    return [group_id for (group_id,) in rows]


def group_title(database: Database, group_id: GroupIdentifier) -> str | None:
    """The title of a group; None for one that is not known."""
    row = database.row(
        "SELECT title FROM signal_group WHERE group_id = ? AND revision IS NOT NULL", (group_id,)
    )
    return None if row is None else str(row[0])


@dataclass(frozen=True, slots=True)
class SenderStanding:
    """What decides whether somebody may write to a group; ``role`` is None for somebody who is not a member."""

    revision: int
    role: int | None
    announcements_only: bool
    access_lost: bool


def standing_of(
    database: Database, group_id: GroupIdentifier, sender: ServiceId
) -> SenderStanding | None:
    """How somebody stands to a group, without loading all of it; None for a group of which nothing is known."""
    row = database.row(
        "SELECT revision, role, announcements_only, access_lost "
        "FROM signal_group LEFT JOIN group_person "
        "ON group_row = signal_group.id AND standing = 0 AND service_id = ? "
        "WHERE group_id = ? AND revision IS NOT NULL",
        (sender.to_fixed_width(), group_id),
    )
    if row is None:
        return None
    return SenderStanding(row[0], row[1], bool(row[2]), bool(row[3]))


def holds_member(database: Database, group_id: GroupIdentifier, service_id: ServiceId) -> bool:
    """Whether somebody is a full member of a group that this account can see."""
    standing = standing_of(database, group_id, service_id)
    return standing is not None and standing.role is not None and not standing.access_lost


def concerns_group(
    database: Database, group_id: GroupIdentifier, service_ids: Iterable[ServiceId]
) -> bool:
    """Whether one of these ids is a member of a group, invited to it, or asks to join."""
    ids = [one.to_fixed_width() for one in service_ids]
    marks = ", ".join("?" * len(ids))
    row = database.row(
        "SELECT 1 FROM signal_group JOIN group_person ON group_row = signal_group.id "  # noqa: S608
        f"WHERE group_id = ? AND access_lost = 0 AND standing < 3 AND service_id IN ({marks})",
        (group_id, *ids),
    )
    return row is not None


def is_accepted_group(database: Database, group_id: GroupIdentifier) -> bool:
    """Whether the user takes part in a group; else what strangers send to it is not fetched."""
    row = database.row("SELECT accepted FROM signal_group WHERE group_id = ?", (group_id,))
    return row is not None and bool(row[0])


@dataclass(frozen=True, slots=True)
class GroupKey:
    """A group without its people. ``is_known``: more than its master key is; ``accepted``: the user takes part."""

    group_id: GroupIdentifier
    master_key: GroupMasterKey = field(repr=False)
    is_known: bool
    access_lost: bool
    accepted: bool


def list_group_keys(database: Database) -> list[GroupKey]:
    """All groups in the order in which they became known, without loading all of them."""
    rows = database.rows(
        "SELECT group_id, master_key, revision IS NOT NULL, access_lost, accepted FROM signal_group "
        "ORDER BY id"
    )
    return [GroupKey(row[0], row[1], *map(bool, row[2:])) for row in rows]


# --- changing -------------------------------------------------------------------------------------


def note_group(database: Transaction, group_id: GroupIdentifier, master_key: GroupMasterKey) -> int:
    """Remember that a group exists; gives its row."""
    database.write(
        "INSERT OR IGNORE INTO signal_group (group_id, master_key) VALUES (?, ?)",
        (group_id, master_key),
    )
    row = database.row("SELECT id FROM signal_group WHERE group_id = ?", (group_id,))
    assert row is not None  # it was made a moment ago
    return int(row[0])


def save_details(
    database: Transaction, group_row: int, details: GroupDetails, now_ms: int
) -> frozenset[ServiceId]:
    """Make this what is known of a group; gives the members who are no longer in it.

    Endorsements are void as soon as the members are others.
    """
    database.write(
        "UPDATE signal_group SET revision = ?, title = ?, description = ?, avatar_url = ?, "
        "timer_s = ?, access_attributes = ?, access_members = ?, access_invite_link = ?, "
        "access_member_label = ?, invite_link_password = ?, announcements_only = ?, "
        "terminated = ?, access_lost = 0, fetched_ms = ? WHERE id = ?",
        (
            details.revision,
            details.title,
            details.description,
            details.avatar_url,
            details.timer_s,
            int(details.access.attributes),
            int(details.access.members),
            int(details.access.invite_link),
            int(details.access.member_label),
            details.invite_link_password,
            int(details.announcements_only),
            int(details.terminated),
            now_ms,
            group_row,
        ),
    )
    return save_people(database, group_row, details)


def mark_access_lost(database: Transaction, group_row: int, now_ms: int) -> None:
    """The service said that this account is no member."""
    database.write(
        "UPDATE signal_group SET access_lost = 1, fetched_ms = ?, combined_endorsement = NULL, "
        "endorsements_expire_s = 0 WHERE id = ?",
        (now_ms, group_row),
    )


def accept_group(database: Transaction, group_id: GroupIdentifier) -> bool:
    """The user takes part in a group: made or joined it, wrote to it, said so on another device.

    Gives whether that is news.
    """
    return bool(
        database.write(
            "UPDATE signal_group SET accepted = 1 WHERE group_id = ? AND accepted = 0", (group_id,)
        )
    )


def set_accepted(database: Transaction, group_id: GroupIdentifier, accepted: bool) -> None:
    """Note what another of the account's devices says of the user taking part in a group."""
    database.write("UPDATE signal_group SET accepted = ? WHERE group_id = ?", (accepted, group_id))


def set_distribution(database: Transaction, group_row: int, distribution_id: UUID) -> None:
    """Name the distribution of this device's sender key for a group."""
    database.write(
        "UPDATE signal_group SET distribution_id = ? WHERE id = ?",
        (distribution_id.bytes, group_row),
    )


def delete_group(database: Transaction, group_row: int) -> None:
    """Forget a group."""
    database.write("DELETE FROM signal_group WHERE id = ?", (group_row,))


# --- credentials ----------------------------------------------------------------------------------


def load_group_credential(database: Database, redemption_time_s: int) -> bytes | None:
    """The kept credential of the day that begins at this time."""
    row = database.row(
        "SELECT credential FROM group_credential WHERE redemption_time_s = ?", (redemption_time_s,)
    )
    return None if row is None else bytes(row[0])


def replace_group_credentials(
    database: Transaction, credentials: Iterable[tuple[int, bytes]]
) -> None:
    """Keep these credentials (day's begin in seconds, serialised) instead of all others."""
    database.write("DELETE FROM group_credential")
    database.write_many(
        "INSERT INTO group_credential (redemption_time_s, credential) VALUES (?, ?)", credentials
    )


# --- rows -----------------------------------------------------------------------------------------


def _group(database: Database, row: Row) -> Group:
    value = dict(zip(_NAMES, row, strict=True))
    details = None
    if value["revision"] is not None:
        people = load_people(database, value["id"])
        details = GroupDetails(
            revision=value["revision"],
            title=value["title"],
            description=value["description"],
            avatar_url=value["avatar_url"],
            timer_s=value["timer_s"],
            access=AccessRules(
                attributes=value["access_attributes"],
                members=value["access_members"],
                invite_link=value["access_invite_link"],
                member_label=value["access_member_label"],
            ),
            members=people.members,
            invitations=people.invitations,
            requests=people.requests,
            bans=people.bans,
            invite_link_password=value["invite_link_password"],
            announcements_only=bool(value["announcements_only"]),
            terminated=bool(value["terminated"]),
        )
    distribution_id = value["distribution_id"]
    return Group(
        id=value["id"],
        group_id=value["group_id"],
        master_key=value["master_key"],
        details=details,
        access_lost=bool(value["access_lost"]),
        fetched_ms=value["fetched_ms"],
        distribution_id=None if distribution_id is None else UUID(bytes=distribution_id),
    )
