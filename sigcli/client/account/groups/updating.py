"""``updateGroup``: a new group, or changes of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import SendOutcome
from sigcli.client.groups import attributes
from sigcli.client.groups.acceptance import take_part
from sigcli.client.groups.avatars import upload_avatar
from sigcli.client.groups.building import Materials, build_actions, invited_member, require_room
from sigcli.client.groups.committing import commit_change
from sigcli.client.groups.credentials import authorization
from sigcli.client.groups.endorsements import receive_endorsements
from sigcli.client.groups.fetching import fetch_group
from sigcli.client.groups.group_options import GroupOptions, People, resolve_people
from sigcli.client.groups.lookup import require_group
from sigcli.client.groups.profile_credentials import own_presentation, presentations
from sigcli.client.groups.state import decrypt_group
from sigcli.client.groups.storing import store_group
from sigcli.client.sending.group_notifying import tell_of_change, tell_of_group
from sigcli.errors import InvalidGroupChange, MalformedAnswer
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.store.groups import find_group
from sigcli.wire import group_changes as wire
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.group_state import GroupAccess, GroupMember, GroupState
from sigcli.zkgroup.groups import GroupSecretParams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.client.base.account import Account
    from sigcli.store.group_values import Group, GroupDetails
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.group_changes import GroupActions
    from sigcli.wire.key_types import GroupIdentifier


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """What became of a group: ``outcome`` is how its people were told, None if there was nothing to tell."""

    group_id: GroupIdentifier
    outcome: SendOutcome | None
    created: bool = False
    invited: tuple[Recipient, ...] = ()
    """Who was to be a member and is only invited so far."""


def create_group(account: Account, options: GroupOptions) -> GroupOutcome:
    """Make a group and tell its members. Opens transactions of its own.

    People whose profile key is not known are invited instead of added. Raises UnknownRecipient,
    AmbiguousRecipient, GroupTooLarge, GroupCredentialUnavailable, FileUnreadable, ServiceError.
    """
    people = resolve_people(account, options)
    others = {
        service_id: person
        for service_id, person in {**people.members, **people.admins}.items()
        if not account.is_own(service_id)
    }
    require_room(account, 1 + len(others))
    params = GroupSecretParams.generate(account.random)
    own = own_presentation(account, params)
    shown = presentations(account, params, list(others.values()))
    url = "" if options.avatar_path is None else upload_avatar(account, params, options.avatar_path)
    state = _new_group(account, params, options, people, own, others, shown, url)
    response = account.groups.create(authorization(account, params), state)
    if response.group is None:
        group = fetch_group(account, params.get_master_key())
    else:
        try:
            details = decrypt_group(params, response.group)
        except InvalidGroupChange as error:
            raise MalformedAnswer(error.message) from error
        endorsements = receive_endorsements(account, params, details, response.endorsements)
        with account.database.transaction() as transaction:
            group = store_group(account, transaction, params, details, endorsements)
    with account.database.transaction() as transaction:
        take_part(account, transaction, group.group_id)
    outcome = tell_of_group(account, group)
    # What a new group cannot have is a change of it.
    rest = replace(
        options,
        title=None,
        avatar_path=None,
        timer_s=None,
        members=(),
        admins=(),
        remove_members=(),
    )
    later = _change(account, group, rest, replace(people, members={}, admins={}, remove_members={}))
    invited = _only_invited(account, group.group_id, people)
    return GroupOutcome(group.group_id, later or outcome, created=True, invited=invited)


def update_group(account: Account, group_id: str, options: GroupOptions) -> GroupOutcome:
    """Change a group and tell its people; an invitation of this account is accepted first.

    Opens transactions of its own. Raises InvalidGroupId, UnknownGroup, NotAGroupMember, GroupChangeRefused,
    GroupConflict, GroupTooLarge, UnknownRecipient, AmbiguousRecipient, FileUnreadable, ServiceError.
    """
    group = require_group(account, group_id)
    group = fetch_group(account, group.master_key)
    # After that the profile keys of those who ask to join are known, for which the directory tells whose a number is.
    people = resolve_people(account, options)
    accepted = accept_invitation(account, group)
    if accepted is not None:
        group, outcome = accepted
    else:
        # Nobody is told of what changed nothing; a caller finds an empty list of results.
        outcome = SendOutcome(account.now_ms(), ())
    told = _change(account, group, options, people) or outcome
    invited = _only_invited(account, group.group_id, people)
    return GroupOutcome(group.group_id, told, invited=invited)


def accept_invitation(account: Account, group: Group) -> tuple[Group, SendOutcome] | None:
    """Become a member of a group that this account was invited to; None if it was not."""
    details = group.details
    if details is None or details.member(account.aci) is not None:
        return None
    if details.invitation(account.aci, account.pni) is None:
        return None
    params = group.params
    presentation = own_presentation(account, params)

    def build(details: GroupDetails) -> GroupActions | None:
        promoted = (wire.PresentProfileKey(presentation=presentation),)
        revision = details.revision + 1
        if details.member(account.aci) is not None:
            return None
        if details.invitation(account.aci) is not None:
            return wire.GroupActions(revision=revision, promote_invited=promoted)
        return wire.GroupActions(revision=revision, promote_invited_by_pni=promoted)

    committed = commit_change(account, group, build)
    if committed is None:
        return None
    with account.database.transaction() as transaction:
        take_part(account, transaction, group.group_id)
    return committed.group, tell_of_change(account, committed)


def _only_invited(
    account: Account, group_id: GroupIdentifier, people: People
) -> tuple[Recipient, ...]:
    """Who was to be a member and is not, but invited."""
    if not people.members:
        return ()
    group = find_group(account.database, group_id)
    details = None if group is None else group.details
    if details is None:
        return ()
    return tuple(
        person
        for service_id, person in people.members.items()
        if details.member(service_id) is None and details.invitation(service_id) is not None
    )


def _change(
    account: Account, group: Group, options: GroupOptions, people: People
) -> SendOutcome | None:
    params = group.params
    details = group.details
    materials = Materials()
    if details is not None:
        # What is refused is refused before anything is fetched or uploaded for it.
        build_actions(account, params, details, options, people, materials)
        new = [
            person
            for service_id, person in people.members.items()
            if details.member(service_id) is None and details.request(service_id) is None
        ]
        materials = Materials(
            presentations(account, params, new) if new else {},
            None
            if options.avatar_path is None
            else upload_avatar(account, params, options.avatar_path),
        )

    def build(details: GroupDetails) -> GroupActions | None:
        return build_actions(account, params, details, options, people, materials)

    committed = commit_change(account, group, build)
    return None if committed is None else tell_of_change(account, committed)


def _new_group(
    account: Account,
    params: GroupSecretParams,
    options: GroupOptions,
    people: People,
    own: bytes,
    others: Mapping[ServiceId, Recipient],
    shown: Mapping[ServiceId, bytes],
    avatar_url: str,
) -> GroupState:
    def role(service_id: ServiceId) -> MemberRole:
        return MemberRole.ADMINISTRATOR if service_id in people.admins else MemberRole.DEFAULT

    random = account.random
    timer = b""
    if options.timer_s:
        timer = attributes.encrypt_timer(params, options.timer_s, random)
    return GroupState(
        public_key=params.get_public_params().serialize(),
        title=attributes.encrypt_title(params, options.title or "", random),
        avatar_url=avatar_url,
        disappearing_messages_timer=timer,
        # No rule for labels, as from the official apps: a service that does not know them refuses the field.
        access=GroupAccess(
            attributes=AccessRequired.MEMBER,
            members=AccessRequired.MEMBER,
            add_from_invite_link=AccessRequired.UNSATISFIABLE,
        ),
        members=(
            GroupMember(presentation=own, role=MemberRole.ADMINISTRATOR),
            *(
                GroupMember(presentation=presentation, role=role(service_id))
                for service_id, presentation in shown.items()
            ),
        ),
        invited=tuple(
            invited_member(params, service_id, role(service_id))
            for service_id in others
            if service_id not in shown
        ),
    )
