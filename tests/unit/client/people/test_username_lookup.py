"""Looking usernames up: without a login, once a day, and forgotten when the service says so."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from sigcli.client.account.people.identities import list_identities, trust_identity
from sigcli.client.account.people.user_status import UserStatus, user_status
from sigcli.client.people.recipients import resolve
from sigcli.client.people.username_lookup import FRESH_MS
from sigcli.client.sending.audience import resolve_audience
from sigcli.client.sending.send_results import results_of_nobody
from sigcli.client.storage.contact_records import take_contact
from sigcli.errors import (
    AddressMoved,
    InvalidUsername,
    InvalidUsernameLink,
    RateLimited,
    UnknownRecipient,
    UsernameNotRegistered,
)
from sigcli.store.recipients import find_by_service_id, find_by_username
from sigcli.wire.addresses import ServiceId
from sigcli.wire.storage_records import ContactRecord
from sigcli.wire.username_links import UsernameLink
from sigcli.zkgroup.usernames import Username, create_username_link
from tests.support.loopback_server import Answer, LoopbackServer, Received

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.base.account import Account
    from tests.unit.client.conftest import Clock, Warnings

BOB = ServiceId.aci(UUID(int=0xB))
CAROL = ServiceId.aci(UUID(int=0xC))
HANDLE = UUID(int=0xAB)


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


class Names(LoopbackServer):
    """A service where people have usernames."""

    def __init__(self) -> None:
        super().__init__(self.answer)
        self.owners: dict[str, ServiceId] = {}
        self.links: dict[UUID, bytes] = {}
        self.status = 200

    def answer(self, request: Received) -> Answer:
        assert "authorization" not in request.headers
        if self.status != 200:
            return Answer(self.status)
        last = request.path.rpartition("/")[2]
        for name, owner in self.owners.items():
            if last == text(Username.parse(name).hash()):
                return self.ok({"uuid": str(owner)})
        for handle, encrypted in self.links.items():
            if last == str(handle):
                return self.ok({"usernameLinkEncryptedValue": text(encrypted)})
        return Answer(404)

    @staticmethod
    def ok(body: Any) -> Answer:
        return Answer(body=json.dumps(body).encode())


@pytest.fixture
def names(account: Account) -> Iterator[Names]:
    with Names() as server:
        account.environment = server.environment()
        server.owners["bob.42"] = BOB
        yield server


def test_a_username_is_asked_about_once_a_day(account: Account, names: Names, clock: Clock) -> None:
    for spelling in ("u:bob.42", "u:Bob.42"):
        assert resolve(account, spelling).aci == BOB
    assert len(names.received) == 1
    clock.now_ms += FRESH_MS
    assert resolve(account, "u:bob.42").aci == BOB
    assert len(names.received) == 2


@pytest.mark.parametrize("was_free_between", [False, True])
def test_a_username_that_another_account_has_waits_for_the_users_word(
    account: Account, names: Names, clock: Clock, warnings: Warnings, was_free_between: bool
) -> None:
    resolve(account, "u:bob.42")
    if was_free_between:
        names.owners.clear()
        clock.now_ms += FRESH_MS
        with pytest.raises(UsernameNotRegistered):
            resolve(account, "u:bob.42")
    names.owners["bob.42"] = CAROL
    clock.now_ms += FRESH_MS
    for _ in range(2):
        with pytest.raises(AddressMoved) as caught:
            resolve(account, "u:Bob.42")
        assert (caught.value.exit_code, str(CAROL) in caught.value.message) == (4, True)
        assert "sigcli trust" in (caught.value.hint or "")
    assert len(warnings.texts) == 1  # said once, refused each time
    outcome = resolve_audience(account, ["u:bob.42", str(BOB)])
    assert [person.aci for person in outcome.people] == [BOB]
    (result,) = results_of_nobody(account, outcome)
    assert (result.type.value, result.recipient.username) == ("IDENTITY_FAILURE", "bob.42")
    trust_identity(account, "u:bob.42")
    assert resolve(account, "u:bob.42").aci == CAROL
    former = find_by_service_id(account.database, BOB)
    assert former is not None
    assert former.username is None


def test_a_username_that_a_record_gives_to_another_account_is_not_used(
    account: Account, names: Names, clock: Clock
) -> None:
    assert resolve(account, "u:bob.42").aci == BOB
    with account.database.transaction() as database:
        take_contact(
            account, database, ContactRecord(aci=CAROL, username="Bob.42"), None, clock.now_ms
        )
    with pytest.raises(AddressMoved):
        resolve(account, "u:bob.42")  # the answer is of today: nobody is asked
    clock.now_ms += FRESH_MS
    names.status = 429
    with pytest.raises(AddressMoved):
        resolve(account, "u:bob.42")
    names.status = 200
    assert resolve(account, "u:bob.42").aci == BOB  # the service says that it is still theirs


def test_a_policy_may_let_a_username_move_with_a_notice(
    account: Account, names: Names, clock: Clock, warnings: Warnings
) -> None:
    account.settings = replace(account.settings, trust_new_identities="unless-verified")
    resolve(account, "u:bob.42")
    names.owners["bob.42"] = CAROL
    clock.now_ms += FRESH_MS
    assert resolve(account, "u:bob.42").aci == CAROL
    (notice,) = warnings.texts
    assert "bob.42" in notice
    assert str(CAROL) in notice


def test_a_username_that_nobody_has_any_more(account: Account, names: Names, clock: Clock) -> None:
    resolve(account, "u:bob.42")
    names.owners.clear()
    clock.now_ms += FRESH_MS
    with pytest.raises(UsernameNotRegistered) as caught:
        resolve(account, "u:bob.42")
    assert (caught.value.username, caught.value.number) == ("bob.42", None)
    assert find_by_username(account.database, "bob.42") is None
    assert find_by_service_id(account.database, BOB) is not None


def test_too_many_lookups(account: Account, names: Names, clock: Clock, warnings: Warnings) -> None:
    names.status = 429
    with pytest.raises(RateLimited):
        resolve(account, "u:bob.42")
    names.status = 200
    resolve(account, "u:bob.42")
    names.status = 429
    clock.now_ms += FRESH_MS
    assert resolve(account, "u:bob.42").aci == BOB
    assert len(warnings.texts) == 1
    with pytest.raises(RateLimited):
        user_status(account, ["u:bob.42"])


def test_links(account: Account, names: Names, clock: Clock) -> None:
    entropy, names.links[HANDLE] = create_username_link("bob.42")
    link = UsernameLink(entropy, HANDLE).url
    for _ in range(2):
        assert resolve(account, link).aci == BOB
    assert len(names.received) == 2
    clock.now_ms += FRESH_MS
    _, names.links[HANDLE] = create_username_link("bob.43", previous_entropy=entropy)
    names.owners["bob.43"] = BOB
    assert resolve(account, link).username == "bob.43"
    other = UsernameLink(bytes(32), HANDLE).url
    gone = UsernameLink(entropy, UUID(int=1)).url
    _, names.links[UUID(int=2)] = create_username_link("no name", previous_entropy=entropy)
    senseless = UsernameLink(entropy, UUID(int=2)).url
    for useless in (other, gone, senseless):
        with pytest.raises(UsernameNotRegistered):
            resolve(account, useless)
    with pytest.raises(InvalidUsernameLink):
        resolve(account, link[:-1])


@pytest.mark.parametrize("is_renamed", [False, True])
def test_a_link_that_leads_to_another_account_is_not_followed(
    account: Account, names: Names, clock: Clock, is_renamed: bool
) -> None:
    entropy, names.links[HANDLE] = create_username_link("bob.42")
    link = UsernameLink(entropy, HANDLE).url
    assert resolve(account, link).aci == BOB
    clock.now_ms += FRESH_MS
    names.owners |= {"bob.43": BOB, "carol.42": CAROL}
    if is_renamed:
        del names.owners["bob.42"]
        assert resolve(account, "u:bob.43").aci == BOB
    _, names.links[HANDLE] = create_username_link("carol.42", previous_entropy=entropy)
    for _ in range(2):
        with pytest.raises(AddressMoved) as caught:
            resolve(account, link)
        assert "u:carol.42" in (caught.value.hint or "")
    assert resolve(account, "u:carol.42").aci == CAROL
    _, names.links[HANDLE] = create_username_link("bob.43", previous_entropy=entropy)
    assert resolve(account, link).aci == BOB


def test_a_policy_may_let_a_link_lead_elsewhere_with_a_notice(
    account: Account, names: Names, clock: Clock, warnings: Warnings
) -> None:
    entropy, names.links[HANDLE] = create_username_link("bob.42")
    link = UsernameLink(entropy, HANDLE).url
    resolve(account, link)
    clock.now_ms += FRESH_MS
    account.settings = replace(account.settings, trust_new_identities="unless-verified")
    names.owners["carol.42"] = CAROL
    _, names.links[HANDLE] = create_username_link("carol.42", previous_entropy=entropy)
    assert resolve(account, link).aci == CAROL
    (warning,) = warnings.texts
    assert str(BOB) in warning


def test_keys_of_people_are_listed_without_asking(account: Account, names: Names) -> None:
    entropy, names.links[HANDLE] = create_username_link("bob.42")
    link = UsernameLink(entropy, HANDLE).url
    for word in ("u:bob.42", link):
        with pytest.raises(UnknownRecipient):
            list_identities(account, word)
    assert names.received == []
    resolve(account, link)
    asked = len(names.received)
    for word in ("u:bob.42", link):
        assert list_identities(account, word) == []
    assert len(names.received) == asked


def test_what_is_no_username_is_not_asked_about(account: Account, names: Names) -> None:
    for word in ("u:bob", "u:1bob.42", "u:bob.1", "u:b b.42"):
        with pytest.raises(InvalidUsername):
            resolve(account, word)
    assert names.received == []


def test_status(account: Account, names: Names) -> None:
    entropy, names.links[HANDLE] = create_username_link("bob.42")
    link = UsernameLink(entropy, HANDLE).url
    statuses = user_status(account, ["u:bob.42"], ["bob.42", link, "nobody.42"])
    assert statuses == [
        UserStatus("u:bob.42", None, str(BOB), True, username="bob.42"),
        UserStatus("bob.42", None, str(BOB), True, username="bob.42"),
        UserStatus(link, None, str(BOB), True, username="bob.42"),
        UserStatus("nobody.42", None, None, False, username="nobody.42"),
    ]
