"""Members of JSON objects and tables, by exact type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sigcli.wire.typed_fields import TypedFields


class Fields(TypedFields):
    def failure(self, name: str, problem: str) -> Exception:
        return ValueError(f"{name} {problem}")


def test_a_null_counts_as_absent() -> None:
    fields = Fields({"a": None})
    assert (fields.optional_text("a"), fields.optional_integer("a")) == (None, None)
    assert (fields.flag("a", True), fields.integer("a", default=7)) == (True, 7)
    assert (fields.list("a"), fields.texts("a"), fields.integers("b")) == ([], (), ())


@pytest.mark.parametrize(
    ("value", "read", "problem"),
    [
        (None, lambda fields: fields.text("a"), "a is missing"),
        (None, lambda fields: fields.integer("a"), "a is missing"),
        (1, lambda fields: fields.text("a"), "a is not a string"),
        (True, lambda fields: fields.integer("a"), "a is not a whole number"),
        (1.0, lambda fields: fields.integer("a"), "a is not a whole number"),
        (-1, lambda fields: fields.integer("a"), "a is out of range"),
        (9, lambda fields: fields.integer("a", 0, 8), "a is out of range"),
        (1, lambda fields: fields.flag("a"), "a is not true or false"),
        ({}, lambda fields: fields.list("a"), "a is not a list"),
        (["x", 1], lambda fields: fields.texts("a"), "a is not a list of strings"),
        ([1, True], lambda fields: fields.integers("a"), "a is not a list of whole numbers"),
    ],
)
def test_what_does_not_fit_is_named(
    value: Any, read: Callable[[Fields], object], problem: str
) -> None:
    with pytest.raises(ValueError, match=f"^{problem}$"):
        read(Fields({"a": value}))
