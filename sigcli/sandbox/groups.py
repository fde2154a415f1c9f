"""Groups as the group service stores them: the current state, and every change with the state after it."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass, replace
from sigcli.sandbox.group_rules import change_epoch
from sigcli.wire.group_changes import (
    GroupActions,
    GroupChange,
    GroupLogEntry,
    decode_actions,
    encode_actions,
)
from sigcli.wire.group_changes import decode_group_change as decode_change
from sigcli.wire.group_changes import encode_group_change as encode_change
from sigcli.wire.group_state import decode_group_state, encode_group_state
from sigcli.zkgroup.endorsements import GroupSendDerivedKeyPair, GroupSendEndorsementsResponse
from sigcli.zkgroup.times import default_endorsement_expiration_s

if TYPE_CHECKING:
    from sigcli.sandbox.state import State
    from sigcli.wire.group_state import GroupState
    from sigcli.zkgroup.groups import GroupPublicParams


_MEMBERSHIP = (
    "add_members",
    "delete_members",
    "promote_invited",
    "promote_requesting",
    "promote_invited_by_pni",
)


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some revisions of a group, the last of them, and the group's newest revision."""

    entries: tuple[GroupLogEntry, ...] = field(repr=False)
    first: int
    last: int
    newest: int

    @property
    def changes_members(self) -> bool:
        """Whether membership changed in these revisions."""
        for entry in self.entries:
            if entry.change is not None:
                actions = decode_actions(entry.change.actions)
                if any(getattr(actions, name) for name in _MEMBERSHIP):
                    return True
        return False

    @property
    def is_last(self) -> bool:
        return self.last >= self.newest


class Groups:
    """All groups, by their public parameters."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._database = state.database

    def get(self, params: GroupPublicParams) -> GroupState | None:
        """The current state of a group."""
        row = self._database.execute(
            "SELECT state FROM group_changes WHERE group_id = ? ORDER BY version DESC LIMIT 1",
            (_name(params),),
        ).fetchone()
        return None if row is None else decode_group_state(row[0])

    def found(self, params: GroupPublicParams, group: GroupState, founder: bytes) -> None:
        """Store a new group; the change that represents its creation is not signed."""
        actions = encode_actions(GroupActions(revision=0, source_user_id=founder))
        self._store(params, group, GroupChange(actions=actions))

    def put(
        self, params: GroupPublicParams, group: GroupState, actions: GroupActions
    ) -> GroupChange:
        """Store a new revision; the signed change that led to it."""
        signed = encode_actions(replace(actions, group_id=params.get_group_identifier()))
        change = GroupChange(
            actions=signed,
            server_signature=self._state.keys.zkgroup.sign(signed),
            change_epoch=change_epoch(actions),
        )
        self._store(params, group, change)
        return change

    def _store(self, params: GroupPublicParams, group: GroupState, change: GroupChange) -> None:
        self._database.execute(
            "INSERT INTO group_changes VALUES (?, ?, ?, ?)",
            (_name(params), group.revision, encode_change(change), encode_group_state(group)),
        )

    def log(
        self,
        params: GroupPublicParams,
        first: int,
        *,
        limit: int,
        first_state: bool,
        last_state: bool,
        newest_epoch: int | None,
    ) -> LogPage:
        """A page of revisions from ``first`` on, with states where they are requested or needed.

        ``newest_epoch``: the newest change epoch that the client understands; None: all come with states.
        """
        newest = self.get(params)
        assert newest is not None
        rows = self._database.execute(
            "SELECT version, change, state FROM group_changes"
            " WHERE group_id = ? AND version >= ? ORDER BY version LIMIT ?",
            (_name(params), first, max(1, min(limit, self._state.switches.group_log_page))),
        ).fetchall()
        last = rows[-1][0] if rows else first
        entries = []
        for version, change_bytes, state_bytes in rows:
            change = decode_change(change_bytes)
            with_state = (
                # A client that does not understand a change needs the state after it.
                newest_epoch is None
                or change.change_epoch > newest_epoch
                or (version == first and first_state)
                or (version == last and last_state)
            )
            shown = decode_group_state(state_bytes) if with_state else None
            entries.append(GroupLogEntry(change=change, state=shown))
        return LogPage(tuple(entries), first, last, newest.revision)

    def endorsements(self, group: GroupState) -> bytes:
        """Endorsements of all members for sending to each other, valid until about the end of tomorrow."""
        if not group.members:
            return b""
        key = GroupSendDerivedKeyPair.for_expiration(self.expiration_s(), self._state.keys.zkgroup)
        ids = [member.user_id for member in group.members]
        return GroupSendEndorsementsResponse.issue(ids, key).serialize()

    def expiration_s(self) -> int:
        """When endorsements that are issued now expire."""
        return default_endorsement_expiration_s(self._state.clock.now_ms())


def _name(params: GroupPublicParams) -> str:
    return params.serialize().hex()
