"""A device whose protocol is the official libsignal's: `Party` of tests/node/stores.mjs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.crypto.kem import KyberPublicKey
from sigcli.protocol.ciphertext import CiphertextMessage, CiphertextMessageType
from sigcli.protocol.prekeys import PreKeyBundle
from sigcli.wire.addresses import ProtocolAddress
from tests.interop.oracle import Oracle, OracleError
from tests.support.devices import NOW_MS

_SCOPE = "const self = state[name], remote = lib.ProtocolAddress.new(remoteName, remoteDevice);"
_ENCRYPT = """
    const messages = [];
    for (const text of texts) messages.push(await self.encrypt(remote, text, new Date(nowMs)));
    return messages;
"""
_DECRYPT = """
    const outcomes = [];
    for (const { type, body } of messages) {
        try {
            outcomes.push({ plaintext: await self.decrypt(remote, type, body) });
        } catch (error) {
            outcomes.push({ error: { name: error.name, message: error.message } });
        }
    }
    return outcomes;
"""


@dataclass(frozen=True, slots=True)
class LibsignalDevice:
    """One device of the oracle, kept in its `state` under a name."""

    oracle: Oracle
    name: str
    address: ProtocolAddress

    @classmethod
    def create(
        cls, oracle: Oracle, address: ProtocolAddress, identity: KeyPair | None = None
    ) -> LibsignalDevice:
        name = f"device {address}"
        oracle.call(
            """
            const options = { serviceId, deviceId, registrationId };
            if (identity !== null) options.identity = lib.PrivateKey.deserialize(identity);
            state[name] = new stores.Party(options);
            """,
            name=name,
            serviceId=str(address.service_id),
            deviceId=address.device_id,
            registrationId=1000 + address.device_id,
            identity=None if identity is None else identity.private_key.serialize(),
        )
        return cls(oracle, name, address)

    def call(self, body: str, remote: ProtocolAddress, **arguments: Any) -> Any:
        """Run JavaScript with `self` (the Party) and `remote` (an address) in scope."""
        return self.oracle.call(
            _SCOPE + body,
            name=self.name,
            remoteName=str(remote.service_id),
            remoteDevice=remote.device_id,
            **arguments,
        )

    def identity_key(self) -> PublicKey:
        key = self.oracle.call("return state[name].identity.getPublicKey();", name=self.name)
        return PublicKey.deserialize(key)

    def bundle(self, *, one_time: bool = True) -> PreKeyBundle:
        """Make prekeys and give their public halves."""
        raw = self.oracle.call(
            "return state[name].bundle({ oneTime });", name=self.name, oneTime=one_time
        )
        return PreKeyBundle(
            registration_id=raw["registrationId"],
            device_id=raw["deviceId"],
            prekey_id=raw["preKeyId"],
            prekey=PublicKey.deserialize(raw["preKey"]) if one_time else None,
            signed_prekey_id=raw["signedPreKeyId"],
            signed_prekey=PublicKey.deserialize(raw["signedPreKey"]),
            signed_prekey_signature=raw["signedPreKeySignature"],
            kyber_prekey_id=raw["kyberPreKeyId"],
            kyber_prekey=KyberPublicKey.deserialize(raw["kyberPreKey"]),
            kyber_prekey_signature=raw["kyberPreKeySignature"],
            identity_key=PublicKey.deserialize(raw["identityKey"]),
        )

    def start(self, remote: ProtocolAddress, bundle: PreKeyBundle, now_ms: int = NOW_MS) -> None:
        """Process a bundle."""
        raw = {
            "registrationId": bundle.registration_id,
            "deviceId": bundle.device_id,
            "preKeyId": bundle.prekey_id,
            "preKey": None if bundle.prekey is None else bundle.prekey.serialize(),
            "signedPreKeyId": bundle.signed_prekey_id,
            "signedPreKey": bundle.signed_prekey.serialize(),
            "signedPreKeySignature": bundle.signed_prekey_signature,
            "kyberPreKeyId": bundle.kyber_prekey_id,
            "kyberPreKey": bundle.kyber_prekey.serialize(),
            "kyberPreKeySignature": bundle.kyber_prekey_signature,
            "identityKey": bundle.identity_key.serialize(),
        }
        self.call(
            "await self.processBundle(remote, bundle, new Date(nowMs));",
            remote,
            bundle=raw,
            nowMs=now_ms,
        )

    def encrypt_all(
        self, remote: ProtocolAddress, plaintexts: Sequence[bytes], now_ms: int = NOW_MS
    ) -> list[CiphertextMessage]:
        """Encrypt in one round trip."""
        messages = self.call(_ENCRYPT, remote, texts=list(plaintexts), nowMs=now_ms)
        return [CiphertextMessage(CiphertextMessageType(m["type"]), m["body"]) for m in messages]

    def encrypt(
        self, remote: ProtocolAddress, plaintext: bytes, now_ms: int = NOW_MS
    ) -> CiphertextMessage:
        return self.encrypt_all(remote, [plaintext], now_ms)[0]

    def decrypt_all(
        self, remote: ProtocolAddress, messages: Sequence[CiphertextMessage]
    ) -> list[bytes | OracleError]:
        """Decrypt in one round trip; an error stands in its place."""
        raw = [{"type": int(message.type), "body": message.body} for message in messages]
        outcomes = self.call(_DECRYPT, remote, messages=raw)
        return [
            OracleError(**outcome["error"]) if "error" in outcome else outcome["plaintext"]
            for outcome in outcomes
        ]

    def decrypt(self, remote: ProtocolAddress, message: CiphertextMessage) -> bytes:
        (outcome,) = self.decrypt_all(remote, [message])
        if isinstance(outcome, OracleError):
            raise outcome
        return outcome

    def record(self, remote: ProtocolAddress) -> bytes:
        """The stored session with a device, libsignal's RecordStructure."""
        data: bytes = self.call("return (await self.sessions.getSession(remote));", remote)
        return data

    def replace_record(self, remote: ProtocolAddress, data: bytes) -> None:
        """Store a RecordStructure as the session with a device."""
        body = "await self.sessions.saveSession(remote, lib.SessionRecord.deserialize(data));"
        self.call(body, remote, data=data)
