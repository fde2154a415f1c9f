"""Requests that are too large for memory: their attachment data go to files as they arrive.

Long JSON strings that are base64 ``data:`` URIs are decoded as they arrive; the rest of the text is still JSON, with a
mark in the place of each. The stored data are later found as ``LaidDownUri`` values.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from typing import TYPE_CHECKING, Any

from sigcli.client.base.data_uris import LaidDownFile, LaidDownUri
from sigcli.errors import RequestTooLarge, SigcliError, StoreError
from sigcli.lazy_dataclass import dataclass
from sigcli.store.private_files import TEMPORARY_PREFIX, create_private_file, storage_error

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES = 320 * 1024 * 1024
"""The most bytes of a request: more than the largest attachments that the service accepts, in base64."""
MOST_LEFT_BYTES = 32 * 1024 * 1024
"""The most bytes that may remain without the attachment data."""
MOST_FILES = 64
_WORTH_BYTES = 64 * 1024
"""Data up to this size stay in the text."""
_URI = re.compile(rb'(?<!\\)"(data:(?:[^"\\]|\\.){0,1000}?;base64,)', re.IGNORECASE)
_HEAD = 1100
"""A ``data:`` URI begins within this many bytes, or the string is not one."""
_HALF = re.compile(rb"(?:\\(?:u[0-9a-fA-F]{0,3})?|%[0-9a-fA-F]?)\Z")
"""The beginning of an escape at the end of a piece."""
_ESCAPE = re.compile(rb"\\u00([0-9a-fA-F]{2})|\\(.)|%([0-9a-fA-F]{2})", re.DOTALL)
_CONTROLS = {b"n": b"", b"r": b"", b"t": b"", b"/": b"/"}
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


@dataclass(frozen=True, slots=True)
class LargeRequest:
    """The text of a request without the data, and the data by their marks."""

    text: bytes
    uris: Mapping[str, LaidDownUri]

    def restored(self, value: Any) -> Any:
        """The decoded text with the data back in their places."""
        if isinstance(value, str):
            at = value.rfind(",") + 1
            return self.uris.get(value[at:], value) if at else value
        if isinstance(value, list):
            return [self.restored(one) for one in value]
        if isinstance(value, dict):
            return {key: self.restored(one) for key, one in value.items()}
        return value


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that was refused; all of it was read and discarded."""

    error: SigcliError


