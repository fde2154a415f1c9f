"""``/v2/groups`` of the group service: login by presentation of a credential, changes one revision at a time."""

from __future__ import annotations

import re
from secrets import token_bytes
from typing import TYPE_CHECKING

from sigcli.durations import HOUR_S
from sigcli.errors import SigcliError
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.protocol.limits import MAX_GROUP_AVATAR_BYTES
from sigcli.sandbox.environment_file import STORAGE_PATH
from sigcli.sandbox.exchange import Refused, Response, protobuf_response
from sigcli.sandbox.fields import decode_url_safe, encode_url_safe, query_flag, query_integer
from sigcli.sandbox.group_draft import Actor, GroupDraft, Presented
from sigcli.sandbox.group_rules import apply_actions
from sigcli.sandbox.group_validation import (
    MAX_MEMBERS,
    is_valid_avatar,
    require_sound,
    valid_invitation,
    valid_member,
)
from sigcli.sandbox.groups import Groups
from sigcli.sandbox.login import BasicLogin
from sigcli.sandbox.post_forms import make_post_form
from sigcli.sandbox.router import Door, Login, Route
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.group_changes import (
    SUPPORTED_CHANGE_EPOCH,
    GroupChangeResponse,
    GroupLog,
    GroupResponse,
    decode_actions,
    encode_change_response,
    encode_group_log,
    encode_group_response,
)
from sigcli.wire.group_state import (
    AvatarUpload,
    GroupJoinInfo,
    GroupMember,
    GroupState,
    decode_group_state,
    encode_avatar_upload,
    encode_group_state,
    encode_join_info,
    encode_member,
)
from sigcli.zkgroup.auth_credentials import AuthCredentialPresentation
from sigcli.zkgroup.groups import GroupPublicParams
from sigcli.zkgroup.profile_presentations import ProfileKeyCredentialPresentation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.sandbox.exchange import Request
    from sigcli.sandbox.router import Handler
    from sigcli.sandbox.state import State

