"""Groups: reading and proving membership, endorsements of all members, fanning a message out."""

from __future__ import annotations

from functools import cache

from sigcli.crypto.randomness import secure_random
from sigcli.durations import DAY_S
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.protocol.sealed_sender import UnidentifiedSenderMessageContent, seal_v1
from sigcli.wire.addresses import ProtocolAddress, ServiceId
from sigcli.wire.padding import pad
from sigcli.zkgroup.auth_credentials import AuthCredentialWithPni, issue_auth_credential
from sigcli.zkgroup.endorsements import (
    GroupSendDerivedKeyPair,
    GroupSendEndorsement,
    GroupSendEndorsementsResponse,
    ReceivedEndorsements,
)
from sigcli.zkgroup.groups import GroupSecretParams
from sigcli.zkgroup.server_params import ServerSecretParams
from tests.bench.comparison import Operation
from tests.bench.operations.sealed import (
    RECIPIENTS,
    SENDER_KEY_OPERATIONS,
    certified,
    seal_operations,
)
from tests.bench.timing import Work
from tests.support.devices import ALICE, BOB, Device

_NOW_S = 20_000 * DAY_S
_EXPIRATION_S = _NOW_S + 3 * DAY_S
_OWN_ACI, _OWN_PNI = ServiceId.aci(bytes(range(16))), ServiceId.pni(bytes(range(1, 17)))
_DISTRIBUTION_MESSAGE_LENGTH = 100

_SCOPE = f"""
    const zk = await import('@signalapp/libsignal-client/zkgroup.js');
    const group = zk.GroupSecretParams.generate(), cipher = new zk.ClientZkGroupCipher(group);
    const server = zk.ServerSecretParams.generate(), serverPublic = server.getPublicParams();
    const aci = lib.Aci.fromUuid('{_OWN_ACI}');
    const pni = lib.Pni.fromUuid('{str(_OWN_PNI).removeprefix("PNI:")}');
    const now = new Date({_NOW_S * 1000}), expiration = new Date({_EXPIRATION_S * 1000});
"""
_MEMBERS = (
    _SCOPE
    + """
    const others = Array.from({ length: count - 1 }, (_, i) =>
        lib.Aci.fromUuid(`796abedb-ca4e-4f18-8803-${i.toString(16).padStart(12, '0')}`));
    const members = [aci, ...others].map((one) => cipher.encryptServiceId(one));
    const keyPair = zk.GroupSendDerivedKeyPair.forExpiration(expiration, server);
    const response = zk.GroupSendEndorsementsResponse.issue(members, keyPair);
    const receive = () => response.receiveWithCiphertexts(members, members[0], serverPublic, now);
"""
)


@cache
def _group() -> GroupSecretParams:
    return GroupSecretParams.generate(secure_random)


@cache
def _server() -> ServerSecretParams:
    return ServerSecretParams.generate(secure_random)


def _encrypt_id() -> Work:
    group = _group()
    return Work(lambda: group.encrypt_service_id(_OWN_ACI))


def _decrypt_id() -> Work:
    group = _group()
    ciphertext = group.encrypt_service_id(_OWN_ACI)
    return Work(lambda: group.decrypt_service_id(ciphertext))


def _credential() -> AuthCredentialWithPni:
    issued = issue_auth_credential(_server(), _OWN_ACI, _OWN_PNI, _NOW_S)
    return issued.receive(_server().get_public_params(), _OWN_ACI, _OWN_PNI, _NOW_S)


def _receive_credential() -> Work:
    issued = issue_auth_credential(_server(), _OWN_ACI, _OWN_PNI, _NOW_S)
    public = _server().get_public_params()
    return Work(lambda: issued.receive(public, _OWN_ACI, _OWN_PNI, _NOW_S))


def _present_credential() -> Work:
    credential, public, group = _credential(), _server().get_public_params(), _group()
    return Work(lambda: credential.present(public, group))


def _received(count: int) -> tuple[Work, ReceivedEndorsements]:
    members = [_OWN_ACI, *(ServiceId.aci(n.to_bytes(16, "big")) for n in range(1, count))]
    ciphertexts = [_group().encrypt_service_id(member).serialize() for member in members]
    key_pair = GroupSendDerivedKeyPair.for_expiration(_EXPIRATION_S, _server())
    response = GroupSendEndorsementsResponse.issue(ciphertexts, key_pair).serialize()
    public = _server().get_public_params()

    def step() -> ReceivedEndorsements:
        return GroupSendEndorsementsResponse.deserialize(response).receive_with_ciphertexts(
            ciphertexts, ciphertexts[0], _NOW_S * 1000, public
        )

    return Work(step), step()


