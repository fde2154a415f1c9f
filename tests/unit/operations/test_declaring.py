"""Declaring parameters, and the values that come of it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from sigcli.errors import NoRecipients, NothingToSend, UsageError
from sigcli.operations.declaring import Many, Operation, argument, camel_case, operation, option
from sigcli.operations.send import Send


@operation
class Base(Operation):
    """Something."""

    words: Many[str] = argument(default=(), json="word", help="words")


@operation
class Everything(Base):
    """Something with a parameter of each kind."""

    count: int = option("-c", "--count", minimum=1, help="how many")
    flag: bool = option("--flag", default=False, help="whether")
    either: bool | None = option("--either", default=None, help="true or false")
    share: float | None = option("--share", default=None, help="how much")
    numbers: Many[int] = option("-n", "--number", "--digits", default=(), help="some")
    kind: str = option("--the-kind", default="one", choices=("one", "two-or-more"), help="which")
    early: str | None = option("--early", default=None, first=True, help="shown first")


def test_names_and_kinds_come_from_where_a_parameter_stands() -> None:
    found = {one.name: one for one in Everything.parameters}
    assert list(found) == ["count", "early", "words", "flag", "either", "share", "numbers", "kind"]
    assert [one.json_name for one in found.values()] == [
        *("count", "early", "word", "flag", "either", "share", "number", "theKind")
    ]
    assert found["numbers"].names_in_json == ("number", "digits")
    assert (found["numbers"].kind, found["numbers"].many) == (int, True)
    assert [name for name, one in found.items() if not one.takes_value] == ["flag"]
    assert [name for name, one in found.items() if one.required] == ["count"]
    assert found["kind"].shown_value == "one|two-or-more"
    assert found["either"].shown_value == "true|false"
    assert [one.name for one in Base.parameters] == ["words"]


def test_an_operation_is_a_frozen_value() -> None:
    one = Everything(count=2, words=("a",))
    assert one == Everything(words=("a",), count=2)
    assert hash(one) == hash(Everything(words=("a",), count=2))
    assert (one.flag, one.either, one.kind, one.numbers) == (False, None, "one", ())
    assert replace(one, count=3).count == 3
    with pytest.raises(FrozenInstanceError):
        one.count = 3  # type: ignore[misc]
    with pytest.raises(AttributeError):
        one.__dict__  # noqa: B018
    with pytest.raises(TypeError):
        Everything()  # type: ignore[call-arg]


def test_values_are_held_as_declared() -> None:
    one = Everything(count=1, words=["a", "b"], kind="twoOrMore")
    assert (one.words, one.kind) == (("a", "b"), "two-or-more")
    assert Everything(count=1, words="a").words == ("a",)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"count": 0}, "--count takes a number from 1"),
        ({"count": 1, "kind": "three"}, "--the-kind takes one or two-or-more"),
    ],
)
def test_what_does_not_fit_is_refused(values: dict[str, int], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        Everything(**values)  # type: ignore[arg-type]


def test_parameters_that_make_no_sense_together_are_refused_at_once() -> None:
    with pytest.raises(NoRecipients):
        Send(message="hello")
    with pytest.raises(NothingToSend):
        Send(recipients=("+15550101",))
    with pytest.raises(UsageError):
        Send(recipients=("+15550101",), message="x", message_from_stdin=True)
    assert Send(recipients=("+15550101",), sticker="").sticker == ""


@pytest.mark.parametrize(
    ("text", "camel"),
    [("target-timestamp", "targetTimestamp"), ("a_b-c", "aBC"), ("deviceId", "deviceId")],
)
def test_camel_case(text: str, camel: str) -> None:
    assert camel_case(text) == camel
