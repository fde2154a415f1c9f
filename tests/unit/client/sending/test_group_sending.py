from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from sigcli.client.account.groups.updating import create_group, update_group
from sigcli.client.base.outcomes import ResultType, SendOutcome, SendResult
from sigcli.client.groups.fetching import fetch_group
from sigcli.client.groups.group_options import GroupOptions, Permission
from sigcli.client.groups.lookup import format_group_id
from sigcli.client.sending import group_sending
from sigcli.client.sending.audience import Audience
from sigcli.client.sending.group_sending import STALE_MS, admitted, brought_up_to_date
from sigcli.client.sending.outgoing import DeliveryResult
from sigcli.client.sending.sending import send_composed
from sigcli.errors import GroupSendRefused, NobodyInGroup, NotAGroupMember, Unreachable
from sigcli.store.groups import find_group
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import DataMessage
from sigcli.wire.content.message_parts import AdminDelete, Delete, Reaction
from sigcli.wire.content.polls_and_pins import PollCreate, PollTerminate, PollVote
from sigcli.wire.key_types import GroupIdentifier

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.group_values import Group
    from tests.unit.client.group_world import People

TEXT = DataMessage(timestamp_ms=0, body="hello")


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[ServiceId]:
    """Whom messages to groups have reached: everybody whom they are for."""
    found: list[ServiceId] = []

    def deliver(_account: Any, _group: Any, members: Any, _outgoing: Any) -> Any:
        found.extend(members)
        return [DeliveryResult(member, ResultType.SUCCESS, sealed=True) for member in members]

    monkeypatch.setattr(group_sending, "deliver_to_members", deliver)
    monkeypatch.setattr(group_sending, "check_identities", lambda *_: None)
    return found


def made(account: Account, *members: Account, **options: object) -> Group:
    words = tuple(str(member.aci) for member in members)
    outcome = create_group(account, GroupOptions(title="g", members=words, **options))  # type: ignore[arg-type]
    for member in members:
        fetch_group(member, known(account, outcome.group_id).master_key)
    return known(account, outcome.group_id)


def known(account: Account, group_id: bytes) -> Group:
    group = find_group(account.database, GroupIdentifier(group_id))
    assert group is not None
    return group


def change(account: Account, group: Group, **options: object) -> None:
    update_group(account, format_group_id(group.group_id), GroupOptions(**options))  # type: ignore[arg-type]


def send(account: Account, group: Group, message: DataMessage = TEXT) -> SendOutcome:
    return send_composed(account, Audience(groups=(known(account, group.group_id),)), message)


def forget_profile_key(account: Account, person: Account) -> None:
    with account.database.transaction() as database:
        database.write(
            "UPDATE recipient SET profile_key = NULL, profile_key_credential = NULL WHERE aci = ?",
            (person.aci.uuid_bytes,),
        )


def test_somebody_who_has_just_accepted_an_invitation_gets_the_message(
    alice: Account, bob: Account, carol: Account, reached: list[ServiceId]
) -> None:
    for others in ((), (carol,)):
        forget_profile_key(alice, bob)
        group = _invited(alice, bob, *others)
        update_group(bob, format_group_id(group.group_id), GroupOptions())
        reached.clear()
        outcome = send(alice, group)
        assert bob.aci in reached
        assert outcome.failure(strict=True) is None
        assert len(outcome.results) == 1 + len(others)


def _invited(alice: Account, bob: Account, *members: Account) -> Group:
    """A group of Alice's to which Bob is invited, which he has heard of."""
    words = tuple(str(one.aci) for one in (bob, *members))
    outcome = create_group(alice, GroupOptions(title="g", members=words))
    group = known(alice, outcome.group_id)
    assert group.details is not None
    assert group.details.invitation(bob.aci) is not None
    fetch_group(bob, group.master_key)
    return group


def test_a_message_that_reaches_nobody_is_a_failure(
    alice: Account, bob: Account, reached: list[ServiceId]
) -> None:
    forget_profile_key(alice, bob)
    group = _invited(alice, bob)
    reached.clear()
    outcome = send(alice, group)
    assert reached == []
    assert outcome.results == ()
    error = outcome.failure()
    assert isinstance(error, NobodyInGroup)
    assert error.exit_code == 1


