from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast
from uuid import UUID

import pytest

from sigcli.crypto.curve import KeyPair
from sigcli.errors import (
    InvalidMessage,
    InvalidPrekeyId,
    InvalidSession,
    NoSession,
    UntrustedIdentity,
)
from sigcli.protocol import sender_keys as protocol_sender_keys
from sigcli.protocol import session
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.protocol.ports import Direction
from sigcli.protocol.prekeys import (
    PreKeyBundle,
    generate_kyber_prekeys,
    generate_prekeys,
    generate_signed_prekey,
)
from sigcli.store import prekeys, sender_keys, sessions
from sigcli.store.database import Database
from sigcli.store.identity_keys import (
    TrustLevel,
    TrustPolicy,
    find_identity,
    forget_identity,
    list_identities,
    set_trust_level,
)
from sigcli.store.protocol_store import AccountProtocolStore
from sigcli.wire.addresses import ProtocolAddress, ServiceId, ServiceIdKind
from tests.support import stored
from tests.unit.store.conftest import NOW_MS, OWN_ACI, OWN_PNI

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigcli.crypto.curve import PublicKey
    from sigcli.store.account_data import AccountKeys
    from sigcli.store.database import Transaction

ACI, PNI = ServiceIdKind.ACI, ServiceIdKind.PNI
ALICE, BOB = ServiceId.aci(UUID(int=10)), ServiceId.aci(UUID(int=11))
ALICE_1, BOB_1 = ProtocolAddress(ALICE, 1), ProtocolAddress(BOB, 1)
GROUP = UUID(int=77)
FIRST, SECOND, THIRD = (KeyPair.generate().public_key for _ in range(3))


@pytest.fixture
def store(database: Database, account_keys: AccountKeys) -> Iterator[AccountProtocolStore]:
    with database.transaction() as transaction:
        yield AccountProtocolStore(transaction, account_keys, ACI, TrustPolicy.ON_FIRST_USE, NOW_MS)


def _accept(store: AccountProtocolStore, key: PublicKey) -> tuple[bool, TrustLevel]:
    """Show the store a key as a message does; whether it is trusted, and the level it got."""
    trusted = store.is_trusted_identity(BOB_1, key, Direction.RECEIVING)
    store.save_identity(BOB_1, key)
    known = find_identity(store.database, BOB)
    assert known is not None
    assert known.identity_key == key
    return trusted, known.trust_level


@pytest.mark.parametrize(
    ("policy", "first", "changed"),
    [
        (TrustPolicy.ON_FIRST_USE, True, False),
        (TrustPolicy.UNLESS_VERIFIED, True, True),
        (TrustPolicy.ALWAYS, True, True),
        (TrustPolicy.NEVER, False, False),
    ],
)
def test_trust_follows_the_policy(
    store: AccountProtocolStore, policy: TrustPolicy, first: bool, changed: bool
) -> None:
    def expected(trusted: bool) -> tuple[bool, TrustLevel]:
        return trusted, TrustLevel.TRUSTED_UNVERIFIED if trusted else TrustLevel.UNTRUSTED

    store.policy = policy
    assert _accept(store, FIRST) == expected(first)
    assert _accept(store, FIRST) == expected(first)
    assert store.take_identity_changes() == []
    assert _accept(store, SECOND) == expected(changed)
    assert store.take_identity_changes() == [BOB]
    assert store.take_identity_changes() == []
    assert store.identity(BOB_1) == SECOND


