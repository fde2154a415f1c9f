from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.account.account_check import check_is_due
from sigcli.client.applying import received_receipts, retry_limits, sender_changes
from sigcli.client.applying.received_events import EventBuilder
from sigcli.client.base.task_items import account_target, read_timestamp
from sigcli.client.people.blocked_groups import blocked_groups, replace_blocked_groups
from sigcli.client.people.profiles import fetch_due
from sigcli.crypto.curve import KeyPair
from sigcli.protocol.decryption_error import DecryptionErrorMessage
from sigcli.protocol.pni_signature import sign_pni_identity
from sigcli.protocol.prekeys import generate_kyber_prekeys, generate_signed_prekey
from sigcli.store import account_data, inbox
from sigcli.store.identity_keys import TrustLevel, find_identity
from sigcli.store.recipient_merging import recipient_id_of, resolve_recipient
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import find_by_number, update_recipient
from sigcli.store.send_log import SentMessage, find_sent, log_sent
from sigcli.store.sender_keys import load_sender_key
from sigcli.store.settings import read_setting
from sigcli.store.tasks import TaskKind, count_tasks
from sigcli.wire.addresses import ProtocolAddress, ServiceId, ServiceIdKind
from sigcli.wire.content import (
    AttachmentPointer,
    Content,
    DataMessage,
    DataMessageFlag,
    EditMessage,
    PniSignature,
    encode_content,
)
from sigcli.wire.content.message_parts import GroupContext
from sigcli.wire.content.receipts import (
    NullMessage,
    ReceiptMessage,
    ReceiptType,
    TypingAction,
    TypingMessage,
)
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import SyncSent, UnidentifiedStatus
from sigcli.wire.content.sync_state import (
    FetchLatestType,
    MessageRequestResponseType,
    SyncBlocked,
    SyncConfiguration,
    SyncContacts,
    SyncFetchLatest,
    SyncKeys,
    SyncMessageRequestResponse,
    SyncPniChangeNumber,
    SyncRequest,
    SyncRequestType,
    SyncUsernameChange,
    SyncVerified,
    VerifiedState,
)
from sigcli.wire.envelopes import Envelope, EnvelopeType
from sigcli.wire.identity_key_pair import encode_identity_key_pair
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey, ProfileKeyBytes
from sigcli.zkgroup.groups import GroupSecretParams
from tests.support.hostile_messages import forged, many_distributions, retry_requests
from tests.unit.client.world import NOW_MS, OWN_ACI, OWN_PNI, PEER_ACI, Peer, World, failure, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = b"\x05" + bytes(32)
PEER_PNI = ServiceId.pni(UUID(int=0xD))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        yield world


@pytest.fixture
def bob(world: World) -> Peer:
    return world.peer()


@pytest.fixture
def phone(world: World) -> Peer:
    return world.own_phone()


def change(world: World, service_id: ServiceId = PEER_ACI, **columns: object) -> None:
    with world.database.transaction() as transaction:
        row_id = recipient_id_of(transaction, service_id)
        update_recipient(transaction, row_id, **columns)  # type: ignore[arg-type]


def sync(**fields: object) -> Content:
    return Content(sync_message=SyncMessage(**fields))  # type: ignore[arg-type]


def transcript(data: DataMessage, destination: ServiceId | None = PEER_ACI) -> Content:
    return sync(sent=SyncSent(timestamp_ms=NOW_MS, destination=destination, message=data))


# --- strangers, blocked and accepted people ---------------------------------------------------------


def test_a_stranger_is_pending_and_learns_nothing(world: World, bob: Peer) -> None:
    (row,) = world.take(bob.sealed(text("hi", profile_key=ProfileKeyBytes(bytes(range(32))))))
    assert world.person().contact.request_state is RequestState.PENDING
    assert world.person().profile.key == bytes(range(32))
    assert count_tasks(world.database, TaskKind.DELIVERY_RECEIPT) == 0
    task = world.task(TaskKind.PROFILE_FETCH)
    assert task is not None
    assert task.target == account_target(PEER_ACI)
    assert EventBuilder(world.account).event(row).message_request


