from __future__ import annotations

import base64
from typing import Any, cast
from uuid import UUID

from sigcli.client.base.account import Account
from sigcli.client.base.outcomes import ResultType
from sigcli.client.groups.endorsements import receive_endorsements
from sigcli.client.groups.storing import store_group
from sigcli.client.sending.delivery import DeliveryResult, Outgoing
from sigcli.client.sending.sender_key_distribution import own_distribution
from sigcli.client.sending.sender_key_sending import deliver_to_members
from sigcli.crypto.curve import KeyPair
from sigcli.protocol.certificates import SenderCertificate
from sigcli.protocol.prekeys import PreKeyBundle, generate_kyber_prekeys, generate_signed_prekey
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.protocol.sealed_sender_v2 import SentMessage
from sigcli.protocol.session import process_prekey_bundle
from sigcli.service.credentials import GroupSendToken
from sigcli.service.exchange import Request, Response
from sigcli.store.account_data import SENDER_CERTIFICATE, SENDER_CERTIFICATE_EXPIRES_MS
from sigcli.store.group_values import Group, GroupDetails, Member
from sigcli.store.sender_keys import mark_sender_key_shared
from sigcli.store.settings import Setting, write_setting
from sigcli.wire.addresses import ProtocolAddress, ServiceId
from sigcli.wire.content import Content, DataMessage, encode_content
from sigcli.zkgroup.endorsements import (
    GroupSendDerivedKeyPair,
    GroupSendEndorsementsResponse,
    GroupSendFullToken,
)
from sigcli.zkgroup.groups import GroupSecretParams
from tests.unit.client.group_world import DAY_S, NOW_MS, TODAY_S, NoChat, People

SIZE = 30
CONTENT = encode_content(Content(data_message=DataMessage(timestamp_ms=NOW_MS, body="hello")))


class OneDoor(NoChat):
    """Takes messages for several; everything else cannot be reached."""

    def __init__(self) -> None:
        self.taken: list[tuple[Request, GroupSendToken]] = []
        self.gone: list[ServiceId] = []

    @property
    def unidentified(self) -> OneDoor:
        return self

    def request(self, *arguments: object) -> Response:
        request = cast(Request, arguments[0])
        if "multi_recipient" not in request.path:
            return super().request()
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
    with alice.database.transaction():
        group = store_group(alice, params, details, endorsements)
        for aci in acis[1:]:
            start_session(alice, aci)
        distribution = own_distribution(alice, group, acis[1:])
        devices = [ProtocolAddress(aci, 1) for aci in acis[1:]]
        mark_sender_key_shared(alice.database, distribution.id, devices, NOW_MS)
    certify(people, alice)
    return group


_IDENTITY = KeyPair.generate()
_SIGNED = generate_signed_prekey(_IDENTITY, 1, NOW_MS)
_KYBER = generate_kyber_prekeys(_IDENTITY, 1, 1, NOW_MS)[0]


def start_session(alice: Account, aci: ServiceId) -> None:
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
    store = alice.protocol_store()
    remote = ProtocolAddress(aci, 1)
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
    people: People, alice: Account, door: OneDoor, *, without: int = 0
) -> tuple[list[ServiceId], list[DeliveryResult]]:
    """A message to a large group; the last ``without`` members have no endorsement."""
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
    alice._chat = cast(Any, door)
    hint = ContentHint.RESENDABLE
    outgoing = Outgoing(CONTENT, NOW_MS, hint, group_id=group.group_id)
    return others, deliver_to_members(alice, group, params, others, outgoing)


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


def test_who_has_no_account_any_more_is_named(people: People, alice: Account) -> None:
    door = OneDoor()
    door.gone = [ServiceId.aci(UUID(int=10_000))]
    _, results = send(people, alice, door)
    assert results[0].type is ResultType.UNREGISTERED_FAILURE
    assert all(result.succeeded for result in results[1:])
