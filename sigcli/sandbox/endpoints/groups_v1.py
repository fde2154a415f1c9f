"""``/v1/groups``, which some clients still use: the answers of ``/v2/groups`` without endorsements.

A group alone, an empty answer when a group was created, a change alone, a log without endorsements. Source:
``GroupsV1Controller`` of the public storage service.
"""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import replace
from sigcli.sandbox.endpoints.groups import ENDORSEMENTS_HEADER, group_routes
from sigcli.wire.group_changes import (
    decode_change_response,
    decode_group_log,
    decode_group_response,
    encode_group_change,
    encode_group_log,
)
from sigcli.wire.group_state import encode_group_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.sandbox.endpoints.groups import GroupEndpoints
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.router import Handler, Route


class GroupV1Endpoints:
    """The older version of the group service."""

    def __init__(self, groups: GroupEndpoints) -> None:
        self._groups = groups

    def routes(self) -> list[Route]:
        handlers = {
            place: _bare(handler, _BARE.get(place))
            for place, handler in self._groups.handlers().items()
        }
        return group_routes("v1", handlers)


def _bare(handler: Handler, bare: Callable[[bytes], bytes] | None) -> Handler:
    async def answer(request: Request) -> Response:
        # This version does not know the header that the other one requires.
        headers = {**request.headers, ENDORSEMENTS_HEADER: "0"}
        answered = handler(replace(request, headers=headers))
        response = await answered if isawaitable(answered) else answered
        if bare is None or response.status not in (200, 206):
            return response
        return replace(response, body=bare(response.body))

    return answer


def _group(body: bytes) -> bytes:
    group = decode_group_response(body).group
    return b"" if group is None else encode_group_state(group)


def _change(body: bytes) -> bytes:
    change = decode_change_response(body).change
    return b"" if change is None else encode_group_change(change)


def _log(body: bytes) -> bytes:
    return encode_group_log(replace(decode_group_log(body), endorsements=b""))


_BARE: Mapping[tuple[str, str], Callable[[bytes], bytes]] = {
    ("GET", ""): _group,
    ("PUT", ""): lambda _: b"",
    ("PATCH", ""): _change,
    ("GET", "/logs/{from}"): _log,
}
