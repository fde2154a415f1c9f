from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.client.content.text_ranges import (
    Mention,
    check_within,
    parse_mention,
    parse_text_style,
    utf16_length,
)
from sigcli.client.sending.mention_finding import mentioned_words
from sigcli.errors import UsageError
from sigcli.wire.content import BodyRange, TextStyle

UUID = "0a4b0c1d-0000-4000-8000-000000000001"


def test_ranges_as_they_are_written() -> None:
    assert parse_mention("0:3:+15550100") == Mention(0, 3, "+15550100")
    assert parse_mention("4:1:PNI:x") == Mention(4, 1, "PNI:x")
    assert parse_text_style("2:10:bold") == BodyRange(start=2, length=10, style=TextStyle.BOLD)


@pytest.mark.parametrize("text", ["", "1:2", "a:2:BOLD", "1:-2:BOLD", "1:2:NONE", "1:2:BLINK"])
def test_ranges_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        parse_text_style(text)


@given(st.text())
def test_any_words(text: str) -> None:
    for parse in (parse_mention, parse_text_style):
        with suppress(UsageError):
            parse(text)
    assert utf16_length(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


def test_a_range_ends_with_its_text() -> None:
    check_within("\N{FIRE}a", [Mention(0, 3, "x")])
    with pytest.raises(UsageError):
        check_within("\N{FIRE}a", [Mention(1, 3, "x")])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hi @+15550100!", [("@+15550100", "+15550100")]),
        (f"@{UUID}, look", [(f"@{UUID}", UUID)]),
        # The longest name counts, whatever its case.
        ("@Bob Builder and @bob", [("@Bob Builder", "builder"), ("@bob", "bob")]),
        # Other words, addresses and parts of words are text.
        ("@bobby bob@example.org @nobody @ @@", []),
        ("@+15550100123456789", []),
    ],
)
def test_mentions_in_a_text(text: str, words: list[tuple[str, str]]) -> None:
    names = {"bob": "bob", "bob builder": "builder", "example.org": "never"}
    found = mentioned_words(text, names)
    assert [(text[start : start + length], word) for start, length, word in found] == words