def test_one_empty_group_among_others_fails_what_is_strict() -> None:
    from sigcli.client.base.events import Person

    somebody = SendResult(Person(aci=ServiceId.aci(UUID(int=9))), ResultType.SUCCESS)
    outcome = SendOutcome(1, (somebody,), (b"g",))
    assert outcome.failure() is None
    assert isinstance(outcome.failure(strict=True), NobodyInGroup)
    # Receipts that are off, for instance, are for nobody.
    assert SendOutcome(1, ()).failure() is None


def test_a_group_that_was_not_looked_at_for_long_is_looked_at(
    people: People, alice: Account, bob: Account, carol: Account, reached: list[ServiceId]
) -> None:
    group = made(alice, bob)
    change(bob, group, members=(str(carol.aci),))
    people.host.requests.clear()
    reached.clear()
    send(alice, group)
    assert (people.host.requests, carol.aci in reached) == ([], False)
    now_ms = alice.now_ms()
    alice.now_ms = lambda: now_ms + STALE_MS
    send(alice, group)
    assert carol.aci in reached
    assert len(people.host.requests) == 1


def test_the_group_service_away_keeps_nobody_from_sending(
    people: People,
    alice: Account,
    bob: Account,
    reached: list[ServiceId],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = made(alice, bob)
    now_ms = alice.now_ms()
    alice.now_ms = lambda: now_ms + STALE_MS

    def unreachable(*_: object, **__: object) -> None:
        raise Unreachable("not now")

    monkeypatch.setattr(people.host, "request", unreachable)
    reached.clear()
    assert send(alice, group).failure() is None
    assert reached == [bob.aci]
    assert any("brought up to date" in warning for warning in people.warnings)


def test_what_is_known_may_be_old_when_it_says_no(alice: Account, bob: Account) -> None:
    group = made(alice, bob)
    change(alice, group, remove_members=(str(bob.aci),))
    with pytest.raises(NotAGroupMember):
        brought_up_to_date(bob, fetch_or_known(bob, group))
    change(alice, group, members=(str(bob.aci),), send_messages=Permission.ONLY_ADMINS)
    with pytest.raises(GroupSendRefused):
        admitted(bob, known(bob, group.group_id), TEXT)
    change(alice, group, send_messages=Permission.EVERY_MEMBER)
    assert admitted(bob, known(bob, group.group_id), TEXT).revision == 3


def fetch_or_known(account: Account, group: Group) -> Group:
    try:
        return fetch_group(account, group.master_key)
    except NotAGroupMember:
        return known(account, group.group_id)


def test_what_members_may_send_where_only_administrators_write(
    alice: Account, bob: Account, reached: list[ServiceId]
) -> None:
    group = made(alice, bob, send_messages=Permission.ONLY_ADMINS)
    fetch_group(bob, group.master_key)
    vote = PollVote(target_author=alice.aci, target_timestamp_ms=1, option_indexes=(), vote_count=1)
    reaction = Reaction(emoji="x", target_author=alice.aci, target_timestamp_ms=1)
    for allowed in (
        {"reaction": reaction},
        {"poll_vote": vote},
        {"delete": Delete(target_timestamp_ms=1)},
        {"poll_terminate": PollTerminate(target_timestamp_ms=1)},
    ):
        reached.clear()
        send(bob, group, DataMessage(timestamp_ms=0, **allowed))
        assert reached == [alice.aci], allowed
    reached.clear()
    poll = PollCreate(question="?", allow_multiple=False, options=("a", "b"))
    deletion = AdminDelete(target_author=alice.aci, target_timestamp_ms=1)
    for refused in ({"body": "text"}, {"poll_create": poll}, {"admin_delete": deletion}):
        with pytest.raises(GroupSendRefused):
            send(bob, group, DataMessage(timestamp_ms=0, **refused))
    with pytest.raises(GroupSendRefused):
        admitted(bob, known(bob, group.group_id))  # a story, or typing
    assert reached == []


def test_only_administrators_delete_what_others_wrote(
    alice: Account, bob: Account, reached: list[ServiceId]
) -> None:
    group = made(alice, bob)
    reached.clear()
    deletion = AdminDelete(target_author=alice.aci, target_timestamp_ms=1)
    with pytest.raises(GroupSendRefused):
        send(bob, group, DataMessage(timestamp_ms=0, admin_delete=deletion))
    assert reached == []
    send(alice, group, DataMessage(timestamp_ms=0, admin_delete=deletion))
    assert reached == [bob.aci]