def test_a_verified_key_is_not_replaced_in_silence(store: AccountProtocolStore) -> None:
    database, untrusted = store.database, (False, TrustLevel.UNTRUSTED)
    store.policy = TrustPolicy.UNLESS_VERIFIED
    _accept(store, FIRST)
    assert set_trust_level(database, BOB, FIRST, TrustLevel.TRUSTED_VERIFIED)
    assert _accept(store, SECOND) == untrusted
    assert _accept(store, THIRD) == untrusted  # nor at the second attempt
    assert not set_trust_level(database, BOB, SECOND, TrustLevel.TRUSTED_UNVERIFIED)
    assert set_trust_level(database, BOB, THIRD, TrustLevel.TRUSTED_UNVERIFIED)
    # The user has accepted the change: nothing that was verified is left.
    assert _accept(store, FIRST) == (True, TrustLevel.TRUSTED_UNVERIFIED)
    assert [known.service_id for known in list_identities(database)] == [BOB]
    forget_identity(database, BOB)
    assert store.identity(BOB_1) is None


def test_own_devices_have_the_own_key_whatever_the_policy(
    store: AccountProtocolStore, account_keys: AccountKeys
) -> None:
    store.policy = TrustPolicy.ALWAYS
    assert account_keys.pni_identity is not None
    for service_id, pair in (
        (OWN_ACI, account_keys.aci_identity),
        (OWN_PNI, account_keys.pni_identity),
    ):
        linked = ProtocolAddress(service_id, 5)
        assert store.is_trusted_identity(linked, pair.public_key, Direction.SENDING)
        assert not store.save_identity(linked, pair.public_key)
        assert store.identity(linked) == pair.public_key
        assert not store.is_trusted_identity(linked, FIRST, Direction.RECEIVING)
        with pytest.raises(UntrustedIdentity):
            store.save_identity(linked, FIRST)
    assert list_identities(store.database) == []


def test_each_own_identity_has_keys_and_sessions_of_its_own(
    store: AccountProtocolStore, account_keys: AccountKeys
) -> None:
    other = AccountProtocolStore(store.database, account_keys, PNI, store.policy, NOW_MS)
    assert store.identity_key_pair() == account_keys.aci_identity
    assert other.identity_key_pair() == account_keys.pni_identity
    assert (store.local_registration_id(), other.local_registration_id()) == (4711, 4712)
    prekeys.add_prekeys(store.database, PNI, generate_prekeys(1, 1), NOW_MS)
    assert other.prekey(1).id == 1
    with pytest.raises(InvalidPrekeyId):
        store.prekey(1)


# --- whole conversations -------------------------------------------------------------------------


@pytest.fixture
def alice(tmp_path: Path, account_keys: AccountKeys) -> Iterator[AccountProtocolStore]:
    keys = replace(account_keys, aci=ALICE, aci_identity=KeyPair.generate())
    with Database.create(tmp_path / "alice.db") as database, database.transaction() as transaction:
        yield AccountProtocolStore(transaction, keys, ACI, TrustPolicy.ON_FIRST_USE, NOW_MS)


@pytest.fixture
def bob(tmp_path: Path, account_keys: AccountKeys) -> Iterator[AccountProtocolStore]:
    keys = replace(account_keys, aci=BOB, aci_identity=KeyPair.generate())
    with Database.create(tmp_path / "bob.db") as database, database.transaction() as transaction:
        yield AccountProtocolStore(transaction, keys, ACI, TrustPolicy.ON_FIRST_USE, NOW_MS)


def _publish(store: AccountProtocolStore, *, last_resort: bool) -> PreKeyBundle:
    identity = store.identity_key_pair()
    (prekey,) = generate_prekeys(1, 1)
    signed = generate_signed_prekey(identity, 2, NOW_MS)
    (kyber,) = generate_kyber_prekeys(identity, 3, 1, NOW_MS)
    if not last_resort:
        prekeys.add_prekeys(store.database, ACI, [prekey], NOW_MS)
    prekeys.add_signed_prekey(store.database, ACI, signed, NOW_MS)
    prekeys.add_kyber_prekeys(store.database, ACI, [kyber], NOW_MS, last_resort=last_resort)
    return PreKeyBundle(
        registration_id=store.local_registration_id(),
        device_id=1,
        prekey_id=None if last_resort else prekey.id,
        prekey=None if last_resort else prekey.key_pair.public_key,
        signed_prekey_id=signed.id,
        signed_prekey=signed.key_pair.public_key,
        signed_prekey_signature=signed.signature,
        kyber_prekey_id=kyber.id,
        kyber_prekey=kyber.key_pair.public_key,
        kyber_prekey_signature=kyber.signature,
        identity_key=identity.public_key,
    )