def _token(count: int) -> Work:
    _, received = _received(count)
    stored = [endorsement.serialize() for endorsement in received.endorsements[1:]]

    def step() -> bytes:
        read = [GroupSendEndorsement.deserialize(data) for data in stored]
        combined = GroupSendEndorsement.combine(read)
        return combined.to_full_token(_group(), _EXPIRATION_S).serialize()

    return Work(step)


def _hand_out(count: int) -> Work:
    """The sender key to every member: a message of each session, sealed."""
    sender, other = Device.create(ALICE), Device.create(BOB)
    bundle = other.bundle(one_time=False)
    addresses = [ProtocolAddress(ServiceId.aci(n.to_bytes(16, "big")), 1) for n in range(1, count)]
    for address in addresses:
        sender.start(address, bundle)
    keys, certificate = certified()
    text = pad(bytes(_DISTRIBUTION_MESSAGE_LENGTH))
    recipient = other.identity.public_key

    def step() -> None:
        for address in addresses:
            message = sender.encrypt(address, text)
            content = UnidentifiedSenderMessageContent(
                CiphertextMessageType(message.type), certificate, message.body
            )
            seal_v1(content, keys, recipient)

    return Work(step)


_HAND_OUT = (
    RECIPIENTS
    + """
    const { sealedSenderEncryptMessage } = lib;
    const read = lib.SenderCertificate.deserialize(certificate);
    const text = Buffer.alloc(length);
    return { step: async () => {
        for (const recipient of recipients)
            await sealedSenderEncryptMessage(text, recipient, read, sessions, identities);
    } };
"""
)


def _sized(count: int) -> tuple[Operation, ...]:
    return (
        Operation(
            f"endorsements of {count:,} members: verify",
            lambda: _received(count)[0],
            _MEMBERS + "return { step: receive };",
            lambda: {"count": count},
        ),
        Operation(
            f"group send token for {count:,} members",
            lambda: _token(count),
            _MEMBERS
            + """
            const stored = receive().endorsements.slice(1).map((one) => one.serialize());
            return { step: () => {
                const read = stored.map((bytes) => new zk.GroupSendEndorsement(bytes));
                return zk.GroupSendEndorsement.combine(read).toFullToken(group, expiration);
            } };
            """,
            lambda: {"count": count},
        ),
        *seal_operations(count),
        Operation(
            f"sender key to {count:,} members: encrypt and seal v1",
            lambda: _hand_out(count),
            _HAND_OUT,
            lambda: {
                "alice": certified()[0].private_key.raw,
                "certificate": certified()[1].serialized,
                "count": count - 1,
                "length": len(pad(bytes(_DISTRIBUTION_MESSAGE_LENGTH))),
            },
        ),
    )


OPERATIONS = (
    Operation(
        "encrypt a member's id",
        _encrypt_id,
        _SCOPE + "return { step: () => cipher.encryptServiceId(aci) };",
    ),
    Operation(
        "decrypt a member's id",
        _decrypt_id,
        _SCOPE
        + """
        const encrypted = cipher.encryptServiceId(aci);
        return { step: () => cipher.decryptServiceId(encrypted) };
        """,
    ),
    Operation(
        "auth credential: verify what the server issued",
        _receive_credential,
        _SCOPE
        + f"""
        const issued = new zk.ServerZkAuthOperations(server)
            .issueAuthCredentialWithPniZkc(aci, pni, {_NOW_S});
        const client = new zk.ClientZkAuthOperations(serverPublic);
        return {{ step: () => client.receiveAuthCredentialWithPniAsServiceId(
            aci, pni, {_NOW_S}, issued) }};
        """,
    ),
    Operation(
        "auth credential: present",
        _present_credential,
        _SCOPE
        + f"""
        const issued = new zk.ServerZkAuthOperations(server)
            .issueAuthCredentialWithPniZkc(aci, pni, {_NOW_S});
        const client = new zk.ClientZkAuthOperations(serverPublic);
        const credential = client.receiveAuthCredentialWithPniAsServiceId(
            aci, pni, {_NOW_S}, issued);
        return {{ step: () => client.createAuthCredentialWithPniPresentation(group, credential) }};
        """,
    ),
    *SENDER_KEY_OPERATIONS,
    *_sized(100),
    *_sized(1000),
)
