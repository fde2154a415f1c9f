from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from sigcli.client.base.steps import run, run_all
from sigcli.errors import Conflict, NotFound, RateLimited

if TYPE_CHECKING:
    from sigcli.client.base.steps import Steps


def answer(value: int) -> int:
    return value


def refuse() -> int:
    raise NotFound


def adding(*values: int) -> Steps[int]:
    total = 0
    for value in values:
        total += yield partial(answer, value)
    return total


def falling_back() -> Steps[str]:
    try:
        yield refuse
    except NotFound:
        return "fallen back"
    return "never"


def failing() -> Steps[int]:
    yield partial(answer, 1)
    raise Conflict


def test_a_work_gets_the_answers_and_errors_of_its_calls() -> None:
    assert run(adding(1, 2, 3)) == 6
    assert run(adding()) == 0
    assert run(falling_back()) == "fallen back"
    with pytest.raises(Conflict):
        run(failing())


def test_several_works_keep_their_order_and_their_errors() -> None:
    results = run_all([adding(1), failing(), adding(), adding(2, 2), adding(), adding(5, 5, 5)])
    assert isinstance(results[1], Conflict)
    assert [results[index] for index in (0, 2, 3, 4, 5)] == [1, 0, 4, 0, 15]
    assert run_all([]) == []
    assert isinstance(run_all([failing()])[0], Conflict)


def test_calls_overlap_while_the_works_stay_on_one_thread() -> None:
    both = threading.Barrier(2)
    own, others = threading.get_ident(), set()

    def meet() -> None:
        others.add(threading.get_ident())
        both.wait(10)

    def meeting() -> Steps[bool]:
        yield meet
        return threading.get_ident() == own

    assert run_all([meeting(), meeting()]) == [True, True]
    assert own not in others


def test_what_a_work_holds_is_let_go_when_the_run_is_interrupted() -> None:
    let_go = []

    def holding() -> Steps[None]:
        try:
            yield interrupt
        finally:
            let_go.append(True)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(holding())
    with pytest.raises(KeyboardInterrupt):
        run_all([holding(), adding(1)])
    assert let_go == [True, True]


def test_an_error_outside_of_the_tree_is_not_swallowed() -> None:
    def broken() -> Steps[None]:
        yield partial(int, "x")

    with pytest.raises(ValueError, match="invalid literal"):
        run_all([broken(), adding(1)])
    assert isinstance(run_all([adding(1), broken_rate()])[1], RateLimited)


def broken_rate() -> Steps[int]:
    raise RateLimited
    yield
