"""Text styles in signal-cli-rest-api's own markup.

``*italic*``, ``**bold**``, ``***both***``, ``~struck out~``, ``||spoiler||`` and monospace between backticks; a
backslash before one of these characters makes it literal. A mark without its counterpart is literal too.
"""

from __future__ import annotations

import re

from sigcli.client.content.text_ranges import utf16_length

_STYLES = {
    "**": "BOLD",
    "*": "ITALIC",
    "~": "STRIKETHROUGH",
    "||": "SPOILER",
    "`": "MONOSPACE",
}
_SPECIAL = re.compile(r"\\[*~|`\\]|\*+|~|\|\||`")


def parse_styled(text: str) -> tuple[str, list[str]]:
    """The text without its marks, and its styles as ``START:LENGTH:STYLE``, in order of their start."""
    pieces: list[str] = []
    open_marks: list[tuple[str, int]] = []
    """Open marks, with the index of their piece."""
    spans: list[tuple[int, int, str]] = []
    at = 0
    for match in _SPECIAL.finditer(text):
        pieces.append(text[at : match.start()])
        at = match.end()
        word = match[0]
        is_code = bool(open_marks) and open_marks[-1][0] == "`"
        if word.startswith("\\"):
            pieces.append(word[1])
        elif is_code and word != "`":
            pieces.append(word)
        else:
            for mark in _marks(word, open_marks):
                _take(mark, pieces, open_marks, spans)
    pieces.append(text[at:])
    return "".join(pieces), _ranges(pieces, spans)


def _marks(word: str, open_marks: list[tuple[str, int]]) -> list[str]:
    """The marks that a run of stars stands for: closing ones first, the innermost first."""
    if len(word) == 3:
        waiting = [mark for mark, _ in reversed(open_marks) if mark in ("*", "**")]
        return ["*", "**"] if waiting[:2] == ["*", "**"] else ["**", "*"]
    return [word]


def _take(
    mark: str,
    pieces: list[str],
    open_marks: list[tuple[str, int]],
    spans: list[tuple[int, int, str]],
) -> None:
    pieces.append(mark)
    if mark not in _STYLES:
        return
    for index in range(len(open_marks) - 1, -1, -1):
        opened, piece = open_marks[index]
        if opened == mark and any(pieces[piece + 1 : -1]):
            pieces[piece] = pieces[-1] = ""
            # What was opened in between and not closed is text.
            del open_marks[index:]
            spans.append((piece, len(pieces), _STYLES[mark]))
            return
    open_marks.append((mark, len(pieces) - 1))


def _ranges(pieces: list[str], spans: list[tuple[int, int, str]]) -> list[str]:
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + utf16_length(piece))
    found = sorted((ends[first], ends[last] - ends[first], style) for first, last, style in spans)
    return [f"{start}:{length}:{style}" for start, length, style in found if length]
