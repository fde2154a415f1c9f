"""Changes of a group: checked, decrypted, and applied to what is known of it, one revision at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.groups import attributes, state
from sigcli.client.groups import change_values as value
from sigcli.client.groups.change_values import AccessKind, Change
from sigcli.errors import InvalidGroupChange, ProtocolError
from sigcli.lazy_dataclass import replace
from sigcli.store.group_values import Member
from sigcli.wire.group_changes import SUPPORTED_CHANGE_EPOCH, decode_actions, decode_group_change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.groups.change_values import Modification
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.group_changes import GroupActions, GroupChange, PresentProfileKey
    from sigcli.zkgroup.groups import GroupSecretParams
    from sigcli.zkgroup.server_params import ServerPublicParams


def open_signed_change(
    serialised: bytes, params: GroupSecretParams, server: ServerPublicParams
) -> Change:
    """A change as a message carries it; raises InvalidGroupChange, also for one that the service did not sign."""
    try:
        return open_change(decode_group_change(serialised), params, server)
    except InvalidGroupChange:
        raise
    except ProtocolError as error:
        raise InvalidGroupChange("a change of the group cannot be read") from error


def open_change(
    change: GroupChange, params: GroupSecretParams, server: ServerPublicParams | None
) -> Change:
    """A change; without ``server`` its signature is not looked at (in a log there is none).

    Raises InvalidGroupChange.
    """
    try:
        if server is not None:
            server.verify_signature(change.actions, change.server_signature)
        actions = decode_actions(change.actions)
    except ProtocolError as error:
        raise InvalidGroupChange("a change of the group is not the service's") from error
    if server is not None and actions.group_id not in (b"", params.get_group_identifier()):
        raise InvalidGroupChange("a change belongs to another group")
    opened = decrypt_actions(actions, params)
    return (
        opened if change.change_epoch <= SUPPORTED_CHANGE_EPOCH else replace(opened, complete=False)
    )


def decrypt_actions(actions: GroupActions, params: GroupSecretParams) -> Change:
    """What the actions of a change do; raises InvalidGroupChange."""
    editor = None
    if actions.source_user_id:
        editor = attributes.decrypt_service_id(params, actions.source_user_id)
    return Change(
        actions.revision,
        editor,
        (*_to_people(actions, params), *_to_group(actions, params)),
        complete=not actions.unknown_fields,
    )


def _to_people(actions: GroupActions, params: GroupSecretParams) -> Iterator[Modification]:
    def aci(ciphertext: bytes) -> ServiceId:
        return attributes.decrypt_aci(params, ciphertext)

    joining = []
    for added in actions.add_members:
        if added.added is None:
            raise InvalidGroupChange("somebody was added who has no account")
        joining.append(added.added)
    for added, member in zip(
        actions.add_members, state.decrypt_members(params, joining), strict=True
    ):
        yield value.MemberAdded(member, added.join_from_invite_link)
    removed = [deleted.deleted_user_id for deleted in actions.delete_members]
    for removed_aci in attributes.decrypt_acis(params, removed):
        yield value.MemberRemoved(removed_aci)
    for role in actions.modify_member_roles:
        yield value.RoleChanged(aci(role.user_id), role.role)
    for label in actions.modify_member_labels:
        yield value.LabelChanged(
            aci(label.user_id),
            attributes.decrypt_label(params, label.label_emoji),
            attributes.decrypt_label(params, label.label_text),
        )
    for key in actions.modify_member_profile_keys:
        member = _presented(key, params)
        yield value.ProfileKeyChanged(member.aci, member.profile_key, member.profile_key_ciphertext)
    for invited in actions.add_invited:
        if invited.added is None:
            raise InvalidGroupChange("somebody was invited who has no id")
        yield value.PersonInvited(state.decrypt_invitation(params, invited.added))
    for deleted in actions.delete_invited:
        yield value.InvitationRevoked(
            attributes.decrypt_service_id(params, deleted.deleted_user_id)
        )
    for accepted in actions.promote_invited:
        yield value.InvitationAccepted(_presented(accepted, params))
    for accepted in actions.promote_invited_by_pni:
        yield value.InvitationAccepted(
            _presented(accepted, params), attributes.decrypt_service_id(params, accepted.pni)
        )
    for asked in actions.add_requesting:
        if asked.added is None:
            raise InvalidGroupChange("somebody asked to join who has no account")
        yield value.JoinRequested(*state.decrypt_requests(params, [asked.added]))
    for deleted in actions.delete_requesting:
        yield value.JoinRequestDeleted(aci(deleted.deleted_user_id))
    for approved in actions.promote_requesting:
        yield value.JoinRequestApproved(aci(approved.user_id), approved.role)
    for banned in actions.add_banned:
        if banned.added is None:
            raise InvalidGroupChange("somebody was banned who has no id")
        yield value.PersonBanned(state.decrypt_ban(params, banned.added))
    for deleted in actions.delete_banned:
        yield value.PersonUnbanned(attributes.decrypt_service_id(params, deleted.deleted_user_id))


def _to_group(actions: GroupActions, params: GroupSecretParams) -> Iterator[Modification]:
    if actions.modify_title is not None:
        yield value.TitleChanged(attributes.decrypt_title(params, actions.modify_title.value))
    if actions.modify_description is not None:
        text = attributes.decrypt_description(params, actions.modify_description.value)
        yield value.DescriptionChanged(text)
    if actions.modify_avatar is not None:
        yield value.AvatarChanged(actions.modify_avatar.url)
    if actions.modify_timer is not None:
        yield value.TimerChanged(attributes.decrypt_timer(params, actions.modify_timer.value))
    for kind, rule in (
        (AccessKind.ATTRIBUTES, actions.modify_attributes_access),
        (AccessKind.MEMBERS, actions.modify_members_access),
        (AccessKind.INVITE_LINK, actions.modify_invite_link_access),
        (AccessKind.MEMBER_LABEL, actions.modify_member_label_access),
    ):
        if rule is not None:
            yield value.AccessChanged(kind, rule.access)
    if actions.modify_invite_link_password is not None:
        yield value.LinkPasswordChanged(actions.modify_invite_link_password.value)
    if actions.modify_announcements_only is not None:
        only = actions.modify_announcements_only.announcements_only
        yield value.AnnouncementsOnlyChanged(only)
    if actions.terminate_group is not None:
        yield value.Terminated()


def _presented(shown: PresentProfileKey, params: GroupSecretParams) -> Member:
    """The owner of a presented profile key, as a plain member."""
    user_id, ciphertext = shown.user_id, shown.profile_key
    if not user_id and shown.presentation:
        user_id, ciphertext = state.ciphertexts_of(shown.presentation)
    aci = attributes.decrypt_aci(params, user_id)
    return Member(
        aci=aci,
        user_id_ciphertext=user_id,
        profile_key_ciphertext=ciphertext,
        profile_key=attributes.decrypt_profile_key(params, ciphertext, aci),
    )
