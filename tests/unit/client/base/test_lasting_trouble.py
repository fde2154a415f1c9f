from __future__ import annotations

from sigcli.client.base.lasting_trouble import AGAIN_S, BACK_S, LastingTrouble


class Told:
    """A trouble with a clock that is set by hand, and what was reported."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.lines: list[str] = []
        self.trouble = LastingTrouble(self.lines.append, lambda: self.now_s)

    def meet(self, text: str, times: int = 1, every_s: float = 1.0) -> None:
        for _ in range(times):
            self.trouble.met(text)
            self.now_s += every_s


def test_it_is_reported_once_and_again_after_an_hour() -> None:
    told = Told()
    told.meet("full", times=int(AGAIN_S))
    assert told.lines == ["full"]
    told.meet("full", times=int(AGAIN_S))
    assert told.lines == ["full", "full"]


def test_another_one_is_news_and_alternating_ones_are_news_once() -> None:
    told = Told()
    for _ in range(20):
        told.meet("full")
        told.meet("cut off")
    assert told.lines == ["full", "cut off"]


def test_its_end_is_reported_if_it_was() -> None:
    told = Told()
    told.trouble.over("goes on")
    assert told.lines == []
    told.meet("full", times=3)
    told.trouble.over("goes on")
    told.trouble.over("goes on")
    assert told.lines == ["full", "goes on"]


def test_what_comes_and_goes_is_reported_once_an_hour() -> None:
    told = Told()
    for _ in range(60):
        told.meet("full", times=2)
        told.trouble.over("goes on")
    assert told.lines == ["full", "goes on"]
    told.now_s += AGAIN_S
    told.meet("full")
    told.trouble.over("goes on")
    assert told.lines == ["full", "goes on"] * 2


def test_what_is_back_to_stay_is_reported() -> None:
    told = Told()
    told.meet("full")
    told.trouble.over("goes on")
    told.meet("full", times=int(BACK_S))
    assert told.lines == ["full", "goes on"]
    told.meet("full", times=2)
    assert told.lines == ["full", "goes on", "full"]


def test_one_that_changes_its_kind_and_comes_back_is_known_to_the_reader() -> None:
    told = Told()
    told.meet("full")
    told.meet("cut off")
    told.meet("full")
    told.trouble.over("goes on")
    assert told.lines == ["full", "cut off", "goes on"]
