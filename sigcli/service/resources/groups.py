"""The group service: groups in encrypted form, and their changes.

It is part of the storage host. Instead of a login, a request shows a zero-knowledge credential of the day: the user
name is the group's public parameters, the password the presentation, both in hexadecimal. Bodies are protobufs. Facts:
the public clients (mautrix-signal ``groups.go``, libsignal-service-rs ``groups_v2``).
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.errors import (
    GroupChangeRefused,
    GroupLinkInactive,
    MalformedAnswer,
    MalformedMessage,
    NotAGroupMember,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import encode_base64url
from sigcli.service.credentials import basic_authorization
from sigcli.service.resources.post_forms import PostForm
from sigcli.service.status_errors import require_success
from sigcli.wire import group_changes, group_state

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from sigcli.service.exchange import Response
    from sigcli.service.http import HttpClient
    from sigcli.service.status_errors import Overrides
    from sigcli.wire.group_changes import (
        GroupActions,
        GroupChangeResponse,
        GroupLogEntry,
        GroupResponse,
    )
    from sigcli.wire.group_state import GroupJoinInfo, GroupState

    T = TypeVar("T")

_PATH = "/v2/groups"
_PROTOBUF = "application/x-protobuf"
_CONTENT_RANGE = re.compile(r"versions (\d{1,10})-(\d{1,10})/(\d{1,10})")


@dataclass(frozen=True, slots=True)
class GroupAuthorization:
    """What authorises one request: the group's public parameters and a presentation of today's credential."""

    public_params: bytes
    presentation: bytes = field(repr=False)

    @property
    def header(self) -> str:
        return basic_authorization(self.public_params.hex(), self.presentation.hex())


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some revisions of a group's log; ``next_revision``: where the next page begins, None after the last."""

    entries: tuple[GroupLogEntry, ...]
    endorsements: bytes = field(repr=False)
    next_revision: int | None


class GroupService:
    """Requests about groups; all raise Unreachable, TimedOut, RateLimited."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def close(self) -> None:
        self._client.close()

    def fetch(self, authorization: GroupAuthorization) -> GroupResponse:
        """The current group; raises NotAGroupMember, NotFound."""
        response = self._request("GET", "", authorization)
        require_success(response, "show the group", _MEMBERS_ONLY)
        return _read(group_changes.decode_group_response, response)

    def create(self, authorization: GroupAuthorization, group: GroupState) -> GroupResponse:
        """Create a group; raises Conflict if it exists, BadRequest, Forbidden."""
        body = group_state.encode_group_state(group)
        response = self._request("PUT", "", authorization, body)
        return _read(
            group_changes.decode_group_response, require_success(response, "create the group")
        )

    def change(
        self,
        authorization: GroupAuthorization,
        actions: GroupActions,
        *,
        link_password: bytes | None = None,
    ) -> GroupChangeResponse:
        """Change a group; returns the signed change from the service.

        Raises Conflict if the revision is taken: fetch, rebuild and try again; Forbidden, BadRequest,
        GroupChangeRefused for a group that has ended.
        """
        query = "" if link_password is None else _password_query(link_password)
        body = group_changes.encode_actions(actions)
        response = self._request("PATCH", query, authorization, body)
        require_success(response, "change the group", {423: _ended})
        return _read(group_changes.decode_change_response, response)

    def joined_at_revision(self, authorization: GroupAuthorization) -> int:
        """The first revision whose log this account may read; raises NotAGroupMember."""
        response = self._request("GET", "/joined_at_version", authorization)
        require_success(response, "show the group", _MEMBERS_ONLY)
        return _read(group_state.decode_member, response).joined_at_revision

    def log(
        self,
        authorization: GroupAuthorization,
        from_revision: int,
        *,
        include_first_state: bool = False,
        include_last_state: bool = False,
        endorsements_expire_s: int = 0,
    ) -> LogPage:
        """A page of the log, from a revision on.

        ``endorsements_expire_s``: when the known ones expire, so that the service sends only newer ones. Raises
        NotAGroupMember.
        """
        query = (
            f"/logs/{from_revision}?maxSupportedChangeEpoch={group_changes.SUPPORTED_CHANGE_EPOCH}"
            f"&includeFirstState={_flag(include_first_state)}"
            f"&includeLastState={_flag(include_last_state)}"
        )
        headers = {"Cached-Send-Endorsements": str(endorsements_expire_s)}
        response = self._request("GET", query, authorization, headers=headers)
        require_success(response, "show the group's log", _MEMBERS_ONLY)
        log = _read(group_changes.decode_group_log, response)
        return LogPage(log.entries, log.endorsements, _next_revision(response, from_revision))

    def join_info(
        self, authorization: GroupAuthorization, link_password: bytes | None
    ) -> GroupJoinInfo:
        """What a link shows of the group; raises GroupLinkInactive."""
        password = "" if link_password is None else encode_base64url(link_password)
        response = self._request("GET", f"/join/{password}", authorization)
        inactive = {403: _link_inactive, 404: _link_inactive}
        require_success(response, "show the group of the link", inactive)
        return _read(group_state.decode_join_info, response)

    def avatar_form(self, authorization: GroupAuthorization) -> PostForm:
        """The form for uploading an (encrypted) avatar to CDN 0; its key is the avatar's URL in the group."""
        response = self._request("GET", "/avatar/form", authorization)
        require_success(response, "accept an avatar", _MEMBERS_ONLY)
        upload = _read(group_state.decode_avatar_upload, response)
        return PostForm(
            upload.key,
            (
                ("key", upload.key),
                ("acl", upload.acl),
                ("x-amz-algorithm", upload.algorithm),
                ("x-amz-credential", upload.credential),
                ("x-amz-date", upload.date),
                ("policy", upload.policy),
                ("x-amz-signature", upload.signature),
            ),
        )

    def _request(
        self,
        method: str,
        path: str,
        authorization: GroupAuthorization,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response:
        sent = {"Authorization": authorization.header, **(headers or {})}
        if body is not None:
            sent["Content-Type"] = _PROTOBUF
        full_path = f"{self._client.url.path}{_PATH}{path}"
        return self._client.request(method, full_path, headers=sent, body=body)


def _not_a_member(_: Response) -> NotAGroupMember:
    return NotAGroupMember()


def _ended(_: Response) -> GroupChangeRefused:
    return GroupChangeRefused("the group has been ended by an administrator", hint=None)


def _link_inactive(response: Response) -> GroupLinkInactive:
    if response.headers.get("x-signal-forbidden-reason", "").lower() == "banned":
        return GroupLinkInactive(
            "the group has banned this account",
            hint="only an administrator of the group can change that",
        )
    return GroupLinkInactive()


_MEMBERS_ONLY: Overrides = {403: _not_a_member}


def _read(decode: Callable[[bytes], T], response: Response) -> T:
    try:
        return decode(response.body)
    except MalformedMessage as error:
        raise MalformedAnswer("the group service's answer is not a protobuf") from error


def _next_revision(response: Response, from_revision: int) -> int | None:
    """Where the log continues: the status of a page that is not the last is 206, and its range says where."""
    if response.status != 206:
        return None
    range = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", "").strip())
    if range is None:
        raise MalformedAnswer("the group's log does not say where it continues")
    last = int(range[2])
    if last < from_revision:
        raise MalformedAnswer("the group's log goes backwards")
    return last + 1


def _password_query(link_password: bytes) -> str:
    return f"?inviteLinkPassword={encode_base64url(link_password)}"


def _flag(value: bool) -> str:
    return "true" if value else "false"