def _send(sender: AccountProtocolStore, text: bytes, to: ProtocolAddress) -> tuple[bytes, bytes]:
    local = ALICE_1 if to == BOB_1 else BOB_1
    message = session.encrypt(text, to, local, sender, NOW_MS)
    return bytes([message.type.value]), message.body


def _receive(
    receiver: AccountProtocolStore, message: tuple[bytes, bytes], source: ProtocolAddress
) -> bytes:
    local = ALICE_1 if source == BOB_1 else BOB_1
    kind = CiphertextMessageType(message[0][0])
    return session.decrypt(kind, message[1], source, local, receiver)


@pytest.mark.parametrize("last_resort", [False, True])
def test_a_conversation_over_databases(
    alice: AccountProtocolStore, bob: AccountProtocolStore, last_resort: bool
) -> None:
    bundle = _publish(bob, last_resort=last_resort)
    session.process_prekey_bundle(bundle, BOB_1, ALICE_1, alice, NOW_MS)
    first = _send(alice, b"hello", BOB_1)
    assert _receive(bob, first, ALICE_1) == b"hello"
    assert _receive(alice, _send(bob, b"hi", ALICE_1), BOB_1) == b"hi"
    assert _receive(bob, _send(alice, b"again", BOB_1), ALICE_1) == b"again"
    assert sessions.usable_devices(bob.database, ACI, ALICE, NOW_MS) == [1]
    if not last_resort:
        assert bob.database.row("SELECT count(*) FROM prekey") == (0,)
        assert bob.database.row("SELECT count(*) FROM kyber_prekey") == (0,)
    # The first message played again to a device that has lost the session.
    sessions.delete_session(bob.database, ACI, ALICE_1)
    with pytest.raises((InvalidPrekeyId, InvalidMessage)):
        _receive(bob, first, ALICE_1)
    assert sessions.session_devices(bob.database, ACI, ALICE) == []


def test_a_changed_identity_is_refused_until_it_is_trusted(
    alice: AccountProtocolStore, bob: AccountProtocolStore
) -> None:
    alice.save_identity(BOB_1, FIRST)
    bundle = _publish(bob, last_resort=False)
    with pytest.raises(UntrustedIdentity) as caught:
        session.process_prekey_bundle(bundle, BOB_1, ALICE_1, alice, NOW_MS)
    assert caught.value.identity_key == bundle.identity_key.serialize()
    assert alice.save_identity(BOB_1, bundle.identity_key)
    with pytest.raises(UntrustedIdentity):
        session.process_prekey_bundle(bundle, BOB_1, ALICE_1, alice, NOW_MS)
    level = TrustLevel.TRUSTED_VERIFIED
    assert set_trust_level(alice.database, BOB, bundle.identity_key, level)
    session.process_prekey_bundle(bundle, BOB_1, ALICE_1, alice, NOW_MS)
    assert _receive(bob, _send(alice, b"hello", BOB_1), ALICE_1) == b"hello"


def test_an_archived_session_still_decrypts_but_does_not_send(
    alice: AccountProtocolStore, bob: AccountProtocolStore
) -> None:
    bundle = _publish(bob, last_resort=False)
    session.process_prekey_bundle(bundle, BOB_1, ALICE_1, alice, NOW_MS)
    assert _receive(bob, _send(alice, b"hello", BOB_1), ALICE_1) == b"hello"
    assert sessions.archive_sessions(bob.database, ALICE) == 1
    assert sessions.archive_sessions(bob.database, ALICE) == 0
    assert sessions.usable_devices(bob.database, ACI, ALICE, NOW_MS) == []
    with pytest.raises(NoSession):
        _send(bob, b"hi", ALICE_1)
    assert _receive(bob, _send(alice, b"still", BOB_1), ALICE_1) == b"still"
    assert sessions.archive_all_sessions(bob.database) == 1
    assert stored.delete_sessions(bob.database, ALICE) == 1


