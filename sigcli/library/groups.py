"""Groups as a program meets them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sigcli import operations
from sigcli.library.conversations import Conversation, Correspondent

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.groups.listing import ListedGroup
    from sigcli.library.people import Person
    from sigcli.library.session import Session
    from sigcli.wire.addresses import ServiceId


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a group."""

    person: Person
    is_admin: bool


@dataclass(frozen=True, slots=True)
class GroupDetails:
    """A group as it was last fetched from the service; ``invite_link`` is None where it has none."""

    revision: int
    name: str
    description: str
    members: tuple[Member, ...]
    invited: tuple[Person, ...]
    requesting: tuple[Person, ...]
    banned: tuple[Person, ...]
    expires_in_s: int
    """Messages vanish after that; 0: never."""
    only_admins_send: bool
    invite_link: str | None = field(repr=False)
    is_member: bool
    """Whether the account is one of them."""
    is_blocked: bool
    is_terminated: bool


@dataclass(frozen=True, slots=True, eq=False)
class Group(Correspondent):
    """A group; ``id`` is in base64, ``name`` as it was when this object was made (None where it is not known).

    The name is the group's to choose: it is for people to read, and never says which group is meant.
    """

    _session: Session = field(repr=False)
    id: str
    name: str | None = None

    def details(self, *, fetch: bool = False) -> GroupDetails | None:
        """What is known of it here, or with ``fetch`` what the service has now; None where it was never fetched.

        Raises UnknownGroup, and with ``fetch`` ServiceError.
        """
        from sigcli.client.groups.listing import listed_group, listed_groups

        with self._session.opened() as opened:
            if fetch:
                (listed,) = listed_groups(opened, (self.id,))
            else:
                listed = listed_group(opened, self.id)
            return _details(self._session, opened, listed)

    @property
    def conversation(self) -> Conversation:
        return Conversation(group_ids=(self.id,))

    def leave(self) -> None:
        """Leave it, or decline an invitation to it; raises LastAdministrator where others must take over first."""
        self._session.run(operations.QuitGroup(group_id=self.id))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Group) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __str__(self) -> str:
        return self.name or self.id


def group_of(session: Session, listed: ListedGroup) -> Group:
    """A group of the store."""
    from sigcli.operations.shapes.scalars import base64_text

    details = listed.group.details
    return Group(
        session, base64_text(listed.group.group_id), None if details is None else details.title
    )


def _details(session: Session, opened: Account, listed: ListedGroup) -> GroupDetails | None:
    from sigcli.client.groups.people_directory import PeopleDirectory
    from sigcli.library.people import person_of

    details = listed.group.details
    if details is None:
        return None
    directory = PeopleDirectory.of(opened)

    def person(service_id: ServiceId) -> Person:
        return person_of(session, directory.person(service_id))

    return GroupDetails(
        revision=details.revision,
        name=details.title,
        description=details.description,
        members=tuple(Member(person(one.aci), one.is_administrator) for one in details.members),
        invited=tuple(person(one.service_id) for one in details.invitations),
        requesting=tuple(person(one.aci) for one in details.requests),
        banned=tuple(person(one.service_id) for one in details.bans),
        expires_in_s=details.timer_s,
        only_admins_send=details.announcements_only,
        invite_link=listed.invite_link,
        is_member=listed.is_member,
        is_blocked=listed.is_blocked,
        is_terminated=details.terminated,
    )
