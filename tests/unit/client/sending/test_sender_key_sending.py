from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

import pytest

from sigcli.client.base.account import Account
from sigcli.client.base.events import Person
from sigcli.client.base.outcomes import ResultType, SendOutcome
from sigcli.client.groups.endorsements import receive_endorsements
from sigcli.client.groups.storing import store_group
from sigcli.client.sending import delivery as delivery_module
from sigcli.client.sending import setup_guard
from sigcli.client.sending.outgoing import DeliveryResult, Outgoing
from sigcli.client.sending.send_results import result_for
from sigcli.client.sending.sender_key_distribution import own_distribution
from sigcli.client.sending.sender_key_sending import deliver_to_members
from sigcli.crypto.curve import KeyPair
from sigcli.durations import DAY_S
from sigcli.errors import SendUnregistered, SessionSetupBusy
from sigcli.protocol.certificates import SenderCertificate
from sigcli.protocol.prekeys import PreKeyBundle, generate_kyber_prekeys, generate_signed_prekey
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.protocol.sealed_sender_v2 import SentMessage
from sigcli.protocol.session import process_prekey_bundle
from sigcli.service.credentials import GroupSendToken
from sigcli.service.exchange import Request, Response
from sigcli.store.account_data import SENDER_CERTIFICATE, SENDER_CERTIFICATE_EXPIRES_MS
from sigcli.store.database import Transaction
from sigcli.store.group_values import Group, GroupDetails, Member
from sigcli.store.record_cache import cache_of
from sigcli.store.sender_keys import mark_sender_key_shared
from sigcli.store.sessions import save_session
from sigcli.store.settings import Setting, write_setting
from sigcli.wire.addresses import ProtocolAddress, ServiceId, ServiceIdKind
from sigcli.wire.content import Content, DataMessage, encode_content
from sigcli.zkgroup.endorsements import (
    GroupSendDerivedKeyPair,
    GroupSendEndorsementsResponse,
    GroupSendFullToken,
)
from sigcli.zkgroup.groups import GroupSecretParams
from tests.support.stored import delete_sessions
from tests.unit.client.group_world import NOW_MS, TODAY_S, NoChat, People

SIZE = 30


def content_at(timestamp_ms: int) -> bytes:
    return encode_content(
        Content(data_message=DataMessage(timestamp_ms=timestamp_ms, body="hello"))
    )


CONTENT = content_at(NOW_MS)


class OneDoor(NoChat):
    """Takes messages for several; for one alone it has the answer ``alone``, and everything else cannot be reached."""

    def __init__(self) -> None:
        self.taken: list[tuple[Request, GroupSendToken]] = []
        self.gone: list[ServiceId] = []
        self.alone: Response | None = None
        self.asked_alone: list[str] = []

    @property
    def unidentified(self) -> OneDoor:
        return self

    def request(self, *arguments: object) -> Response:
        request = cast(Request, arguments[0])
        if "multi_recipient" not in request.path:
            if self.alone is None:
                return super().request()
            self.asked_alone.append(request.path)
            return self.alone
        self.taken.append((request, cast(GroupSendToken, arguments[1])))
        names = ",".join(f'"{one}"' for one in self.gone)
        return Response(200, {}, f'{{"uuids404": [{names}]}}'.encode())


def key_pair(people: People) -> GroupSendDerivedKeyPair:
    return GroupSendDerivedKeyPair.for_expiration(
        TODAY_S + 2 * DAY_S, people.host.state.keys.zkgroup
    )


def large_group(people: People, alice: Account, params: GroupSecretParams) -> Group:
    """A group of Alice's with many, all of whom hold her sender key and have a session with her."""
    acis = [alice.aci, *(ServiceId.aci(UUID(int=10_000 + i)) for i in range(SIZE))]
    ciphertexts = [params.encrypt_service_id(aci).serialize() for aci in acis]
    members = tuple(
        Member(aci=aci, user_id_ciphertext=ciphertext)
        for aci, ciphertext in zip(acis, ciphertexts, strict=True)
    )
    details = GroupDetails(revision=0, title="large", members=members)
    issued = GroupSendEndorsementsResponse.issue(ciphertexts, key_pair(people))
    endorsements = receive_endorsements(alice, params, details, issued.serialize())
    with alice.database.transaction() as transaction:
        group = store_group(alice, transaction, params, details, endorsements)
        for aci in acis[1:]:
            start_session(alice, transaction, aci)
        distribution = own_distribution(alice, transaction, group, acis[1:])
        devices = [ProtocolAddress(aci, 1) for aci in acis[1:]]
        mark_sender_key_shared(transaction, distribution.id, devices, NOW_MS)
    certify(people, alice)
    return group


_IDENTITY = KeyPair.generate()
_SIGNED = generate_signed_prekey(_IDENTITY, 1, NOW_MS)
_KYBER = generate_kyber_prekeys(_IDENTITY, 1, 1, NOW_MS)[0]


