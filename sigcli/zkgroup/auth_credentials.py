"""Auth credentials: a member proves to the group server that the account is its own, without being recognised.

One credential is valid for one day and covers the account's ACI and PNI. Source: libsignal
``rust/zkgroup/src/api/auth``.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.crypto.ristretto import RistrettoPoint
from sigcli.durations import DAY_S
from sigcli.errors import InvalidCredential
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId
from sigcli.zkgroup import generic_credentials as generic
from sigcli.zkgroup.attributes import UID_KIND, Attribute, false_pni, uid_attribute
from sigcli.zkgroup.encoding import Reader, u64, version_byte
from sigcli.zkgroup.generic_credentials import (
    GenericCredential,
    IssuanceProof,
    PresentationProof,
)
from sigcli.zkgroup.groups import UuidCiphertext
from sigcli.zkgroup.times import require_day_aligned

if TYPE_CHECKING:
    from sigcli.zkgroup.groups import GroupPublicParams, GroupSecretParams
    from sigcli.zkgroup.server_params import ServerPublicParams, ServerSecretParams

_LABEL = b"20240222_Signal_AuthCredentialZkc"
_VERSION = 3
_ATTRIBUTES = 2
_POINTS = 1 + 2 * _ATTRIBUTES


@dataclass(frozen=True, slots=True)
class AuthCredentialWithPniResponse:
    """What the server issues for one day."""

    issued: IssuanceProof

    @classmethod
    def deserialize(cls, data: bytes) -> AuthCredentialWithPniResponse:
        """Read a response; raises MalformedMessage."""
        reader = Reader(data, _VERSION)
        response = cls(IssuanceProof.read(reader))
        reader.end()
        return response

    def serialize(self) -> bytes:
        """The bytes that the server sends."""
        return version_byte(_VERSION) + self.issued.serialize()

    def receive(
        self, server: ServerPublicParams, aci: ServiceId, pni: ServiceId, redemption_time_s: int
    ) -> AuthCredentialWithPni:
        """The credential of the day that begins at ``redemption_time_s`` (seconds).

        Raises ZkProofFailed if it is not for these ids, InvalidCredential if that time is not the start of a day.
        """
        require_day_aligned(redemption_time_s)
        attributes = (uid_attribute(aci), uid_attribute(pni))
        points = _points(attributes, redemption_time_s)
        credential = generic.receive(server.generic_credential_key, points, self.issued)
        return AuthCredentialWithPni(
            credential, attributes, (aci.uuid_bytes, pni.uuid_bytes), redemption_time_s
        )

    def receive_without_pni(
        self, server: ServerPublicParams, aci: ServiceId, salt: bytes, redemption_time_s: int
    ) -> AuthCredentialWithPni:
        """The same for an account without a phone number, with the salt that the server gave it."""
        pni = false_pni(aci, salt)
        received = self.receive(server, aci, pni, redemption_time_s)
        uuids = (aci.uuid_bytes, bytes(16))
        return AuthCredentialWithPni(
            received.credential, received.attributes, uuids, redemption_time_s
        )


@dataclass(frozen=True, slots=True)
class AuthCredentialWithPni:
    """A credential of one day."""

    credential: GenericCredential = field(repr=False)
    attributes: tuple[Attribute, Attribute] = field(repr=False)
    uuids: tuple[bytes, bytes] = field(repr=False)
    redemption_time_s: int

    @classmethod
    def deserialize(cls, data: bytes) -> AuthCredentialWithPni:
        """Read a stored credential; raises MalformedMessage."""
        reader = Reader(data, _VERSION)
        credential = GenericCredential.read(reader)
        aci_bytes, aci = reader.take(16), Attribute.read(reader)
        pni_bytes, pni = reader.take(16), Attribute.read(reader)
        redemption_time_s = reader.u64()
        reader.end()
        return cls(credential, (aci, pni), (aci_bytes, pni_bytes), redemption_time_s)

    def serialize(self) -> bytes:
        """The bytes to store."""
        attributes = b"".join(
            uuid + attribute.serialize()
            for uuid, attribute in zip(self.uuids, self.attributes, strict=True)
        )
        head = version_byte(_VERSION) + self.credential.serialize()
        return head + attributes + u64(self.redemption_time_s)

    def present(
        self,
        server: ServerPublicParams,
        group: GroupSecretParams,
        random: RandomSource = secure_random,
    ) -> AuthCredentialPresentation:
        """Present the credential to a group's server; every request needs a new presentation."""
        shown, (aci, pni) = generic.present(
            server.generic_credential_key,
            self.credential,
            self.attributes,
            group.uid_key_pair,
            random(32),
        )
        return AuthCredentialPresentation(shown, aci, pni, self.redemption_time_s)


