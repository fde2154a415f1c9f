from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.sending.group_identity_check import INTERVAL_MS, check_identities
from sigcli.crypto.curve import KeyPair
from sigcli.store.group_values import Group, GroupDetails, Member
from sigcli.store.groups import find_group, note_group, save_details
from sigcli.store.identity_keys import TrustLevel, TrustPolicy, find_identity, save_peer_identity
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey
from tests.support.loopback_server import Answer, LoopbackServer, Received
from tests.unit.client.conftest import NOW_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.base.account import Account
    from tests.unit.client.conftest import Clock, Warnings

BOB, CAROL, DAVE = (ServiceId.aci(UUID(int=number)) for number in (11, 12, 13))
LATER_MS = NOW_MS + INTERVAL_MS + 1


class Service:
    """Compares keys as the service does; counts how often it is asked."""

    def __init__(self) -> None:
        self.keys: dict[str, bytes] = {}
        self.asked: list[list[str]] = []
        self.status = 200

    def __call__(self, got: Received) -> Answer:
        assert (got.method, got.path) == ("POST", "/v1/profile/identity_check/batch")
        assert "authorization" not in got.headers
        elements = json.loads(got.body)["elements"]
        self.asked.append([element["uuid"] for element in elements])
        differing = [
            {
                "uuid": element["uuid"],
                "identityKey": b64encode(self.keys[element["uuid"]]).decode().rstrip("="),
            }
            for element in elements
            if element["uuid"] in self.keys
            and hashlib.sha256(self.keys[element["uuid"]]).digest()[:4]
            != b64decode(element["fingerprint"])
        ]
        return Answer(self.status, json.dumps({"elements": differing}).encode())


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def group(account: Account, service: Service) -> Iterator[Group]:
    """A group of the account, Bob and Carol, whose keys are known, and Dave, whose key is not."""
    members = tuple(Member(aci=aci) for aci in (account.aci, BOB, CAROL, DAVE))
    with account.database.transaction() as database:
        row = note_group(database, GroupIdentifier(bytes(32)), GroupMasterKey(bytes(32)))
        save_details(database, row, GroupDetails(revision=0, members=members), NOW_MS)
        for person in (BOB, CAROL):
            key = KeyPair.generate().public_key
            service.keys[str(person)] = key.serialize()
            save_peer_identity(database, person, key, TrustPolicy.ON_FIRST_USE, NOW_MS)
    found = find_group(account.database, GroupIdentifier(bytes(32)))
    assert found is not None
    with LoopbackServer(service) as server:
        account.__dict__["environment"] = server.environment()
        yield found
        account.chat.close()


def check(account: Account, group: Group) -> None:
    check_identities(account, group, [BOB, CAROL, DAVE])


def level(account: Account, person: ServiceId) -> TrustLevel:
    known = find_identity(account.database, person)
    assert known is not None
    return known.trust_level


def test_keys_that_are_new_here_are_not_asked_about(
    account: Account, group: Group, service: Service
) -> None:
    check(account, group)
    assert service.asked == []


def test_known_keys_are_compared_once_in_some_hours(
    account: Account, group: Group, service: Service, clock: Clock, warnings: Warnings
) -> None:
    clock.now_ms = LATER_MS
    for _ in range(3):
        check(account, group)
    assert [sorted(asked) for asked in service.asked] == [[str(BOB), str(CAROL)]]
    clock.now_ms += INTERVAL_MS + 1
    check_identities(account, group, [CAROL])
    assert service.asked[1:] == [[str(CAROL)]]
    assert warnings.texts == []


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("on-first-use", TrustLevel.UNTRUSTED),
        ("unless-verified", TrustLevel.TRUSTED_UNVERIFIED),
        ("never", TrustLevel.UNTRUSTED),
        ("always", TrustLevel.TRUSTED_UNVERIFIED),
    ],
)
def test_a_changed_key_is_taken_as_the_policy_says(
    account: Account,
    group: Group,
    service: Service,
    clock: Clock,
    warnings: Warnings,
    policy: str,
    expected: TrustLevel,
) -> None:
    from dataclasses import replace

    account.settings = replace(account.settings, trust_new_identities=policy)
    clock.now_ms = LATER_MS
    new = KeyPair.generate().public_key
    service.keys[str(BOB)] = new.serialize()
    check(account, group)
    known = find_identity(account.database, BOB)
    assert known is not None
    assert (known.identity_key, known.trust_level) == (new, expected)
    assert level(account, CAROL) is TrustLevel.TRUSTED_UNVERIFIED
    assert warnings.texts == [f"the safety number with {BOB} has changed"]


def test_an_answer_about_somebody_else_is_not_believed(
    account: Account, group: Group, service: Service, clock: Clock
) -> None:
    clock.now_ms = LATER_MS

    def lie(got: Received) -> Answer:
        del got
        element = {"uuid": str(DAVE), "identityKey": b64encode(b"\x05" + bytes(32)).decode()}
        return Answer(body=json.dumps({"elements": [element]}).encode())

    with LoopbackServer(lie) as server:
        account.__dict__["environment"] = server.environment()
        check(account, group)
        account.chat.close()
    assert find_identity(account.database, DAVE) is None


@pytest.mark.parametrize(("status", "complaints"), [(404, 0), (429, 0), (500, 1), (422, 1)])
def test_a_failure_is_a_warning_and_is_not_repeated_at_once(
    account: Account,
    group: Group,
    service: Service,
    clock: Clock,
    warnings: Warnings,
    status: int,
    complaints: int,
) -> None:
    clock.now_ms = LATER_MS
    service.status = status
    check(account, group)
    check(account, group)
    assert len(service.asked) == 1
    assert len(warnings.texts) == complaints


def test_a_large_group_is_asked_about_in_parts(
    account: Account, service: Service, clock: Clock, group: Group
) -> None:
    people = [ServiceId.aci(UUID(int=1000 + number)) for number in range(1001)]
    details = GroupDetails(revision=1, members=tuple(Member(aci=aci) for aci in people))
    key = KeyPair.generate().public_key
    with account.database.transaction() as database:
        save_details(database, group.id, details, NOW_MS)
        for person in people:
            save_peer_identity(database, person, key, TrustPolicy.ON_FIRST_USE, NOW_MS)
    clock.now_ms = LATER_MS
    check_identities(account, group, people)
    assert [len(asked) for asked in service.asked] == [1000, 1]