def start_session(alice: Account, transaction: Transaction, aci: ServiceId) -> None:
    bundle = PreKeyBundle(
        registration_id=7,
        device_id=1,
        prekey_id=None,
        prekey=None,
        signed_prekey_id=1,
        signed_prekey=_SIGNED.key_pair.public_key,
        signed_prekey_signature=_SIGNED.signature,
        kyber_prekey_id=_KYBER.id,
        kyber_prekey=_KYBER.key_pair.public_key,
        kyber_prekey_signature=_KYBER.signature,
        identity_key=_IDENTITY.public_key,
    )
    remote = ProtocolAddress(aci, 1)
    store = alice.protocol_store(transaction)
    process_prekey_bundle(bundle, remote, alice.address(), store, NOW_MS, alice.random)


def certify(people: People, alice: Account) -> None:
    keys = people.host.state.keys
    expires_ms = NOW_MS + 5 * DAY_S * 1000
    certificate = SenderCertificate.issue(
        sender=alice.aci,
        device_id=1,
        identity_key=alice.keys.aci_identity.public_key,
        expires_ms=expires_ms,
        signer=keys.server_certificate,
        signer_key=keys.signing_key.private_key,
        sender_e164=None,
    )
    with alice.database.transaction() as database:
        write_setting(database, SENDER_CERTIFICATE, certificate.serialized)
        write_setting(database, SENDER_CERTIFICATE_EXPIRES_MS, expires_ms)
        write_setting(database, Setting("sender_certificate_fetched_ms", int), NOW_MS)


def send(
    people: People,
    alice: Account,
    door: OneDoor,
    *,
    without: int = 0,
    prepare: Callable[[], None] = lambda: None,
) -> tuple[list[ServiceId], list[DeliveryResult]]:
    """A message to a large group; the last ``without`` members have no endorsement."""
    _, others, results = send_in_group(people, alice, door, without=without, prepare=prepare)
    return others, results


def send_in_group(
    people: People,
    alice: Account,
    door: OneDoor,
    *,
    without: int = 0,
    prepare: Callable[[], None] = lambda: None,
) -> tuple[Group, list[ServiceId], list[DeliveryResult]]:
    """The same, with the group."""
    params = GroupSecretParams.generate()
    group = large_group(people, alice, params)
    assert group.details is not None
    others = [member.aci for member in group.details.members][1:]
    with alice.database.transaction() as database:
        for aci in others[len(others) - without :]:
            database.write(
                "UPDATE group_person SET endorsement = NULL WHERE service_id = ?",
                (aci.to_fixed_width(),),
            )
    prepare()
    alice._chat = cast(Any, door)
    hint = ContentHint.RESENDABLE
    outgoing = Outgoing(CONTENT, NOW_MS, hint, group_id=group.group_id)
    return group, others, deliver_to_members(alice, group, others, outgoing)


def test_all_members_are_in_one_request_with_a_token_for_exactly_them(
    people: People, alice: Account
) -> None:
    door = OneDoor()
    others, results = send(people, alice, door)
    assert [result.recipient for result in results] == others
    assert all(result.succeeded and result.sealed for result in results)
    ((request, access),) = door.taken
    assert request.path.startswith(f"/v1/messages/multi_recipient?ts={NOW_MS}&")
    sent = SentMessage.parse(request.body or b"")
    assert set(sent.recipients) == set(others)
    assert {one.devices for one in sent.recipients.values()} == {((1, 7),)}
    token = GroupSendFullToken.deserialize(base64.b64decode(access.header[1]))
    token.verify(others, NOW_MS, key_pair(people))


def test_who_lacks_an_endorsement_gets_a_message_of_their_own(
    people: People, alice: Account
) -> None:
    door = OneDoor()
    others, results = send(people, alice, door, without=2)
    # The two are tried one by one, which this chat service does not let happen.
    assert [result.type for result in results] == [
        *[ResultType.SUCCESS] * (SIZE - 2),
        *[ResultType.NETWORK_FAILURE] * 2,
    ]
    ((request, access),) = door.taken
    assert set(SentMessage.parse(request.body or b"").recipients) == set(others[:-2])
    token = GroupSendFullToken.deserialize(base64.b64decode(access.header[1]))
    token.verify(others[:-2], NOW_MS, key_pair(people))


NO_ACCOUNT = Response(404, {}, b"")
TAKEN = Response(200, {}, b'{"needsSync": false}')


def test_who_has_no_account_any_more_is_named(people: People, alice: Account) -> None:
    door = OneDoor()
    door.gone = [ServiceId.aci(UUID(int=10_000))]
    door.alone = NO_ACCOUNT
    _, results = send(people, alice, door)
    assert results[0].type is ResultType.UNREGISTERED_FAILURE
    assert all(result.succeeded for result in results[1:])
    assert {path.split("?")[0] for path in door.asked_alone} == {f"/v1/messages/{door.gone[0]}"}


def test_who_is_wrongly_said_to_be_gone_is_reached(people: People, alice: Account) -> None:
    door = OneDoor()
    door.gone = [ServiceId.aci(UUID(int=10_000 + i)) for i in range(SIZE)]
    door.alone = TAKEN
    _, results = send(people, alice, door)
    assert all(result.succeeded for result in results)
    assert len(door.asked_alone) == SIZE


