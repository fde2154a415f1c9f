"""Numbers that messages claim for their senders: by a sender certificate, a PNI's signature, a transcript."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.account.people.identities import list_identities, trust_identity
from sigcli.client.people.recipients import resolve
from sigcli.crypto.curve import KeyPair
from sigcli.errors import AddressMoved, SafetyNumberMismatch
from sigcli.protocol.pni_signature import sign_pni_identity
from sigcli.store.identity_keys import (
    TrustLevel,
    find_identity,
    save_peer_identity,
    set_trust_level,
)
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import note_numbers_checked, update_recipient
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import Content, PniSignature
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import SyncSent
from tests.unit.client.world import NOW_MS, PEER_ACI, Peer, World, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVE = ServiceId.aci(UUID(int=0xE))
PNI = ServiceId.pni(UUID(int=0xD))
NUMBER = "+15550177"


@pytest.fixture(params=["on-first-use", "unless-verified"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    world = World.create(tmp_path, request.param)
    with world.account:
        yield world


@pytest.fixture
def first_use(tmp_path: Path) -> Iterator[World]:
    """With the default policy."""
    world = World.create(tmp_path)
    with world.account:
        yield world


def know_bob(world: World, *, verified: bool = True) -> None:
    """A contact with a name and a number, whose safety number was compared."""
    world.take(world.peer().plain("it is me"))
    with world.database.transaction() as database:
        row = resolve_recipient(database, aci=PEER_ACI, pni=PNI, number=NUMBER).id
        update_recipient(database, row, is_contact=True, given_name="Bob", profile_sharing=True)
        note_numbers_checked(database, [NUMBER], NOW_MS)
        known = find_identity(database, PEER_ACI)
        assert known is not None
        if verified:
            set_trust_level(database, PEER_ACI, known.identity_key, TrustLevel.TRUSTED_VERIFIED)


def expect_bobs(world: World) -> None:
    """The number is Bob's as before, nothing goes to it, and it was said why."""
    assert (world.person().number, world.person().pni) == (NUMBER, PNI)
    stranger = world.person(EVE)
    assert stranger.number is None
    assert not stranger.contact.profile_sharing
    assert stranger.name == ""
    assert resolve(world.account, "Bob").aci == PEER_ACI
    with pytest.raises(AddressMoved) as caught:
        resolve(world.account, NUMBER)
    assert caught.value.exit_code == 4
    assert "sigcli trust" in (caught.value.hint or "")
    (warning,) = (one for one in world.warnings if "said to belong" in one)
    assert str(EVE) in warning
    assert NUMBER not in warning


def say_by_certificate(world: World, eve: Peer, body: str = "I am Bob") -> None:
    certificate = eve.certificate(number=NUMBER)
    (row,) = world.take(eve.sealed(body, certificate=certificate))
    assert row.failure is None  # it is printed as from who has sent it


def test_a_certificate_moves_nobodys_number(world: World) -> None:
    know_bob(world)
    eve = world.peer(EVE, identity=KeyPair.generate(), seed=5)
    for body in ("I am Bob", "It is me"):
        say_by_certificate(world, eve, body)
    expect_bobs(world)


def test_a_transcript_moves_nobodys_number(world: World) -> None:
    know_bob(world)
    world.take(world.peer(EVE, identity=KeyPair.generate(), seed=5).plain("hi"))
    sent = SyncSent(
        timestamp_ms=NOW_MS,
        destination=EVE,
        destination_number=NUMBER,
        message=text("hello").data_message,
    )
    world.take(world.own_phone().sealed(Content(sync_message=SyncMessage(sent=sent))))
    assert world.person().number == NUMBER
    with pytest.raises(AddressMoved):
        resolve(world.account, NUMBER)


def test_a_number_that_was_never_verified_moves_with_a_notice_where_keys_may(
    tmp_path: Path,
) -> None:
    world = World.create(tmp_path, "unless-verified")
    with world.account:
        know_bob(world, verified=False)
        say_by_certificate(world, world.peer(EVE, identity=KeyPair.generate(), seed=5))
        assert world.person(EVE).number == NUMBER
        assert world.person().number is None
        (notice,) = (one for one in world.warnings if "belongs to another account now" in one)
        assert "Bob" in notice


