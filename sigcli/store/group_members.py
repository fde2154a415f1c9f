"""The people of groups on disk, and what the service vouches for when a member is sent to."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sigcli.store.group_values import Ban, Invitation, JoinRequest, Member
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sigcli.store.database import Database, Row
    from sigcli.store.group_values import GroupDetails


class Standing(enum.IntEnum):
    """How somebody belongs to a group."""

    MEMBER = 0
    INVITED = 1
    ASKING = 2
    BANNED = 3


@dataclass(frozen=True, slots=True)
class People:
    """Everybody of a group, in the service's order."""

    members: tuple[Member, ...]
    invitations: tuple[Invitation, ...]
    requests: tuple[JoinRequest, ...]
    bans: tuple[Ban, ...]


@dataclass(frozen=True, slots=True)
class Endorsements:
    """Serialised endorsements (33 bytes): of each member but the account, and of all of them together."""

    by_member: Mapping[ServiceId, bytes] = field(repr=False)
    combined: bytes = field(repr=False)
    expire_s: int


def load_people(database: Database, group_row: int) -> People:
    """Everybody of a group."""
    found: dict[Standing, list[Row]] = {standing: [] for standing in Standing}
    for row in database.rows(
        "SELECT standing, service_id, role, joined_at_revision, label_emoji, label_text, added_by, "
        "since_ms FROM group_person WHERE group_row = ? ORDER BY id",
        (group_row,),
    ):
        found[Standing(row[0])].append(row[1:])
    return People(
        tuple(_member(row) for row in found[Standing.MEMBER]),
        tuple(_invitation(row) for row in found[Standing.INVITED]),
        tuple(JoinRequest(aci=_id(row), since_ms=row[6]) for row in found[Standing.ASKING]),
        tuple(Ban(service_id=_id(row), since_ms=row[6]) for row in found[Standing.BANNED]),
    )


def save_people(database: Database, group_row: int, details: GroupDetails) -> frozenset[ServiceId]:
    """Make these the people of a group, in a transaction; gives the members that it has no more."""
    before = _member_ids(database, group_row)
    kept: dict[bytes, bytes | None] = {}
    after = {member.aci for member in details.members}
    if after == before:
        kept = dict(
            database.rows(
                "SELECT service_id, endorsement FROM group_person "
                "WHERE group_row = ? AND standing = 0",
                (group_row,),
            )
        )
    else:
        forget_endorsements(database, group_row)
    database.write("DELETE FROM group_person WHERE group_row = ?", (group_row,))
    database.write_many(
        "INSERT OR REPLACE INTO group_person (group_row, standing, service_id, role, "
        "joined_at_revision, label_emoji, label_text, added_by, since_ms, endorsement) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (group_row, *columns, kept.get(columns[1]) if columns[0] == 0 else None)
            for columns in _columns(details)
        ),
    )
    return frozenset(before - after)


def save_endorsements(database: Database, group_row: int, endorsements: Endorsements) -> None:
    """Keep what the service vouches for, in a transaction."""
    database.write(
        "UPDATE signal_group SET combined_endorsement = ?, endorsements_expire_s = ? WHERE id = ?",
        (endorsements.combined, endorsements.expire_s, group_row),
    )
    database.write_many(
        "UPDATE group_person SET endorsement = ? "
        "WHERE group_row = ? AND standing = 0 AND service_id = ?",
        (
            (endorsement, group_row, member.to_fixed_width())
            for member, endorsement in endorsements.by_member.items()
        ),
    )


def load_endorsements(database: Database, group_row: int) -> Endorsements | None:
    """What the service vouches for; None if there is nothing, expired or not."""
    row = database.row(
        "SELECT combined_endorsement, endorsements_expire_s FROM signal_group "
        "WHERE id = ? AND combined_endorsement IS NOT NULL",
        (group_row,),
    )
    if row is None:
        return None
    by_member = {
        ServiceId.from_fixed_width(service_id): endorsement
        for service_id, endorsement in database.rows(
            "SELECT service_id, endorsement FROM group_person "
            "WHERE group_row = ? AND standing = 0 AND endorsement IS NOT NULL",
            (group_row,),
        )
    }
    return Endorsements(by_member, row[0], row[1])


def forget_endorsements(database: Database, group_row: int) -> None:
    """Drop them, in a transaction: the service refused them, or the members are others now."""
    database.write(
        "UPDATE signal_group SET combined_endorsement = NULL, endorsements_expire_s = 0 WHERE id = ?",
        (group_row,),
    )
    database.write("UPDATE group_person SET endorsement = NULL WHERE group_row = ?", (group_row,))


def _member_ids(database: Database, group_row: int) -> set[ServiceId]:
    rows = database.rows(
        "SELECT service_id FROM group_person WHERE group_row = ? AND standing = 0", (group_row,)
    )
    return {ServiceId.from_fixed_width(service_id) for (service_id,) in rows}


def _columns(details: GroupDetails) -> Iterator[tuple[int, bytes, int, int, str, str, object, int]]:
    """Standing, service id, role, revision of joining, label, who added them, and since when."""
    for member in details.members:
        yield (
            int(Standing.MEMBER),
            member.aci.to_fixed_width(),
            int(member.role),
            member.joined_at_revision,
            member.label_emoji,
            member.label_text,
            None,
            0,
        )
    for invitation in details.invitations:
        added_by = invitation.added_by
        yield (
            int(Standing.INVITED),
            invitation.service_id.to_fixed_width(),
            int(invitation.role),
            0,
            "",
            "",
            None if added_by is None else added_by.to_fixed_width(),
            invitation.since_ms,
        )
    for request in details.requests:
        asking = request.aci.to_fixed_width()
        yield (int(Standing.ASKING), asking, 0, 0, "", "", None, request.since_ms)
    for ban in details.bans:
        banned = ban.service_id.to_fixed_width()
        yield (int(Standing.BANNED), banned, 0, 0, "", "", None, ban.since_ms)


def _id(row: Row) -> ServiceId:
    return ServiceId.from_fixed_width(row[0])


def _member(row: Row) -> Member:
    return Member(
        aci=_id(row),
        role=row[1],
        joined_at_revision=row[2],
        label_emoji=row[3],
        label_text=row[4],
    )


def _invitation(row: Row) -> Invitation:
    added_by = row[5]
    return Invitation(
        service_id=_id(row),
        role=row[1],
        added_by=None if added_by is None else ServiceId.from_fixed_width(added_by),
        since_ms=row[6],
    )
