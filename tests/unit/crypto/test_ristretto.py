"""ristretto255 against RFC 9496: its vectors, and a second implementation straight from its formulas."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sigcli.crypto import edwards, elligator, elligator_inverse, scalars
from sigcli.crypto.edwards import IDENTITY, D
from sigcli.crypto.field import PRIME, SQRT_MINUS_ONE
from sigcli.crypto.ristretto import (
    BASE_POINT,
    INVSQRT_A_MINUS_D,
    RistrettoPoint,
    decode_affine,
    decode_all,
    encode_all,
    encode_doubles,
    multiply_in_eight_form,
    multiply_in_half_form,
    sum_of,
    sum_of_products,
)
from sigcli.errors import MalformedMessage, SigcliError
from tests.support.arithmetic import arithmetic

__all__ = ["arithmetic"]

# RFC 9496, appendix A.1, the first multiples of the generator.
MULTIPLES = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
    "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
    "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
]
# Appendix A.2: not canonical, negative, no square, negative xy, y = 0.
REFUSED = [
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    "4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f",
    "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
    "a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]
SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235

wide = st.binary(min_size=64, max_size=64)
bytes32 = st.binary(min_size=32, max_size=32)
points = wide.map(lambda data: RistrettoPoint.base(scalars.from_wide(data)))


def sqrt_ratio(u: int, v: int) -> tuple[bool, int]:
    r = u * pow(v, 3, PRIME) * pow(u * pow(v, 7, PRIME), (PRIME - 5) // 8, PRIME) % PRIME
    check = v * r * r % PRIME
    correct, flipped = check == u % PRIME, check == -u % PRIME
    if flipped or check == -u * SQRT_MINUS_ONE % PRIME:
        r = r * SQRT_MINUS_ONE % PRIME
    return correct or flipped, PRIME - r if r & 1 else r


def rfc_encode(x: int, y: int) -> bytes:
    u1, u2 = (1 + y) * (1 - y), x * y
    _, inverse_root = sqrt_ratio(1, u1 * u2 * u2 % PRIME)
    den1, den2 = inverse_root * u1, inverse_root * u2
    z_inverse = den1 * den2 * x * y
    den = den2
    if x * y * z_inverse % PRIME & 1:
        x, y, den = y * SQRT_MINUS_ONE, x * SQRT_MINUS_ONE, den1 * INVSQRT_A_MINUS_D
    if x * z_inverse % PRIME & 1:
        y = -y
    s = den * (1 - y) % PRIME
    return (PRIME - s if s & 1 else s).to_bytes(32, "little")


def rfc_map(data: bytes) -> tuple[int, int]:
    r0 = int.from_bytes(data, "little") % 2**255
    r = SQRT_MINUS_ONE * r0 * r0 % PRIME
    u, v = (r + 1) * (1 - D * D), (-1 - r * D) * (r + D) % PRIME
    square, s = sqrt_ratio(u, v)
    other = s * r0 % PRIME
    c = -1
    if not square:
        s, c = other if other & 1 else PRIME - other, r
    n = c * (r - 1) * (D - 1) ** 2 - v
    x = 2 * s * v * pow(n * SQRT_AD_MINUS_ONE, -1, PRIME) % PRIME
    return x, (1 - s * s) * pow(1 + s * s, -1, PRIME) % PRIME


def test_multiples_of_the_generator() -> None:
    total = RistrettoPoint.identity()
    for count, vector in enumerate(MULTIPLES):
        assert total.encode().hex() == vector
        decoded = RistrettoPoint.decode(bytes.fromhex(vector))
        assert decoded == RistrettoPoint.base(scalars.from_int(count)) == total
        assert decoded.is_identity() == (count == 0)
        total = total + BASE_POINT


@pytest.mark.parametrize("encoding", REFUSED)
def test_wrong_encodings_are_refused(encoding: str) -> None:
    with pytest.raises(MalformedMessage):
        RistrettoPoint.decode(bytes.fromhex(encoding))
    with pytest.raises(MalformedMessage):
        _ = RistrettoPoint.undecoded(bytes.fromhex(encoding)) + BASE_POINT


@given(st.binary(max_size=40))
@example((PRIME - 1).to_bytes(32, "little"))
@example(SQRT_MINUS_ONE.to_bytes(32, "little"))
def test_decoding_anything_gives_its_encoding_or_an_error(data: bytes) -> None:
    try:
        point = RistrettoPoint.decode(data)
    except SigcliError:
        return
    assert RistrettoPoint(coset=point.coset()).encode() == data


@given(points, points, wide)
@settings(max_examples=30)
def test_all_forms_agree(p: RistrettoPoint, q: RistrettoPoint, data: bytes) -> None:
    k = scalars.from_wide(data)
    decoded_p, decoded_q = decode_all(encode_all([p, q]))
    assert (decoded_p + decoded_q).encode() == (p + q).encode() == (p + decoded_q).encode()
    assert (decoded_p - decoded_q).encode() == (p - q).encode() == (-(q - p)).encode()
    assert decoded_p * k == p * k == RistrettoPoint(coset=p.coset()) * k
    assert [RistrettoPoint(eight=one) for one in multiply_in_eight_form([decoded_p, p], k)] == [
        p * k,
        p * k,
    ]
    assert multiply_in_half_form([decoded_p, p], k) == [(p * k).half] * 2
    assert decoded_p.half == p.half
    assert decoded_p.eight == p.eight
    assert encode_doubles([decoded_p.coset()])[0] == (p + p).encode()
    assert sum_of([p, decoded_q, decoded_p]) == sum_of_products(
        [(scalars.from_int(2), p), (scalars.from_int(1), q)]
    )
    ((x, y),) = decode_affine([p.encode()])
    assert rfc_encode(x, y) == p.encode()
    assert rfc_encode(SQRT_MINUS_ONE * y % PRIME, SQRT_MINUS_ONE * x % PRIME) == p.encode()


def test_neutral_element_and_zero() -> None:
    zero = RistrettoPoint.identity()
    p = BASE_POINT * scalars.from_int(7)
    decoded = RistrettoPoint.decode(p.encode())
    assert (p - p).is_identity()
    assert (decoded - decoded).encode() == bytes(32)
    assert p + zero == p == zero + decoded
    assert (zero * scalars.from_int(3)).is_identity()
    assert (decoded * scalars.ZERO).is_identity()
    assert (BASE_POINT * scalars.ZERO).is_identity()
    assert sum_of([]).is_identity()
    assert sum_of_products([]).is_identity()
    assert scalars.invert(scalars.ZERO) == scalars.ZERO
    assert RistrettoPoint.decode(bytes(32)) * scalars.from_int(5) == zero


@pytest.mark.parametrize("count", [1, 3, 90])
def test_weighted_sum(count: int) -> None:
    members = [BASE_POINT * scalars.from_int(i * i + 1) for i in range(count)]
    weights = [(i * 0x123456789ABCDEF0123456789ABCDEF) % 2**127 for i in range(count)]
    weights[0] = 2**127 - 1
    affine = decode_affine(encode_all(members))
    total = edwards.weighted_sum(affine, weights, 127)
    expected = sum(w * (i * i + 1) for i, w in enumerate(weights))
    assert RistrettoPoint(coset=total[:3]) == BASE_POINT * scalars.from_int(expected)


def test_hash_to_group_vector() -> None:
    # RFC 9496, appendix A.3.
    uniform = bytes.fromhex(
        "5d1be09e3d0c82fc538112490e35701979d99e06ca3e2b5b54bffe8b4dc772c1"
        "4d98b696a1bbfb5ca32c436cc61c16563790306c79eaca7705668b47dffe5bb6"
    )
    expected = "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46"
    assert elligator.from_uniform(uniform).encode().hex() == expected


@given(bytes32)
@example(bytes(32))
@example(b"\xff" * 32)
def test_map_and_its_inverse(data: bytes) -> None:
    assert elligator.map_all([data])[0] == rfc_map(data)
    point = elligator.map_to_point(data)
    if point.is_identity():
        return
    r0 = int.from_bytes(data, "little") % 2**255 % PRIME
    even = (PRIME - r0 if r0 & 1 else r0).to_bytes(32, "little")
    to_point = cache(elligator.map_to_point)
    for lifted in _lifted(point):
        (squares,) = elligator_inverse.input_squares([lifted])
        assert r0 * r0 % PRIME in squares
        inputs = elligator_inverse.even_inputs(squares)
        preimages = [one for one in inputs if one is not None]
        assert even in preimages
        assert len(set(preimages)) == len(preimages) <= 8
        assert all(to_point(preimage) == point for preimage in preimages)


def _lifted(point: RistrettoPoint) -> list[elligator_inverse.Lifted]:
    """The element in every way that it can come about."""
    other = BASE_POINT * scalars.from_int(5)
    decoded = RistrettoPoint.decode(point.encode())
    once, more, sums = (
        elligator_inverse.lift_decoded([decoded, point]),
        elligator_inverse.lift_doubles([point.half]),
        elligator_inverse.subtract_lifted(
            elligator_inverse.lift_decoded([point + other, RistrettoPoint.identity(), point]),
            elligator_inverse.lift_doubles([other.half, (-point).half, IDENTITY]),
        ),
    )
    for x, y, s in (*once, *more, *sums):
        assert rfc_encode(x, y) == point.encode()
        assert (1 + y) * s * s % PRIME == (1 - y) % PRIME
    return [*once, *more, *sums]


def test_inputs_of_the_map_with_a_vanishing_denominator() -> None:
    for r in (-D, -pow(D, -1, PRIME)):
        r0 = sqrt_ratio(r, SQRT_MINUS_ONE)[1].to_bytes(32, "little")
        assert elligator.map_to_point(r0).is_identity()


@given(st.binary(min_size=16, max_size=16))
@settings(max_examples=20)
def test_lizard(data: bytes) -> None:
    point = elligator.lizard_encode(data)
    elements = [point, RistrettoPoint.identity(), point + BASE_POINT, point]
    lifted = elligator_inverse.lift_decoded(elements)
    assert elligator_inverse.lizard_decode_all(lifted) == [data, None, None, data]
    assert elligator_inverse.lizard_decode_all([]) == []


def test_scalars() -> None:
    a, b = scalars.from_int(-5), scalars.from_int(3)
    assert scalars.add(a, b) == scalars.from_int(-2)
    assert scalars.multiply(a, b) == scalars.negate(scalars.from_int(15))
    assert scalars.multiply(scalars.invert(a), a) == scalars.from_int(1)
    for wrong in (b"", bytes(31), scalars.ORDER.to_bytes(32, "little"), b"\xff" * 32):
        with pytest.raises(MalformedMessage):
            scalars.decode(wrong)
