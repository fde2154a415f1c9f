"""Text styles from a small Markdown.

``**bold**``, ``*italic*``, ``_italic_``, ``~~struck out~~``, ``||spoiler||`` and code between backticks.

A mark opens before something that is not a space and closes after such; ``*`` and ``_`` alone do so only at the edge of
a word, so that file names, products and globs stay what they are. A mark without its other half is text. A backslash
takes the meaning from a mark. Inside code nothing has a meaning; three backticks and more may stand around whole lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigcli.client.content.text_ranges import utf16_length
from sigcli.wire.content.ranges import BodyRange, TextStyle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_STYLES = {
    "**": TextStyle.BOLD,
    "~~": TextStyle.STRIKETHROUGH,
    "||": TextStyle.SPOILER,
    "*": TextStyle.ITALIC,
    "_": TextStyle.ITALIC,
}
_RUNS = {**{mark: (mark,) for mark in _STYLES}, "***": ("**", "*")}
"""The marks that a run of the same character stands for; a run of another length is text."""
_AT_WORD_EDGES = ("*", "_")
_ESCAPABLE = frozenset("\\*_~|`")
_SPECIAL = re.compile(r"[\\*_~|`]")
_FENCE = 3
_INFO_LINE = re.compile(r"[^\s`]*\n")


def parse_markdown(text: str) -> tuple[str, tuple[BodyRange, ...]]:
    """The text without its marks, and its styles in UTF-16 code units, by their start."""
    return _Parser(text).parse()


class _Parser:
    """One pass over a text: pieces of it, and which of them are marks that have found each other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._pieces: list[str] = []
        self._open: list[tuple[str, int]] = []
        """Marks that wait for their other half, with the index of their piece."""
        self._spans: list[tuple[int, int, TextStyle]] = []
        """First piece of a styled part, the one after its last, and the style."""

    def parse(self) -> tuple[str, tuple[BodyRange, ...]]:
        position = 0
        while (match := _SPECIAL.search(self._text, position)) is not None:
            self._take(self._text[position : match.start()])
            position = self._special(match.start())
        self._take(self._text[position:])
        return "".join(self._pieces), tuple(self._ranges())

    def _take(self, piece: str) -> None:
        if piece:
            self._pieces.append(piece)

    def _special(self, at: int) -> int:
        """Read what stands at a special character; the position after it."""
        text = self._text
        if text[at] == "\\":
            escaped = text[at + 1 : at + 2]
            self._take(escaped if escaped in _ESCAPABLE else "\\" + escaped)
            return at + 2
        if text[at] == "`":
            return self._code(at)
        end = at
        while text.startswith(text[at], end):
            end += 1
        self._run(text[at:end], at, end)
        return end

    def _run(self, run: str, at: int, end: int) -> None:
        """Read a run of one character: marks that close, innermost first, then marks that open, then text."""
        before, after = self._text[at - 1 : at] if at else "", self._text[end : end + 1]
        marks = list(_RUNS.get(run, ()))
        while before and not before.isspace():
            index = self._partner(marks, after)
            if index is None:
                break
            marks.remove(self._close(index))
        for mark in marks:
            if after and not after.isspace() and not (mark in _AT_WORD_EDGES and before.isalnum()):
                self._open.append((mark, len(self._pieces)))
            self._take(mark)
        if run not in _RUNS:
            self._take(run)

    def _partner(self, marks: Sequence[str], after: str) -> int | None:
        """The innermost open mark that one of these closes."""
        for index in range(len(self._open) - 1, -1, -1):
            mark, piece = self._open[index]
            at_edge = mark not in _AT_WORD_EDGES or not after.isalnum()
            if mark in marks and at_edge and len(self._pieces) > piece + 1:
                return index
        return None

    def _close(self, index: int) -> str:
        mark, piece = self._open[index]
        # Marks that were opened in between and not closed are text.
        del self._open[index:]
        self._pieces[piece] = ""
        self._spans.append((piece, len(self._pieces), _STYLES[mark]))
        return mark

    def _code(self, at: int) -> int:
        text = self._text
        start = at
        while text.startswith("`", start):
            start += 1
        length = start - at
        end = re.compile(rf"(?<!`)`{{{length}}}(?!`)").search(text, start)
        if end is None or end.start() == start:
            self._take(text[at:start])
            return start
        code = text[start : end.start()]
        if length >= _FENCE:
            info = _INFO_LINE.match(code)
            code = (code[info.end() :] if info else code).removesuffix("\n") or code
        self._spans.append((len(self._pieces), len(self._pieces) + 1, TextStyle.MONOSPACE))
        self._pieces.append(code)
        return end.end()

    def _ranges(self) -> Iterable[BodyRange]:
        offsets = [0]
        for piece in self._pieces:
            offsets.append(offsets[-1] + utf16_length(piece))
        for first, after, style in sorted(self._spans):
            start, end = offsets[first], offsets[after]
            if end > start:
                yield BodyRange(start=start, length=end - start, style=style)
