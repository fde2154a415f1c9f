"""Microseconds of short operations, in this process and inside Node, by the same rule."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tests.interop.oracle import Oracle

BATCH_US = 30_000.0
"""A batch of steps runs about that long: long beside the clock's grain, short beside the machine's moods."""

_REGISTER = """
    const make = new (async () => {}).constructor(
        'lib', 'stores', 'mock', 'state', ...Object.keys(args), body);
    (state.works ??= {})[name] =
        await make(lib, stores, mock, state, ...Object.values(args));
"""
_BATCH = """
    const { step, prepare } = state.works[name];
    if (prepare !== undefined) await prepare(count);
    const begin = process.hrtime.bigint();
    for (let i = 0; i < count; i++) {
        let answer = step();
        if (answer instanceof Promise) answer = await answer;
        state.last = answer;
    }
    return Number(process.hrtime.bigint() - begin) / 1000 / count;
"""


class Timed(Protocol):
    """Something that can be done many times over."""

    def batch(self, count: int) -> float:
        """Do it that often and give the microseconds of one."""


@dataclass(frozen=True, slots=True)
class Work:
    """Work of this process. ``prepare`` is called before each batch, untimed, with its size."""

    step: Callable[[], object]
    prepare: Callable[[int], object] | None = None

    def batch(self, count: int) -> float:
        if self.prepare is not None:
            self.prepare(count)
        step = self.step
        begin = time.perf_counter_ns()
        for _ in range(count):
            step()
        return (time.perf_counter_ns() - begin) / 1000 / count


@dataclass(frozen=True, slots=True)
class NodeWork:
    """Work inside Node: the body of an async function that returns ``{ step, prepare? }``."""

    oracle: Oracle
    name: str

    @classmethod
    def create(cls, oracle: Oracle, name: str, body: str, arguments: dict[str, Any]) -> NodeWork:
        oracle.call(_REGISTER, name=name, body=body, args=arguments)
        return cls(oracle, name)

    def batch(self, count: int) -> float:
        elapsed_us: float = self.oracle.call(_BATCH, name=self.name, count=count)
        return elapsed_us


def batch_size(work: Timed, at_least: int) -> int:
    """Warm up, and find how many steps fill a batch."""
    count = at_least
    while True:
        step_us = work.batch(count)
        if count * step_us >= BATCH_US / 2:
            break
        count = max(count * 2, min(count * 20, int(BATCH_US / max(step_us, 0.01))))
    return max(at_least, round(BATCH_US / step_us))
