"""The people of groups on disk, and what the service vouches for when a member is sent to."""

from __future__ import annotations

import enum
from dataclasses import field
from typing import TYPE_CHECKING, Any

from sigcli.lazy_dataclass import dataclass
from sigcli.store.group_values import Ban, Invitation, JoinRequest, Member
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sigcli.store.database import Database, Transaction
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
    found: dict[Standing, list[dict[str, Any]]] = {standing: [] for standing in Standing}
    for row in database.rows(
        f"SELECT {_COLUMNS} FROM group_person WHERE group_row = ? ORDER BY id",  # noqa: S608
        (group_row,),
    ):
        value = dict(zip(_NAMES, row, strict=True))
        value["service_id"] = ServiceId.from_fixed_width(value["service_id"])
        found[Standing(value["standing"])].append(value)
    return People(
        tuple(_member(value) for value in found[Standing.MEMBER]),
        tuple(_invitation(value) for value in found[Standing.INVITED]),
        tuple(
            JoinRequest(aci=value["service_id"], since_ms=value["since_ms"])
            for value in found[Standing.ASKING]
        ),
        tuple(
            Ban(service_id=value["service_id"], since_ms=value["since_ms"])
            for value in found[Standing.BANNED]
        ),
    )


def save_people(
    database: Transaction, group_row: int, details: GroupDetails
) -> frozenset[ServiceId]:
    """Make these the people of a group; gives the members who are no longer in it."""
    before = _member_ids(database, group_row)
    endorsements: dict[bytes, bytes | None] = {}
    after = {member.aci for member in details.members}
    if after == before:
        endorsements = dict(
            database.rows(
                "SELECT service_id, endorsement FROM group_person "
                "WHERE group_row = ? AND standing = 0",
                (group_row,),
            )
        )
    else:
        forget_endorsements(database, group_row)
    database.write("DELETE FROM group_person WHERE group_row = ?", (group_row,))
    marks = ", ".join("?" * (len(_NAMES) + 2))
    database.write_many(
        f"INSERT OR REPLACE INTO group_person ({_COLUMNS}, group_row, endorsement) "  # noqa: S608
        f"VALUES ({marks})",
        (
            (
                *(row.get(name, default) for name, default in _DEFAULTS.items()),
                group_row,
                endorsements.get(row["service_id"]) if row["standing"] == 0 else None,
            )
            for row in _rows(details)
        ),
    )
    return frozenset(before - after)


def save_endorsements(database: Transaction, group_row: int, endorsements: Endorsements) -> None:
    """Keep what the service vouches for."""
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


def forget_endorsements(database: Transaction, group_row: int) -> None:
    """Drop them: the service refused them, or the members are others now."""
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


_DEFAULTS: dict[str, Any] = {
    "standing": 0,
    "service_id": b"",
    "role": 0,
    "joined_at_revision": 0,
    "user_id_ciphertext": b"",
    "profile_key_ciphertext": b"",
    "label_emoji": "",
    "label_text": "",
    "added_by": None,
    "since_ms": 0,
}
_NAMES = tuple(_DEFAULTS)
_COLUMNS = ", ".join(_NAMES)


def _rows(details: GroupDetails) -> Iterator[dict[str, Any]]:
    for member in details.members:
        yield {
            "standing": int(Standing.MEMBER),
            "service_id": member.aci.to_fixed_width(),
            "role": int(member.role),
            "joined_at_revision": member.joined_at_revision,
            "user_id_ciphertext": member.user_id_ciphertext,
            "profile_key_ciphertext": member.profile_key_ciphertext,
            "label_emoji": member.label_emoji,
            "label_text": member.label_text,
        }
    for invitation in details.invitations:
        added_by = invitation.added_by
        yield {
            "standing": int(Standing.INVITED),
            "service_id": invitation.service_id.to_fixed_width(),
            "role": int(invitation.role),
            "added_by": None if added_by is None else added_by.to_fixed_width(),
            "since_ms": invitation.since_ms,
        }
    for request in details.requests:
        yield {
            "standing": int(Standing.ASKING),
            "service_id": request.aci.to_fixed_width(),
            "since_ms": request.since_ms,
        }
    for ban in details.bans:
        yield {
            "standing": int(Standing.BANNED),
            "service_id": ban.service_id.to_fixed_width(),
            "since_ms": ban.since_ms,
        }


def _member(value: dict[str, Any]) -> Member:
    return Member(
        aci=value["service_id"],
        role=value["role"],
        joined_at_revision=value["joined_at_revision"],
        user_id_ciphertext=value["user_id_ciphertext"],
        profile_key_ciphertext=value["profile_key_ciphertext"],
        label_emoji=value["label_emoji"],
        label_text=value["label_text"],
    )


def _invitation(value: dict[str, Any]) -> Invitation:
    added_by = value["added_by"]
    return Invitation(
        service_id=value["service_id"],
        role=value["role"],
        added_by=None if added_by is None else ServiceId.from_fixed_width(added_by),
        since_ms=value["since_ms"],
    )


# --- their identity keys, compared with the service's now and then --------------------------------


def is_identity_check_due(database: Database, group_row: int, before_ms: int) -> bool:
    """Whether the last comparison of a group's keys began before a time."""
    row = database.row("SELECT identities_checked_ms FROM signal_group WHERE id = ?", (group_row,))
    return row is not None and int(row[0]) < before_ms


def begin_identity_check(database: Transaction, group_row: int, now_ms: int) -> None:
    """Note that a group's keys are compared now."""
    database.write(
        "UPDATE signal_group SET identities_checked_ms = ? WHERE id = ?", (now_ms, group_row)
    )


def member_identity_keys(
    database: Database, group_row: int, before_ms: int
) -> dict[ServiceId, bytes]:
    """The members' keys (33 bytes) that became known before a time."""
    rows = database.rows(
        "SELECT identity.service_id, identity_key FROM group_person JOIN identity "
        "ON identity.service_id = group_person.service_id "
        "WHERE group_row = ? AND standing = 0 AND identity.added_ms < ?",
        (group_row, before_ms),
    )
    return {ServiceId.from_fixed_width(service_id): bytes(key) for service_id, key in rows}
