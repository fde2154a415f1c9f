from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigcli.client.applying.envelope_intake import EnvelopeIntake
from sigcli.client.base.task_items import RetryItem, read_device
from sigcli.crypto.curve import KeyPair
from sigcli.protocol import sender_keys
from sigcli.protocol.ciphertext import CiphertextMessage, CiphertextMessageType
from sigcli.protocol.decryption_error import DecryptionErrorMessage, PlaintextContent
from sigcli.store import inbox
from sigcli.store.account_data import TRUST_POLICY
from sigcli.store.database import Database
from sigcli.store.identity_keys import TrustLevel, find_identity, set_trust_level
from sigcli.store.inbox import mark_delivered
from sigcli.store.prekeys import PreKeyKind, load_prekey
from sigcli.store.sessions import load_session, session_devices
from sigcli.store.settings import write_setting
from sigcli.store.tasks import TaskKind, count_tasks
from sigcli.wire.addresses import ProtocolAddress, ServiceId, ServiceIdKind
from sigcli.wire.ciphertexts import decode_prekey_signal_message
from sigcli.wire.content import Content, encode_content
from sigcli.wire.envelopes import Envelope, EnvelopeType, encode_envelope
from sigcli.wire.padding import pad
from tests.support.devices import Device
from tests.support.stored import delete_sessions
from tests.unit.client.world import NOW_MS, OWN_ACI, PEER_ACI, Peer, World, failure, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACI = ServiceIdKind.ACI
SOMEBODY = ServiceId.aci(UUID(int=0xF))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        yield world


@pytest.fixture
def bob(world: World) -> Peer:
    return world.peer()


def corrupted(envelope: Envelope) -> Envelope:
    content = bytearray(envelope.content or b"")
    content[150] ^= 1  # in the message itself, also inside of a prekey message
    return replace(envelope, content=bytes(content))


def trust(world: World, service_id: ServiceId = PEER_ACI) -> None:
    known = find_identity(world.database, service_id)
    assert known is not None
    intake = EnvelopeIntake(world.account)
    with intake.batch() as transaction:
        level = TrustLevel.TRUSTED_UNVERIFIED
        set_trust_level(transaction, service_id, known.identity_key, level)
        intake.release(service_id)


# --- what arrives -----------------------------------------------------------------------------------


def test_plain_and_sealed_messages_become_rows(world: World, bob: Peer) -> None:
    first, second = bob.plain("one"), bob.sealed("two")
    rows = world.take(first, second)
    assert world.bodies() == ["one", "two"]
    assert [row.metadata.sealed for row in rows] == [False, True]
    assert {(row.metadata.source, row.metadata.source_device) for row in rows} == {(PEER_ACI, 1)}
    assert rows[0].metadata.server_guid == first.server_guid
    assert rows[1].metadata.server_delivered_ms == NOW_MS


def test_a_message_to_the_number_uses_its_own_identity(world: World) -> None:
    bob = world.peer(own=ServiceIdKind.PNI)
    (row,) = world.take(bob.plain("to the number"))
    assert row.metadata.destination is ServiceIdKind.PNI
    assert session_devices(world.database, ServiceIdKind.PNI, PEER_ACI) == [1]
    assert session_devices(world.database, ACI, PEER_ACI) == []


def test_a_message_that_is_sent_again_is_silent(world: World, bob: Peer) -> None:
    again = [bob.sealed("disk full", timestamp_ms=NOW_MS + step) for step in (0, 0, 1)]
    assert len(world.take(again[0], again[1])) == 1
    assert world.take(bob.plain("disk full")) == []
    assert len(world.take(again[2], bob.sealed("disk empty"))) == 2


def test_redelivered_envelopes_are_silent(world: World, bob: Peer) -> None:
    envelope = bob.plain("once")
    (row,) = world.take(envelope)
    with world.database.transaction() as transaction:
        mark_delivered(transaction, row.id, NOW_MS)
    other_guid = replace(envelope, server_guid=str(uuid4()))
    other_content = replace(envelope, content=b"something else")
    assert world.take(envelope, other_guid, other_content) == []
    assert count_tasks(world.database, TaskKind.RETRY_REQUEST) == 0


def test_an_old_message_of_a_running_session_is_silent(world: World, bob: Peer) -> None:
    message = bob.encrypt(text("once"))
    world.take(bob.seal(message), bob.seal(message))
    assert world.bodies() == ["once"]


