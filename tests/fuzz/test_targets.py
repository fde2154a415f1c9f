"""Every target over its seeds, what once broke it, and a bounded number of damaged seeds."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.mutations import mutate
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_only_errors_of_the_project(name: str) -> None:
    target = TARGETS[name]
    seeds = list(target.seeds())
    # Else damage would be done to what is refused in any case.
    assert any(target.run(seed) for seed in seeds), "no seed is accepted"
    for found in target.found:
        target.run(found)
    source = random.Random(name)
    for _ in range(target.rounds):
        target.run(mutate([*seeds, *target.found], source))
