"""Group send endorsements: the group server's proof of membership for all members at once, for a day or two.

An endorsement of a member is the member's encrypted id times a secret of the server; endorsements of several members
add up. A token is the hash of an endorsement without the encryption, and lets the holder send to these members without
being recognised. Sources: libsignal ``rust/zkgroup/src/api/groups/group_send_endorsement.rs`` and
``rust/zkcredential/src/endorsements.rs``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from hashlib import sha256
from typing import TYPE_CHECKING

from sigcli.crypto import constant_time, scalars
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.crypto.ristretto import (
    BASE_POINT,
    RistrettoPoint,
    decode_all,
    encode_all,
    encode_doubles,
    multiply_all,
    sum_of,
)
from sigcli.crypto.scalars import Scalar
from sigcli.errors import InvalidCredential, MalformedMessage, ZkProofFailed
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId
from sigcli.zkgroup import endorsement_sums as sums
from sigcli.zkgroup.attributes import uid_first_points
from sigcli.zkgroup.encoding import RESERVED, Reader, byte_string, u64, version_byte
from sigcli.zkgroup.sho import Sho
from sigcli.zkgroup.statement import Statement
from sigcli.zkgroup.times import validate_endorsement_expiration

if TYPE_CHECKING:
    from sigcli.zkgroup.groups import GroupSecretParams
    from sigcli.zkgroup.server_params import ServerPublicParams, ServerSecretParams

ENDORSEMENT_LENGTH = 33
CIPHERTEXT_LENGTH = 65
TOKEN_LENGTH = 16
_PROOF = Statement(
    ("weighted_sum(R)", [("sk_prime", "weighted_sum(E)")]),
    ("G", [("sk_prime", "PK_prime")]),
)


@dataclass(frozen=True, slots=True)
class GroupSendDerivedKeyPair:
    """The server's key for one expiration."""

    private_key: Scalar = field(repr=False)
    public_key: RistrettoPoint
    expiration_s: int

    @classmethod
    def for_expiration(
        cls, expiration_s: int, server: ServerSecretParams
    ) -> GroupSendDerivedKeyPair:
        """Derive the key from the root key."""
        root = server.endorsement_key
        tag = _tag(expiration_s)
        private_key = scalars.invert(scalars.add(root, tag))
        return cls(private_key, BASE_POINT * root + BASE_POINT * tag, expiration_s)

    def serialize(self) -> bytes:
        """73 bytes."""
        keys = self.private_key + self.public_key.encode()
        return version_byte(RESERVED) + keys + u64(self.expiration_s)

    @classmethod
    def deserialize(cls, data: bytes) -> GroupSendDerivedKeyPair:
        """Read 73 bytes; raises MalformedMessage."""
        reader = Reader(data)
        key_pair = cls(reader.scalar(), reader.points(1)[0], reader.u64())
        reader.end()
        return key_pair


@dataclass(frozen=True, slots=True)
class GroupSendEndorsement:
    """An endorsement of one member, or a combined one of several."""

    point: RistrettoPoint = field(repr=False)

    @classmethod
    def deserialize(cls, data: bytes) -> GroupSendEndorsement:
        """Read 33 bytes; MalformedMessage for a wrong length, and on first use for an invalid element."""
        if len(data) != ENDORSEMENT_LENGTH or data[0] != RESERVED:
            raise MalformedMessage("this is not an endorsement")
        return cls(RistrettoPoint.undecoded(data[1:]))

    def serialize(self) -> bytes:
        """33 bytes."""
        return version_byte(RESERVED) + self.point.encode()

    @classmethod
    def combine(cls, endorsements: Sequence[GroupSendEndorsement]) -> GroupSendEndorsement:
        """The combined endorsement of all these members; all must come from one response."""
        return cls(sum_of([endorsement.point for endorsement in endorsements]))

    def remove(self, other: GroupSendEndorsement) -> GroupSendEndorsement:
        """A combined endorsement without the members of another one."""
        return GroupSendEndorsement(self.point - other.point)

    def to_token(self, group: GroupSecretParams) -> GroupSendToken:
        """The token that proves it: the same for the same members, so it may be kept."""
        unblinded = self.point * scalars.invert(group.uid_key_pair.a1)
        return GroupSendToken(_token(unblinded.encode()))

    @classmethod
    def to_full_tokens(
        cls,
        endorsements: Sequence[GroupSendEndorsement],
        group: GroupSecretParams,
        expiration_s: int,
    ) -> list[GroupSendFullToken]:
        """A token for each of them alone, faster than one by one."""
        inverse = scalars.invert(group.uid_key_pair.a1)
        points = [endorsement.point for endorsement in endorsements]
        return [
            GroupSendFullToken(_token(encoding), expiration_s)
            for encoding in encode_all(multiply_all(points, inverse))
        ]

    def to_full_token(self, group: GroupSecretParams, expiration_s: int) -> GroupSendFullToken:
        """The token with its expiration, which is that of the response."""
        return self.to_token(group).to_full_token(expiration_s)


