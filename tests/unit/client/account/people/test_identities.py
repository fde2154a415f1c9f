from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sigcli.client.account.people.identities import (
    list_identities,
    trust_all_pending,
    trust_identity,
)
from sigcli.crypto.curve import KeyPair
from sigcli.errors import SafetyNumberMismatch, UnknownIdentity, UsageError
from sigcli.protocol.fingerprint import safety_number
from sigcli.store.account_data import store_account_keys
from tests.unit.client.world import OWN_ACI, PEER_ACI, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORD = str(PEER_ACI)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A primary without other devices: nobody is to be told of what is trusted."""
    world = World.create(tmp_path)
    with world.account as account:
        with world.database.transaction() as transaction:
            store_account_keys(transaction, replace(account.keys, device_id=1))
        account.reload_keys()
        yield world


@pytest.fixture
def kept_back(world: World) -> KeyPair:
    """The new identity of Bob, whose message was kept back."""
    world.take(world.peer().plain("before"))
    identity = KeyPair.generate()
    world.take(world.peer(identity=identity, seed=2).plain("after"))
    return identity


def test_identities_are_listed_with_their_safety_numbers(world: World, kept_back: KeyPair) -> None:
    (listed,) = list_identities(world.account, WORD)
    own_key = world.account.keys.aci_identity.public_key
    expected = safety_number(OWN_ACI, own_key, PEER_ACI, kept_back.public_key)
    assert listed.safety_number.replace(" ", "") == expected.numeric
    assert len(listed.safety_number.split()) == 12
    assert bytes.fromhex(listed.fingerprint_hex) == kept_back.public_key.serialize()
    assert listed.trust_level == "UNTRUSTED"
    assert listed.person.aci == PEER_ACI


def test_the_own_key_is_listed_too(world: World, kept_back: KeyPair) -> None:
    del kept_back
    *_, own = list_identities(world.account)
    assert list_identities(world.account, str(OWN_ACI)) == [own]
    assert (own.person.aci, own.trust_level) == (OWN_ACI, "TRUSTED_VERIFIED")
    key = world.account.keys.aci_identity.public_key
    assert bytes.fromhex(own.fingerprint_hex) == key.serialize()


@pytest.mark.parametrize("form", ["number", "grouped", "hex", "scanned"])
def test_a_matching_safety_number_verifies_and_releases(
    world: World, kept_back: KeyPair, form: str
) -> None:
    (listed,) = list_identities(world.account, WORD)
    own_key = world.account.keys.aci_identity.public_key
    theirs = safety_number(PEER_ACI, kept_back.public_key, OWN_ACI, own_key)
    text = {
        "number": theirs.numeric,
        "grouped": listed.safety_number,
        "hex": listed.fingerprint_hex,
        "scanned": base64.b64encode(theirs.scannable).decode(),
    }[form]
    trust_identity(world.account, WORD, text)
    assert world.bodies()[-1] == "after"
    assert list_identities(world.account)[0].trust_level == "TRUSTED_VERIFIED"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("1" * 60, SafetyNumberMismatch),
        ("05" + "00" * 32, SafetyNumberMismatch),
        ("no number", UsageError),
        ("AAAA", UsageError),
    ],
)
def test_another_safety_number_trusts_nothing(
    world: World, kept_back: KeyPair, text: str, error: type[Exception]
) -> None:
    del kept_back
    with pytest.raises(error):
        trust_identity(world.account, WORD, text)
    assert list_identities(world.account)[0].trust_level == "UNTRUSTED"
    assert "after" not in world.bodies()


def test_all_that_is_pending_is_trusted_together(world: World, kept_back: KeyPair) -> None:
    del kept_back
    trust_all_pending(world.account)
    assert world.bodies()[-1] == "after"
    assert list_identities(world.account)[0].trust_level == "TRUSTED_UNVERIFIED"


def test_nobody_s_key_cannot_be_trusted(world: World) -> None:
    with pytest.raises(UnknownIdentity):
        trust_identity(world.account, WORD)
