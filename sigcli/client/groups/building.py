"""From options to the actions of one change of a group as it is now: what is already so is left out.

What this account may not do is refused here, before the service is asked: who may do what is in the group's own rules.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.client.groups import attributes
from sigcli.errors import GroupChangeRefused, GroupTooLarge, NotAGroupMember
from sigcli.lazy_dataclass import dataclass
from sigcli.store.service_limits import read_service_limits
from sigcli.wire import group_changes as wire
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.group_state import BannedMember, GroupMember, InvitedMember

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.client.base.account import Account
    from sigcli.client.groups.group_options import GroupOptions, People
    from sigcli.store.group_values import GroupDetails
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.group_changes import GroupActions
    from sigcli.zkgroup.groups import GroupSecretParams

LINK_PASSWORD_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Materials:
    """What was fetched or uploaded for a change: presentations by ACI, the URL of a new avatar."""

    presentations: Mapping[ServiceId, bytes] = field(default_factory=dict, repr=False)
    avatar_url: str | None = None


def require_member(account: Account, details: GroupDetails) -> bool:
    """Whether this member is an administrator; raises NotAGroupMember."""
    own = details.member(account.aci)
    if own is None:
        raise NotAGroupMember
    return own.is_administrator


def require_room(account: Account, count: int) -> None:
    """Raises GroupTooLarge if the service takes no group of so many members and invited people."""
    limit = read_service_limits(account.database).group_members
    if limit is not None and count > limit:
        raise GroupTooLarge(count, limit)


def build_actions(
    account: Account,
    params: GroupSecretParams,
    details: GroupDetails,
    options: GroupOptions,
    people: People,
    materials: Materials,
) -> GroupActions | None:
    """The actions that fulfil the options; None if nothing is left to do.

    Raises NotAGroupMember, GroupTooLarge, and GroupChangeRefused for what this account may not do.
    """
    is_administrator = require_member(account, details)
    builder = _Builder(account, params, details, options, people, materials, is_administrator)
    return builder.actions()


@dataclass(slots=True)
class _Builder:
    account: Account
    params: GroupSecretParams
    details: GroupDetails
    options: GroupOptions
    people: People
    materials: Materials
    is_administrator: bool = False
    fields: dict[str, object] = field(default_factory=dict)
    lists: dict[str, list[object]] = field(default_factory=dict)

    def actions(self) -> GroupActions | None:
        self._attributes()
        self._unban()
        self._add()
        self._remove()
        self._require_room()
        self._roles()
        self._rules()
        self._link()
        self._label()
        if self.options.terminate and not self.details.terminated:
            self._require_administrator("end the group")
            self.fields["terminate_group"] = wire.TerminateGroup()
        if not self.fields and not self.lists:
            return None
        lists = {name: tuple(entries) for name, entries in self.lists.items()}
        return wire.GroupActions(
            revision=self.details.revision + 1,
            **self.fields,  # type: ignore[arg-type]
            **lists,  # type: ignore[arg-type]
        )

    # --- what may be done --------------------------------------------------------------------

    def _require_administrator(self, doing: str) -> None:
        if not self.is_administrator:
            raise GroupChangeRefused(f"only an administrator may {doing}")

    def _require_access(self, rule: AccessRequired | int, doing: str) -> None:
        if rule not in (AccessRequired.ANY, AccessRequired.MEMBER):
            self._require_administrator(doing)

    # --- the group ---------------------------------------------------------------------------

    def _attributes(self) -> None:
        options, details, params = self.options, self.details, self.params
        random = self.account.random
        changed: dict[str, Callable[[], object]] = {}
        if options.title is not None and options.title != details.title:
            title = options.title
            changed["modify_title"] = lambda: wire.NewAttribute(
                value=attributes.encrypt_title(params, title, random)
            )
        if options.description is not None and options.description != details.description:
            description = options.description
            changed["modify_description"] = lambda: wire.NewAttribute(
                value=attributes.encrypt_description(params, description, random)
            )
        if options.timer_s is not None and options.timer_s != details.timer_s:
            timer_s = options.timer_s
            changed["modify_timer"] = lambda: wire.NewAttribute(
                value=attributes.encrypt_timer(params, timer_s, random)
            )
        url = self.materials.avatar_url
        if url is not None and url != details.avatar_url:
            changed["modify_avatar"] = lambda: wire.NewAvatar(url=url)
        if changed:
            self._require_access(details.access.attributes, "change the group's details")
            for name, make in changed.items():
                self.fields[name] = make()

    def _rules(self) -> None:
        options, access = self.options, self.details.access
        for name, permission, present in (
            ("modify_members_access", options.add_members, access.members),
            ("modify_attributes_access", options.edit_details, access.attributes),
        ):
            if permission is not None and permission.access != present:
                self._require_administrator("change what members may do")
                self.fields[name] = wire.NewAccess(access=permission.access)
        if options.send_messages is not None:
            only = options.send_messages.access == AccessRequired.ADMINISTRATOR
            if only != self.details.announcements_only:
                self._require_administrator("change who may send")
                self.fields["modify_announcements_only"] = wire.NewAnnouncementsOnly(
                    announcements_only=only
                )

    def _link(self) -> None:
        options, details = self.options, self.details
        if options.link is not None and options.link.access != details.access.invite_link:
            self._require_administrator("change the group's link")
            self.fields["modify_invite_link_access"] = wire.NewAccess(access=options.link.access)
        opens = options.link is not None and options.link.access != AccessRequired.UNSATISFIABLE
        if options.reset_link or (opens and not details.invite_link_password):
            self._require_administrator("change the group's link")
            password = self.account.random(LINK_PASSWORD_LENGTH)
            self.fields["modify_invite_link_password"] = wire.NewAttribute(value=password)

    def _label(self) -> None:
        options = self.options
        if options.label_emoji is None and options.label_text is None:
            return
        own = self.details.member(self.account.aci)
        assert own is not None  # checked at the beginning
        emoji = own.label_emoji if options.label_emoji is None else options.label_emoji
        text = own.label_text if options.label_text is None else options.label_text
        if (emoji, text) == (own.label_emoji, own.label_text):
            return
        if self.details.access.member_label == AccessRequired.ADMINISTRATOR:
            self._require_administrator("set a label")
        random = self.account.random
        label = wire.SetLabel(
            user_id=self._encrypted(own.aci),
            label_emoji=attributes.encrypt_label(self.params, emoji, random),
            label_text=attributes.encrypt_label(self.params, text, random),
        )
        self._append("modify_member_labels", label)

    # --- people ------------------------------------------------------------------------------

    def _add(self) -> None:
        details = self.details
        for service_id, person in self.people.members.items():
            if details.member(service_id) is not None:
                continue
            administrator = service_id in self.people.admins
            role = MemberRole.ADMINISTRATOR if administrator else MemberRole.DEFAULT
            if details.request(service_id) is not None:
                self._require_administrator("approve who asks to join")
                self._append(
                    "promote_requesting",
                    wire.SetRole(user_id=self._encrypted(service_id), role=role),
                )
                continue
            if details.invitation(person.aci, person.pni) is not None:
                continue
            self._require_access(details.access.members, "add members")
            if administrator:
                self._require_administrator("make somebody an administrator")
            if details.is_banned(service_id) and service_id not in self.people.unban:
                self._require_administrator("add somebody who is banned")
                self._append("delete_banned", self._deleted(service_id))
            presentation = self.materials.presentations.get(service_id)
            if presentation is not None:
                member = GroupMember(presentation=presentation, role=role)
                self._append("add_members", wire.AddMember(added=member))
            else:
                self._append(
                    "add_invited",
                    wire.AddInvited(added=invited_member(self.params, service_id, role)),
                )

    def _require_room(self) -> None:
        added = sum(
            len(self.lists.get(name, ()))
            for name in ("add_members", "add_invited", "promote_requesting")
        )
        removed = sum(
            len(self.lists.get(name, ())) for name in ("delete_members", "delete_invited")
        )
        if added:
            present = len(self.details.members) + len(self.details.invitations)
            require_room(self.account, present + added - removed)

    def _remove(self) -> None:
        details = self.details
        removed = self.people.remove_members
        for person in removed.values():
            if person.aci is None and not self._is_in_group(person.pni):
                raise GroupChangeRefused(
                    f"{person.pni} is not in the group, and only the number is known of them",
                    hint="name them by the ACI that sigcli listGroups -d shows",
                )
        present = {
            service_id
            for person in (*removed.values(), *self.people.ban.values())
            for service_id in (person.aci, person.pni)
            if service_id is not None
        }
        for service_id in sorted(present, key=str):
            if details.member(service_id) is not None:
                self._require_administrator("remove a member")
                self._append("delete_members", self._deleted(service_id))
            if details.invitation(service_id) is not None:
                self._require_administrator("take an invitation back")
                self._append("delete_invited", self._deleted(service_id))
            if details.request(service_id) is not None:
                self._require_administrator("refuse who asks to join")
                self._append("delete_requesting", self._deleted(service_id))
        for service_id in self.people.ban:
            if not details.is_banned(service_id):
                self._require_administrator("ban somebody")
                banned = BannedMember(user_id=self._encrypted(service_id))
                self._append("add_banned", wire.AddBanned(added=banned))

    def _is_in_group(self, service_id: ServiceId | None) -> bool:
        details = self.details
        return service_id is not None and (
            details.member(service_id) is not None
            or details.invitation(service_id) is not None
            or details.request(service_id) is not None
        )

    def _unban(self) -> None:
        for service_id in self.people.unban:
            if self.details.is_banned(service_id):
                self._require_administrator("lift a ban")
                self._append("delete_banned", self._deleted(service_id))

    def _roles(self) -> None:
        for service_ids, role in (
            (self.people.admins, MemberRole.ADMINISTRATOR),
            (self.people.remove_admins, MemberRole.DEFAULT),
        ):
            for service_id in service_ids:
                member = self.details.member(service_id)
                if member is None:
                    if service_id in self.people.members:
                        continue
                    raise GroupChangeRefused(
                        f"{service_id} is not a member of the group", hint=None
                    )
                if member.role != role:
                    self._require_administrator("change who is an administrator")
                    self._append(
                        "modify_member_roles",
                        wire.SetRole(user_id=self._encrypted(service_id), role=role),
                    )

    def _append(self, name: str, entry: object) -> None:
        self.lists.setdefault(name, []).append(entry)

    def _encrypted(self, service_id: ServiceId) -> bytes:
        return attributes.encrypt_service_id(self.params, service_id)

    def _deleted(self, service_id: ServiceId) -> wire.DeleteUser:
        return wire.DeleteUser(deleted_user_id=self._encrypted(service_id))


def invited_member(
    params: GroupSecretParams, service_id: ServiceId, role: MemberRole
) -> InvitedMember:
    """Somebody to invite, by ACI or PNI; the service notes by whom and when."""
    user_id = attributes.encrypt_service_id(params, service_id)
    return InvitedMember(member=GroupMember(user_id=user_id, role=role))
