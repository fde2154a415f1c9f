"""Telling the user how far an upload or a download has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

    Report = Callable[[str, int | None, int], None]
    """Is told what is moved, how many bytes are done, and of how many (0: not known). None bytes: it is over."""


class ReportedReader:
    """A stream that reports how far it was read; only ``read``, ``seek`` and ``tell``."""

    def __init__(self, stream: BinaryIO, what: str, total: int, report: Report) -> None:
        self._stream = stream
        self._what = what
        self._total = total
        self._report = report

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._report(self._what, min(self._stream.tell(), self._total), self._total)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()