def test_what_is_for_or_from_nobody_here_is_dropped(world: World, bob: Peer) -> None:
    for_another = replace(bob.plain("lost"), destination=SOMEBODY)
    from_a_number = replace(bob.plain("lost"), source=ServiceId.pni(UUID(int=3)))
    assert world.take(for_another, from_a_number) == []


def test_sealed_to_the_number_is_dropped(world: World) -> None:
    bob = world.peer(own=ServiceIdKind.PNI)
    assert world.take(bob.sealed("lost")) == []


def test_the_own_echo_is_dropped(world: World) -> None:
    echo = Peer(world, Device.create(world.account.address(), 0, world.account.keys.aci_identity))
    message = CiphertextMessage(CiphertextMessageType.WHISPER, b"never looked at")
    assert world.take(echo.seal(message)) == []


def test_messages_of_a_sender_key(world: World, bob: Peer) -> None:
    distribution_id = uuid4()
    sender, store = bob.device.address, bob.device.store
    key = sender_keys.create_distribution(sender, distribution_id, store)
    body = sender_keys.group_encrypt(
        sender, distribution_id, pad(encode_content(text("to all"))), store
    )
    message = CiphertextMessage(CiphertextMessageType.SENDER_KEY, body)
    (row,) = world.take(bob.seal(message))
    assert failure(row) == "ProtocolNoSessionException"
    world.take(bob.sealed(Content(sender_key_distribution_message=key)))
    body = sender_keys.group_encrypt(
        sender, distribution_id, pad(encode_content(text("to all again"))), store
    )
    world.take(bob.seal(CiphertextMessage(CiphertextMessageType.SENDER_KEY, body)))
    assert world.bodies() == [None, "to all again"]


# --- what fails -------------------------------------------------------------------------------------


def test_a_corrupt_message_is_a_row_and_asked_for_again(world: World, bob: Peer) -> None:
    world.take(bob.plain("hello"))
    damaged = corrupted(bob.plain("lost", timestamp_ms=NOW_MS + 5))
    (row,) = world.take(damaged)
    assert failure(row) == "ProtocolInvalidMessageException"
    assert row.metadata.source == PEER_ACI
    task = world.task(TaskKind.RETRY_REQUEST)
    assert task is not None
    assert read_device(task.target) == bob.device.address
    (item,) = task.items
    request = DecryptionErrorMessage.deserialize(RetryItem.deserialize(item.item).error_message)
    assert (request.timestamp_ms, request.device_id) == (NOW_MS + 5, 1)
    world.take(bob.plain("next"))
    assert world.bodies() == ["hello", None, "next"]


def test_retry_requests_are_few(world: World, bob: Peer) -> None:
    world.take(bob.plain("hello"))
    world.take(*(corrupted(bob.plain("x", timestamp_ms=NOW_MS + n)) for n in range(30)))
    assert len(world.rows()) == 31
    assert 1 <= count_tasks(world.database, TaskKind.RETRY_REQUEST) <= 10


def test_nothing_of_a_failed_attempt_stays(world: World, bob: Peer) -> None:
    id = world.next_prekey_id - 1
    (row,) = world.take(corrupted(bob.plain("first")))
    assert failure(row) == "ProtocolInvalidMessageException"
    assert load_session(world.database, ACI, bob.device.address) is None
    assert find_identity(world.database, PEER_ACI) is None
    assert load_prekey(world.database, ACI, id).id == id
    world.take(bob.plain("second"))
    assert world.bodies() == [None, "second"]


def test_a_message_without_its_session(world: World, bob: Peer) -> None:
    world.take(bob.plain("hello"))
    with world.database.transaction() as transaction:
        delete_sessions(transaction, PEER_ACI)
    message = bob.encrypt(text("lost"))
    if message.type == CiphertextMessageType.PREKEY:  # take its inner message alone
        inner = decode_prekey_signal_message(message.body).message
        message = CiphertextMessage(CiphertextMessageType.WHISPER, inner.authenticated + inner.mac)
    (row,) = world.take(bob.seal(message))
    assert failure(row) == "ProtocolNoSessionException"
    assert count_tasks(world.database, TaskKind.RETRY_REQUEST) == 1


def test_a_damaged_session_counts_as_none(world: World, bob: Peer) -> None:
    world.take(bob.plain("hello"))
    with world.database.transaction() as transaction:
        transaction.write("UPDATE session SET record = x'ffff'")
    world.account.database.epoch += 1
    world.take(bob.plain("again"))
    assert failure(world.rows()[1]) in (
        "ProtocolInvalidKeyIdException",
        "ProtocolNoSessionException",
    )


