from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.client.account.people.user_status import user_status
from sigcli.client.people.recipient_words import (
    ContactName,
    LinkToUsername,
    Number,
    Username,
    as_username,
    classify,
)
from sigcli.client.people.recipients import is_self, resolve
from sigcli.errors import (
    AmbiguousRecipient,
    DiscoveryUnavailable,
    InvalidUsername,
    NumberNotRegistered,
    SigcliError,
    UnknownRecipient,
)
from sigcli.service.enclaves import DirectorySettings
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import list_recipients, update_recipient
from sigcli.wire.addresses import ServiceId
from sigcli.wire.username_links import UsernameLink
from tests.support.loopback_server import Answer, LoopbackServer, Received

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.base.account import Account

ACI = ServiceId.aci(UUID(int=0xA))
PNI = ServiceId.pni(UUID(int=0xB))
LINK = UsernameLink(bytes(range(32)), UUID(int=0xC))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("+15550101", Number("+15550101")),
        ("+1 (555) 01-01", Number("+15550101")),
        ("boss", Number("+15550101")),
        (" " + str(ACI).upper(), ACI),
        (str(PNI), PNI),
        ("u:name.42", Username("name.42")),
        (LINK.url, LinkToUsername(LINK)),
        ("u:" + LINK.url, LinkToUsername(LINK)),
        ("https://example.org/#eu/", ContactName("https://example.org/#eu/")),
        ("\u202a+1 555\u2011010\u20091\u202c", Number("+15550101")),
        ("\u2068+15550101\u2069", Number("+15550101")),
        ("tel:+1-555-0101", Number("+15550101")),
        ("TEL:+15550101;ext=5", Number("+15550101")),
        ("https://signal.me/#p/+15550101", Number("+15550101")),
        (f"\u200e{ACI}", ACI),
        ("0015550101", ContactName("0015550101")),
        ("15550101", ContactName("15550101")),
        ("+0123456", ContactName("+0123456")),
        ("+1555", ContactName("+1555")),
        ("Bob", ContactName("Bob")),
        (f"uuid:{ACI}", ACI),
        ("uuid:nonsense", ContactName("uuid:nonsense")),
        ("PNI:nonsense", ContactName("PNI:nonsense")),
    ],
)
def test_what_a_word_is(text: str, meaning: object) -> None:
    assert classify(text, {"boss": "+1 555 0101"}) == meaning


@given(st.text())
def test_any_text_is_some_word_or_none(text: str) -> None:
    if text.strip():
        classify(text)
    else:
        with pytest.raises(UnknownRecipient):
            classify(text)


def add(
    account: Account, number: str | None, name: str | None = None, **change: object
) -> ServiceId:
    with account.database.transaction() as database:
        count = len(list_recipients(database))
        aci = ServiceId.aci(UUID(int=100 + count))
        row = resolve_recipient(database, aci=aci, number=number).id
        if name:
            update_recipient(database, row, given_name=name, is_contact=True)
        update_recipient(database, row, number_checked_ms=account.now_ms())
        if change:
            update_recipient(database, row, **change)  # type: ignore[arg-type]
    return aci


def test_names_are_those_that_the_user_gave(account: Account) -> None:
    bob = add(account, "+15550101", "Bob")
    assert resolve(account, "Bob").aci == bob
    assert resolve(account, "bob").aci == bob
    assert resolve(account, "boss").aci == bob
    add(account, "+15550102", profile_given_name="Carol", profile_sharing=True)
    with pytest.raises(UnknownRecipient):
        resolve(account, "Carol")
    add(account, "+15550103", "Bob")
    with pytest.raises(AmbiguousRecipient):
        resolve(account, "Bob")
    add(account, "+15550104", "Eve", hidden=True)
    with pytest.raises(UnknownRecipient):
        resolve(account, "Eve")
    # The exact name wins over one that differs in case.
    shouting = add(account, "+15550105", "BOB")
    assert resolve(account, "BOB").aci == shouting
    with pytest.raises(UnknownRecipient, match='"15550101"') as caught:
        resolve(account, "15550101")
    assert "international" in (caught.value.hint or "")


def test_a_name_in_a_profile_is_shown_with_what_gives_it_to_the_user(account: Account) -> None:
    add(account, "+15550102", profile_given_name="Carol", profile_sharing=True)
    nameless = add(account, None, profile_given_name="Carol")
    with pytest.raises(UnknownRecipient) as refused:
        resolve(account, "Carol")
    hint = refused.value.hint or ""
    assert "sigcli updateContact +15550102 --name" in hint
    assert str(nameless) in hint


def test_the_own_ids_are_one_person(account: Account) -> None:
    own = resolve(account, "+15550100")
    assert is_self(account, own)
    assert {resolve(account, str(account.aci)).id, resolve(account, str(account.pni)).id} == {
        own.id
    }


