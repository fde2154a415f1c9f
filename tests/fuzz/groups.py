"""Targets: groups, and the anonymous credentials around them."""

from __future__ import annotations

from functools import cache
from typing import Any

from sigcli.client.groups import attributes
from sigcli.client.groups.changed_details import apply_change
from sigcli.client.groups.changes import open_change
from sigcli.client.groups.state import decrypt_group
from sigcli.crypto.randomness import secure_random
from sigcli.errors import SigcliError
from sigcli.store.group_values import GroupDetails
from sigcli.wire.addresses import ServiceId
from sigcli.wire.generated import groups_pb2 as pb
from sigcli.wire.group_changes import (
    GroupChange,
    decode_change_response,
    decode_group_change,
    decode_group_log,
    decode_group_response,
    encode_change_response,
    encode_group_change,
    encode_group_log,
    encode_group_response,
)
from sigcli.wire.group_state import (
    decode_avatar_upload,
    decode_group_state,
    decode_invite_link,
    decode_join_info,
    decode_member,
)
from sigcli.zkgroup.auth_credentials import (
    AuthCredentialPresentation,
    AuthCredentialWithPniResponse,
)
from sigcli.zkgroup.endorsements import GroupSendEndorsementsResponse, GroupSendFullToken
from sigcli.zkgroup.profile_credentials import (
    ExpiringProfileKeyCredentialResponse,
    ProfileKeyCredentialRequest,
    issue_expiring_profile_key_credential,
)
from sigcli.zkgroup.profile_presentations import ProfileKeyCredentialPresentation
from sigcli.zkgroup.usernames import Username, verify_proof
from tests.fuzz.contents import filled
from tests.fuzz.target import Target
from tests.unit.zkgroup import samples

_OTHERS = [ServiceId.aci(bytes([number]) * 16) for number in range(1, 5)]


def _member_id(service_id: ServiceId) -> bytes:
    return samples.group().encrypt_service_id(service_id).serialize()


def _profile_key(service_id: ServiceId) -> bytes:
    return samples.group().encrypt_profile_key(samples.PROFILE_KEY, service_id).serialize()


def _group() -> Any:
    """A group whose parts can be decrypted."""
    params, group = samples.group(), pb.Group()
    group.publicKey = samples.group_public().serialize()
    group.title = attributes.encrypt_title(params, "Club", secure_random)
    group.description = attributes.encrypt_description(params, "We meet", secure_random)
    group.disappearingMessagesTimer = attributes.encrypt_timer(params, 3600, secure_random)
    group.version = 3
    group.accessControl.members = group.accessControl.attributes = 2
    for number, service_id in enumerate(_OTHERS[:2]):
        member = group.members.add()
        member.userId, member.profileKey = _member_id(service_id), _profile_key(service_id)
        member.role, member.joinedAtVersion = 1 + number, 0
    invited = group.membersPendingProfileKey.add()
    invited.member.userId, invited.addedByUserId = _member_id(_OTHERS[2]), _member_id(_OTHERS[0])
    invited.member.role, invited.timestamp = 1, 1_750_000_000_000
    asking = group.membersPendingAdminApproval.add()
    asking.userId, asking.profileKey = _member_id(_OTHERS[3]), _profile_key(_OTHERS[3])
    return group


def _actions(number: int) -> bytes:
    """One kind of change after the other; all of them together for number 0."""
    group, actions = _group(), pb.GroupChange.Actions()
    actions.sourceUserId, actions.version = _member_id(_OTHERS[0]), 4
    if number in (0, 1):
        actions.modifyTitle.title = group.title
        actions.modifyDescription.description = group.description
    if number in (0, 2):
        actions.addMembers.add().added.CopyFrom(group.members[1])
        actions.deleteMembers.add().deletedUserId = _member_id(_OTHERS[1])
    if number in (0, 3):
        actions.promoteMembersPendingProfileKey.add().presentation = (
            samples.profile_presentation().serialize()
        )
    if number in (0, 4):
        actions.modifyDisappearingMessageTimer.timer = group.disappearingMessagesTimer
    return bytes(actions.SerializeToString())


@cache
def _details() -> GroupDetails:
    return decrypt_group(samples.group(), decode_group_state(_group().SerializeToString()))


def _group_state(data: bytes) -> None:
    decrypt_group(samples.group(), decode_group_state(data))


