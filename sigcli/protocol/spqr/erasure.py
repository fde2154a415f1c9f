"""The erasure code that carries long values in chunks of 32 bytes: any N distinct chunks give the
value back.

A value of N times 32 bytes is 16 polynomials over GF(2^16) of degree below N: chunk i, as 16
big-endian words, holds their values at x = i. So chunks 0 to N - 1 are the value itself and later
ones are interpolated.

Source: ``src/encoding/polynomial.rs`` of github.com/signalapp/SparsePostQuantumRatchet.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sigcli.protocol.spqr import gf16

CHUNK_LENGTH = 32
INDEX_LENGTH = 2
RECORD_LENGTH = INDEX_LENGTH + CHUNK_LENGTH
MAX_CHUNK_INDEX = 0xFFFF
_WORD_ONES = gf16.ones(CHUNK_LENGTH // 2)


def chunk_at(value: bytes, index: int) -> bytes:
    """Chunk ``index`` (0 to 65535) of a value of whole chunks, 32 bytes."""
    start = CHUNK_LENGTH * index
    if start < len(value):
        return value[start : start + CHUNK_LENGTH]
    count = len(value) // CHUNK_LENGTH
    vectors = [
        int.from_bytes(value[at : at + CHUNK_LENGTH], "big")
        for at in range(0, len(value), CHUNK_LENGTH)
    ]
    weights = _weights_at(index, range(count), _weights_of_first(count))
    return gf16.weighted_sum(weights, vectors, _WORD_ONES).to_bytes(CHUNK_LENGTH, "big")


def add_chunk(received: bytes, index: int, chunk: bytes) -> bytes:
    """Append a chunk to the records received so far, unless one of this index is there."""
    record_index = index.to_bytes(INDEX_LENGTH, "big")
    for at in range(0, len(received), RECORD_LENGTH):
        if received[at : at + INDEX_LENGTH] == record_index:
            return received
    return received + record_index + chunk


def assemble(received: bytes, length: int) -> bytes | None:
    """The value of ``length`` bytes, or None while there are too few chunks."""
    count = length // CHUNK_LENGTH
    if len(received) < count * RECORD_LENGTH:
        return None
    chunks = {
        int.from_bytes(received[at : at + INDEX_LENGTH], "big"): received[
            at + INDEX_LENGTH : at + RECORD_LENGTH
        ]
        for at in range(0, len(received), RECORD_LENGTH)
    }
    missing = [index for index in range(count) if index not in chunks]
    if missing:
        _interpolate(chunks, missing)
    return b"".join([chunks[index] for index in range(count)])


def _interpolate(chunks: dict[int, bytes], missing: list[int]) -> None:
    """Add the missing chunks, computed from all known ones."""
    nodes = sorted(chunks)
    vectors = [int.from_bytes(chunks[node], "big") for node in nodes]
    inverses = _inverse_denominators(nodes)
    for index in missing:
        weights = _weights_at(index, nodes, inverses)
        value = gf16.weighted_sum(weights, vectors, _WORD_ONES)
        chunks[index] = value.to_bytes(CHUNK_LENGTH, "big")


def _weights_at(x: int, nodes: Sequence[int], inverse_denominators: int) -> tuple[int, ...]:
    """Lagrange's basis polynomials over ``nodes`` at another ``x``."""
    tables = gf16.logarithms()
    if tables is None:
        return weights_by_products(x, nodes, inverse_denominators)
    return weights_by_logarithms(x, nodes, inverse_denominators, tables)


def weights_by_logarithms(
    x: int, nodes: Sequence[int], inverse_denominators: int, tables: gf16.Tables
) -> tuple[int, ...]:
    """The weights at ``x``, with what ``gf16.logarithms`` gives."""
    logarithms, powers = tables
    differences = [logarithms[x ^ node] for node in nodes]
    product = sum(differences)
    inverses = gf16.unpack(inverse_denominators, len(nodes))
    return tuple(
        [
            powers[(product - difference + logarithms[inverse]) % gf16.ORDER]
            for difference, inverse in zip(differences, inverses, strict=True)
        ]
    )


def weights_by_products(x: int, nodes: Sequence[int], inverse_denominators: int) -> tuple[int, ...]:
    """The weights at ``x``, with nothing but multiplications."""
    count = len(nodes)
    # The product of all differences but one: of those before it and of those after it.
    before = [1]
    for node in nodes[:-1]:
        before.append(gf16.scale(before[-1], x ^ node, 1))
    after = [1]
    for node in reversed(nodes[1:]):
        after.append(gf16.scale(after[-1], x ^ node, 1))
    after.reverse()
    one = gf16.ones(count)
    numerators = gf16.multiply(gf16.pack(before), gf16.pack(after), one)
    return gf16.unpack(gf16.multiply(numerators, inverse_denominators, one), count)


def _inverse_denominators(nodes: Sequence[int]) -> int:
    """In lane i the inverse of the product of nodes[i] - node over all others."""
    one = gf16.ones(len(nodes))
    lanes = gf16.pack(nodes)
    bits = max(nodes).bit_length()
    product = one
    for position, node in enumerate(nodes):
        # The lane of the node itself is 0 here: 1 leaves its product as it is.
        differences = lanes ^ node * one | 1 << (gf16.LANE_BITS * position)
        product = gf16.multiply(product, differences, one, bits or 1)
    return gf16.invert(product, one)


@cache
def _weights_of_first(count: int) -> int:
    """:func:`_inverse_denominators` for the nodes 0 to ``count`` - 1."""
    return _inverse_denominators(range(count))
