"""Server and sender certificates: proof of who sent a sealed message.

Source: libsignal ``rust/protocol/src/sealed_sender.rs``. A trust root signs a server certificate, the server's key
signs a sender certificate, which embeds its server certificate or names it by id.
"""

from __future__ import annotations

from dataclasses import field
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from sigcli.crypto.curve import PublicKey
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidCertificate, InvalidKey, InvalidServiceId, MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire import sealed_sender as wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sigcli.crypto.curve import PrivateKey
    from sigcli.wire.addresses import ServiceId

REVOKED_SERVER_CERTIFICATE_IDS = frozenset({0xDEADC357})
KNOWN_SERVER_CERTIFICATES: Mapping[int, bytes] = {
    # staging
    2: bytes.fromhex(
        "0a25080212210539450d63ebd0752c0fd4038b9d07a916f5e174b756d409b5ca79f4c97400631e"
        "124064c5a38b1e927497d3d4786b101a623ab34a7da3954fae126b04dba9d7a3604ed88cdc8550"
        "950f0d4a9134ceb7e19b94139151d2c3d6e1c81e9d1128aafca806"
    ),
    # production
    3: bytes.fromhex(
        "0a250803122105bc9d1d290be964810dfa7e94856480a3f7060d004c9762c24c575a1522353a5a"
        "1240c11ec3c401eb0107ab38f8600e8720a63169e0e2eb8a3fae24f63099f85ea319c3c1c46d34"
        "54706ae2a679d1fee690a488adda98a2290b66c906bb60295ed781"
    ),
}
"""Serialised server certificates that sender certificates name by id, with Signal's services."""
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A server's signing key, vouched for by a trust root."""

    key_id: int
    key: PublicKey
    certificate: bytes = field(repr=False)
    """What the trust root signed."""
    signature: bytes = field(repr=False)
    serialized: bytes = field(repr=False)

    @classmethod
    def deserialize(cls, data: bytes) -> ServerCertificate:
        """Parse; raises InvalidCertificate. Nothing is verified yet."""
        try:
            signed = wire.decode_signed_certificate(data)
            fields = wire.decode_server_certificate(signed.certificate)
            key = PublicKey.deserialize(fields.key)
        except (MalformedMessage, InvalidKey) as error:
            raise InvalidCertificate("the server certificate is malformed") from error
        return cls(fields.key_id, key, signed.certificate, signed.signature, data)

    @classmethod
    def issue(
        cls,
        key_id: int,
        key: PublicKey,
        trust_root: PrivateKey,
        random: RandomSource = secure_random,
    ) -> ServerCertificate:
        """Sign a server's key, as its trust root."""
        certificate = wire.encode_server_certificate(
            wire.ServerCertificateFields(key_id, key.serialize())
        )
        signature = trust_root.sign(certificate, random=random)
        serialized = wire.encode_signed_certificate(wire.SignedCertificate(certificate, signature))
        return cls(key_id, key, certificate, signature, serialized)

    def validate(self, trust_roots: Sequence[PublicKey]) -> None:
        """Raises InvalidCertificate if it was revoked or is not signed by one of the trust roots."""
        if self.key_id in REVOKED_SERVER_CERTIFICATE_IDS:
            raise InvalidCertificate("the server certificate was revoked")
        if not any(root.verify(self.signature, self.certificate) for root in trust_roots):
            raise InvalidCertificate("the server certificate is not signed by a trust root")


