"""What the user has decided stays so, whatever is received late, again, or under another key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.account.people.blocking import set_blocked
from sigcli.client.account.people.identities import (
    list_identities,
    trust_all_pending,
    trust_identity,
)
from sigcli.client.base.task_items import device_target
from sigcli.client.people.blocked_groups import blocked_groups
from sigcli.client.receiving.follow_up_messages import answer_retry_requests
from sigcli.crypto.curve import KeyPair
from sigcli.durations import DAY_MS
from sigcli.errors import ServiceError
from sigcli.protocol.decryption_error import DecryptionErrorMessage
from sigcli.protocol.prekeys import generate_signed_prekey
from sigcli.protocol.session import encrypt
from sigcli.store import account_data, inbox
from sigcli.store.identity_keys import TrustLevel, find_identity
from sigcli.store.recipients import set_profile_key, update_recipient
from sigcli.store.send_log import SentMessage, log_sent
from sigcli.store.settings import read_setting
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import AttachmentPointer, Content, encode_content
from sigcli.wire.content.receipts import TypingAction, TypingMessage
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import SyncSent
from sigcli.wire.content.sync_state import (
    MessageRequestResponseType,
    SyncBlocked,
    SyncConfiguration,
    SyncContacts,
    SyncKeys,
    SyncMessageRequestResponse,
    SyncPniChangeNumber,
    SyncVerified,
    VerifiedState,
)
from sigcli.wire.identity_key_pair import encode_identity_key_pair
from sigcli.wire.key_types import GroupIdentifier, ProfileKeyBytes
from sigcli.wire.padding import pad
from tests.unit.client.world import NOW_MS, PEER_ACI, Peer, World, failure, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigcli.store.identity_keys import KnownIdentity
    from sigcli.wire.envelopes import Envelope


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        yield world


@pytest.fixture
def lenient(tmp_path: Path) -> Iterator[World]:
    """Changed keys of people who were never verified are accepted."""
    world = World.create(tmp_path, "unless-verified")
    with world.account:
        yield world


def identity(world: World) -> KnownIdentity:
    known = find_identity(world.database, PEER_ACI)
    assert known is not None
    return known


def another(world: World, seed: int) -> Peer:
    """Somebody who gives themselves out for the peer."""
    return world.peer(identity=KeyPair.generate(), seed=seed)


def have_key(world: World, peer: Peer) -> None:
    """The service has handed out another key, which was saved as not trusted, as on sending."""
    with world.database.transaction() as transaction:
        store = world.account.protocol_store(transaction)
        store.save_identity(peer.device.address, peer.device.identity.public_key)


def answer(world: World, peer: Peer) -> None:
    """Send somebody a message: what they send afterwards begins no session any more."""
    with world.database.transaction() as transaction:
        store = world.account.protocol_store(transaction)
        message = encrypt(pad(b"x"), peer.device.address, world.account.address(), store, NOW_MS)
    peer.device.decrypt(world.account.address(), message)


def sync(phone: Peer, sent_ms: int = NOW_MS, **fields: object) -> Envelope:
    message = SyncMessage(**fields)  # type: ignore[arg-type]
    return phone.sealed(Content(sync_message=message), timestamp_ms=sent_ms)


# --- what was kept back -----------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["on-first-use", "unless-verified"])
@pytest.mark.parametrize("is_noted", [True, False])
def test_only_what_was_kept_back_under_the_trusted_key_is_released(
    tmp_path: Path, policy: str, is_noted: bool
) -> None:
    world = World.create(tmp_path, policy)
    with world.account:
        bob = world.peer()
        world.take(bob.plain("before"))
        (listed,) = list_identities(world.account, str(PEER_ACI))
        trust_identity(world.account, str(PEER_ACI), listed.safety_number)
        eve = another(world, 2)
        world.take(eve.sealed("from eve"), eve.plain("from eve as well"))
        assert identity(world).trust_level is TrustLevel.UNTRUSTED
        # The next key that is met is the one that the user compares.
        real = another(world, 3)
        world.take(real.plain("from bob"))
        if not is_noted:
            with world.database.transaction() as database:
                database.write("UPDATE inbox SET held_key = NULL")  # held by an earlier version
        (listed,) = list_identities(world.account, str(PEER_ACI))
        trust_identity(world.account, str(PEER_ACI), listed.safety_number)
        assert identity(world).trust_level is TrustLevel.TRUSTED_VERIFIED
        assert identity(world).identity_key == real.device.identity.public_key
        assert [body for body in world.bodies() if body] == ["before", "from bob"]
        eves = [row.held_key for row in inbox.held(world.database)]
        assert eves == [eve.device.identity.public_key.serialize()] * 2


def test_trusting_without_comparing_releases_no_other_key_either(lenient: World) -> None:
    world = lenient
    bob = world.peer()
    world.take(bob.plain("before"))
    (listed,) = list_identities(world.account, str(PEER_ACI))
    trust_identity(world.account, str(PEER_ACI), listed.safety_number)
    world.take(another(world, 2).plain("from eve"))
    have_key(world, another(world, 3))
    present = identity(world).identity_key
    trust_identity(world.account, str(PEER_ACI))
    assert (identity(world).identity_key, identity(world).trust_level) == (
        present,
        TrustLevel.TRUSTED_UNVERIFIED,
    )
    assert "from eve" not in world.bodies()


def test_all_pending_trusts_the_keys_that_keep_messages_back(world: World) -> None:
    world.take(world.peer().plain("before"))
    world.take(another(world, 2).plain("from eve"))
    have_key(world, another(world, 3))
    trust_all_pending(world.account)
    assert identity(world).trust_level is TrustLevel.UNTRUSTED


def test_a_late_message_brings_no_former_key_back(lenient: World) -> None:
    world = lenient
    bob = world.peer()
    world.take(bob.plain("before"))
    answer(world, bob)
    late = bob.plain("late")
    again = another(world, 2)
    world.take(again.plain("after"))
    assert identity(world).identity_key == again.device.identity.public_key
    (row,) = world.take(late)
    assert failure(row) == "UntrustedIdentityException"
    assert identity(world).identity_key == again.device.identity.public_key


# --- what is sent again -----------------------------------------------------------------------------


@pytest.mark.parametrize("has_changed", [False, True])
def test_what_was_sent_before_a_change_is_not_sent_to_the_new_key(
    lenient: World, has_changed: bool
) -> None:
    world = lenient
    bob = world.peer()
    world.take(bob.plain("before"))
    address = bob.device.address
    message = SentMessage(NOW_MS, encode_content(text("secret")), 1, urgent=True)
    key = bob.device.identity.public_key.serialize()
    request = DecryptionErrorMessage(None, NOW_MS, world.account.device_id)
    with world.database.transaction() as database:
        log_sent(database, message, {address: key}, NOW_MS)
        add_task(
            database,
            TaskKind.RESEND,
            device_target(address),
            request.serialize(),
            now_ms=NOW_MS,
        )
    if has_changed:
        world.take(another(world, 2).plain("I have a new phone"))
        assert identity(world).trust_level is TrustLevel.TRUSTED_UNVERIFIED
    task = world.task(TaskKind.RESEND)
    assert task is not None
    if has_changed:
        answer_retry_requests(world.account, task)  # nothing leaves
    else:
        with pytest.raises(ServiceError):  # it is tried; there is no service
            answer_retry_requests(world.account, task)


# --- what the account's other devices say ---------------------------------------------------------


def verified(peer: Peer, state: VerifiedState) -> SyncVerified:
    key = peer.device.identity.public_key.serialize()
    return SyncVerified(destination=PEER_ACI, identity_key=key, state=state)


def test_a_default_does_not_make_a_key_trusted(world: World) -> None:
    phone = world.own_phone()
    world.take(world.peer().plain("before"))
    eve = another(world, 2)
    world.take(eve.plain("from eve"))
    world.take(sync(phone, verified=verified(eve, VerifiedState.DEFAULT)))
    assert identity(world).trust_level is TrustLevel.UNTRUSTED
    assert "from eve" not in world.bodies()
    # It takes back that a key was compared.
    world.take(sync(phone, verified=verified(eve, VerifiedState.VERIFIED)))
    assert identity(world).trust_level is TrustLevel.TRUSTED_VERIFIED
    world.take(sync(phone, verified=verified(eve, VerifiedState.DEFAULT)))
    assert identity(world).trust_level is TrustLevel.TRUSTED_UNVERIFIED


@pytest.mark.parametrize("state", [VerifiedState.VERIFIED, VerifiedState.UNVERIFIED])
def test_what_was_written_before_the_user_decided_changes_nothing(
    world: World, state: VerifiedState
) -> None:
    phone = world.own_phone()
    former = world.peer()
    world.take(former.plain("before"))
    bob = another(world, 2)
    world.take(bob.plain("after"))
    (listed,) = list_identities(world.account, str(PEER_ACI))
    trust_identity(world.account, str(PEER_ACI), listed.safety_number)
    for peer in (former, bob):
        world.take(sync(phone, NOW_MS - 1, verified=verified(peer, state)))
        assert identity(world).identity_key == bob.device.identity.public_key
        assert identity(world).trust_level is TrustLevel.TRUSTED_VERIFIED
    world.take(sync(phone, NOW_MS, verified=verified(bob, VerifiedState.UNVERIFIED)))
    assert identity(world).trust_level is TrustLevel.UNTRUSTED


def test_an_older_list_lifts_no_block(world: World) -> None:
    phone = world.own_phone()
    world.take(world.peer().plain("hi"))
    set_blocked(world.account, [str(PEER_ACI)], [], blocked=True)
    world.take(
        sync(phone, NOW_MS - 1, blocked=SyncBlocked(group_ids=(GroupIdentifier(b"g" * 32),)))
    )
    assert world.person().contact.blocked
    assert blocked_groups(world.database) == {b"g" * 32}
    answer = SyncMessageRequestResponse(type=MessageRequestResponseType.ACCEPT, thread=PEER_ACI)
    world.take(sync(phone, NOW_MS - 1, message_request_response=answer))
    assert world.person().contact.blocked
    world.take(sync(phone, NOW_MS, message_request_response=answer))
    assert not world.person().contact.blocked
    world.take(sync(phone, NOW_MS, blocked=SyncBlocked()))
    assert blocked_groups(world.database) == set()


def test_older_settings_and_keys_take_nothing_back(world: World) -> None:
    phone = world.own_phone()
    for sent_ms, value, pool in ((NOW_MS, True, "a" * 64), (NOW_MS - 1, False, "b" * 64)):
        world.take(
            sync(phone, sent_ms, configuration=SyncConfiguration(read_receipts=value)),
            sync(phone, sent_ms, keys=SyncKeys(account_entropy_pool=pool)),
        )
    assert read_setting(world.database, account_data.READ_RECEIPTS) is True
    assert world.account.keys.account_entropy_pool == "a" * 64


def test_an_older_list_of_contacts_is_not_fetched(world: World) -> None:
    phone = world.own_phone()
    for sent_ms, key in ((NOW_MS, "new"), (NOW_MS - 1, "old")):
        blob = AttachmentPointer(cdn_key=key, key=bytes(64), digest=bytes(32))
        world.take(sync(phone, sent_ms, contacts=SyncContacts(blob=blob, complete=True)))
    task = world.task(TaskKind.ATTACHMENT_DOWNLOAD)
    assert task is not None
    assert len(task.items) == 1


def test_an_older_change_brings_no_former_number_back(world: World) -> None:
    phone = world.own_phone()
    for sent_ms, number in ((NOW_MS, "+15550198"), (NOW_MS - 1, "+15550199")):
        key = KeyPair.generate()
        change = SyncPniChangeNumber(
            identity_key_pair=encode_identity_key_pair(
                key.public_key.serialize(), key.private_key.serialize()
            ),
            signed_prekey=generate_signed_prekey(key, 5, NOW_MS).serialize(),
            registration_id=77,
            new_number=number,
        )
        envelope = sync(phone, sent_ms, pni_change_number=change)
        world.take(replace(envelope, updated_pni=ServiceId.pni(UUID(int=sent_ms))))
    assert world.account.number == "+15550198"
    assert world.account.pni == ServiceId.pni(UUID(int=NOW_MS))


def test_a_time_to_come_stands_in_the_way_of_nothing(world: World) -> None:
    phone = world.own_phone()
    world.take(sync(phone, NOW_MS + DAY_MS, configuration=SyncConfiguration(read_receipts=True)))
    world.take(sync(phone, NOW_MS, configuration=SyncConfiguration(read_receipts=False)))
    assert read_setting(world.database, account_data.READ_RECEIPTS) is False


def test_an_older_transcript_brings_no_former_own_profile_key_back(world: World) -> None:
    phone = world.own_phone()

    def transcript(key: bytes, sent_ms: int) -> Envelope:
        data = text("hi", profile_key=ProfileKeyBytes(key)).data_message
        sent = SyncSent(timestamp_ms=sent_ms, destination=PEER_ACI, message=data)
        return sync(phone, sent_ms, sent=sent)

    former = world.account.keys.profile_key
    world.take(transcript(b"n" * 32, NOW_MS - 5))
    assert world.account.keys.profile_key == b"n" * 32
    world.take(transcript(former, NOW_MS))
    world.take(transcript(b"o" * 32, NOW_MS - 6))
    assert world.account.keys.profile_key == b"n" * 32


# --- profile keys -----------------------------------------------------------------------------------


def test_a_profile_key_is_not_taken_back(world: World) -> None:
    bob = world.peer()
    old, new = b"o" * 32, b"n" * 32
    world.take(bob.sealed(text("1", profile_key=ProfileKeyBytes(old)), timestamp_ms=NOW_MS - 9))
    world.take(bob.sealed(text("2", profile_key=ProfileKeyBytes(new)), timestamp_ms=NOW_MS - 5))
    # Sent again because it could not be decrypted; one that was never seen here is as late.
    world.take(
        bob.sealed(text("1 again", profile_key=ProfileKeyBytes(old)), timestamp_ms=NOW_MS - 9)
    )
    world.take(
        bob.sealed(text("0", profile_key=ProfileKeyBytes(b"f" * 32)), timestamp_ms=NOW_MS - 20)
    )
    assert world.person().profile.key == new
    # A group's log, which is read afterwards, tells of the old key as its owner's.
    with world.database.transaction() as database:
        assert not set_profile_key(database, world.person().id, ProfileKeyBytes(old))
    assert world.person().profile.key == new
    world.take(
        bob.sealed(text("3", profile_key=ProfileKeyBytes(b"x" * 32)), timestamp_ms=NOW_MS - 1)
    )
    assert world.person().profile.key == b"x" * 32
    # What another device keeps at the storage service may be behind: who writes since knows better.
    world.take(bob.sealed(text("4", profile_key=ProfileKeyBytes(new)), timestamp_ms=NOW_MS))
    assert world.person().profile.key == new


# --- times ------------------------------------------------------------------------------------------


def test_an_envelope_may_not_say_another_time_than_the_message(world: World) -> None:
    bob = world.peer()
    world.take(bob.sealed("accepted"))
    with world.database.transaction() as database:
        update_recipient(database, world.person().id, profile_sharing=True)
    typing = Content(typing_message=TypingMessage(timestamp_ms=NOW_MS, action=TypingAction.STARTED))
    for content in (text("evades its deletion"), typing):
        bytes_ = pad(encode_content(content))
        for envelope in (
            bob.sealed(bytes_, timestamp_ms=NOW_MS + 7),
            bob.plain(bytes_, timestamp_ms=NOW_MS - 7),
        ):
            (row,) = world.take(envelope)
            assert failure(row) == "InvalidMessageStructureException"
    assert world.task(TaskKind.DELIVERY_RECEIPT) is None
