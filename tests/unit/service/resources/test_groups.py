from __future__ import annotations

import base64
from typing import Any, cast

import pytest

from sigcli.errors import (
    Conflict,
    Forbidden,
    GroupLinkInactive,
    MalformedAnswer,
    NotAGroupMember,
    NotFound,
)
from sigcli.service.environment_fields import BaseUrl
from sigcli.service.exchange import Response
from sigcli.service.resources.groups import GroupAuthorization, GroupService
from sigcli.wire.generated import groups_pb2 as pb
from sigcli.wire.group_changes import (
    GroupActions,
    GroupLog,
    GroupLogEntry,
    GroupResponse,
    encode_group_log,
    encode_group_response,
)
from sigcli.wire.group_state import GroupState, decode_group_state

AUTHORIZATION = GroupAuthorization(b"\x01\x02", b"\x03\x04")


class Host:
    """Answers everything the same way, behind a URL with a path."""

    url = BaseUrl("storage.test", 443, "/storage")

    def __init__(
        self, body: bytes = b"", status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        self.answer = Response(status, headers or {}, body)
        self.requests: list[tuple[str, str, dict[str, str], bytes | None]] = []

    def request(self, method: str, path: str, **sent: Any) -> Response:
        self.requests.append((method, path, sent["headers"], sent["body"]))
        return self.answer

    @property
    def service(self) -> GroupService:
        return GroupService(cast(Any, self))


def test_a_group_is_fetched_with_a_presentation_for_a_login() -> None:
    host = Host(encode_group_response(GroupResponse(group=GroupState(revision=3))))
    response = host.service.fetch(AUTHORIZATION)
    assert response.group is not None
    assert response.group.revision == 3
    ((method, path, headers, body),) = host.requests
    assert (method, path, body) == ("GET", "/storage/v2/groups", None)
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"0102:0304"


def test_making_and_changing_send_protobufs() -> None:
    host = Host()
    host.service.create(AUTHORIZATION, GroupState(title=b"t"))
    host.service.change(AUTHORIZATION, GroupActions(revision=4), link_password=b"\xff\xfe")
    (made, changed) = host.requests
    assert decode_group_state(made[3] or b"").title == b"t"
    assert changed[:2] == ("PATCH", "/storage/v2/groups?inviteLinkPassword=__4")
    assert changed[2]["Content-Type"] == "application/x-protobuf"


@pytest.mark.parametrize(("status", "error"), [(403, Forbidden), (409, Conflict), (404, NotFound)])
def test_a_change_can_be_refused(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        Host(b'{"error": "x"}', status).service.change(AUTHORIZATION, GroupActions(revision=1))


def test_the_log_comes_in_pages() -> None:
    log = encode_group_log(GroupLog(entries=(GroupLogEntry(state=GroupState(revision=8)),)))
    more = Host(log, 206, {"content-range": "versions 5-36/99"})
    page = more.service.log(AUTHORIZATION, 5, include_first_state=True, endorsements_expire_s=77)
    assert (len(page.entries), page.next_revision) == (1, 37)
    _, path, headers, _ = more.requests[0]
    assert path.startswith(
        "/storage/v2/groups/logs/5?maxSupportedChangeEpoch=7&includeFirstState=t"
    )
    assert headers["Cached-Send-Endorsements"] == "77"
    assert Host(log).service.log(AUTHORIZATION, 5).next_revision is None


@pytest.mark.parametrize("content_range", ["", "bytes 1-2/3", "versions 1-2/9", "versions x-2/9"])
def test_a_page_that_does_not_say_where_it_goes_on_is_refused(content_range: str) -> None:
    with pytest.raises(MalformedAnswer):
        Host(b"", 206, {"content-range": content_range}).service.log(AUTHORIZATION, 5)


def test_who_is_no_member_is_told_so() -> None:
    service = Host(b"", 403).service
    with pytest.raises(NotAGroupMember):
        service.fetch(AUTHORIZATION)
    with pytest.raises(NotAGroupMember):
        service.log(AUTHORIZATION, 0)
    with pytest.raises(NotAGroupMember):
        service.joined_at_revision(AUTHORIZATION)


def test_a_link_leads_to_what_the_group_shows() -> None:
    info = pb.GroupJoinInfo(version=9, memberCount=4)
    host = Host(info.SerializeToString())
    assert host.service.join_info(AUTHORIZATION, b"\xff" * 3).revision == 9
    assert host.requests[0][1] == "/storage/v2/groups/join/____"
    with pytest.raises(GroupLinkInactive, match="banned"):
        Host(b"", 403, {"x-signal-forbidden-reason": "banned"}).service.join_info(
            AUTHORIZATION, b"x"
        )


def test_the_form_for_an_avatar_names_its_key_first() -> None:
    form = pb.AvatarUploadAttributes(key="groups/x", policy="p", signature="s")
    answered = Host(form.SerializeToString()).service.avatar_form(AUTHORIZATION)
    assert (answered.key, answered.fields[0]) == ("groups/x", ("key", "groups/x"))
    assert dict(answered.fields)["x-amz-signature"] == "s"


def test_an_answer_that_is_no_protobuf_is_refused() -> None:
    with pytest.raises(MalformedAnswer):
        Host(b"\xff\xff\xff").service.fetch(AUTHORIZATION)
