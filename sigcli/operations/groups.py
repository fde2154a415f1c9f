"""``listGroups``, ``updateGroup``, ``joinGroup``, ``quitGroup``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.audience import group_option, groups_option
from sigcli.operations.declaring import (
    FILES,
    GROUPS,
    RECIPIENTS,
    Many,
    Operation,
    operation,
    option,
)
from sigcli.operations.editing import editing
from sigcli.operations.shapes.group_list import Groups
from sigcli.operations.shapes.group_results import GroupChanged

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.base.events import Person
    from sigcli.client.groups.group_options import GroupOptions, Permission

LINK_STATES = ("enabled", "enabled-with-approval", "disabled")
PERMISSIONS = ("every-member", "only-admins")


@operation
class ListGroups(Operation):
    """List groups; needs neither network nor lock unless groups are named."""

    group_ids: Many[str] = groups_option("only these, fetched from the service")
    detailed: bool = option("-d", "--detailed", default=False, help="print more in text mode")

    def run(self, account: Account) -> Groups:
        from sigcli.client.groups.listing import listed_groups
        from sigcli.client.groups.people_directory import PeopleDirectory

        directory = PeopleDirectory.of(account)
        groups = listed_groups(account, self.group_ids)
        return Groups.of(groups, directory, self.detailed)


@operation
class UpdateGroup(Operation):
    """Make a group, or change one; an invitation to it is accepted.

    People whose profile is not known yet cannot be added at once: they are invited.
    """

    group_id: str | None = group_option("the group (default: create a new one)")
    name: str | None = option("-n", "--name", default=None, help="its name")
    description: str | None = option("-d", "--description", default=None, help="its description")
    avatar: str | None = option(
        "-a",
        "--avatar",
        default=None,
        metavar="FILE",
        completes=FILES,
        reads_path=True,
        help='its picture ("": none)',
    )
    members: Many[str] = option(
        "-m", "--member", "--members", default=(), completes=RECIPIENTS, help="people to add"
    )
    remove_members: Many[str] = option(
        "-r",
        "--remove-member",
        "--remove-members",
        default=(),
        completes=RECIPIENTS,
        help="people to remove",
    )
    admins: Many[str] = option(
        "--admin",
        "--admins",
        default=(),
        completes=RECIPIENTS,
        help="members to make admins",
    )
    remove_admins: Many[str] = option(
        "--remove-admin",
        "--remove-admins",
        default=(),
        completes=RECIPIENTS,
        help="admins to make plain members",
    )
    ban: Many[str] = option(
        "--ban",
        default=(),
        completes=RECIPIENTS,
        help="people to remove and keep out",
    )
    unban: Many[str] = option(
        "--unban", default=(), completes=RECIPIENTS, help="people to let back in"
    )
    reset_link: bool = option(
        "--reset-link", default=False, help="make a new link; the old one stops working"
    )
    link: str | None = option("--link", default=None, choices=LINK_STATES, help="its link")
    add_member: str | None = option(
        "--set-permission-add-member", default=None, choices=PERMISSIONS, help="who may add people"
    )
    edit_details: str | None = option(
        "--set-permission-edit-details",
        default=None,
        choices=PERMISSIONS,
        help="who may change name, description, picture and timer",
    )
    send_messages: str | None = option(
        "--set-permission-send-messages",
        default=None,
        choices=PERMISSIONS,
        help="who may send messages",
    )
    expiration: int | None = option(
        "-e",
        "--expiration",
        default=None,
        metavar="SECONDS",
        help="messages disappear after this time (0: never)",
    )
    label_emoji: str | None = option(
        "--member-label-emoji", default=None, help='the emoji of your label ("": none)'
    )
    label: str | None = option(
        "--member-label", default=None, help='your label in the group ("": none)'
    )
    terminate: bool = option("--terminate", default=False, help="end the group for everybody")

    def run(self, account: Account) -> GroupChanged:
        from sigcli.client.account.groups import updating

        options = self._options()
        with editing(account):
            if self.group_id is None:
                done = updating.create_group(account, options)
            else:
                done = updating.update_group(account, self.group_id, options)
        invited: tuple[Person, ...] = ()
        if done.invited:
            from sigcli.client.groups.people_directory import person_of

            invited = tuple(map(person_of, done.invited))
        return GroupChanged(done.group_id, done.outcome, created=done.created, invited=invited)

    def _options(self) -> GroupOptions:
        from sigcli.client.groups.group_options import GroupOptions, LinkState

        return GroupOptions(
            title=self.name,
            description=self.description,
            avatar_path=self.avatar,
            timer_s=self.expiration,
            members=tuple(self.members),
            remove_members=tuple(self.remove_members),
            admins=tuple(self.admins),
            remove_admins=tuple(self.remove_admins),
            ban=tuple(self.ban),
            unban=tuple(self.unban),
            reset_link=self.reset_link,
            link=None if self.link is None else LinkState(self.link),
            add_members=_permission(self.add_member),
            edit_details=_permission(self.edit_details),
            send_messages=_permission(self.send_messages),
            label_emoji=self.label_emoji,
            label_text=self.label,
            terminate=self.terminate,
        )


@operation
class JoinGroup(Operation):
    """Join a group by its link, or ask to where an admin approves."""

    uri: str = option("--uri", help="the group's link (https://signal.group/#…)")

    def run(self, account: Account) -> GroupChanged:
        from sigcli.client.account.groups.joining import join_group

        with editing(account):
            joined = join_group(account, self.uri)
        return GroupChanged(
            joined.group_id, joined.outcome, joined=True, only_requested=joined.only_requested
        )


@operation
class QuitGroup(Operation):
    """Leave a group, or decline an invitation to it."""

    group_id: str = option("-g", "--group-id", "--group", completes=GROUPS, help="the group")
    delete: bool = option("--delete", default=False, help="also forget the group on this computer")
    admins: Many[str] = option(
        "--admin",
        "--admins",
        default=(),
        completes=RECIPIENTS,
        help="members to make admins, if you are the only one",
    )

    def run(self, account: Account) -> GroupChanged:
        from sigcli.client.account.groups.leaving import quit_group

        with editing(account):
            done = quit_group(account, self.group_id, delete=self.delete, admins=self.admins)
        return GroupChanged(done.group_id, done.outcome)


def _permission(word: str | None) -> Permission | None:
    from sigcli.client.groups.group_options import Permission

    return None if word is None else Permission(word)
