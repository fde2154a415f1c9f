"""Lines from pieces of input. A line that is too long is skipped and refused once it ends.

The last line may lack its line end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.daemon.large_requests import LargeText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.daemon.large_requests import LargeRequest, Refused

    Line = bytes | LargeRequest | Refused

SMALL = 64 * 1024
"""Lines up to this length are kept in memory."""


class LineReader:
    """``feed`` it the input piece by piece, then call ``end`` once."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._pieces: list[bytes] = []
        self._size = 0
        self._large: LargeText | None = None

    def feed(self, piece: bytes) -> Iterator[Line]:
        """The lines that end in this piece."""
        start = 0
        while (at := piece.find(b"\n", start)) >= 0:
            self._add(piece[start:at])
            yield self._line()
            start = at + 1
        self._add(piece[start:])

    def end(self) -> Iterator[Line]:
        """The last line, if its line end is missing."""
        if self._size or self._large is not None:
            yield self._line()

    def _add(self, piece: bytes) -> None:
        if not piece:
            return
        if self._large is not None:
            self._large.feed(piece)
            return
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > SMALL:
            self._large = LargeText(self._folder)
            for one in self._pieces:
                self._large.feed(one)
            self._pieces.clear()

    def _line(self) -> Line:
        large, self._large = self._large, None
        line = b"".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        return line if large is None else large.finish()