@dataclass(frozen=True, slots=True)
class GroupSendToken:
    """A token without its expiration, the form in which it may be kept."""

    token: bytes = field(repr=False)

    @classmethod
    def deserialize(cls, data: bytes) -> GroupSendToken:
        """Read a token; raises MalformedMessage."""
        reader = Reader(data)
        token = cls(reader.byte_string())
        reader.end()
        return token

    def serialize(self) -> bytes:
        """25 bytes."""
        return version_byte(RESERVED) + byte_string(self.token)

    def to_full_token(self, expiration_s: int) -> GroupSendFullToken:
        """The token with the expiration."""
        return GroupSendFullToken(self.token, expiration_s)


@dataclass(frozen=True, slots=True)
class GroupSendFullToken:
    """What a request carries instead of access keys (header ``Group-Send-Token``, in base64)."""

    token: bytes = field(repr=False)
    expiration_s: int

    @classmethod
    def deserialize(cls, data: bytes) -> GroupSendFullToken:
        """Read a token; raises MalformedMessage."""
        reader = Reader(data)
        token = cls(reader.byte_string(), reader.u64())
        reader.end()
        return token

    def serialize(self) -> bytes:
        """33 bytes."""
        return version_byte(RESERVED) + byte_string(self.token) + u64(self.expiration_s)

    def verify(
        self, service_ids: Sequence[ServiceId], now_ms: int, key_pair: GroupSendDerivedKeyPair
    ) -> None:
        """Verify as the server that the token is for exactly these recipients.

        ``key_pair`` is the one for the token's expiration. Raises ZkProofFailed or InvalidCredential.
        """
        if now_ms // 1000 > self.expiration_s:
            raise InvalidCredential("the group send token has expired")
        if key_pair.expiration_s != self.expiration_s:
            raise ZkProofFailed
        endorsed = sum_of(uid_first_points(service_ids)) * key_pair.private_key
        expected = _token(endorsed.encode())
        if not constant_time.equal(expected, self.token):
            raise ZkProofFailed


@dataclass(frozen=True, slots=True)
class ReceivedEndorsements:
    """One endorsement for each member, in the members' order, and one for all but the local user."""

    endorsements: tuple[GroupSendEndorsement, ...]
    combined: GroupSendEndorsement
    expiration_s: int


