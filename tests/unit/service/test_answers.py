from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import MalformedAnswer
from sigcli.service.answers import JsonObject, decode_base64, encode_base64url, parse_json
from sigcli.service.exchange import Response

UUID = "9d0652a3-dcc3-4d11-975f-74d61598733f"


def body(text: str) -> JsonObject:
    return JsonObject.from_response(Response(200, {}, text.encode()))


@given(st.binary(max_size=40))
def test_every_form_of_base64_is_read(data: bytes) -> None:
    padded, url = b64encode(data).decode(), urlsafe_b64encode(data).decode()
    for form in (padded, padded.rstrip("="), url, url.rstrip("="), encode_base64url(data)):
        assert decode_base64(form) == data


@pytest.mark.parametrize("text", ["a", "%%%%", "AA=A", "AAAA AAAA", "ÄÄÄÄ"])
def test_what_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(MalformedAnswer):
        decode_base64(text)


def test_null_counts_as_absent() -> None:
    answer = body('{"a": null}')
    assert answer.optional_text("a") is None
    assert answer.optional_integer("b") is None
    assert answer.optional_data("a") is None
    assert answer.integers("a") == ()
    assert answer.flag("a", default=True)
    with pytest.raises(MalformedAnswer, match="a is missing"):
        answer.text("a")


def test_service_ids_are_read_with_and_without_prefix() -> None:
    answer = body(
        f'{{"aci": "{UUID.upper()}", "bare": "{UUID}", "tagged": "PNI:{UUID}", "bad": "x"}}'
    )
    assert str(answer.aci("aci")) == UUID
    assert answer.optional_pni("bare") == answer.optional_pni("tagged")
    assert answer.service_id("tagged").is_pni
    with pytest.raises(MalformedAnswer):
        answer.aci("bad")


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "\xff", '"a"', "[" * 100_000])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(MalformedAnswer):
        body(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(JSON)
def test_no_reader_fails_but_by_name(value: object) -> None:
    answer = JsonObject.of({"a": value}, "body")
    readers: list[Callable[[], object]] = [
        lambda: answer.text("a"),
        lambda: answer.integer("a", 0, 5),
        lambda: answer.flag("a"),
        lambda: answer.data("a", 4),
        lambda: answer.object("a"),
        lambda: list(answer.objects("a")),
        lambda: answer.integers("a"),
        lambda: answer.texts("a"),
        lambda: answer.aci("a"),
        lambda: answer.optional_pni("a"),
        lambda: answer.service_ids("a"),
    ]
    for read in readers:
        try:
            read()
        except MalformedAnswer:
            continue


@given(st.binary(max_size=30))
def test_hostile_bodies_are_refused_by_name(data: bytes) -> None:
    try:
        json.dumps(parse_json(data))
    except MalformedAnswer:
        return


def test_true_is_no_number() -> None:
    with pytest.raises(MalformedAnswer):
        body('{"a": true}').integer("a")