def test_a_prekey_that_is_gone(world: World, bob: Peer) -> None:
    with world.database.transaction() as transaction:
        transaction.write("DELETE FROM signed_prekey")
    (row,) = world.take(bob.sealed("hello"))
    assert failure(row) == "ProtocolInvalidKeyIdException"
    assert count_tasks(world.database, TaskKind.PREKEY_REFRESH) == 1


def test_certificates_are_verified(world: World, bob: Peer) -> None:
    stranger = KeyPair.generate()
    forged = replace(world, server_key=stranger)
    other = Peer(forged, bob.device)
    expired = bob.certificate(expires_ms=NOW_MS - 1)
    rows = world.take(
        bob.sealed("expired", certificate=expired),
        bob.sealed("forged", certificate=other.certificate()),
    )
    assert [failure(row) for row in rows] == ["InvalidMetadataMessageException"] * 2
    assert [row.metadata.source for row in rows] == [None, None]


def test_a_certificate_must_be_of_the_session_s_identity(world: World, bob: Peer) -> None:
    """Carol, with a good certificate of her own, replays a session message of Bob's as Bob's other device."""
    world.take(bob.plain("hello"))
    carol = world.peer(PEER_ACI, 1, KeyPair.generate(), seed=9)
    (row,) = world.take(carol.seal(bob.encrypt(text("whose?"))))
    assert failure(row) == "ProtocolInvalidMessageException"


@pytest.mark.parametrize(
    ("kind", "content", "name"),
    [
        (EnvelopeType.DOUBLE_RATCHET, b"", "ProtocolInvalidMessageException"),
        (EnvelopeType.PREKEY_MESSAGE, b"\x44garbage", "ProtocolInvalidMessageException"),
        (EnvelopeType.DOUBLE_RATCHET, b"\x22" + bytes(40), "ProtocolLegacyMessageException"),
        (EnvelopeType.DOUBLE_RATCHET, b"\x99" + bytes(40), "ProtocolInvalidVersionException"),
        (EnvelopeType.UNIDENTIFIED_SENDER, b"", "InvalidMetadataMessageException"),
        (EnvelopeType.UNIDENTIFIED_SENDER, b"\x77", "InvalidMetadataVersionException"),
        (EnvelopeType.UNIDENTIFIED_SENDER, b"\x11" + bytes(9), "InvalidMetadataMessageException"),
        (EnvelopeType.PLAINTEXT_CONTENT, b"\xc0\x80", "InvalidMessageStructureException"),
        (EnvelopeType.PLAINTEXT_CONTENT, b"\x01", "ProtocolInvalidVersionException"),
        (EnvelopeType.UNKNOWN, b"x", "InvalidMessageStructureException"),
    ],
)
def test_hostile_envelopes_are_named(
    world: World, bob: Peer, kind: EnvelopeType, content: bytes, name: str
) -> None:
    (row,) = world.take(bob.envelope(kind, content))
    assert failure(row) == name


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=200), st.sampled_from([0, 1, 3, 5, 6, 8, 99]))
def test_any_bytes_are_taken(world: World, garbage: bytes, kind: int) -> None:
    envelope = Envelope(
        type=kind,
        timestamp_ms=1,
        source=PEER_ACI,
        source_device_id=1,
        destination=OWN_ACI,
        content=garbage,
    )
    world.take(garbage, encode_envelope(envelope))


def test_unencrypted_messages_are_retry_requests_or_nothing(world: World, bob: Peer) -> None:
    smuggled = b"\xc0" + pad(encode_content(text("not encrypted")))
    (row,) = world.take(bob.envelope(EnvelopeType.PLAINTEXT_CONTENT, smuggled))
    assert failure(row) == "InvalidMessageStructureException"
    request = DecryptionErrorMessage(None, 17, world.account.device_id)
    body = PlaintextContent.of(request).serialize()
    assert world.take(bob.envelope(EnvelopeType.PLAINTEXT_CONTENT, body)) == []
    assert count_tasks(world.database, TaskKind.RESEND) == 1


def test_content_that_makes_no_sense_still_advances_the_ratchet(world: World, bob: Peer) -> None:
    rows = world.take(bob.plain(b"no padding"), bob.plain(pad(b"\xff\xff")))
    assert [failure(row) for row in rows] == ["InvalidMessageStructureException"] * 2
    assert load_session(world.database, ACI, bob.device.address) is not None
    world.take(bob.plain("next"))
    assert world.bodies()[-1] == "next"


