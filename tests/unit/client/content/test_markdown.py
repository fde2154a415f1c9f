from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.client.content.markdown import parse_markdown
from sigcli.client.content.text_ranges import utf16_length


def styled(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The plain text, and each style with the part that it covers, cut out as another client does."""
    plain, ranges = parse_markdown(text)
    units = plain.encode("utf-16-le")
    return (
        plain,
        [
            (
                one.style.name,  # type: ignore[union-attr]
                units[2 * one.start : 2 * (one.start + one.length)].decode("utf-16-le"),
            )
            for one in ranges
        ],
    )


@pytest.mark.parametrize(
    ("text", "plain", "styles"),
    [
        ("**bold** text", "bold text", [("BOLD", "bold")]),
        ("*it* and _it_", "it and it", [("ITALIC", "it"), ("ITALIC", "it")]),
        ("~~gone~~ ||who||", "gone who", [("STRIKETHROUGH", "gone"), ("SPOILER", "who")]),
        ("`a*b*` *c*", "a*b* c", [("MONOSPACE", "a*b*"), ("ITALIC", "c")]),
        ("``a`b``", "a`b", [("MONOSPACE", "a`b")]),
        ("```sh\nrm *.log\n```", "rm *.log", [("MONOSPACE", "rm *.log")]),
        # Positions count UTF-16 units: the emoji before it are two each.
        ("\N{FIRE}\N{FIRE} **\N{FIRE}!**", "\N{FIRE}\N{FIRE} \N{FIRE}!", [("BOLD", "\N{FIRE}!")]),
        ("***both***", "both", [("BOLD", "both"), ("ITALIC", "both")]),
        ("*a **b** c*", "a b c", [("ITALIC", "a b c"), ("BOLD", "b")]),
        ("**a *b***", "a b", [("BOLD", "a b"), ("ITALIC", "b")]),
        # One that crosses another is text.
        ("**a *b** c*", "a *b c*", [("BOLD", "a *b")]),
        ("rm *.log, *now*", "rm *.log, now", [("ITALIC", "now")]),
        (r"\*no\* \`no\` C:\dir \\", r"*no* `no` C:\dir " + "\\", []),
    ],
)
def test_marks_become_styles(text: str, plain: str, styles: list[tuple[str, str]]) -> None:
    assert styled(text) == (plain, styles)


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4 = 24, 5*3*2",
        "snake_case_name, __init__, _, *, **, ****, ``, `a",
        "~/logs and ~/tmp, a || b || c, /dev/sda1|/dev/sdb1",
        "* an item\n* another",
        "** not bold **, **never closed",
    ],
)
def test_what_is_no_mark_stays(text: str) -> None:
    assert styled(text) == (text, [])


@given(st.text(alphabet="ab \n*_~|`\\\N{FIRE}", max_size=60))
def test_any_text(text: str) -> None:
    plain, ranges = parse_markdown(text)
    end = utf16_length(plain)
    assert [one.start for one in ranges] == sorted(one.start for one in ranges)
    for one in ranges:
        assert one.length > 0
        assert one.start + one.length <= end
    # Nothing but marks is lost.
    assert [c for c in plain if c in "ab\N{FIRE}"] == [
        c for c in text if c in "ab\N{FIRE}"
    ] or "```" in text


@given(st.text(alphabet=st.characters(exclude_characters="\\*_~|`")))
def test_text_without_marks_is_itself(text: str) -> None:
    assert parse_markdown(text) == (text, ())