ENDORSEMENTS_HEADER = "cached-send-endorsements"
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_LOG_LIMIT = 64
_ENDORSEMENTS_LIFE_S = 6 * HOUR_S
"""Endorsements that expire sooner than this are replaced."""
_PERSON_RULES = (AccessRequired.MEMBER, AccessRequired.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class GroupCaller:
    """The caller of a request, and the group that it is about."""

    params: GroupPublicParams
    actor: Actor


class GroupEndpoints:
    """Groups."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._groups = Groups(state)

    def routes(self) -> list[Route]:
        return group_routes("v2", self.handlers())

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """By method and path below ``groups``."""
        return {
            ("GET", ""): self._get,
            ("PUT", ""): self._create,
            ("PATCH", ""): self._change,
            ("GET", "/joined_at_version"): self._joined_at,
            ("GET", "/logs/{from}"): self._log,
            ("GET", "/join"): self._preview,
            ("GET", "/join/{password}"): self._preview,
            ("GET", "/avatar/form"): self._avatar_form,
        }

    def _get(self, request: Request) -> Response:
        caller = self._caller(request)
        group = self._group(caller)
        if not (_is_member(group, caller.actor) or _is_invited(group, caller.actor)):
            raise Refused(403)
        answer = GroupResponse(group=group, endorsements=self._endorsements(group, caller.actor))
        return protobuf_response(encode_group_response(answer))

    def _create(self, request: Request) -> Response:
        caller = self._caller(request)
        try:
            wanted = decode_group_state(request.body)
        except SigcliError:
            raise Refused(400) from None
        group = self._founded(caller, wanted)
        if self._groups.get(caller.params) is not None:
            raise Refused(409)
        self._groups.found(caller.params, group, caller.actor.aci)
        answer = GroupResponse(group=group, endorsements=self._endorsements(group, caller.actor))
        return protobuf_response(encode_group_response(answer))

    def _founded(self, caller: GroupCaller, wanted: GroupState) -> GroupState:
        """The new group as stored; raises Refused."""
        access = wanted.access
        if (
            wanted.revision
            or not wanted.public_key
            or not wanted.title
            or access is None
            or access.attributes not in _PERSON_RULES
            or access.members not in _PERSON_RULES
        ):
            raise Refused(400)
        if wanted.public_key != caller.params.serialize():
            raise Refused(403)
        draft = self._draft(caller, replace(wanted, members=(), invited=()), b"")
        draft.require_sense(is_valid_avatar(wanted.avatar_url, draft.avatar_prefix))
        members = tuple(valid_member(draft, member) for member in wanted.members)
        draft.require_sense(
            any(
                member.user_id == caller.actor.aci and member.role == MemberRole.ADMINISTRATOR
                for member in members
            )
        )
        invited = tuple(valid_invitation(draft, one) for one in wanted.invited)
        draft.require_sense(not (wanted.requesting or wanted.banned or wanted.terminated))
        group = replace(wanted, members=members, invited=invited)
        require_sound(group)
        return group

    def _change(self, request: Request) -> Response:
        caller = self._caller(request)
        try:
            actions = decode_actions(request.body)
        except SigcliError:
            raise Refused(400) from None
        group = self._groups.get(caller.params)
        if group is None:
            raise Refused(400)
        if group.terminated:
            raise Refused(423)
        if actions.revision != group.revision + 1:
            return protobuf_response(encode_group_state(group), 409)
        if actions.group_id:
            raise Refused(400)
        password = decode_url_safe(request.query.get("inviteLinkPassword", ""))
        draft = self._draft(caller, group, password or b"")
        changed, finished = apply_actions(draft, actions)
        change = self._groups.put(caller.params, changed, finished)
        endorsements = self._endorsements(changed, caller.actor)
        answer = GroupChangeResponse(change=change, endorsements=endorsements)
        return protobuf_response(encode_change_response(answer))

    def _joined_at(self, request: Request) -> Response:
        caller = self._caller(request)
        member = _member(self._group(caller), caller.actor)
        shown = GroupMember(joined_at_revision=member.joined_at_revision)
        return protobuf_response(encode_member(shown))

    def _log(self, request: Request) -> Response:
        caller = self._caller(request)
        cached = request.headers.get(ENDORSEMENTS_HEADER, "")
        first_text = request.parameters["from"]
        if not (first_text.isascii() and first_text.isdecimal() and len(first_text) < 10):
            raise Refused(404)
        if not (cached.isascii() and cached.isdecimal() and len(cached) < 20):
            raise Refused(400)
        group = self._group(caller)
        first = int(first_text)
        if first < _member(group, caller.actor).joined_at_revision:
            raise Refused(403)
        if first > group.revision:
            return protobuf_response(encode_group_log(GroupLog(entries=())))
        epoch = request.query.get("maxSupportedChangeEpoch")
        page = self._groups.log(
            caller.params,
            first,
            limit=query_integer(request, "limit", _LOG_LIMIT),
            first_state=query_flag(request, "includeFirstState"),
            last_state=query_flag(request, "includeLastState"),
            newest_epoch=None
            if epoch is None
            else query_integer(request, "maxSupportedChangeEpoch", SUPPORTED_CHANGE_EPOCH),
        )
        if not page.is_last:
            body = encode_group_log(GroupLog(entries=page.entries))
            place = f"versions {page.first}-{page.last}/{page.newest}"
            return protobuf_response(body, 206, {"Content-Range": place})
        left_s = int(cached) - self._state.clock.now_s()
        needed = left_s < _ENDORSEMENTS_LIFE_S or page.changes_members
        endorsements = self._endorsements(group, caller.actor) if needed else b""
        return protobuf_response(
            encode_group_log(GroupLog(entries=page.entries, endorsements=endorsements))
        )

    def _preview(self, request: Request) -> Response:
        caller = self._caller(request)
        group = self._group(caller)
        password = decode_url_safe(request.parameters.get("password", "")) or b""
        draft = self._draft(caller, group, password)
        waiting = caller.actor.aci in draft.requesting
        link_access = draft.access.add_from_invite_link
        is_open = link_access in (AccessRequired.ANY, AccessRequired.ADMINISTRATOR)
        if not waiting and not (is_open and draft.has_link_password):
            raise Refused(403)
        if caller.actor.aci in draft.banned:
            raise Refused(403, headers={"X-Signal-Forbidden-Reason": "banned"})
        info = GroupJoinInfo(
            public_key=group.public_key,
            title=group.title,
            description=group.description,
            avatar_url=group.avatar_url,
            member_count=len(group.members),
            add_from_invite_link=link_access,
            revision=group.revision,
            pending_admin_approval=waiting,
            pending_admin_approval_full=len(group.requesting) >= MAX_MEMBERS,
        )
        return protobuf_response(encode_join_info(info))

    def _avatar_form(self, request: Request) -> Response:
        caller = self._caller(request)
        group = self._groups.get(caller.params)
        if group is not None and not self._draft(caller, group, b"").may_modify_attributes:
            raise Refused(403)
        key = _avatar_prefix(caller) + encode_url_safe(token_bytes(16))
        form = make_post_form(self._state, key, MAX_GROUP_AVATAR_BYTES)
        return protobuf_response(encode_avatar_upload(AvatarUpload(**form.to_json())))

    def _caller(self, request: Request) -> GroupCaller:
        login = BasicLogin.parse(request.headers.get("authorization"))
        if login is None or not (_HEX.fullmatch(login.user) and _HEX.fullmatch(login.password)):
            raise Refused(401)
        try:
            params = GroupPublicParams.deserialize(bytes.fromhex(login.user))
            shown = AuthCredentialPresentation.deserialize(bytes.fromhex(login.password))
            shown.verify(self._state.keys.zkgroup, params, self._state.clock.now_ms())
        except SigcliError:
            raise Refused(401) from None
        aci = shown.get_aci_ciphertext().serialize()
        return GroupCaller(params, Actor(aci, shown.get_pni_ciphertext().serialize()))

    def _group(self, caller: GroupCaller) -> GroupState:
        group = self._groups.get(caller.params)
        if group is None:
            raise Refused(404)
        return group

    def _draft(self, caller: GroupCaller, group: GroupState, password: bytes) -> GroupDraft:
        return GroupDraft(
            group,
            caller.actor,
            lambda presentation: self._verify(caller, presentation),
            password,
            self._state.clock.now_ms(),
            _avatar_prefix(caller),
        )

    def _verify(self, caller: GroupCaller, presentation: bytes) -> Presented:
        """The member whom a presentation shows; raises Refused (400)."""
        try:
            shown = ProfileKeyCredentialPresentation.deserialize(presentation)
            shown.verify(self._state.keys.zkgroup, caller.params, self._state.clock.now_ms())
        except SigcliError:
            raise Refused(400) from None
        return Presented(
            shown.get_uuid_ciphertext().serialize(),
            shown.get_profile_key_ciphertext().serialize(),
        )

    def _endorsements(self, group: GroupState, actor: Actor) -> bytes:
        return self._groups.endorsements(group) if _is_member(group, actor) else b""


def group_routes(version: str, handlers: Mapping[tuple[str, str], Handler]) -> list[Route]:
    """The routes of one version of the group service."""
    base = f"{STORAGE_PATH}/{version}/groups"
    return [
        Route(method, base + path, Login.IGNORED, handler, Door.REST)
        for (method, path), handler in handlers.items()
    ]


def _avatar_prefix(caller: GroupCaller) -> str:
    return f"groups/{encode_url_safe(caller.params.get_group_identifier())}/"


def _is_member(group: GroupState, actor: Actor) -> bool:
    return actor.aci in _ids(group)


def _is_invited(group: GroupState, actor: Actor) -> bool:
    return any(
        invited.member is not None and invited.member.user_id in (actor.aci, actor.pni)
        for invited in group.invited
    )


def _member(group: GroupState, actor: Actor) -> GroupMember:
    """The actor as a member; raises Refused (403)."""
    for member in group.members:
        if member.user_id == actor.aci:
            return member
    raise Refused(403)


def _ids(group: GroupState) -> frozenset[bytes]:
    return frozenset(member.user_id for member in group.members)