# --- identities -------------------------------------------------------------------------------------


def test_a_changed_identity_keeps_messages_back_until_it_is_trusted(
    world: World, bob: Peer
) -> None:
    world.take(bob.sealed("before"))
    again = world.peer(identity=KeyPair.generate(), seed=2)
    rows = world.take(again.sealed("after"), again.plain("and more"))
    assert [failure(row) for row in rows] == ["UntrustedIdentityException"] * 2
    assert all(row.envelope for row in rows)
    known = find_identity(world.database, PEER_ACI)
    assert known is not None
    assert known.trust_level is TrustLevel.UNTRUSTED
    assert known.identity_key == again.device.identity.public_key
    record = load_session(world.database, ACI, bob.device.address)
    assert record is not None
    assert record.current is None
    with world.database.transaction() as transaction:
        mark_delivered(transaction, world.rows()[-1].id, NOW_MS)
    trust(world)
    assert world.bodies() == ["after", "and more"]
    assert list(inbox.held(world.database)) == []


def test_a_key_is_believed_only_with_a_message_that_decrypts(world: World, bob: Peer) -> None:
    world.take(bob.plain("before"))
    again = world.peer(identity=KeyPair.generate(), seed=2)
    (row,) = world.take(corrupted(again.plain("forged")))
    assert failure(row) == "ProtocolInvalidMessageException"
    known = find_identity(world.database, PEER_ACI)
    assert known is not None
    assert known.identity_key == bob.device.identity.public_key
    assert known.trust_level is TrustLevel.TRUSTED_UNVERIFIED


def test_a_late_message_of_the_old_identity_changes_nothing(world: World, bob: Peer) -> None:
    world.take(bob.plain("before"))
    late = bob.plain("late")
    again = world.peer(identity=KeyPair.generate(), seed=2)
    world.take(again.plain("after"))
    trust(world)
    inner = world.take(late)
    assert failure(inner[-1]) == "UntrustedIdentityException"
    known = find_identity(world.database, PEER_ACI)
    assert known is not None


def test_a_policy_may_accept_changes(tmp_path: Path) -> None:
    world = World.create(tmp_path, "unless-verified")
    with world.account:
        bob = world.peer()
        world.take(bob.plain("before"))
        again = world.peer(identity=KeyPair.generate(), seed=2)
        world.take(again.plain("after"))
        assert world.bodies() == ["before", "after"]
        assert any("has changed" in warning for warning in world.warnings)


def test_a_policy_that_is_changed_meanwhile_counts_from_the_next_batch_on(
    world: World, bob: Peer
) -> None:
    intake = EnvelopeIntake(world.account)

    def take(envelope: Envelope) -> None:
        with intake.batch():
            intake.take(encode_envelope(envelope), NOW_MS)

    take(bob.plain("before"))
    with Database.open(world.database.path) as other, other.transaction() as transaction:
        write_setting(transaction, TRUST_POLICY, "always")
    take(world.peer(identity=KeyPair.generate(), seed=2).plain("after"))
    assert world.bodies() == ["before", "after"]


def test_an_own_device_with_a_foreign_key_is_an_attack(world: World) -> None:
    imposter = world.peer(OWN_ACI, 1, KeyPair.generate())
    (row,) = world.take(imposter.plain("trust me"))
    assert failure(row) == "ProtocolInvalidMessageException"
    assert row.envelope is None


def test_prekeys_are_looked_at_after_a_first_message(world: World, bob: Peer) -> None:
    id = world.next_prekey_id - 1
    world.take(bob.plain("hello"))
    assert count_tasks(world.database, TaskKind.PREKEY_REFRESH) == 1
    row = world.database.row(
        f"SELECT count(*) FROM {PreKeyKind.ONE_TIME.table} WHERE prekey_id = ?", (id,)
    )
    assert row == (0,)
    assert ProtocolAddress(PEER_ACI, 1) == bob.device.address


def test_an_envelope_with_a_time_beyond_all_times_costs_nothing_else(
    world: World, bob: Peer
) -> None:
    odd = bob.sealed("odd", timestamp_ms=2**64 - 1)
    rows = world.take(bob.sealed("before"), odd, bob.sealed("after"))
    assert [row.failure is None for row in rows] == [True, False, True]
    assert failure(rows[1]) == "InvalidMessageStructureException"