def test_sealed_messages_of_accepted_people_are_confirmed(world: World, bob: Peer) -> None:
    change(world, profile_sharing=True)
    edit = EditMessage(target_timestamp_ms=1, data_message=text("better").data_message)
    rows = world.take(
        bob.sealed("one", timestamp_ms=1001),
        bob.plain("not sealed", timestamp_ms=1002),
        bob.sealed(Content(edit_message=edit), timestamp_ms=1003),
        bob.sealed(
            Content(typing_message=TypingMessage(timestamp_ms=1, action=TypingAction.STARTED)),
            timestamp_ms=1004,
        ),
    )
    assert len(rows) == 4
    assert not EventBuilder(world.account).event(rows[0]).message_request
    task = world.task(TaskKind.DELIVERY_RECEIPT)
    assert task is not None
    assert [read_timestamp(item.item) for item in task.items] == [1001, 1003]


def test_blocked_people_leave_no_row_but_their_ratchet_advances(world: World, bob: Peer) -> None:
    change(world, blocked=True, profile_sharing=True)
    world.take(
        bob.sealed(text("unseen", profile_key=ProfileKeyBytes(bytes(32)))), bob.plain("unseen too")
    )
    broken = bob.sealed("x")
    world.take(replace(broken, content=(broken.content or b"")[:-1]))
    assert [failure(row) for row in world.rows()] == ["InvalidMetadataMessageException"]
    assert world.person().profile.key is None
    assert count_tasks(world.database, TaskKind.DELIVERY_RECEIPT) == 0
    change(world, blocked=False)
    world.take(bob.sealed("seen"))
    assert world.bodies() == [None, "seen"]


def test_messages_of_blocked_groups_are_dropped(world: World, bob: Peer) -> None:
    master_key = bytes(range(32))
    params = GroupSecretParams.derive_from_master_key(master_key)
    with world.database.transaction() as transaction:
        replace_blocked_groups(transaction, [GroupIdentifier(bytes(params.get_group_identifier()))])
    data = DataMessage(
        timestamp_ms=NOW_MS,
        body="x",
        group=GroupContext(master_key=GroupMasterKey(master_key), revision=1),
    )
    other = replace(data, group=GroupContext(master_key=GroupMasterKey(bytes(32)), revision=1))
    world.take(bob.sealed(Content(data_message=data)), bob.sealed(Content(data_message=other)))
    unknown = GroupSecretParams.derive_from_master_key(bytes(32)).get_group_identifier()
    assert inbox.awaited_groups(world.database, PEER_ACI) == {unknown}


def test_the_certificate_s_number_is_learned(world: World, bob: Peer) -> None:
    world.take(bob.sealed("hi", certificate=bob.certificate(number="+15550155")))
    found = find_by_number(world.database, "+15550155")
    assert found is not None
    assert found.aci == PEER_ACI


def test_what_is_no_number_is_not_learned(world: World, bob: Peer) -> None:
    for number in ("15550155", "", "u:bob.01", "+1555\x1b[31m"):
        (row,) = world.take(bob.sealed(number, certificate=bob.certificate(number=number)))
        assert row.failure is None
        assert world.person().number is None


# --- what messages change ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "timer_s", "expected"),
    [(6, 60, (60, 6)), (5, 60, (60, 5)), (4, 60, (30, 5)), (None, 60, (30, 5))],
)
def test_timers_follow_their_versions(
    world: World, bob: Peer, version: int | None, timer_s: int, expected: tuple[int, int]
) -> None:
    def data(timer_s: int, version: int | None) -> Content:
        return Content(
            data_message=DataMessage(
                timestamp_ms=NOW_MS,
                flags=DataMessageFlag.EXPIRATION_TIMER_UPDATE,
                expire_timer_s=timer_s,
                expire_timer_version=version,
            )
        )

    world.take(bob.sealed(data(30, 5)))
    world.take(bob.sealed(data(timer_s, version)))
    contact = world.person().contact
    assert (contact.expire_timer_s, contact.expire_timer_version) == expected


def test_what_has_no_text_changes_no_timer(world: World, bob: Peer) -> None:
    world.take(bob.sealed(text("x", timer_s=30)))
    world.take(bob.sealed(Content(data_message=DataMessage(timestamp_ms=NOW_MS))))
    assert world.person().contact.expire_timer_s == 30