class LargeText:
    """``feed`` it the request in pieces, then call ``finish``. ``folder``: where unnamed files are stored."""

    def __init__(self, folder: str, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._size = 0
        self._left = bytearray()
        """The text without the data so far."""
        self._tail = b""
        """Not searched yet."""
        self._data: _Data | None = None
        self._uris: dict[str, LaidDownUri] = {}
        self._error: SigcliError | None = None

    @property
    def is_refused(self) -> bool:
        """Whether it is already too large, so that reading on is useless."""
        return self._error is not None

    def feed(self, piece: bytes) -> None:
        """Take the next piece; never raises."""
        self._size += len(piece)
        if self._error is not None:
            return
        try:
            if self._size > self._most_bytes:
                raise RequestTooLarge
            piece = self._tail + piece
            self._tail = b""
            while piece:
                piece = self._in_text(piece) if self._data is None else self._in_data(piece)
            if len(self._left) > MOST_LEFT_BYTES:
                raise RequestTooLarge
        except (RequestTooLarge, StoreError) as error:
            self._refuse(error)

    def finish(self) -> LargeRequest | Refused:
        """The whole request."""
        if self._error is not None:
            return Refused(self._error)
        if self._data is not None:  # cut off: the JSON reader reports it
            self._left += self._data.raw
        self._left += self._tail
        return LargeRequest(bytes(self._left), self._uris)

    def _in_text(self, text: bytes) -> bytes:
        found = _URI.search(text) if len(self._uris) < MOST_FILES else None
        if found is not None:
            self._left += text[: found.end()]
            self._data = _Data(self._folder, found[1])
            return text[found.end() :]
        begun = text.rfind(b'"', max(0, len(text) - _HEAD))
        # One more byte is kept: it tells whether the quotation mark is escaped.
        keep = max(0, begun - 1) if begun >= 0 else max(0, len(text) - 1)
        self._left += text[:keep]
        self._tail = text[keep:]
        return b""

    def _in_data(self, text: bytes) -> bytes:
        assert self._data is not None
        at = text.find(b'"')
        if at < 0:
            self._data.feed(text)
            return b""
        self._data.feed(text[:at])
        uri = self._data.finish()
        if uri is None:
            self._left += self._data.raw
        else:
            mark = os.urandom(16).hex()
            self._uris[mark] = uri
            self._left += mark.encode()
        self._data = None
        # The quotation mark ends this string and does not begin one.
        self._left += b'"'
        return text[at + 1 :]

    def _refuse(self, error: SigcliError) -> None:
        self._error = error
        self._left.clear()
        self._uris.clear()
        self._tail = b""
        self._data = None


class _Data:
    """The data of one URI, decoded into a file once they are large enough."""

    def __init__(self, folder: str, head: bytes) -> None:
        self._folder = folder
        self._head = head
        self.raw = bytearray()
        """The original bytes, while they may stay in the text."""
        self._file: LaidDownFile | None = None
        self._size = 0
        self._half = b""
        self._odd = b""
        self._has_ended = False
        self._broken = False

    def feed(self, piece: bytes) -> None:
        """Raises StoreError."""
        if self._file is not None:
            self._decode(piece)
            return
        self.raw += piece
        if len(self.raw) > _WORTH_BYTES:
            self._file = _nameless_file(self._folder)
            self._decode(bytes(self.raw))
            self.raw.clear()

    def finish(self) -> LaidDownUri | None:
        """The URI; None if its data stay in ``raw``. Raises StoreError."""
        if self._file is None:
            return None
        self._broken |= bool(self._half)
        if len(self._odd) == 1:
            self._broken = True
        elif self._odd:
            self._write(self._odd + b"=" * (4 - len(self._odd)))
        try:
            head = json.loads(b'"' + self._head + b'"')
        except ValueError:
            head, self._broken = "data:;base64,", True
        return LaidDownUri(head, self._file, self._size, broken=self._broken)

    def _decode(self, piece: bytes) -> None:
        piece = self._half + piece
        self._half = b""
        if b"\\" in piece or b"%" in piece:
            half = _HALF.search(piece)
            if half is not None:
                self._half = half[0]
                piece = piece[: half.start()]
            piece = _ESCAPE.sub(_meant, piece)
        piece = piece.translate(_URL_SAFE, b" \t\r\n")
        if self._has_ended:
            self._broken |= bool(piece.strip(b"="))
            return
        data = self._odd + piece
        bare = data.rstrip(b"=")
        self._has_ended = len(bare) < len(data)
        whole = len(bare) - len(bare) % 4
        self._odd = bare[whole:]
        self._write(bare[:whole])

    def _write(self, encoded: bytes) -> None:
        assert self._file is not None
        if self._broken:
            return
        try:
            data = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            self._broken = True
            return
        try:
            self._file.write(data)
        except OSError as error:
            raise storage_error(error) from error
        self._size += len(data)


def _meant(escape: re.Match[bytes]) -> bytes:
    if escape[2] is not None:
        return _CONTROLS.get(escape[2], escape[0])
    return bytes([int(escape[1] or escape[3], 16)])


def _nameless_file(folder: str) -> LaidDownFile:
    path = os.path.join(folder, TEMPORARY_PREFIX + os.urandom(8).hex())
    file = LaidDownFile(create_private_file(path))
    try:
        os.unlink(path)
    except OSError as error:
        raise storage_error(error) from error
    return file