def test_that_all_are_gone_fails_and_is_not_believed_of_the_next_message(
    people: People, alice: Account
) -> None:
    door = OneDoor()
    door.gone = [ServiceId.aci(UUID(int=10_000 + i)) for i in range(SIZE)]
    door.alone = NO_ACCOUNT
    group, others, results = send_in_group(people, alice, door)
    assert {result.type for result in results} == {ResultType.UNREGISTERED_FAILURE}
    outcome = SendOutcome(
        NOW_MS, tuple(result_for(Person(aci=one.recipient), one) for one in results)
    )
    failure = outcome.failure()
    assert isinstance(failure, SendUnregistered)
    assert failure.exit_code == 1
    door.gone = []
    again = Outgoing(
        content_at(NOW_MS + 1), NOW_MS + 1, ContentHint.RESENDABLE, group_id=group.group_id
    )
    assert all(result.succeeded for result in deliver_to_members(alice, group, others, again))


# --- one member in the way ------------------------------------------------------------------------


def change_session(alice: Account, aci: ServiceId, **change: Any) -> None:
    """Put something into the session with a member that this program would not take any more."""
    with alice.database.transaction() as transaction:
        record = alice.protocol_store(transaction).session(ProtocolAddress(aci, 1))
        assert record is not None
        assert record.current is not None
        changed = record.with_current(replace(record.current, **change))
        save_session(transaction, ServiceIdKind.ACI, ProtocolAddress(aci, 1), changed)


def registration_id_too_large(alice: Account, aci: ServiceId) -> None:
    change_session(alice, aci, remote_registration_id=70_000)


def damaged_session(alice: Account, aci: ServiceId) -> None:
    with alice.database.transaction() as database:
        database.write(
            "UPDATE session SET record = X'ff' WHERE service_id = ?", (aci.to_fixed_width(),)
        )
    cache_of(alice.database, "session").clear()


def identity_of_small_order(alice: Account, aci: ServiceId) -> None:
    with alice.database.transaction() as database:
        database.write(
            "UPDATE identity SET identity_key = ? WHERE service_id = ?",
            (b"\x05" + bytes(32), aci.to_fixed_width()),
        )
    cache_of(alice.database, "identity").clear()


@pytest.mark.parametrize(
    "harm", [registration_id_too_large, damaged_session, identity_of_small_order]
)
def test_what_is_wrong_with_a_member_keeps_nothing_from_the_others(
    people: People, alice: Account, harm: Callable[[Account, ServiceId], None]
) -> None:
    door = OneDoor()
    hostile = [ServiceId.aci(UUID(int=10_000 + i)) for i in (3, 4, 5, 6, 7, 8, 9)]

    def prepare() -> None:
        for one in hostile:
            harm(alice, one)

    others, results = send(people, alice, door, prepare=prepare)
    by_member = {result.recipient: result for result in results}
    honest = [one for one in others if one not in hostile]
    assert all(by_member[one].succeeded for one in honest)
    # Each is tried alone, which this chat service does not let happen.
    assert {by_member[one].type for one in hostile} <= {
        ResultType.IDENTITY_FAILURE,
        ResultType.NETWORK_FAILURE,
        ResultType.INVALID_PRE_KEY_FAILURE,
    }
    assert set(SentMessage.parse(door.taken[-1][0].body or b"").recipients) == set(honest)


def test_a_bug_met_with_one_member_is_that_members_result(
    people: People, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = OneDoor()
    whole = delivery_module._Delivery._encrypt
    victim = ServiceId.aci(UUID(int=10_000 + SIZE - 1))

    def encrypt(self: Any) -> Any:
        if self._recipient == victim:
            raise OverflowError
        return whole(self)

    monkeypatch.setattr(delivery_module._Delivery, "_encrypt", encrypt)
    others, results = send(people, alice, door, without=2)
    assert [result.type for result in results[-2:]] == [
        ResultType.NETWORK_FAILURE,
        ResultType.INVALID_PRE_KEY_FAILURE,
    ]
    assert all(result.succeeded for result in results[:-2])
    assert others[-1] == victim


def test_a_session_that_another_process_sets_up_for_long_holds_up_nobody_else(
    people: People, alice: Account
) -> None:
    door = OneDoor()
    slow = ServiceId.aci(UUID(int=10_000))
    alice.settings = replace(alice.settings, lock_timeout_s=0.05)

    def prepare() -> None:
        with alice.database.transaction() as database:
            delete_sessions(database, slow)
            guard = setup_guard.claim(database, slow, NOW_MS, bytes(8))
            assert isinstance(guard, setup_guard.Guard)

    _, results = send(people, alice, door, prepare=prepare)
    assert results[0].type is ResultType.NETWORK_FAILURE
    assert isinstance(results[0].error, SessionSetupBusy)
    assert all(result.succeeded for result in results[1:])
