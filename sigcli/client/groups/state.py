"""A group as the service sends it, decrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from sigcli.zkgroup.profile_presentations import ProfileKeyCredentialPresentation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.group_state import (
        BannedMember,
        GroupMember,
        GroupState,
        InvitedMember,
        RequestingMember,
    )
    from sigcli.wire.key_types import ProfileKeyBytes
    from sigcli.zkgroup.groups import GroupSecretParams


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
        members=decrypt_members(params, group.members, members),
        invitations=tuple(_readable_invitations(params, group.invited)),
        requests=decrypt_requests(params, group.requesting),
        bans=tuple(_readable_bans(params, group.banned)),
        invite_link_password=group.invite_link_password,
        announcements_only=group.announcements_only,
        terminated=group.terminated,
    )


def decrypt_members(
    params: GroupSecretParams,
    members: Sequence[GroupMember],
    known: Mapping[bytes, Member] | None = None,
) -> tuple[Member, ...]:
    """Members; raises InvalidGroupChange for an id that cannot be read."""
    known = known or {}
    ciphertexts = [_ciphertexts(member) for member in members]
    unknown = [user_id for user_id, _ in ciphertexts if user_id not in known]
    acis = dict(zip(unknown, attributes.decrypt_acis(params, unknown), strict=True))
    acis.update({user_id: member.aci for user_id, member in known.items()})
    changed = [
        (key, acis[user_id])
        for user_id, key in ciphertexts
        if user_id not in known or known[user_id].profile_key_ciphertext != key
    ]
    keys = dict(zip(changed, _profile_keys(params, changed), strict=True))
    return tuple(
        Member(
            aci=acis[user_id],
            role=member.role,
            joined_at_revision=member.joined_at_revision,
            label_emoji=attributes.decrypt_label(params, member.label_emoji),
            label_text=attributes.decrypt_label(params, member.label_text),
            user_id_ciphertext=user_id,
            profile_key_ciphertext=key,
            profile_key=keys.get((key, acis[user_id])),
        )
        for member, (user_id, key) in zip(members, ciphertexts, strict=True)
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


def decrypt_requests(
    params: GroupSecretParams, requests: Sequence[RequestingMember]
) -> tuple[JoinRequest, ...]:
    """Who asks to join; raises InvalidGroupChange for an id that cannot be read."""
    ciphertexts = [_ciphertexts(request) for request in requests]
    acis = attributes.decrypt_acis(params, [user_id for user_id, _ in ciphertexts])
    keys = _profile_keys(
        params, [(key, aci) for (_, key), aci in zip(ciphertexts, acis, strict=True)]
    )
    return tuple(
        JoinRequest(aci=aci, since_ms=request.timestamp_ms, profile_key=key)
        for request, aci, key in zip(requests, acis, keys, strict=True)
    )


def decrypt_ban(params: GroupSecretParams, banned: BannedMember) -> Ban:
    """Who is banned; raises InvalidGroupChange for an id that cannot be read."""
    service_id = attributes.decrypt_service_id(params, banned.user_id)
    return Ban(service_id=service_id, since_ms=banned.timestamp_ms)


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


def _ciphertexts(person: GroupMember | RequestingMember) -> tuple[bytes, bytes]:
    """The encrypted ACI and profile key."""
    if not person.user_id and person.presentation:
        return ciphertexts_of(person.presentation)
    return person.user_id, person.profile_key


def _profile_keys(
    params: GroupSecretParams, encrypted: Sequence[tuple[bytes, ServiceId]]
) -> list[ProfileKeyBytes | None]:
    """The profile key in each ciphertext of a person."""
    return attributes.decrypt_profile_keys(
        params, [key for key, _ in encrypted], [aci for _, aci in encrypted]
    )


def _readable_invitations(
    params: GroupSecretParams, invited: Sequence[InvitedMember]
) -> Iterator[Invitation]:
    """The readable entries of a list that every member who invites may write to."""
    named = [(one, one.member) for one in invited if one.member is not None]
    people = params.decrypt_service_ids([member.user_id for _, member in named])
    inviters = params.decrypt_service_ids([one.added_by_user_id for one, _ in named])
    for (one, member), person, inviter in zip(named, people, inviters, strict=True):
        if person is not None and (inviter is not None or not one.added_by_user_id):
            yield Invitation(
                service_id=person, role=member.role, added_by=inviter, since_ms=one.timestamp_ms
            )


def _readable_bans(params: GroupSecretParams, banned: Sequence[BannedMember]) -> Iterator[Ban]:
    """The readable entries of a list that every member who bans may write to."""
    people = params.decrypt_service_ids([one.user_id for one in banned])
    for one, person in zip(banned, people, strict=True):
        if person is not None:
            yield Ban(service_id=person, since_ms=one.timestamp_ms)
