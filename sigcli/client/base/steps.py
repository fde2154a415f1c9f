"""Work that waits for the network now and then, written as straight code and run alone or several at a time.

Such work is a generator: it yields each request as a callable and gets its answer, or its error, in return. The runner
decides on which thread the callable waits; everything between two yields, the database above all, stays on one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeVar

from sigcli.errors import SigcliError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future

T = TypeVar("T")
Call = Callable[[], Any]
Steps = Generator[Call, Any, T]
AT_ONCE = 4
"""How many run beside one another."""


def run(steps: Steps[T]) -> T:
    """Run one to its end on this thread; its errors pass through."""
    try:
        call = next(steps)
        while True:
            call = _resume(steps, call)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()


def run_all(several: Iterable[Steps[T]], at_once: int = AT_ONCE) -> list[T | SigcliError]:
    """Run several and give their results, or errors, in their order.

    Only their calls run on other threads; everything else runs on this one.
    """
    waiting = list(several)
    if len(waiting) <= 1:
        return [_outcome(steps) for steps in waiting]
    from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

    results: dict[int, T | SigcliError] = {}
    fresh = iter(range(len(waiting)))
    running: dict[Future[Any], int] = {}
    executor = ThreadPoolExecutor(at_once, "sigcli-request")

    def advance(index: int, answered: Future[Any] | None) -> None:
        """Take one from the answer of its last call to its next call, or to its end."""
        steps = waiting[index]
        try:
            call = next(steps) if answered is None else _resume(steps, answered.result)
        except StopIteration as end:
            results[index] = end.value
        except SigcliError as error:
            results[index] = error
        else:
            running[executor.submit(call)] = index

    try:
        while True:
            while len(running) < at_once and (index := next(fresh, None)) is not None:
                advance(index, None)
            if not running:
                # One that asks nothing of the network ends at once: there may be more of them.
                if len(results) == len(waiting):
                    break
                continue
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                advance(running.pop(future), future)
    finally:
        for steps in waiting:
            steps.close()
        executor.shutdown(wait=False, cancel_futures=True)
    return [results[index] for index in range(len(waiting))]


def _resume(steps: Steps[T], call: Call) -> Call:
    try:
        value = call()
    except SigcliError as error:
        return steps.throw(error)
    return steps.send(value)


def _outcome(steps: Steps[T]) -> T | SigcliError:
    try:
        return run(steps)
    except SigcliError as error:
        return error