def test_receipts_clear_the_send_log(world: World, bob: Peer) -> None:
    address = bob.device.address
    with world.database.transaction() as transaction:
        for timestamp_ms in (1, 2):
            message = SentMessage(timestamp_ms, b"x", 0, True)
            log_sent(transaction, message, {address: KEY}, NOW_MS)
    receipt = ReceiptMessage(type=ReceiptType.DELIVERY, timestamps_ms=(1,))
    by_service = Envelope(
        type=EnvelopeType.SERVER_DELIVERY_RECEIPT,
        timestamp_ms=2,
        source=PEER_ACI,
        source_device_id=1,
        destination=OWN_ACI,
    )
    rows = world.take(bob.sealed(Content(receipt_message=receipt)), by_service)
    assert find_sent(world.database, 1, address, KEY, NOW_MS) is None
    assert find_sent(world.database, 2, address, KEY, NOW_MS) is None
    event = EventBuilder(world.account).event(rows[1])
    assert (event.is_delivery_receipt, event.timestamp_ms) == (True, 2)


def test_retry_requests_for_this_device_become_tasks(world: World, bob: Peer) -> None:
    def request(device_id: int) -> Content:
        error = DecryptionErrorMessage(None, 99, device_id)
        return Content(decryption_error_message=error.serialize())

    assert world.take(bob.sealed(request(world.account.device_id))) == []
    assert world.take(bob.sealed(request(5))) == []
    task = world.task(TaskKind.RESEND)
    assert task is not None
    (item,) = task.items
    assert DecryptionErrorMessage.deserialize(item.item).timestamp_ms == 99


def test_messages_without_content_leave_no_row(world: World, bob: Peer) -> None:
    assert world.take(bob.sealed(Content(null_message=NullMessage()))) == []


def test_a_signature_of_the_number_s_identity_merges(world: World, bob: Peer) -> None:
    pni_key = KeyPair.generate()
    number_only = world.peer(PEER_PNI, 1, pni_key, seed=3)
    with world.database.transaction() as transaction:
        resolve_recipient(transaction, pni=PEER_PNI, number="+15550177")
        number_only.world.account.protocol_store(transaction).save_identity(
            ProtocolAddress(PEER_PNI, 1), pni_key.public_key
        )
    forged = sign_pni_identity(KeyPair.generate().private_key, bob.device.identity.public_key)
    good = sign_pni_identity(pni_key.private_key, bob.device.identity.public_key)
    for signature in (forged, good):
        assert world.person_or_none(PEER_ACI) is None or world.person().pni is None
        proof = PniSignature(pni=PEER_PNI, signature=signature)
        world.take(bob.sealed(replace(text("hi"), pni_signature=proof)))
    assert (world.person().pni, world.person().number) == (PEER_PNI, "+15550177")


def test_somebody_who_writes_to_the_number_gets_a_proof(world: World) -> None:
    by_number = world.peer(own=ServiceIdKind.PNI)
    world.take(by_number.plain("hello"))
    assert world.person().contact.needs_pni_signature
    bob = world.peer(identity=by_number.device.identity)
    key = bob.device.identity.public_key.serialize()
    proof = Content(pni_signature=PniSignature(pni=OWN_PNI, signature=b"s"))
    with world.database.transaction() as transaction:
        for sent_ms, content in ((1, Content()), (2, proof)):
            message = SentMessage(sent_ms, encode_content(content), 0, True)
            log_sent(transaction, message, {bob.device.address: key}, NOW_MS)
    for named_ms, needs_it in ((1, True), (3, True), (2, False)):
        receipt = ReceiptMessage(type=ReceiptType.DELIVERY, timestamps_ms=(named_ms,))
        world.take(bob.sealed(Content(receipt_message=receipt)))
        assert world.person().contact.needs_pni_signature is needs_it


# --- from the own other devices ---------------------------------------------------------------------


def test_a_transcript_accepts_and_sets_the_timer(world: World, bob: Peer, phone: Peer) -> None:
    world.take(bob.sealed("may I?"))
    data = DataMessage(
        timestamp_ms=NOW_MS, body="you may", expire_timer_s=60, expire_timer_version=3
    )
    (row,) = world.take(phone.sealed(transcript(data)))
    contact = world.person().contact
    assert (contact.profile_sharing, contact.request_state) == (True, RequestState.ACCEPTED)
    assert (contact.expire_timer_s, contact.expire_timer_version) == (60, 3)
    assert row.metadata.source == OWN_ACI
    assert read_setting(world.database, account_data.MULTI_DEVICE) is True


