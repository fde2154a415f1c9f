"""The field and the erasure code, against the textbook forms of both."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigcli.protocol.spqr import erasure, gf16

elements = st.integers(0, 0xFFFF)
VALUE_LENGTHS = [96, 160, 960, 1152]


def times(a: int, b: int) -> int:
    """Multiplication in the field, bit by bit."""
    product = 0
    for bit in range(16):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(31, 15, -1):
        if product >> bit & 1:
            product ^= 0x1100B << (bit - 16)
    return product


def power(a: int, exponent: int) -> int:
    result = 1
    while exponent:
        if exponent & 1:
            result = times(result, a)
        a = times(a, a)
        exponent >>= 1
    return result


def interpolated(value: bytes, x: int) -> bytes:
    """Chunk ``x`` by Lagrange's formula, word by word."""
    count = len(value) // 32
    result = [0] * 16
    for i in range(count):
        weight = 1
        for j in range(count):
            if i != j:
                weight = times(weight, times(x ^ j, power(i ^ j, 65534)))
        for word in range(16):
            y = int.from_bytes(value[32 * i + 2 * word : 32 * i + 2 * word + 2], "big")
            result[word] ^= times(weight, y)
    return b"".join(word.to_bytes(2, "big") for word in result)


def records(value: bytes, indices: list[int]) -> bytes:
    received = b""
    for index in indices:
        received = erasure.add_chunk(received, index, erasure.chunk_at(value, index))
    return received


@given(st.lists(st.tuples(elements, elements), min_size=1, max_size=5), elements)
def test_lanes_multiply_as_single_elements(pairs: list[tuple[int, int]], factor: int) -> None:
    one = gf16.ones(len(pairs))
    a = gf16.pack([a for a, _ in pairs])
    b = gf16.pack([b for _, b in pairs])
    products = gf16.unpack(gf16.multiply(a, b, one), len(pairs))
    assert list(products) == [times(x, y) for x, y in pairs]
    scaled = gf16.unpack(gf16.scale(a, factor, one), len(pairs))
    assert list(scaled) == [times(x, factor) for x, _ in pairs]
    total = 0
    for x, y in pairs:
        total ^= times(x, y)
    assert gf16.weighted_sum([x for x, _ in pairs], [y for _, y in pairs], 1) == total


@given(st.lists(elements, min_size=1, max_size=4))
def test_inverse(values: list[int]) -> None:
    one = gf16.ones(len(values))
    lanes = gf16.pack(values)
    product = gf16.multiply(lanes, gf16.invert(lanes, one), one)
    assert list(gf16.unpack(product, len(values))) == [int(v != 0) for v in values]


def test_first_chunks_are_the_value_itself() -> None:
    value = random.Random(1).randbytes(160)
    assert b"".join(erasure.chunk_at(value, i) for i in range(5)) == value


@pytest.mark.parametrize("index", [3, 4, 77, 65535])
def test_later_chunks_are_interpolated(index: int) -> None:
    value = random.Random(2).randbytes(96)
    assert erasure.chunk_at(value, index) == interpolated(value, index)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(VALUE_LENGTHS), st.randoms(use_true_random=False), st.booleans())
def test_any_chunks_give_the_value_back(length: int, rng: random.Random, far: bool) -> None:
    value = rng.randbytes(length)
    count = length // 32
    indices = rng.sample(range(0x10000 if far else 2 * count), count)
    received = records(value, indices)
    assert erasure.assemble(received, length) == value
    assert erasure.assemble(received[: -erasure.RECORD_LENGTH], length) is None


def test_a_repeated_chunk_does_not_count() -> None:
    value = random.Random(3).randbytes(96)
    received = records(value, [5, 5, 1, 5, 1])
    assert received == records(value, [5, 1])
    # The first one of an index stays.
    assert erasure.add_chunk(received, 5, bytes(32)) == received


def test_logarithms_and_powers_are_those_of_x() -> None:
    logarithms, powers = gf16.tables()
    assert sorted(powers) == list(range(1, 0x10000))
    assert [logarithms[one] for one in powers] == list(range(gf16.ORDER))
    assert (powers[0], powers[1]) == (1, 2)
    for exponent in (1, 15, 16, 4711, gf16.ORDER - 1):
        assert powers[exponent] == times(powers[exponent - 1], 2)


@settings(max_examples=50)
@given(st.lists(elements, min_size=2, max_size=40, unique=True))
def test_weights_are_the_same_with_and_without_logarithms(points: list[int]) -> None:
    x, *nodes = points
    inverses = erasure._inverse_denominators(nodes)
    by_products = erasure.weights_by_products(x, nodes, inverses)
    assert erasure.weights_by_logarithms(x, nodes, inverses, gf16.tables()) == by_products
