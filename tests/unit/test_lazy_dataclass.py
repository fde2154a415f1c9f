"""The lazy decorator makes what the standard one makes."""

from __future__ import annotations

import copy
import dataclasses
import importlib
from dataclasses import field
from typing import Any, ClassVar

import pytest

DECORATORS: list[Any] = [
    dataclasses.dataclass,
    # Type checkers take it for the standard one.
    importlib.import_module("sigcli.lazy_dataclass").dataclass,
]
OPTIONS: list[dict[str, bool]] = [
    {},
    {"frozen": True},
    {"slots": True},
    {"frozen": True, "slots": True},
    {"order": True},
    {"frozen": True, "order": True},
    {"kw_only": True},
    {"repr": False},
    {"eq": False},
]


def made(decorator: Any, options: dict[str, bool]) -> Any:
    class Point:
        x: int
        y: int = 2
        tags: list[str] = field(default_factory=list)
        secret: bytes = field(default=b"", repr=False, compare=False)

        def total(self) -> int:
            return self.x + self.y

    return decorator(**options)(Point)


def outcome(action: Any) -> Any:
    """What an action gives, or the kind of error it ends with."""
    try:
        return action()
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_it_behaves_as_the_standard_one(options: dict[str, bool]) -> None:
    def facts(decorator: Any) -> list[Any]:
        kind = made(decorator, options)
        one, same, other = kind(x=1), kind(x=1), kind(x=1, y=3, tags=["t"], secret=b"s")
        plain, secretive = kind(x=1, tags=()), kind(x=1, tags=(), secret=b"s")
        return [
            [item.name for item in dataclasses.fields(kind)],
            (one.x, one.y, one.tags, one.secret, one.total(), other.y, other.tags),
            repr(one).rpartition(".")[2] if options.get("repr", True) else None,
            "secret" in repr(other),
            (one == same, one == other, one != other, one == object()),
            outcome(lambda: hash(plain) == hash(secretive)),
            outcome(lambda: setattr(one, "x", 5)),
            outcome(lambda: one < other),
            outcome(lambda: one >= other),
            outcome(lambda: kind(1, 2).y),
            outcome(lambda: kind()),
            outcome(lambda: kind(x=1, z=2)),
            outcome(lambda: dataclasses.replace(other, y=9).y),
            outcome(lambda: dataclasses.asdict(kind(x=1))),
            outcome(lambda: copy.copy(other).tags),
            hasattr(one, "__dict__"),
        ]

    standard, lazy = (facts(decorator) for decorator in DECORATORS)
    assert lazy == standard


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_first_calls_and_the_later_ones_do_the_same(options: dict[str, bool]) -> None:
    kind = made(DECORATORS[1], options)
    refused = [lambda: kind(), lambda: kind(1, z=2), lambda: kind(1, x=1), lambda: kind(*range(9))]

    def facts() -> list[Any]:
        one = kind(x=1, tags=())
        return [
            (one.x, one.y, one.tags, one.secret, kind(x=1).tags),
            one == kind(x=1, tags=()),
            kind(x=1, tags=()) == kind(x=2, tags=()),
            one.__eq__(5),
            None if options.get("eq") is False else outcome(lambda: hash(one)),
            *map(outcome, refused[: 2 if options.get("kw_only") else 4]),
        ]

    first = facts()
    assert [facts() for _ in range(40)] == [first] * 40


def test_a_class_of_ones_own_in_the_place_of_a_base() -> None:
    lazy: Any = DECORATORS[1]

    @dataclasses.dataclass(frozen=True, slots=True)
    class Standard:
        a: int
        b: int = 5

    @lazy(frozen=True, slots=True)
    class Lazy(Standard):
        kinds: ClassVar[int] = 7
        c: int = field(default=6, kw_only=True)

        def __post_init__(self) -> None:
            if self.a < 0:
                raise ValueError

    @dataclasses.dataclass(frozen=True, slots=True)
    class Again(Lazy):
        d: int = 8

    made_lazily: Any = Lazy
    derived: Any = Again
    for _ in range(40):
        assert dataclasses.asdict(made_lazily(1, c=2)) == {"a": 1, "b": 5, "c": 2}
        assert dataclasses.astuple(derived(1, 2, 3, c=4)) == (1, 2, 4, 3)
        assert dataclasses.replace(made_lazily(1), a=2) == made_lazily(2)
        with pytest.raises(ValueError, match=r"^$"):
            made_lazily(-1)
    assert [item.name for item in dataclasses.fields(Lazy)] == ["a", "b", "c"]
    assert made_lazily.__slots__ == ("c",)
    assert made_lazily.kinds == 7
    assert made_lazily.__match_args__ == ("a", "b")


def test_replacing_gives_what_the_standard_function_gives() -> None:
    replace = importlib.import_module("sigcli.lazy_dataclass").replace
    for options in OPTIONS:
        kind = made(DECORATORS[1], options)
        one = kind(x=1, y=3, secret=b"s")
        # The first calls and the later ones.
        for _ in range(40):
            changed = replace(one, y=4, tags=["t"])
            assert dataclasses.asdict(changed) == {"x": 1, "y": 4, "tags": ["t"], "secret": b"s"}
            assert replace(one, tags=["u"], y=5).tags == ["u"]
            assert type(changed) is kind
        assert one.y == 3
        assert outcome(lambda one=one: replace(one, z=1)) is TypeError
    standard = made(DECORATORS[0], {})
    assert replace(standard(x=1), x=2) == standard(x=2)


def test_fields_are_named_with_their_defaults() -> None:
    fields = importlib.import_module("sigcli.lazy_dataclass").fields
    for options in OPTIONS:
        for decorator in DECORATORS:
            kind = made(decorator, options)
            for given in (kind, kind(x=1)):
                found = {one.name: (one.default, one.init) for one in fields(given)}
                assert found == {
                    one.name: (one.default, one.init) for one in dataclasses.fields(given)
                }
