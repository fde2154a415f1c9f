"""Field elements as Python's integers and gmpy2's, and square roots taken many at once."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.crypto.field import (
    LARGE_BATCH,
    PRIME,
    invert_all,
    modulus_for,
    number_for,
    square_root,
)
from sigcli.crypto.square_roots import square_roots
from tests.support.arithmetic import arithmetic

__all__ = ["arithmetic"]

_A = 486662
elements = st.integers(min_value=0, max_value=PRIME - 1)
# Where one of the two points is infinite, of low order, or the same as the other.
CORNERS = [0, 1, PRIME - 1, 2, 4, _A, PRIME - _A, _A - 1, pow(_A - 1, -1, PRIME), PRIME - 1 - _A]


_ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)


def _power(value: int) -> int | None:
    """Half of all elements have a root: it is the usual power, or that times the root of -1."""
    root = pow(value, (PRIME + 3) // 8, PRIME)
    if root * root % PRIME != value:
        root = root * _ROOT_OF_MINUS_ONE % PRIME
    if root * root % PRIME != value:
        return None
    return PRIME - root if root & 1 else root


@given(st.lists(elements, max_size=12))
def test_square_roots(values: list[int]) -> None:
    number = number_for(len(values))
    squares = [value * value % PRIME for value in values]
    for batch in (values, squares):
        expected = [_power(value) for value in batch]
        assert square_roots([number(value) for value in batch]) == expected
        assert [square_root(number(value)) for value in batch] == expected


def test_square_roots_of_corners() -> None:
    number = number_for(len(CORNERS))
    batch = [value * scale % PRIME for value in CORNERS for scale in (1, 4, 9)]
    assert square_roots([number(one) for one in batch]) == [_power(one) for one in batch]


@given(st.lists(elements.filter(bool), max_size=12))
def test_inverses(values: list[int]) -> None:
    number = number_for(len(values))
    inverses = invert_all([number(value) for value in values])
    assert inverses == [pow(value, -1, PRIME) for value in values]


def test_nothing_has_no_inverse() -> None:
    for values in ([0], [1, 0, 2]):
        with pytest.raises((ValueError, ZeroDivisionError)):
            invert_all([number_for(1)(value) for value in values])


def test_numbers_keep_their_kind(arithmetic: str) -> None:
    number = number_for(1)
    assert (number is int) == (arithmetic == "python")
    assert type(modulus_for(number(1))) is type(number(1))


def test_only_large_batches_load_gmpy2() -> None:
    assert LARGE_BATCH > 100
    if find_spec("gmpy2") is None:
        assert number_for(10**6) is int
