from __future__ import annotations

import json
from typing import Any, Literal, NotRequired, TypedDict

import pytest

from sigcli.daemon.routes.bodies import read_body, read_query
from sigcli.daemon.routes.declaring import Query
from sigcli.daemon.routes.refusing import BadBody, BadQuery


class Inner(TypedDict):
    start: int


class Body(TypedDict):
    name: str
    count: NotRequired[int]
    words: NotRequired[list[str]]
    kind: NotRequired[Literal["a", "b"]]
    inner: NotRequired[list[Inner]]
    flag: NotRequired[bool]
    either: NotRequired[str | int]


def read(**members: Any) -> dict[str, Any]:
    return read_body(Body, json.dumps({"name": "n", **members}).encode())


def test_null_and_empty_lists_are_absent_and_unknown_members_ignored() -> None:
    assert read(count=None, words=[], unknown={"x": 1}) == {"name": "n"}


def test_numbers_may_be_texts() -> None:
    assert read(count="17")["count"] == 17
    assert read(count=17.0)["count"] == 17
    assert read(either=5)["either"] == 5


def test_halves_of_letters_are_replaced() -> None:
    assert read_body(Body, b'{"name": "\\ud83e"}') == {"name": "�"}


@pytest.mark.parametrize(
    "members",
    [
        {"count": True},
        {"count": 2**63},
        {"count": 1.5},
        {"words": "one"},
        {"words": [1]},
        {"kind": "c"},
        {"inner": [{}]},
        {"inner": [{"start": "x"}]},
        {"flag": "true"},
        {"name": ""},
        {"name": 7},
    ],
)
def test_what_does_not_fit_names_the_member(members: dict[str, Any]) -> None:
    with pytest.raises(BadBody) as caught:
        read(**members)
    assert caught.value.member == next(iter(members))


@pytest.mark.parametrize("data", [b"", b"[]", b"nothing", b"\xff", b"[" * 100_000, b"null"])
def test_what_is_no_object(data: bytes) -> None:
    with pytest.raises(BadBody):
        read_body(Body, data)


class _Given(dict[str, list[str]]):
    """The values of a query by their names."""

    def __call__(self, name: str) -> list[str]:
        return self.get(name, [])


def test_query() -> None:
    declared = (
        Query("n", int, default=1, minimum=0),
        Query("b", bool, default=False),
        Query("w", many=True),
    )
    read = read_query(declared, _Given({"n": ["5"], "w": ["x", "y"]}))
    assert read == {"n": 5, "b": False, "w": ["x", "y"]}
    for name, word in (("n", "x"), ("n", "-1"), ("b", "yes"), ("b", "1")):
        with pytest.raises(BadQuery):
            read_query(declared, _Given({name: [word]}))
    with pytest.raises(BadQuery):
        read_query((Query("must", required=True),), lambda _: [])
