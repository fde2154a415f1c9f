"""The keys of a Signal service: the public ones that clients know, and the server's.

Both are kept as bytes, and only keys that are used are decoded. Source: libsignal
``rust/zkgroup/src/api/server_params.rs``.
"""

from __future__ import annotations

from dataclasses import field
from functools import lru_cache

from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.crypto.ristretto import BASE_POINT, RistrettoPoint
from sigcli.crypto.scalars import Scalar
from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.zkgroup.encoding import RESERVED, Reader, version_byte
from sigcli.zkgroup.generic_credentials import GenericKeyPair, GenericPublicKey
from sigcli.zkgroup.profile_credential_keys import (
    CredentialKeyPair,
    CredentialPublicKey,
    key_pair_length,
)
from sigcli.zkgroup.sho import Sho
from sigcli.zkgroup.statement import Statement

SERVER_PUBLIC_PARAMS_LENGTH = 673
SERVER_SECRET_PARAMS_LENGTH = 2721
# Attributes that the keys use and scalars that they store, in the order of the bytes. Of these only the
# expiring profile key credential is in use; the others stay for the format.
_AUTH, _PROFILE_KEY, _RECEIPT = (3, 4), (4, 4), (2, 4)
_PNI, _EXPIRING_PROFILE_KEY, _AUTH_WITH_PNI = (6, 6), (5, 5), (5, 5)
_SIGNATURE = Statement(("public_key", [("private_key", "G")]))

_PUBLIC_SIGNATURE_OFFSET = 1 + 2 * 64
_PUBLIC_EXPIRING_OFFSET = _PUBLIC_SIGNATURE_OFFSET + 32 + 2 * 64
_PUBLIC_GENERIC_OFFSET = _PUBLIC_EXPIRING_OFFSET + 2 * 64
_PUBLIC_ENDORSEMENT_OFFSET = SERVER_PUBLIC_PARAMS_LENGTH - 32

_SECRET_SIGNATURE_OFFSET = 1 + key_pair_length(_AUTH[1]) + key_pair_length(_PROFILE_KEY[1])
_SECRET_EXPIRING_OFFSET = (
    _SECRET_SIGNATURE_OFFSET + 64 + key_pair_length(_RECEIPT[1]) + key_pair_length(_PNI[1])
)
_SECRET_GENERIC_OFFSET = (
    _SECRET_EXPIRING_OFFSET
    + key_pair_length(_EXPIRING_PROFILE_KEY[1])
    + key_pair_length(_AUTH_WITH_PNI[1])
)
_SECRET_ENDORSEMENT_OFFSET = SERVER_SECRET_PARAMS_LENGTH - 32


@dataclass(frozen=True, slots=True)
class ServerPublicParams:
    """The public keys of a service's credentials; a property raises MalformedMessage if damaged."""

    contents: bytes

    @classmethod
    def deserialize(cls, data: bytes) -> ServerPublicParams:
        """Read 673 bytes; raises MalformedMessage for a wrong length or version."""
        if len(data) != SERVER_PUBLIC_PARAMS_LENGTH or data[0] != RESERVED:
            raise MalformedMessage("these are not server public parameters")
        return cls(bytes(data))

    def serialize(self) -> bytes:
        """673 bytes."""
        return self.contents

    @property
    def profile_key_credential_key(self) -> CredentialPublicKey:
        """The key of profile key credentials."""
        return _read_credential_public_key(self.contents[_PUBLIC_EXPIRING_OFFSET:])

    @property
    def generic_credential_key(self) -> GenericPublicKey:
        """The key of auth credentials."""
        return _read_generic_public_key(self.contents[_PUBLIC_GENERIC_OFFSET:])

    @property
    def endorsement_key(self) -> RistrettoPoint:
        """The root key of group send endorsements."""
        return _read_point(self.contents[_PUBLIC_ENDORSEMENT_OFFSET:])

    def verify_signature(self, message: bytes, signature: bytes) -> None:
        """Check the server's signature (64 bytes) of a group change; raises ZkProofFailed."""
        key = _read_point(self.contents[_PUBLIC_SIGNATURE_OFFSET : _PUBLIC_SIGNATURE_OFFSET + 32])
        _SIGNATURE.verify(signature, {"public_key": key}, message)