def test_a_transcript_names_the_key_of_a_number(world: World, phone: Peer) -> None:
    key = KeyPair.generate().public_key
    status = UnidentifiedStatus(
        destination=PEER_PNI, unidentified=False, destination_pni_identity_key=key.serialize()
    )
    sent = SyncSent(
        timestamp_ms=NOW_MS,
        destination=PEER_PNI,
        destination_number="+15550177",
        message=text("hi").data_message,
        unidentified_statuses=(status,),
    )
    world.take(phone.sealed(sync(sent=sent)))
    known = find_identity(world.database, PEER_PNI)
    assert known is not None
    assert known.identity_key == key
    assert world.person(PEER_PNI).number == "+15550177"


def test_sync_messages_of_others_have_no_effect(world: World, bob: Peer) -> None:
    blocked = SyncBlocked(acis=(ServiceId.aci(UUID(int=77)),))
    assert world.take(bob.sealed(sync(blocked=blocked))) == []
    assert read_setting(world.database, account_data.BLOCKED_LIST_KNOWN) is None


def test_the_blocked_list_is_replaced(world: World, phone: Peer) -> None:
    other = ServiceId.aci(UUID(int=77))
    change(world, other, blocked=True)
    blocked = SyncBlocked(
        acis=(PEER_ACI,), numbers=("+15550188",), group_ids=(GroupIdentifier(b"g" * 32),)
    )
    world.take(phone.sealed(sync(blocked=blocked)))
    assert world.person().contact.blocked
    assert not world.person(other).contact.blocked
    assert blocked_groups(world.database) == {b"g" * 32}
    by_number = find_by_number(world.database, "+15550188")
    assert by_number is not None
    assert by_number.contact.blocked


def test_configuration_and_keys_are_taken_over(world: World, phone: Peer) -> None:
    pool = "a" * 64
    world.take(
        phone.sealed(sync(configuration=SyncConfiguration(read_receipts=True))),
        phone.sealed(
            sync(keys=SyncKeys(account_entropy_pool=pool, media_root_backup_key=bytes(32)))
        ),
        phone.sealed(sync(keys=SyncKeys(account_entropy_pool="no pool"))),
    )
    assert read_setting(world.database, account_data.READ_RECEIPTS) is True
    assert read_setting(world.database, account_data.TYPING_INDICATORS) is None
    assert world.account.keys.account_entropy_pool == pool
    assert world.account.keys.media_root_backup_key == bytes(32)
    assert len(world.rows()) == 3


def test_an_own_profile_that_was_changed_elsewhere_is_fetched_at_once(
    world: World, phone: Peer
) -> None:
    change(world, OWN_ACI, profile_fetched_ms=NOW_MS)
    latest = SyncFetchLatest(type=FetchLatestType.LOCAL_PROFILE)
    world.take(phone.sealed(sync(fetch_latest=latest)))
    own = world.person(OWN_ACI)
    assert own.profile.key == world.account.keys.profile_key
    assert fetch_due(world.account, own)
    task = world.task(TaskKind.PROFILE_FETCH)
    assert task is not None
    assert task.target == account_target(OWN_ACI)


def test_verified_elsewhere_releases_what_was_kept_back(
    world: World, bob: Peer, phone: Peer
) -> None:
    world.take(bob.plain("before"))
    again = world.peer(identity=KeyPair.generate(), seed=2)
    world.take(again.plain("after"))
    key = again.device.identity.public_key.serialize()
    stale = SyncVerified(
        destination=PEER_ACI,
        identity_key=bob.device.identity.public_key.serialize(),
        state=VerifiedState.DEFAULT,
    )
    world.take(phone.sealed(sync(verified=stale)))
    assert "after" not in world.bodies()
    verified = SyncVerified(destination=PEER_ACI, identity_key=key, state=VerifiedState.VERIFIED)
    world.take(phone.sealed(sync(verified=verified)))
    assert world.bodies()[-1] == "after"
    known = find_identity(world.database, PEER_ACI)
    assert known is not None
    assert known.trust_level is TrustLevel.TRUSTED_VERIFIED