def _group_change(data: bytes) -> None:
    apply_change(_details(), open_change(decode_group_change(data), samples.group(), None))


def _change_seeds() -> list[bytes]:
    return [
        encode_group_change(GroupChange(actions=_actions(number), server_signature=bytes(64)))
        for number in range(5)
    ]


def _answers(data: bytes) -> None:
    """The same bytes as every answer of the group service."""
    readers: tuple[Any, ...] = (
        lambda: encode_group_response(decode_group_response(data)),
        lambda: encode_change_response(decode_change_response(data)),
        lambda: encode_group_log(decode_group_log(data)),
        lambda: decode_member(data),
        lambda: decode_join_info(data),
        lambda: decode_avatar_upload(data),
        lambda: decode_invite_link(data),
    )
    errors = []
    for read in readers:
        try:
            read()
        except SigcliError as error:
            errors.append(error)
    if len(errors) == len(readers):
        raise errors[0]


def _answer_seeds() -> list[bytes]:
    kinds = (
        pb.GroupResponse,
        pb.GroupChangeResponse,
        pb.GroupChanges,
        pb.GroupJoinInfo,
        pb.AvatarUploadAttributes,
        pb.GroupInviteLink,
    )
    return [seed for kind in kinds for seed in filled(kind, 2)]


def _objects(data: bytes) -> None:
    """A byte that says what kind of object follows."""
    objects = samples.every_object()
    type(objects[(data[0] if data else 0) % len(objects)]).deserialize(data[1:])


def _object_seeds() -> list[bytes]:
    return [bytes([number]) + one.serialize() for number, one in enumerate(samples.every_object())]


def _auth_response(data: bytes) -> None:
    response = AuthCredentialWithPniResponse.deserialize(data)
    response.receive(samples.server_public(), samples.ACI, samples.PNI, samples.NOW_S)


def _auth_presentation(data: bytes) -> None:
    presentation = AuthCredentialPresentation.deserialize(data)
    presentation.verify(samples.server_secret(), samples.group_public(), samples.NOW_MS)


def _profile_request(data: bytes) -> None:
    issue_expiring_profile_key_credential(
        samples.server_secret(),
        ProfileKeyCredentialRequest.deserialize(data),
        samples.ACI,
        samples.PROFILE_KEY.get_commitment(samples.ACI),
        samples.EXPIRATION_S,
    )


def _profile_response(data: bytes) -> None:
    response = ExpiringProfileKeyCredentialResponse.deserialize(data)
    samples.request_context().receive(samples.server_public(), response, samples.NOW_MS)


def _profile_presentation(data: bytes) -> None:
    presentation = ProfileKeyCredentialPresentation.deserialize(data)
    presentation.verify(samples.server_secret(), samples.group_public(), samples.NOW_MS)


def _endorsements(data: bytes) -> None:
    response = GroupSendEndorsementsResponse.deserialize(data)
    members = samples.member_ciphertexts()
    response.receive_with_ciphertexts(members, members[0], samples.NOW_MS, samples.server_public())


def _full_token(data: bytes) -> None:
    token = GroupSendFullToken.deserialize(data)
    token.verify(samples.MEMBERS[1:], samples.NOW_MS, samples.endorsement_key())


def _username_proof(data: bytes) -> None:
    verify_proof(data, Username.parse("ada.42").hash())


TARGETS = (
    Target("group-state", _group_state, lambda: [_group().SerializeToString()]),
    Target("group-change", _group_change, _change_seeds),
    Target("group-answers", _answers, _answer_seeds),
    Target("zkgroup-objects", _objects, _object_seeds),
    Target("auth-response", _auth_response, lambda: [samples.auth_response().serialize()]),
    Target(
        "auth-presentation",
        _auth_presentation,
        lambda: [samples.auth_presentation().serialize()],
    ),
    Target(
        "profile-request",
        _profile_request,
        lambda: [samples.request_context().get_request().serialize()],
    ),
    Target("profile-response", _profile_response, lambda: [samples.profile_response().serialize()]),
    Target(
        "profile-presentation",
        _profile_presentation,
        lambda: [samples.profile_presentation().serialize()],
    ),
    Target("endorsements", _endorsements, lambda: [samples.endorsements_response().serialize()]),
    Target("full-token", _full_token, lambda: [samples.every_object()[-1].serialize()]),
    Target("username-proof", _username_proof, lambda: [Username.parse("ada.42").proof()]),
)
