"""A message to a group that a daemon sends for a caller: what the store knows of each member, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from sigcli.client.base.account import Account
from sigcli.client.base.outcomes import ResultType
from sigcli.client.sending.outgoing import DeliveryResult, Outgoing
from sigcli.client.sending.sender_key_sending import deliver_to_members
from sigcli.errors import HandOverUnknown, Unreachable
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.protocol.sealed_sender_v2 import SentMessage
from sigcli.service.exchange import Response
from sigcli.store.group_values import Group
from sigcli.store.hand_overs import ResumedHandOver, begin_message, note_begun, resume
from sigcli.wire.addresses import ServiceId
from sigcli.zkgroup.groups import GroupSecretParams
from tests.unit.client.group_world import NOW_MS, People
from tests.unit.client.sending.test_sender_key_sending import (
    CONTENT,
    NO_ACCOUNT,
    TAKEN,
    OneDoor,
    large_group,
)

ID = b"0123456789abcdef"


class ClosedDoor(OneDoor):
    """Refuses what is for several, or breaks off meanwhile."""

    def __init__(self, answer: Response | Exception) -> None:
        super().__init__()
        self._answer = answer

    def request(self, *arguments: object) -> Response:
        if "multi_recipient" not in cast(Any, arguments[0]).path:
            return super().request(*arguments)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def group_of(people: People, alice: Account) -> tuple[Group, list[ServiceId]]:
    group = large_group(people, alice, GroupSecretParams.generate())
    assert group.details is not None
    return group, [member.aci for member in group.details.members][1:]


def send(
    alice: Account, group: Group, members: list[ServiceId], door: OneDoor
) -> list[DeliveryResult]:
    alice._chat = cast(Any, door)
    hint = ContentHint.RESENDABLE
    outgoing = Outgoing(CONTENT, NOW_MS, hint, group_id=group.group_id, part=group.group_id)
    return deliver_to_members(alice, group, members, outgoing)


def begun(alice: Account) -> None:
    """As a daemon that has taken the message's timestamp for a caller."""
    alice.database.hand_over_id = ID
    with alice.database.transaction() as transaction:
        note_begun(transaction, NOW_MS, NOW_MS)
        begin_message(transaction, NOW_MS)


def known(alice: Account, group: Group, members: list[ServiceId]) -> list[str | None]:
    """What a caller finds of each member: ``absent`` where nothing had begun."""
    with alice.database.transaction() as transaction:
        resumed = resume(transaction, ID)
    assert resumed is not None
    parts: Mapping[bytes, str | None] = resumed.parts
    assert set(parts) <= {group.group_id + one.to_fixed_width() for one in members}
    return [parts.get(group.group_id + one.to_fixed_width(), "absent") for one in members]


@pytest.mark.parametrize(("alone", "end"), [(NO_ACCOUNT, "absent"), (TAKEN, "sealed")])
def test_what_became_of_each_member_is_noted(
    people: People, alice: Account, alone: Any, end: str
) -> None:
    """Also of the one who is said to have no account, and is asked for alone."""
    group, others = group_of(people, alice)
    begun(alice)
    door = OneDoor()
    door.gone, door.alone = others[:1], alone
    send(alice, group, others, door)
    assert known(alice, group, others) == [end, *["sealed"] * (len(others) - 1)]
    assert len(door.asked_alone) == 1


@pytest.mark.parametrize(
    ("answer", "noted"),
    [
        (Unreachable("broken off"), None),
        (Response(500, {}, b""), None),
        (Response(429, {"retry-after": "5"}, b""), "absent"),
    ],
)
def test_of_a_request_without_an_answer_nobody_knows(
    people: People, alice: Account, answer: Response | Exception, noted: str | None
) -> None:
    group, others = group_of(people, alice)
    begun(alice)
    results = send(alice, group, others, ClosedDoor(answer))
    assert not any(result.succeeded for result in results)
    assert set(known(alice, group, others)) == {noted}


def test_a_caller_sends_to_those_only_to_whom_nothing_had_begun(
    people: People, alice: Account
) -> None:
    group, others = group_of(people, alice)
    sent, unknown, rest = others[:3], others[3:5], others[5:]
    parts: dict[bytes, str | None] = {
        **dict.fromkeys((group.group_id + one.to_fixed_width() for one in sent), "sealed"),
        **dict.fromkeys((group.group_id + one.to_fixed_width() for one in unknown), None),
    }
    alice.resumed = ResumedHandOver(NOW_MS, parts)
    door = OneDoor()
    results = send(alice, group, others, door)
    assert [one.recipient for one in results] == others
    assert [one.succeeded for one in results] == [True] * 3 + [False] * 2 + [True] * len(rest)
    for one in results[3:5]:
        assert one.type is ResultType.NETWORK_FAILURE
        assert isinstance(one.error, HandOverUnknown)
    ((request, _),) = door.taken
    assert set(SentMessage.parse(request.body or b"").recipients) == set(rest)
