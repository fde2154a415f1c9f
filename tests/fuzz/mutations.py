"""Bytes that are nearly right, the same ones for the same source."""

from __future__ import annotations

import random
from collections.abc import Sequence

_INTERESTING = (
    b"\x00",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\x00" * 32,
    b"\xff" * 32,
    b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
    b"\xff\xff\xff\xff\x0f",
    b"\xed\xa0\x80",
    b"[" * 1200,
    b"-1",
    b"1e999",
    b"9" * 400,
    b"null",
    b'""',
    b"\n",
    b"=",
    b"%",
)


def mutate(seeds: Sequence[bytes], source: random.Random) -> bytes:
    """One of the seeds after one to four changes."""
    data = bytearray(source.choice(seeds))
    for _ in range(source.choice((1, 1, 1, 2, 3, 4))):
        _change(data, seeds, source)
    return bytes(data)


def _change(data: bytearray, seeds: Sequence[bytes], source: random.Random) -> None:
    start = source.randint(0, len(data))
    end = min(len(data), start + source.choice((1, 1, 2, 4, 8, 32)))
    match source.randrange(8):
        case 0 if data:
            position = source.randrange(len(data))
            data[position] ^= 1 << source.randrange(8)
        case 1 if data:
            data[source.randrange(len(data))] = source.randrange(256)
        case 2:
            del data[start:end]
        case 3:
            del data[start:]
        case 4:
            data[start:start] = source.choice(_INTERESTING)
        case 5:
            data[start:end] = source.choice(_INTERESTING)
        case 6:
            data[start:start] = data[start:end] * source.choice((1, 1, 7))
        case _:
            other = source.choice(seeds)
            cut = source.randint(0, len(other))
            data[start:] = other[cut:]