@pytest.mark.parametrize(
    ("type", "blocked", "accepted"),
    [
        (MessageRequestResponseType.ACCEPT, False, True),
        (MessageRequestResponseType.BLOCK, True, False),
        (MessageRequestResponseType.DELETE, False, False),
    ],
)
def test_message_requests_are_answered_elsewhere(
    world: World,
    bob: Peer,
    phone: Peer,
    type: MessageRequestResponseType,
    blocked: bool,
    accepted: bool,
) -> None:
    world.take(bob.sealed("may I?"))
    response = SyncMessageRequestResponse(type=type, thread=PEER_ACI)
    world.take(phone.sealed(sync(message_request_response=response)))
    contact = world.person().contact
    assert (contact.blocked, contact.profile_sharing) == (blocked, accepted)


def test_contacts_are_fetched_later_and_requests_are_the_primary_s(
    world: World, phone: Peer
) -> None:
    blob = AttachmentPointer(cdn_key="x", key=bytes(64), digest=bytes(32))
    world.take(
        phone.sealed(sync(contacts=SyncContacts(blob=blob, complete=True))),
        phone.sealed(sync(request=SyncRequest(type=SyncRequestType.CONTACTS))),
    )
    assert count_tasks(world.database, TaskKind.ATTACHMENT_DOWNLOAD) == 1
    assert count_tasks(world.database, TaskKind.SYNC_ANSWER) == 0


def test_a_username_that_changed_elsewhere_is_looked_up(world: World, phone: Peer) -> None:
    world.take(phone.sealed(sync(username_change=SyncUsernameChange())))
    assert count_tasks(world.database, TaskKind.STORAGE_SYNC) == 1
    assert check_is_due(world.account)
    assert read_setting(world.database, account_data.USERNAME_CHANGED_ELSEWHERE)


def test_a_new_number_comes_with_new_keys(world: World, phone: Peer) -> None:
    identity = KeyPair.generate()
    signed = generate_signed_prekey(identity, 5, NOW_MS)
    (kyber,) = generate_kyber_prekeys(identity, 6, 1, NOW_MS)
    number_change = SyncPniChangeNumber(
        identity_key_pair=encode_identity_key_pair(
            identity.public_key.serialize(), identity.private_key.serialize()
        ),
        signed_prekey=signed.serialize(),
        last_resort_kyber_prekey=kyber.serialize(),
        registration_id=77,
        new_number="+15550199",
    )
    new_pni = ServiceId.pni(UUID(int=0xEE))
    envelope = phone.sealed(sync(pni_change_number=number_change))
    world.take(replace(envelope, updated_pni=new_pni))
    keys = world.account.keys
    assert (keys.pni, keys.number, keys.pni_registration_id) == (new_pni, "+15550199", 77)
    assert keys.pni_identity is not None
    assert keys.pni_identity.public_key == identity.public_key
    assert keys.pni != OWN_PNI
    bob = world.peer(own=ServiceIdKind.PNI)
    world.take(bob.plain("to the new number"))
    assert world.bodies()[-1] == "to the new number"


# --- what one sender may bring about ----------------------------------------------------------------


def test_only_so_many_sender_keys_of_a_device_are_kept(
    world: World, bob: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_changes, "MAX_SENDER_KEYS", 3)
    world.take(*(many_distributions(bob, number) for number in range(5)))
    own, address = ServiceIdKind.ACI, bob.device.address
    kept = [
        load_sender_key(world.database, own, address, UUID(int=number + 10_000)) is not None
        for number in range(5)
    ]
    assert kept == [False, False, True, True, True]


def test_only_so_much_is_sent_again_to_one_device(
    world: World, bob: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(received_receipts, "MAX_RESENDS", 3)
    world.take(*(retry_requests(bob, number) for number in range(5)))
    assert count_tasks(world.database, TaskKind.RESEND) == 3


def test_only_so_many_devices_are_asked_again_within_an_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry_limits, "DEVICES_AN_HOUR", 3)
    for number in range(5):
        stranger = world.peer(ServiceId.aci(UUID(int=900 + number)), seed=number)
        world.take(forged(stranger, number, counter=1))
    assert count_tasks(world.database, TaskKind.RETRY_REQUEST) == 3
    # Who was asked already is still asked about other messages.
    first = world.peer(ServiceId.aci(UUID(int=900)))
    world.take(forged(first, 9, counter=1))
    assert count_tasks(world.database, TaskKind.RETRY_REQUEST) == 3 + 1