def test_the_own_number_is_nobody_elses(world: World) -> None:
    eve = world.peer(EVE, identity=KeyPair.generate(), seed=5)
    own = world.account.number
    (row,) = world.take(eve.sealed("I am you", certificate=eve.certificate(number=own)))
    assert row.failure is None
    assert world.person(EVE).number is None
    assert resolve(world.account, own or "").aci == world.account.aci


@pytest.mark.parametrize("level", [TrustLevel.UNTRUSTED, TrustLevel.TRUSTED_UNVERIFIED])
def test_the_signature_of_a_number_counts_if_its_key_is_trusted(
    world: World, level: TrustLevel
) -> None:
    pni_key = KeyPair.generate()
    with world.database.transaction() as database:
        row = resolve_recipient(database, pni=PNI, number=NUMBER).id
        update_recipient(database, row, is_contact=True, given_name="Bob", profile_sharing=True)
        note_numbers_checked(database, [NUMBER], NOW_MS)
        save_peer_identity(database, PNI, pni_key.public_key, world.account.trust_policy, NOW_MS)
        set_trust_level(database, PNI, pni_key.public_key, level)
    eve = world.peer(EVE, identity=KeyPair.generate(), seed=5)
    signature = sign_pni_identity(pni_key.private_key, eve.device.identity.public_key)
    proof = PniSignature(pni=PNI, signature=signature)
    world.take(eve.sealed(replace(text("hi"), pni_signature=proof)))
    is_trusted = level is not TrustLevel.UNTRUSTED
    assert (world.person(EVE).number == NUMBER) is is_trusted
    assert world.person(EVE).contact.profile_sharing is is_trusted
    assert (world.person(EVE).name == "Bob") is is_trusted


def test_a_signature_takes_no_account_its_number(world: World) -> None:
    """The key of a PNI is the number's: the present owner of the number signs for another account."""
    know_bob(world)
    pni_key = KeyPair.generate()
    with world.database.transaction() as database:
        save_peer_identity(database, PNI, pni_key.public_key, world.account.trust_policy, NOW_MS)
    eve = world.peer(EVE, identity=KeyPair.generate(), seed=5)
    signature = sign_pni_identity(pni_key.private_key, eve.device.identity.public_key)
    proof = PniSignature(pni=PNI, signature=signature)
    world.take(eve.sealed(replace(text("hi"), pni_signature=proof)))
    assert (world.person().pni, world.person().number) == (PNI, NUMBER)
    assert world.person(EVE).pni is None


def safety_number(world: World, service_id: ServiceId) -> str:
    (listed,) = list_identities(world.account, str(service_id))
    return listed.safety_number


def test_the_user_gives_the_number_to_who_has_it(first_use: World) -> None:
    world = first_use
    know_bob(world)
    say_by_certificate(world, world.peer(EVE, identity=KeyPair.generate(), seed=5))
    # Both can be compared with.
    assert {one.service_id for one in list_identities(world.account, NUMBER)} == {PEER_ACI, EVE}
    with pytest.raises(SafetyNumberMismatch):
        trust_identity(world.account, NUMBER, "0" * 60)
    expect_bobs(world)
    trust_identity(world.account, NUMBER)
    assert resolve(world.account, NUMBER).aci == EVE
    bob = find_identity(world.database, PEER_ACI)
    assert bob is not None
    assert bob.trust_level is TrustLevel.TRUSTED_VERIFIED
    assert (world.person().number, world.person().name) == (None, "Bob")


@pytest.mark.parametrize("whose", [PEER_ACI, EVE])
def test_a_safety_number_says_whose_the_number_is(first_use: World, whose: ServiceId) -> None:
    world = first_use
    know_bob(world)
    say_by_certificate(world, world.peer(EVE, identity=KeyPair.generate(), seed=5))
    trust_identity(world.account, NUMBER, safety_number(world, whose))
    assert resolve(world.account, NUMBER).aci == whose
    known = find_identity(world.database, whose)
    assert known is not None
    assert known.trust_level is TrustLevel.TRUSTED_VERIFIED