@dataclass(frozen=True, slots=True)
class GroupSendEndorsementsResponse:
    """The group server's endorsements of all members, sorted by their encrypted ids."""

    encodings: tuple[bytes, ...] = field(repr=False)
    proof: bytes = field(repr=False)
    expiration_s: int

    @classmethod
    def deserialize(cls, data: bytes) -> GroupSendEndorsementsResponse:
        """Read a response; raises MalformedMessage."""
        reader = Reader(data)
        encodings = tuple(reader.encodings(reader.u64()))
        response = cls(encodings, reader.byte_string(), reader.u64())
        reader.end()
        return response

    def serialize(self) -> bytes:
        """The bytes that the server sends."""
        head = version_byte(RESERVED) + u64(len(self.encodings)) + b"".join(self.encodings)
        return head + byte_string(self.proof) + u64(self.expiration_s)

    @classmethod
    def issue(
        cls,
        member_ciphertexts: Sequence[bytes],
        key_pair: GroupSendDerivedKeyPair,
        random: RandomSource = secure_random,
    ) -> GroupSendEndorsementsResponse:
        """Endorse all members of a group (at least one), given by their encrypted ids (65 bytes)."""
        points = decode_all(_first_encodings(member_ciphertexts))
        keys = encode_doubles([point.coset() for point in points])
        order = sorted(range(len(points)), key=keys.__getitem__)
        endorsed = [points[i] * key_pair.private_key for i in order]
        encodings = encode_all(endorsed)
        weights = sums.proof_weights(
            key_pair.public_key.encode(), [keys[i] for i in order], encodings
        )
        sum_e = sums.weighted_sum([points[i].coset()[:2] for i in order], weights)
        arguments = {
            "weighted_sum(E)": sum_e,
            "weighted_sum(R)": sum_e * key_pair.private_key,
            "PK_prime": key_pair.public_key,
        }
        proof = _PROOF.prove({"sk_prime": key_pair.private_key}, arguments, random(32))
        return cls(tuple(encodings), proof, key_pair.expiration_s)

    def receive_with_ciphertexts(
        self,
        member_ciphertexts: Sequence[bytes],
        local_user: bytes,
        now_ms: int,
        server: ServerPublicParams,
        *,
        map_chunks: sums.ChunkMap = map,
        chunk_length: int | None = None,
    ) -> ReceivedEndorsements:
        """The endorsements of the members with these encrypted ids (65 bytes), local user included.

        About 0.15 ms a member. With ``chunk_length`` the work is done in pieces by ``map_chunks``, which is called like
        ``map``; that of a ``ProcessPoolExecutor`` distributes it over processes. Raises ZkProofFailed,
        MalformedMessage, or InvalidCredential for an invalid expiration.
        """
        try:
            local_index = member_ciphertexts.index(local_user)
        except ValueError:
            raise ZkProofFailed("the local user is not among the group's members") from None
        encodings = _first_encodings(member_ciphertexts)
        return self._receive(encodings, local_index, now_ms, server, map_chunks, chunk_length)

    def receive_with_service_ids(
        self,
        members: Sequence[ServiceId],
        local_user: ServiceId,
        now_ms: int,
        group: GroupSecretParams,
        server: ServerPublicParams,
        *,
        map_chunks: sums.ChunkMap = map,
        chunk_length: int | None = None,
    ) -> ReceivedEndorsements:
        """The same if only the members' ids are known: slower, because it encrypts them."""
        try:
            local_index = members.index(local_user)
        except ValueError:
            raise ZkProofFailed("the local user is not among the group's members") from None
        a1 = group.uid_key_pair.a1
        encodings = encode_all([point * a1 for point in uid_first_points(members)])
        return self._receive(encodings, local_index, now_ms, server, map_chunks, chunk_length)

    def _receive(
        self,
        member_encodings: Sequence[bytes],
        local_index: int,
        now_ms: int,
        server: ServerPublicParams,
        map_chunks: sums.ChunkMap,
        chunk_length: int | None,
    ) -> ReceivedEndorsements:
        validate_endorsement_expiration(self.expiration_s, now_ms)
        if len(member_encodings) != len(self.encodings):
            raise ZkProofFailed("there are not as many endorsements as members")
        public_key = server.endorsement_key + BASE_POINT * _tag(self.expiration_s)
        checked = sums.sum_all(
            public_key.encode(), member_encodings, self.encodings, map_chunks, chunk_length
        )
        arguments = {
            "weighted_sum(E)": checked.sum_e,
            "weighted_sum(R)": checked.sum_r,
            "PK_prime": public_key,
        }
        _PROOF.verify(self.proof, arguments)
        endorsements = [GroupSendEndorsement(RistrettoPoint.identity())] * len(member_encodings)
        for place, member in enumerate(checked.order):
            x, y = checked.r_points[place]
            point = RistrettoPoint(coset=(x, y, 1), encoding=self.encodings[place])
            endorsements[member] = GroupSendEndorsement(point)
        others = endorsements[:local_index] + endorsements[local_index + 1 :]
        combined = GroupSendEndorsement.combine(others)
        return ReceivedEndorsements(tuple(endorsements), combined, self.expiration_s)


def _tag(expiration_s: int) -> Scalar:
    return Sho(b"20240215_Signal_GroupSendEndorsement", expiration_s.to_bytes(8, "big")).scalar()


def _token(unblinded: bytes) -> bytes:
    return sha256(unblinded).digest()[:TOKEN_LENGTH]


def _first_encodings(ciphertexts: Sequence[bytes]) -> list[bytes]:
    for ciphertext in ciphertexts:
        if len(ciphertext) != CIPHERTEXT_LENGTH or ciphertext[0] != RESERVED:
            raise MalformedMessage("this is not an encrypted service id")
    return [ciphertext[1:33] for ciphertext in ciphertexts]