@dataclass(frozen=True, slots=True)
class AuthCredentialPresentation:
    """What a request to the group server carries."""

    shown: PresentationProof = field(repr=False)
    aci: Attribute
    pni: Attribute
    redemption_time_s: int

    @classmethod
    def deserialize(cls, data: bytes) -> AuthCredentialPresentation:
        """Read a presentation; raises MalformedMessage or ZkProofFailed."""
        reader = Reader(data, _VERSION)
        shown = PresentationProof.read(reader, _POINTS)
        aci, pni = Attribute.read(reader), Attribute.read(reader)
        redemption_time_s = reader.u64()
        reader.end()
        return cls(shown, aci, pni, redemption_time_s)

    def serialize(self) -> bytes:
        """The bytes that a request carries."""
        ciphertexts = self.aci.serialize() + self.pni.serialize()
        head = version_byte(_VERSION) + self.shown.serialize()
        return head + ciphertexts + u64(self.redemption_time_s)

    def get_aci_ciphertext(self) -> UuidCiphertext:
        """The presenter's encrypted ACI."""
        return UuidCiphertext(self.aci)

    def get_pni_ciphertext(self) -> UuidCiphertext:
        """The presenter's encrypted PNI."""
        return UuidCiphertext(self.pni)

    def verify(self, server: ServerSecretParams, group: GroupPublicParams, now_ms: int) -> None:
        """Verify as the group server, which accepts it from a day before until two days after.

        Raises ZkProofFailed, or InvalidCredential outside that time.
        """
        now_s = now_ms // 1000
        start_s = self.redemption_time_s - DAY_S
        if start_s < 0 or not start_s <= now_s <= start_s + 3 * DAY_S:
            raise InvalidCredential("the auth credential is for another day")
        generic.verify_presentation(
            server.generic_credential_key,
            self.shown,
            generic.public_attribute_point(_LABEL, [self.redemption_time_s]),
            (self.aci, self.pni),
            UID_KIND,
            group.uid_public_key,
        )


def issue_auth_credential(
    server: ServerSecretParams,
    aci: ServiceId,
    pni: ServiceId,
    redemption_time_s: int,
    random: RandomSource = secure_random,
) -> AuthCredentialWithPniResponse:
    """Issue a credential as the server."""
    points = _points((uid_attribute(aci), uid_attribute(pni)), redemption_time_s)
    return AuthCredentialWithPniResponse(
        generic.issue(server.generic_credential_key, points, random(32))
    )


def issue_auth_credential_without_pni(
    server: ServerSecretParams,
    aci: ServiceId,
    salt: bytes,
    redemption_time_s: int,
    random: RandomSource = secure_random,
) -> AuthCredentialWithPniResponse:
    """Issue a credential to an account without a phone number."""
    return issue_auth_credential(server, aci, false_pni(aci, salt), redemption_time_s, random)


def _points(
    attributes: tuple[Attribute, Attribute], redemption_time_s: int
) -> list[RistrettoPoint]:
    public = generic.public_attribute_point(_LABEL, [redemption_time_s])
    return [public] + [point for a in attributes for point in (a.first, a.second)]