def test_an_unknown_aci_becomes_known(account: Account) -> None:
    first = resolve(account, str(ACI))
    assert (first.aci, first.number) == (ACI, None)
    assert resolve(account, str(ACI)).id == first.id


@pytest.fixture
def directory(account: Account) -> Iterator[LoopbackServer]:
    """A directory that knows two numbers."""

    def respond(request: Received) -> Answer:
        match request.path:
            case "/v1/directory/%2B15550101":
                return Answer(body=json.dumps({"aci": str(ACI), "pni": str(PNI)}).encode())
            case "/v1/directory/%2B15550102":
                return Answer(body=json.dumps({"aci": None, "pni": str(PNI.uuid)}).encode())
            case "/v1/directory/%2B15550666":
                return Answer(body=b"{}")
            case "/v1/directory/%2B15550667":
                return Answer(500)
        return Answer(404, headers={})

    with LoopbackServer(respond) as server:
        lookup = DirectorySettings("loopback", server.url, None, False)
        account.environment = server.environment(directory=lookup)
        yield server


def test_a_number_is_looked_up_once(account: Account, directory: LoopbackServer) -> None:
    for _ in range(2):
        found = resolve(account, "+1 555-0101")
        assert (found.aci, found.pni, found.number) == (ACI, PNI, "+15550101")
    assert [request.path for request in directory.received] == ["/v1/directory/%2B15550101"]
    assert "authorization" not in directory.received[0].headers
    with pytest.raises(NumberNotRegistered) as caught:
        resolve(account, "+15550199")
    assert caught.value.number == "+15550199"
    for number in ("+15550666", "+15550667"):
        with pytest.raises(SigcliError) as failed:
            resolve(account, number)
        assert failed.value.exit_code == 3


def test_the_status_of_numbers(account: Account, directory: LoopbackServer) -> None:
    known, nobody, own = user_status(account, ["+15550101", "+15550199", "+15550100"])
    assert (known.uuid, known.registered) == (str(ACI), True)
    assert (nobody.uuid, nobody.registered, nobody.number) == (None, False, "+15550199")
    assert (own.uuid, own.registered) == (str(account.aci), True)
    assert len(directory.received) == 2


def test_without_a_directory_an_unknown_number_has_a_named_error(account: Account) -> None:
    with LoopbackServer() as server:
        account.environment = server.environment()
        with pytest.raises(DiscoveryUnavailable):
            resolve(account, "+15550101")
        with pytest.raises(DiscoveryUnavailable):
            user_status(account, ["+15550101"])
        assert server.received == []


GROUP_ID = "A" * 43 + "="
REST_GROUP_ID = "group." + base64.b64encode(GROUP_ID.encode()).decode()


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("0015550101", "did you mean +15550101?"),
        ("15550101", "did you mean +15550101?"),
        ("tel:15550101", "did you mean +15550101?"),
        ("(0555) 0101", "international form"),
        ("+0555", "5 to 15 digits"),
        ("name.42", "u:name.42"),
        ("@name.42", "u:name.42"),
        (GROUP_ID, f"-g {GROUP_ID}"),
        (REST_GROUP_ID, f"-g {GROUP_ID}"),
        ("https://signal.group/#CjQ", "joinGroup --uri"),
        (str(ACI).replace("-", ""), str(ACI)),
        ("bob@example.org", "not by e-mail"),
        ("this is what I wanted to say", "-m"),
        (__file__, "-a FILE"),
        ("Bob", "config.toml"),
    ],
)
def test_a_word_for_nobody_is_explained(account: Account, word: str, hint: str) -> None:
    with pytest.raises(UnknownRecipient) as unknown:
        resolve(account, word)
    assert hint in (unknown.value.hint or "")
    assert unknown.value.exit_code == 1


def test_a_name_that_somebody_gave_themselves_is_explained(account: Account) -> None:
    aci = add(account, "+15550199")
    with account.database.transaction() as database:
        row = resolve_recipient(database, aci=aci).id
        update_recipient(database, row, profile_given_name="Mallory")
    with pytest.raises(UnknownRecipient) as unknown:
        resolve(account, "Mallory")
    assert str(aci) in (unknown.value.hint or "")


def test_a_number_where_a_username_stands_is_the_account_named_too_late() -> None:
    assert as_username("name.42") == as_username("u:name.42") == "u:name.42"
    with pytest.raises(InvalidUsername, match="number") as refused:
        as_username("+15550100")
    assert "--account" in (refused.value.hint or "")


def test_an_error_does_not_repeat_megabytes(account: Account) -> None:
    with pytest.raises(UnknownRecipient) as unknown:
        resolve(account, "data:" * 100_000)
    assert len(unknown.value.message) < 300