def test_a_damaged_session_is_named_and_given_up(store: AccountProtocolStore) -> None:
    database = store.database
    database.write("INSERT INTO session VALUES (0, ?, 1, x'ffff')", (BOB.to_fixed_width(),))
    with pytest.raises(InvalidSession):
        store.session(BOB_1)
    assert sessions.usable_devices(database, ACI, BOB, NOW_MS) == []
    sessions.archive_session(database, ACI, BOB_1)
    assert store.session(BOB_1) is None


def _save_and_fail(store: AccountProtocolStore) -> None:
    store.save_identity(BOB_1, FIRST)
    assert store.identity(BOB_1) == FIRST
    raise ZeroDivisionError


def test_what_is_kept_parsed_is_what_is_on_disk(tmp_path: Path, account_keys: AccountKeys) -> None:
    path = tmp_path / "two.db"
    with Database.create(path) as one, Database.open(path) as two:
        stores = [
            AccountProtocolStore(
                cast("Transaction", database), account_keys, ACI, TrustPolicy.ALWAYS, NOW_MS
            )
            for database in (one, two)
        ]
        for number in range(6):
            key = KeyPair.generate().public_key
            writer, reader = stores[number % 2], stores[1 - number % 2]
            with writer.database.transaction():
                writer.save_identity(BOB_1, key)
                assert writer.identity(BOB_1) == key
            with reader.database.transaction() as transaction:
                assert reader.identity(BOB_1) == key
                with pytest.raises(ZeroDivisionError), transaction.savepoint():
                    _save_and_fail(reader)
                assert reader.identity(BOB_1) == key
            with writer.database.transaction():
                writer.save_identity(BOB_1, SECOND)
            assert reader.identity(BOB_1) == SECOND  # outside a transaction


def test_sender_keys_over_databases(alice: AccountProtocolStore, bob: AccountProtocolStore) -> None:
    message = protocol_sender_keys.create_distribution(ALICE_1, GROUP, alice)
    protocol_sender_keys.process_distribution(ALICE_1, message, bob)
    for text in (b"one", b"two"):
        body = protocol_sender_keys.group_encrypt(ALICE_1, GROUP, text, alice)
        assert protocol_sender_keys.group_decrypt(ALICE_1, body, bob) == text
    database = alice.database
    alice.now_ms = NOW_MS + 5
    protocol_sender_keys.group_encrypt(ALICE_1, GROUP, b"three", alice)
    assert sender_keys.sender_key_created_ms(database, ACI, ALICE_1, GROUP) == NOW_MS

    bob_2 = ProtocolAddress(BOB, 2)
    sender_keys.mark_sender_key_shared(database, GROUP, [BOB_1, bob_2], NOW_MS)
    assert sender_keys.devices_with_sender_key(database, GROUP) == {BOB_1, bob_2}
    sender_keys.forget_shared_with(database, BOB, 2)
    assert sender_keys.devices_with_sender_key(database, GROUP) == {BOB_1}
    sender_keys.forget_shared_with(database, BOB, 1)
    assert sender_keys.devices_with_sender_key(database, GROUP) == set()

    sender_keys.mark_sender_key_shared(database, GROUP, [BOB_1], NOW_MS)
    sender_keys.rotate_sender_key(database, ACI, ALICE_1, GROUP)
    assert sender_keys.devices_with_sender_key(database, GROUP) == set()
    assert alice.sender_key(ALICE_1, GROUP) is None
    sender_keys.delete_sender_keys_of(bob.database, ALICE)
    with pytest.raises(NoSession):
        protocol_sender_keys.group_decrypt(ALICE_1, body, bob)