@dataclass(frozen=True, slots=True)
class SenderCertificate:
    """A sender's account, device and identity key, vouched for by a server until it expires."""

    sender: ServiceId
    sender_e164: str | None = field(repr=False)
    device_id: int
    expires_ms: int
    identity_key: PublicKey
    signer: ServerCertificate | int
    """The embedded server certificate, or the id of one that is known."""
    certificate: bytes = field(repr=False)
    """What the server signed."""
    signature: bytes = field(repr=False)
    serialized: bytes = field(repr=False)

    @classmethod
    def deserialize(cls, data: bytes) -> SenderCertificate:
        """Parse; raises InvalidCertificate. Nothing is verified yet."""
        return _parsed(data)

    @classmethod
    def _parse(cls, data: bytes) -> SenderCertificate:
        try:
            signed = wire.decode_signed_certificate(data)
            fields = wire.decode_sender_certificate(signed.certificate)
            identity_key = PublicKey.deserialize(fields.identity_key)
        except (MalformedMessage, InvalidKey, InvalidServiceId) as error:
            raise InvalidCertificate("the sender certificate is malformed") from error
        return cls(
            sender=fields.sender,
            sender_e164=fields.sender_e164,
            device_id=fields.device_id,
            expires_ms=fields.expires_ms,
            identity_key=identity_key,
            signer=fields.signer
            if isinstance(fields.signer, int)
            else ServerCertificate.deserialize(fields.signer),
            certificate=signed.certificate,
            signature=signed.signature,
            serialized=data,
        )

    @classmethod
    def issue(
        cls,
        *,
        sender: ServiceId,
        device_id: int,
        identity_key: PublicKey,
        expires_ms: int,
        signer: ServerCertificate | int,
        signer_key: PrivateKey,
        sender_e164: str | None = None,
        uuid_as_text: bool = False,
        random: RandomSource = secure_random,
    ) -> SenderCertificate:
        """Sign a sender's certificate, as a server; its own certificate is embedded or named by id."""
        certificate = wire.encode_sender_certificate(
            wire.SenderCertificateFields(
                sender=sender,
                sender_e164=sender_e164,
                device_id=device_id,
                expires_ms=expires_ms,
                identity_key=identity_key.serialize(),
                signer=signer if isinstance(signer, int) else signer.serialized,
            ),
            uuid_as_text=uuid_as_text,
        )
        signature = signer_key.sign(certificate, random=random)
        return cls(
            sender=sender,
            sender_e164=sender_e164,
            device_id=device_id,
            expires_ms=expires_ms,
            identity_key=identity_key,
            signer=signer,
            certificate=certificate,
            signature=signature,
            serialized=wire.encode_signed_certificate(
                wire.SignedCertificate(certificate, signature)
            ),
        )

    def server_certificate(
        self, known_server_certificates: Mapping[int, ServerCertificate] | None = None
    ) -> ServerCertificate:
        """The embedded server certificate or the known one it names; raises InvalidCertificate."""
        if isinstance(self.signer, ServerCertificate):
            return self.signer
        found = (known_server_certificates or {}).get(
            self.signer
        ) or default_server_certificates().get(self.signer)
        if found is None:
            raise InvalidCertificate("the sender certificate names an unknown server certificate")
        return found

    def validate(
        self,
        trust_roots: Sequence[PublicKey],
        now_ms: int,
        known_server_certificates: Mapping[int, ServerCertificate] | None = None,
    ) -> None:
        """Raises InvalidCertificate unless it leads to a trust root and has not expired.

        Certificates in ``known_server_certificates`` are looked up before Signal's own; each must still be signed by
        one of the trust roots.
        """
        self.check_expiry(now_ms)
        signer = self.server_certificate(known_server_certificates)
        signer.validate(trust_roots)
        self.check_signature(signer)

    def check_expiry(self, now_ms: int) -> None:
        """Raises InvalidCertificate once it has expired; at that very millisecond it is still valid."""
        if now_ms > self.expires_ms:
            raise InvalidCertificate("the sender certificate has expired")

    def check_signature(self, signer: ServerCertificate) -> None:
        """Raises InvalidCertificate unless the (already validated) server certificate's key has signed it."""
        if not signer.key.verify(self.signature, self.certificate):
            raise InvalidCertificate("the sender certificate is not signed by its server")


@lru_cache(64)
def _parsed(data: bytes) -> SenderCertificate:
    """A cached sender certificate, since each message of a sender contains it."""
    return SenderCertificate._parse(data)


class CertificateValidator:
    """Validates certificates against fixed trust roots and remembers signatures that were valid.

    All senders share one server certificate and a sender keeps its own for about a day, so draining a queue verifies
    few signatures. The whole serialised bytes are remembered; expiry is checked every time. Not for several threads at
    once.
    """

    __slots__ = ("_known", "_senders", "_servers", "_trust_roots")

    def __init__(
        self,
        trust_roots: Sequence[PublicKey],
        known_server_certificates: Mapping[int, ServerCertificate] | None = None,
    ) -> None:
        self._trust_roots = tuple(trust_roots)
        self._known = known_server_certificates
        self._servers: dict[bytes, None] = {}
        self._senders: dict[bytes, None] = {}

    def validate(self, certificate: SenderCertificate, now_ms: int) -> None:
        """Raises InvalidCertificate unless it leads to a trust root and has not expired."""
        certificate.check_expiry(now_ms)
        if certificate.serialized in self._senders:
            return
        signer = certificate.server_certificate(self._known)
        if signer.serialized not in self._servers:
            signer.validate(self._trust_roots)
            _remember(self._servers, signer.serialized)
        certificate.check_signature(signer)
        _remember(self._senders, certificate.serialized)


@cache
def default_server_certificates() -> Mapping[int, ServerCertificate]:
    """Signal's own server certificates by id, parsed."""
    return {
        key_id: ServerCertificate.deserialize(data)
        for key_id, data in KNOWN_SERVER_CERTIFICATES.items()
    }


def _remember(seen: dict[bytes, None], data: bytes) -> None:
    if len(seen) >= _REMEMBERED:
        del seen[next(iter(seen))]
    seen[data] = None
