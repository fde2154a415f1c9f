"""A linked device made of official libsignal and plain code: what the mock server says, checked without sigcli."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.padding import PKCS7

from tests.interop.oracle import Oracle
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.scanning import Scan
from tests.support.signal_socket import ServerRequest, SignalSocket, basic
from tests.support.wire_fields import Fields, bytes_field, decode_fields, encode_fields, int_field

DOUBLE_RATCHET, PREKEY_MESSAGE, SEALED = 1, 3, 6
_PASSWORD = "a password of the test"


@dataclass(frozen=True, slots=True)
class RawEnvelope:
    """An envelope as it came, with the request to answer."""

    request: ServerRequest
    fields: Fields

    @property
    def type(self) -> int:
        """Envelope.type."""
        return int_field(self.fields, 1)

    @property
    def content(self) -> bytes:
        """The ciphertext."""
        return bytes_field(self.fields, 8)

    @property
    def guid(self) -> bytes:
        """The server's GUID, 16 bytes."""
        return bytes_field(self.fields, 21)


class RawDevice:
    """A linked device whose keys live in the oracle as `state.device`."""

    def __init__(self, server: MockServer, oracle: Oracle, device: MockDevice, login: str) -> None:
        """Use `link`."""
        self.server = server
        self.oracle = oracle
        self.device = device
        self.login = login

    @classmethod
    def link(cls, server: MockServer, oracle: Oracle, primary: MockPrimary) -> RawDevice:
        """Goes through provisioning as a new device does."""
        tls = server.tls_context()
        own = X25519PrivateKey.generate()
        with SignalSocket(server.url, tls, path="/v1/websocket/provisioning/") as provisioning:
            request = provisioning.next_pushed()
            assert (request.verb, request.path) == ("PUT", "/v1/address")
            provisioning.answer(request)
            address = bytes_field(decode_fields(request.body), 1).decode()
            public = base64.b64encode(b"\x05" + own.public_key().public_bytes_raw()).decode()
            url = f"sgnl://linkdevice?uuid={quote(address)}&pub_key={quote(public, safe='')}"
            scan = Scan(server, url, primary)
            request = provisioning.next_pushed()
            assert (request.verb, request.path) == ("PUT", "/v1/message")
            provisioning.answer(request)
        message = decode_fields(_decrypt_provisioning(own, request.body))
        keys = make_keys(oracle, primary.aci, bytes_field(message, 2), bytes_field(message, 12))
        body = {
            "verificationCode": bytes_field(message, 4).decode(),
            "accountAttributes": {
                "fetchesMessages": True,
                "registrationId": 77,
                "pniRegistrationId": 78,
                "name": base64.b64encode(b"encrypted elsewhere").decode(),
                "capabilities": {"spqr": True},
            },
            **keys,
        }
        headers = {"authorization": basic(primary.aci, _PASSWORD)}
        with SignalSocket(server.url, tls) as chat:
            answer = chat.request("PUT", "/v1/devices/link", json_body=body, headers=headers)
        assert answer.status == 200, answer
        login = basic(f"{primary.aci}.{answer.json['deviceId']}", _PASSWORD)
        with SignalSocket(server.url, tls, authorization=login) as chat:
            for identity in ("aci", "pni"):
                batch = _one_time_keys(oracle, identity)
                answer = chat.request("PUT", f"/v2/keys?identity={identity}", json_body=batch)
                assert answer.status == 200, answer
        return cls(server, oracle, scan.result(), login)

    def connect(self, **headers: str) -> SignalSocket:
        """The device's own websocket; keyword arguments are upgrade headers with underscores."""
        return SignalSocket(
            self.server.url,
            self.server.tls_context(),
            authorization=self.login,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    def decrypt(self, envelope: RawEnvelope) -> tuple[str, Fields]:
        """Sender's ACI and the Content's fields."""
        sender = envelope.fields.get(19, [None])[-1]
        result = self.oracle.call(
            _DECRYPT, type=envelope.type, content=envelope.content, sender=sender
        )
        plaintext: bytes = result["plaintext"]
        return result["sender"], decode_fields(plaintext.rstrip(b"\0")[:-1])

    def send_text(self, chat: SignalSocket, primary: MockPrimary, text: str) -> int:
        """Sends a data message to a mock primary; returns the answer's status."""
        bundle = chat.request("GET", f"/v2/keys/{primary.aci}/*").json
        content = encode_fields((1, encode_fields((1, text), (7, 1_700_000_000_000))))
        message = self.oracle.call(
            _ENCRYPT, bundle=bundle, aci=primary.aci, plaintext=content + b"\x80"
        )
        entry = {
            "type": PREKEY_MESSAGE if message["type"] == 3 else DOUBLE_RATCHET,
            "destinationDeviceId": 1,
            "destinationRegistrationId": bundle["devices"][0]["registrationId"],
            "content": base64.b64encode(message["body"]).decode(),
        }
        body = {"messages": [entry], "timestamp": 1_700_000_000_000}
        return chat.request("PUT", f"/v1/messages/{primary.aci}", json_body=body).status


def next_envelope(chat: SignalSocket, *, answer: int | None = 200) -> RawEnvelope | None:
    """The next message, acknowledged unless `answer` is None; None when the queue is empty."""
    request = chat.next_pushed()
    if request.path == "/api/v1/queue/empty":
        chat.answer(request)
        return None
    assert (request.verb, request.path) == ("PUT", "/api/v1/message")
    if answer is not None:
        chat.answer(request, answer)
    return RawEnvelope(request, decode_fields(request.body))


def _decrypt_provisioning(own: X25519PrivateKey, envelope: bytes) -> bytes:
    fields = decode_fields(envelope)
    their_key, body = bytes_field(fields, 1), bytes_field(fields, 2)
    shared = own.exchange(X25519PublicKey.from_public_bytes(their_key[1:]))
    derived = HKDF(hashes.SHA256(), 64, None, b"TextSecure Provisioning Message").derive(shared)
    check = hmac.HMAC(derived[32:], hashes.SHA256())
    check.update(body[:-32])
    check.verify(body[-32:])
    assert body[0] == 1
    decryptor = Cipher(algorithms.AES(derived[:32]), modes.CBC(body[1:17])).decryptor()
    unpadder = PKCS7(128).unpadder()
    return unpadder.update(decryptor.update(body[17:-32]) + decryptor.finalize()) + (
        unpadder.finalize()
    )


def make_keys(oracle: Oracle, aci: str, aci_private: bytes, pni_private: bytes) -> dict[str, Any]:
    """The signed prekeys of a new device of `aci`, as registration and linking send them."""
    keys: dict[str, Any] = oracle.call(
        _MAKE_KEYS, aci=aci, aci_private=aci_private, pni_private=pni_private
    )
    return keys


def _one_time_keys(oracle: Oracle, identity: str) -> dict[str, Any]:
    keys: dict[str, Any] = oracle.call(_ONE_TIME_KEYS, identity=identity)
    return keys


_MAKE_KEYS = """
const b64 = (bytes) => Buffer.from(bytes).toString('base64');
state.parties = {
  aci: new stores.Party({serviceId: aci, deviceId: 2, registrationId: 77,
                         identity: lib.PrivateKey.deserialize(aci_private)}),
  pni: new stores.Party({serviceId: aci, deviceId: 2, registrationId: 78,
                         identity: lib.PrivateKey.deserialize(pni_private)}),
};
state.device = state.parties.aci;
const result = {};
for (const [name, party] of Object.entries(state.parties)) {
  const bundle = await party.bundle({oneTime: false});
  result[name + 'SignedPreKey'] = {keyId: bundle.signedPreKeyId,
    publicKey: b64(bundle.signedPreKey), signature: b64(bundle.signedPreKeySignature)};
  result[name + 'PqLastResortPreKey'] = {keyId: bundle.kyberPreKeyId,
    publicKey: b64(bundle.kyberPreKey), signature: b64(bundle.kyberPreKeySignature)};
}
return result;
"""

_ONE_TIME_KEYS = """
const bundle = await state.parties[identity].bundle();
const b64 = (bytes) => Buffer.from(bytes).toString('base64');
return {
  preKeys: [{keyId: bundle.preKeyId, publicKey: b64(bundle.preKey)}],
  pqPreKeys: [{keyId: bundle.kyberPreKeyId, publicKey: b64(bundle.kyberPreKey),
               signature: b64(bundle.kyberPreKeySignature)}],
};
"""

_DECRYPT = """
if (type !== 6) {
  const from = lib.ProtocolAddress.new(lib.ServiceId.parseFromServiceIdBinary(sender).getServiceIdString(), 1);
  const plaintext = await state.device.decrypt(from, type === 3 ? 3 : 2, content);
  return {sender: from.name(), plaintext};
}
const usmc = await lib.sealedSenderDecryptToUsmc(content, state.device.identities);
const certificate = usmc.senderCertificate();
const from = lib.ProtocolAddress.new(certificate.senderUuid(), certificate.senderDeviceId());
return {sender: from.name(), plaintext: await state.device.decrypt(from, usmc.msgType(), usmc.contents())};
"""

_ENCRYPT = """
const to = lib.ProtocolAddress.new(aci, 1);
const bytes = (text) => Buffer.from(text, 'base64');
const [device] = bundle.devices;
if (await state.device.sessions.getSession(to) === null) {
  await state.device.processBundle(to, {
    registrationId: device.registrationId,
    deviceId: device.deviceId,
    identityKey: bytes(bundle.identityKey),
    preKeyId: device.preKey?.keyId ?? null,
    preKey: device.preKey ? bytes(device.preKey.publicKey) : null,
    signedPreKeyId: device.signedPreKey.keyId,
    signedPreKey: bytes(device.signedPreKey.publicKey),
    signedPreKeySignature: bytes(device.signedPreKey.signature),
    kyberPreKeyId: device.pqPreKey.keyId,
    kyberPreKey: bytes(device.pqPreKey.publicKey),
    kyberPreKeySignature: bytes(device.pqPreKey.signature),
  });
}
return state.device.encrypt(to, plaintext);
"""
