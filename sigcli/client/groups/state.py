"""A group as the service sends it, decrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sigcli.client.groups import attributes
from sigcli.errors import InvalidGroupChange, ProtocolError
from sigcli.store.group_values import (
    AccessRules,
    Ban,
    GroupDetails,
    Invitation,
    JoinRequest,
    Member,
)
from sigcli.wire.group_state import GroupAccess
from sigcli.zkgroup.profile_key import ProfileKey
from sigcli.zkgroup.profile_presentations import ProfileKeyCredentialPresentation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sigcli.wire.group_state import (
        BannedMember,
        GroupMember,
        GroupState,
        InvitedMember,
        RequestingMember,
    )
    from sigcli.zkgroup.groups import GroupSecretParams

C = TypeVar("C")
D = TypeVar("D")


def decrypt_group(
    params: GroupSecretParams, group: GroupState, known: GroupDetails | None = None
) -> GroupDetails:
    """Everything in a group; raises InvalidGroupChange if it is another one, or a member cannot be read.

    Of members that are ``known`` with the same ciphertexts nothing is decrypted again, and no profile key is given.
    """
    if group.public_key and group.public_key != params.get_public_params().serialize():
        raise InvalidGroupChange("the service sent another group")
    access = group.access or GroupAccess()
    members = {} if known is None else {one.user_id_ciphertext: one for one in known.members}
    return GroupDetails(
        revision=group.revision,
        title=attributes.decrypt_title(params, group.title),
        description=attributes.decrypt_description(params, group.description),
        avatar_url=group.avatar_url,
        timer_s=attributes.decrypt_timer(params, group.disappearing_messages_timer),
        access=AccessRules(
            attributes=access.attributes,
            members=access.members,
            invite_link=access.add_from_invite_link,
            member_label=access.member_label,
        ),
        members=tuple(decrypt_member(params, member, members) for member in group.members),
        invitations=tuple(_readable(decrypt_invitation, params, group.invited)),
        requests=tuple(decrypt_request(params, request) for request in group.requesting),
        bans=tuple(_readable(decrypt_ban, params, group.banned)),
        invite_link_password=group.invite_link_password,
        announcements_only=group.announcements_only,
        terminated=group.terminated,
    )


def decrypt_member(
    params: GroupSecretParams, member: GroupMember, known: Mapping[bytes, Member] | None = None
) -> Member:
    """A member; raises InvalidGroupChange for an id that cannot be read."""
    user_id, key_ciphertext = member.user_id, member.profile_key
    if not user_id and member.presentation:
        user_id, key_ciphertext = ciphertexts_of(member.presentation)
    same = (known or {}).get(user_id)
    if same is not None and same.profile_key_ciphertext == key_ciphertext:
        aci, profile_key = same.aci, None
    else:
        aci = attributes.decrypt_aci(params, user_id) if same is None else same.aci
        profile_key = attributes.decrypt_profile_key(params, key_ciphertext, aci)
    return Member(
        aci=aci,
        role=member.role,
        joined_at_revision=member.joined_at_revision,
        label_emoji=attributes.decrypt_label(params, member.label_emoji),
        label_text=attributes.decrypt_label(params, member.label_text),
        user_id_ciphertext=user_id,
        profile_key_ciphertext=key_ciphertext,
        profile_key=profile_key,
    )


def decrypt_invitation(params: GroupSecretParams, invited: InvitedMember) -> Invitation:
    """Who was invited; raises InvalidGroupChange for ids that cannot be read."""
    member = invited.member
    if member is None:
        raise InvalidGroupChange("an invitation names nobody")
    return Invitation(
        service_id=attributes.decrypt_service_id(params, member.user_id),
        role=member.role,
        added_by=attributes.decrypt_service_id(params, invited.added_by_user_id)
        if invited.added_by_user_id
        else None,
        since_ms=invited.timestamp_ms,
    )


def decrypt_request(params: GroupSecretParams, request: RequestingMember) -> JoinRequest:
    """Who asks to join; raises InvalidGroupChange for an id that cannot be read."""
    user_id, key_ciphertext = request.user_id, request.profile_key
    if not user_id and request.presentation:
        user_id, key_ciphertext = ciphertexts_of(request.presentation)
    aci = attributes.decrypt_aci(params, user_id)
    profile_key = attributes.decrypt_profile_key(params, key_ciphertext, aci)
    return JoinRequest(aci=aci, since_ms=request.timestamp_ms, profile_key=profile_key)


def decrypt_ban(params: GroupSecretParams, banned: BannedMember) -> Ban:
    """Who is banned; raises InvalidGroupChange for an id that cannot be read."""
    service_id = attributes.decrypt_service_id(params, banned.user_id)
    return Ban(service_id=service_id, since_ms=banned.timestamp_ms)


def shows_profile_key(params: GroupSecretParams, member: Member, profile_key: bytes) -> bool:
    """Whether the group holds this profile key of a member: the same key always has the same ciphertext."""
    ciphertext = params.encrypt_profile_key(ProfileKey(profile_key), member.aci).serialize()
    return ciphertext == member.profile_key_ciphertext


def ciphertexts_of(presentation: bytes) -> tuple[bytes, bytes]:
    """The encrypted ACI and profile key in a profile key credential presentation; raises InvalidGroupChange."""
    try:
        shown = ProfileKeyCredentialPresentation.deserialize(presentation)
    except ProtocolError as error:
        raise InvalidGroupChange("a presentation in the group cannot be read") from error
    return (
        shown.get_uuid_ciphertext().serialize(),
        shown.get_profile_key_ciphertext().serialize(),
    )


def _readable(
    decrypt: Callable[[GroupSecretParams, C], D], params: GroupSecretParams, entries: Iterable[C]
) -> Iterator[D]:
    """What can be read of a list that anybody who invites or bans may write into."""
    for entry in entries:
        try:
            yield decrypt(params, entry)
        except InvalidGroupChange:
            continue
