"""The lazy decorator makes what the standard one makes."""

from __future__ import annotations

import copy
import dataclasses
import importlib
from dataclasses import field
from typing import Any

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
        return [
            [item.name for item in dataclasses.fields(kind)],
            (one.x, one.y, one.tags, one.secret, one.total(), other.y, other.tags),
            repr(one).rpartition(".")[2] if options.get("repr", True) else None,
            "secret" in repr(other),
            (one == same, one == other, one != other, one == object()),
            outcome(lambda: hash(kind(x=1, tags=())) == hash(kind(x=1, tags=(), secret=b"s"))),
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