@dataclass(frozen=True, slots=True)
class ServerSecretParams:
    """The keys with which a service issues and verifies credentials."""

    contents: bytes = field(repr=False)

    @classmethod
    def generate(cls, random: RandomSource = secure_random) -> ServerSecretParams:
        """The keys of a new service."""
        random32 = random(32)
        sho = Sho(b"Signal_ZKGroup_20200424_Random_ServerSecretParams_Generate", random32)
        parts = [version_byte(RESERVED)]
        parts += [
            CredentialKeyPair.generate(sho, *size).serialize() for size in (_AUTH, _PROFILE_KEY)
        ]
        signing_key = sho.scalar()
        parts.append(signing_key + (BASE_POINT * signing_key).encode())
        for size in (_RECEIPT, _PNI, _EXPIRING_PROFILE_KEY, _AUTH_WITH_PNI):
            parts.append(CredentialKeyPair.generate(sho, *size).serialize())
        parts.append(GenericKeyPair.generate(random32).serialize())
        label = b"Signal_ZKCredential_Endorsements_ServerRootKeyPair_generate_20240207"
        parts.append(Sho(label, random32).scalar())
        return cls(b"".join(parts))

    @classmethod
    def deserialize(cls, data: bytes) -> ServerSecretParams:
        """Read 2721 bytes; raises MalformedMessage for a wrong length or version."""
        if len(data) != SERVER_SECRET_PARAMS_LENGTH or data[0] != RESERVED:
            raise MalformedMessage("these are not server secret parameters")
        return cls(bytes(data))

    def serialize(self) -> bytes:
        """2721 bytes."""
        return self.contents

    def get_public_params(self) -> ServerPublicParams:
        """The public keys for clients; raises MalformedMessage if the keys are damaged."""
        reader = Reader(self.contents)
        parts = [version_byte(RESERVED)]
        for size in (_AUTH, _PROFILE_KEY):
            parts.append(CredentialKeyPair.read(reader, size[1]).public_key.serialize())
        reader.scalar()
        parts.append(reader.points(1)[0].encode())
        for size in (_RECEIPT, _PNI, _EXPIRING_PROFILE_KEY, _AUTH_WITH_PNI):
            parts.append(CredentialKeyPair.read(reader, size[1]).public_key.serialize())
        parts.append(GenericKeyPair.read(reader).public_key.serialize())
        parts.append((BASE_POINT * reader.scalar()).encode())
        return ServerPublicParams(b"".join(parts))

    @property
    def profile_key_credential_key(self) -> CredentialKeyPair:
        """The key of profile key credentials."""
        return _read_credential_key_pair(self.contents[_SECRET_EXPIRING_OFFSET:])

    @property
    def generic_credential_key(self) -> GenericKeyPair:
        """The key of auth credentials."""
        return _read_generic_key_pair(self.contents[_SECRET_GENERIC_OFFSET:])

    @property
    def endorsement_key(self) -> Scalar:
        """The root key of group send endorsements."""
        return _reader_at(self.contents, _SECRET_ENDORSEMENT_OFFSET).scalar()

    def sign(self, message: bytes, random: RandomSource = secure_random) -> bytes:
        """Sign a group change, 64 bytes."""
        sho = Sho(b"Signal_ZKGroup_20200424_Random_ServerSecretParams_Sign", random(32))
        reader = _reader_at(self.contents, _SECRET_SIGNATURE_OFFSET)
        private_key, public_key = reader.scalar(), reader.points(1)[0]
        return _SIGNATURE.prove(
            {"private_key": private_key}, {"public_key": public_key}, sho.squeeze(32), message
        )


def _reader_at(contents: bytes, offset: int) -> Reader:
    return Reader(version_byte(RESERVED) + contents[offset:])


@lru_cache(maxsize=8)
def _read_point(data: bytes) -> RistrettoPoint:
    return RistrettoPoint.decode(data)


@lru_cache(maxsize=8)
def _read_credential_public_key(data: bytes) -> CredentialPublicKey:
    return CredentialPublicKey.read(_reader_at(data, 0))


@lru_cache(maxsize=4)
def _read_credential_key_pair(data: bytes) -> CredentialKeyPair:
    return CredentialKeyPair.read(_reader_at(data, 0), _EXPIRING_PROFILE_KEY[1])


@lru_cache(maxsize=8)
def _read_generic_public_key(data: bytes) -> GenericPublicKey:
    return GenericPublicKey.read(_reader_at(data, 0))


@lru_cache(maxsize=4)
def _read_generic_key_pair(data: bytes) -> GenericKeyPair:
    return GenericKeyPair.read(_reader_at(data, 0))
