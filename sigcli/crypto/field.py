"""Integers modulo 2^255 - 19, many at once: Python's own, or GMP's for large batches where gmpy2 is installed.

An element is an ``int`` or gmpy2's ``mpz``, which behaves like one and whose results are of its kind:
a batch that begins with ``mpz`` stays with it, and both give the same bytes. gmpy2 (the extra ``fast``)
takes as long to import as it saves for some hundred elements, so small batches do without it.

Both take a time that depends on the values, so no private scalar may enter here. What does enter are
public points, and the plaintext of a group's attributes: who is in it, and their profile keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import cast

PRIME = 2**255 - 19
SQRT_MINUS_ONE = 19681161376707505956807079304988542015446066515923890162744021073123829784752
LARGE_BATCH = 200
"""From so many elements on gmpy2 is worth its import."""
_ROOT_EXPONENT = (PRIME + 3) // 8

Number = Callable[[int], int]


def number_for(count: int) -> Number:
    """The kind of number in which to begin a batch of so many elements."""
    return (_gmp() or int) if count >= LARGE_BATCH else int


def modulus_for(value: int) -> int:
    """The field prime in the kind of number that ``value`` is, so that a loop need not convert it each time."""
    return PRIME if type(value) is int else _modulus(cast(Number, type(value)))


def invert_all(values: Sequence[int]) -> list[int]:
    """The inverse of each value modulo the field prime; none may be 0 (ValueError or ZeroDivisionError)."""
    if len(values) == 1:
        return [pow(values[0], -1, PRIME)]
    if not values:
        return []
    prime = modulus_for(values[0])
    prefix = []
    product = 1
    for value in values:
        prefix.append(product)
        product = product * value % prime
    inverse = pow(product, -1, prime)
    result = [0] * len(values)
    for i in range(len(values) - 1, -1, -1):
        result[i] = inverse * prefix[i] % prime
        inverse = inverse * values[i] % prime
    return result


def square_root(value: int) -> int | None:
    """The even square root modulo the field prime; None for a number that is not a square."""
    prime = modulus_for(value)
    root = pow(value, _ROOT_EXPONENT, prime)
    square = root * root % prime
    if square != value:
        if square + value != prime:
            return None
        root = root * SQRT_MINUS_ONE % prime
    return prime - root if root & 1 else root


@cache
def _modulus(number: Number) -> int:
    return number(PRIME)


@cache
def _gmp() -> Number | None:
    try:
        mpz = import_module("gmpy2").mpz
    except ImportError:
        return None
    return cast(Number, mpz) if hasattr(mpz, "to_bytes") else None  # before 2.2 it has none
