"""The comparison that the table of message kinds stands on finds every difference."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.expected_fields import Description

DESCRIPTION = Description({"base": {"id": "integer", "+more": "string|null"}}, {"bob": 7})
EXPECTED: dict[str, Any] = {"*": "base", "name": "=Bob", "who": "{bob}", "parts": [{"a": True}]}
FITTING = {"id": 1, "more": None, "name": "Bob", "who": 7, "parts": [{"a": True}]}


def test_what_fits() -> None:
    assert DESCRIPTION.differences(EXPECTED, FITTING) == []


@pytest.mark.parametrize(
    "change",
    [
        {"id": True},
        {"id": "1"},
        {"more": 1},
        {"name": "bob"},
        {"who": "7"},
        {"parts": []},
        {"parts": [{"a": 1}]},
        {"parts": [{"a": True, "b": 1}]},
        {"unknown": None},
    ],
)
def test_each_difference_is_found(change: dict[str, Any]) -> None:
    assert len(DESCRIPTION.differences(EXPECTED, {**FITTING, **change})) == 1


def test_a_field_that_is_missing() -> None:
    without = {name: value for name, value in FITTING.items() if name != "more"}
    assert DESCRIPTION.differences(EXPECTED, without) == [".more: is missing"]
