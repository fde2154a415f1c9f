from __future__ import annotations

import pytest

from sigcli.daemon.rest.styled_text import parse_styled


@pytest.mark.parametrize(
    ("text", "plain", "styles"),
    [
        ("nothing", "nothing", []),
        ("*a*", "a", ["0:1:ITALIC"]),
        ("**a**", "a", ["0:1:BOLD"]),
        ("***a***", "a", ["0:1:BOLD", "0:1:ITALIC"]),
        ("~a~", "a", ["0:1:STRIKETHROUGH"]),
        ("||a||", "a", ["0:1:SPOILER"]),
        ("`a`", "a", ["0:1:MONOSPACE"]),
        ("**a *b* c**", "a b c", ["0:5:BOLD", "2:1:ITALIC"]),
        ("🦊 **a**", "🦊 a", ["3:1:BOLD"]),  # two units for the fox
        ("\\*a\\* \\~ \\| \\`", "*a* ~ | `", []),
        ("2 * 3", "2 * 3", []),
        ("**open", "**open", []),
        ("`a*b*c`", "a*b*c", ["0:5:MONOSPACE"]),
        ("**bold** and *it*", "bold and it", ["0:4:BOLD", "9:2:ITALIC"]),
        ("****", "****", []),
        ("~~", "~~", []),
        ("a | b", "a | b", []),
        ("", "", []),
    ],
)
def test_marks(text: str, plain: str, styles: list[str]) -> None:
    assert parse_styled(text) == (plain, styles)
