"""The large sums that check group send endorsements: one weight for each member of a group.

The functions on chunks take and return plain bytes and integers and depend on nothing else, so that they can run in
other processes. Source: libsignal ``rust/zkcredential/src/endorsements.rs``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sigcli.crypto import edwards, scalars
from sigcli.crypto.edwards import Affine, Extended
from sigcli.crypto.ristretto import (
    RistrettoPoint,
    decode_affine,
    encode_doubles,
    sum_of_products,
)
from sigcli.errors import ZkProofFailed
from sigcli.lazy_dataclass import dataclass
from sigcli.zkgroup.sho import Sho

_WEIGHT_LENGTH = 16
_WEIGHT_BITS = 127
_WEIGHT_MASK = (1 << _WEIGHT_BITS) - 1
# Below this many points libsodium's multiplications are faster than bucket sums in Python.
_FEW = 80


ChunkMap = Callable[..., Iterable[Any]]
"""``map``, or the method ``map`` of an executor."""


@dataclass(frozen=True, slots=True)
class CheckedSums:
    """The weighted sums of members and endorsements, with what was decoded on the way.

    ``order[i]`` is the member that endorsement ``i`` is for; ``r_points`` are in that order.
    """

    sum_e: RistrettoPoint
    sum_r: RistrettoPoint
    order: list[int]
    r_points: list[Affine]


def sum_all(
    public_key: bytes,
    member_encodings: Sequence[bytes],
    endorsement_encodings: Sequence[bytes],
    map_chunks: ChunkMap,
    chunk_length: int | None,
) -> CheckedSums:
    """Sort the members, derive the weights and add up; raises MalformedMessage or ZkProofFailed."""
    count = len(member_encodings)
    if not count:
        raise ZkProofFailed
    starts = range(0, count, chunk_length or count)
    slices = [slice(start, start + starts.step) for start in starts]
    e_points: list[Affine] = []
    keys: list[bytes] = []
    r_points: list[Affine] = []
    for e_part, key_part, r_part in map_chunks(
        decode_chunk,
        [member_encodings[part] for part in slices],
        [endorsement_encodings[part] for part in slices],
    ):
        e_points += e_part
        keys += key_part
        r_points += r_part
    order = sorted(range(count), key=keys.__getitem__)
    weights = proof_weights(public_key, [keys[i] for i in order], endorsement_encodings)
    e_points = [e_points[i] for i in order]
    if count < _FEW:
        sum_e, sum_r = weighted_sum(e_points, weights), weighted_sum(r_points, weights)
        return CheckedSums(sum_e, sum_r, order, r_points)
    total_e: Extended = (0, 1, 1, 0)
    total_r: Extended = (0, 1, 1, 0)
    for part_e, part_r in map_chunks(
        sum_chunk,
        [e_points[part] for part in slices],
        [r_points[part] for part in slices],
        [weights[part] for part in slices],
    ):
        total_e = edwards.add_extended(total_e, part_e)
        total_r = edwards.add_extended(total_r, part_r)
    sum_e, sum_r = RistrettoPoint(coset=total_e[:3]), RistrettoPoint(coset=total_r[:3])
    return CheckedSums(sum_e, sum_r, order, r_points)


def decode_chunk(
    member_encodings: Sequence[bytes], endorsement_encodings: Sequence[bytes]
) -> tuple[list[Affine], list[bytes], list[Affine]]:
    """Members as points and by their sort keys, endorsements as points; raises MalformedMessage."""
    points = decode_affine([*member_encodings, *endorsement_encodings])
    count = len(member_encodings)
    members, endorsements = points[:count], points[count:]
    return members, encode_doubles([(x, y, 1) for x, y in members]), endorsements


def sum_chunk(
    e_points: Sequence[Affine], r_points: Sequence[Affine], weights: Sequence[int]
) -> tuple[Extended, Extended]:
    """The weighted sums of both lists of points."""
    return (
        edwards.weighted_sum(e_points, weights, _WEIGHT_BITS),
        edwards.weighted_sum(r_points, weights, _WEIGHT_BITS),
    )


def weighted_sum(points: Sequence[Affine], weights: Sequence[int]) -> RistrettoPoint:
    """The sum of weight times point, by the fastest method for this many."""
    if len(points) >= _FEW:
        return RistrettoPoint(coset=edwards.weighted_sum(points, weights, _WEIGHT_BITS)[:3])
    eights = edwards.times_eight([(x, y, 1) for x, y in points])
    return sum_of_products(
        (scalars.from_int(weight), RistrettoPoint(eight=eight))
        for weight, eight in zip(weights, eights, strict=True)
    )


def proof_weights(
    public_key: bytes, sorted_keys: Sequence[bytes], endorsement_encodings: Sequence[bytes]
) -> list[int]:
    """A weight of 127 bits for each endorsement, 1 for the first, derived from everything that they depend on."""
    sho = Sho(b"Signal_ZKCredential_Endorsements_EndorsementResponse_ProofWeights_20240207")
    sho.absorb(public_key)
    for data in (*sorted_keys, *endorsement_encodings):
        sho.absorb(data)
    sho.ratchet()
    stream = sho.squeeze((len(sorted_keys) - 1) * _WEIGHT_LENGTH)
    return [1] + [
        int.from_bytes(stream[i : i + _WEIGHT_LENGTH], "little") & _WEIGHT_MASK
        for i in range(0, len(stream), _WEIGHT_LENGTH)
    ]
