"""``data:`` URIs (RFC 2397, with ``filename=``), also those whose content lies in a file already."""

from __future__ import annotations

import base64
import binascii
import io
import os
import re
from dataclasses import field
from typing import Any, BinaryIO

from sigcli.errors import AttachmentUnreadable
from sigcli.lazy_dataclass import dataclass
from sigcli.system import read_at

CHUNK = 256 * 1024
_SCHEME = "data:"
_DEFAULT_TYPE = "text/plain"
_BASE64 = ";base64,"
_NAME = re.compile(r";filename=", re.IGNORECASE)
_OTHER_PARAMETER = re.compile(r";(charset|name|voice-note)=", re.IGNORECASE)
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


@dataclass(frozen=True, slots=True)
class DataUri:
    """What a ``data:`` URI holds."""

    data: bytes = field(repr=False)
    content_type: str
    file_name: str | None = None


class LaidDownFile:
    """A file without a name, which goes with this object; ``descriptor`` belongs to it."""

    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, data: bytes) -> None:
        """All of it; raises OSError."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def fileno(self) -> int:
        return self._descriptor

    def __del__(self) -> None:
        os.close(self._descriptor)


class LaidDownUri(str):
    """A data URI whose content was written to a file as it came: the text ends where the data would begin."""

    __slots__ = ("_broken", "_file", "size")

    def __new__(
        cls, head: str, file: LaidDownFile, size: int, *, broken: bool = False
    ) -> LaidDownUri:
        """``head`` ends with ``;base64,``; ``broken``: what followed was no base64."""
        made = super().__new__(cls, head)
        made._file = file
        made._broken = broken
        made.size = size
        return made

    _file: LaidDownFile
    _broken: bool
    size: int

    def open(self) -> BinaryIO:
        """The content, from its beginning; raises AttachmentUnreadable."""
        if self._broken:
            raise AttachmentUnreadable("the data URI is not base64")
        return io.BufferedReader(SharedFileReader(self._file.fileno(), self._file), CHUNK)

    def whole_text(self) -> str:
        """The URI with its data, for where no file is meant."""
        with self.open() as stream:
            return str(self) + base64.b64encode(stream.read()).decode()


def is_data_uri(word: str) -> bool:
    return word[: len(_SCHEME)].lower() == _SCHEME


def parse_data_uri(uri: str) -> DataUri:
    """The content of a data URI; raises AttachmentUnreadable.

    Taken as people and programs write them: with ``,`` and ``;`` in the name, without padding, in the URL's alphabet.
    """
    from urllib.parse import unquote_to_bytes

    if isinstance(uri, LaidDownUri):
        with uri.open() as stream:
            return DataUri(stream.read(), *uri_head(uri))
    rest = uri[len(_SCHEME) :]
    # Base64 holds no comma: the data begin after the last one, whatever the name is.
    at = rest.lower().rfind(_BASE64)
    encoded = at >= 0
    if encoded:
        header, text = rest[:at], rest[at + len(_BASE64) :]
    else:
        at = _comma_outside_quotes(rest)
        if at < 0:
            raise AttachmentUnreadable("the data URI has no comma before its data")
        header, text = rest[:at], rest[at + 1 :]
    data = unquote_to_bytes(text)
    if encoded:
        data = b"".join(data.split()).translate(_URL_SAFE).rstrip(b"=")
        try:
            data = base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
        except (binascii.Error, ValueError):
            raise AttachmentUnreadable("the data URI is not base64") from None
    return DataUri(data, *_read_head(header))


def uri_head(uri: LaidDownUri) -> tuple[str, str | None]:
    """Content type and file name."""
    return _read_head(uri[len(_SCHEME) : -len(_BASE64)])


def _read_head(header: str) -> tuple[str, str | None]:
    from urllib.parse import unquote

    name = None
    found = _NAME.search(header)
    if found is not None:
        after = _OTHER_PARAMETER.search(header, found.end())
        value = header[found.end() : after.start() if after else len(header)]
        name = bare_name(unquote(value.strip().strip('"')))
        header = header[: found.start()]
    content_type = header.partition(";")[0].strip().lower()
    return content_type or _DEFAULT_TYPE, name


def bare_name(path: str) -> str | None:
    """The last part of a path, as text that every device can read."""
    name = os.path.basename(path.replace("\\", "/"))
    return name.encode("utf-8", "replace").decode() or None


class SharedFileReader(io.RawIOBase):
    """Reads a file that stays open and has other readers, from a position of its own."""

    def __init__(self, descriptor: int, owner: object = None) -> None:
        """``owner`` is kept for as long as this is: it closes the descriptor when it goes."""
        super().__init__()
        self._descriptor = descriptor
        self._owner = owner
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        before = {os.SEEK_SET: 0, os.SEEK_CUR: self._at}[whence]
        self._at = before + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        data = read_at(self._descriptor, len(buffer), self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _comma_outside_quotes(text: str) -> int:
    quoted = False
    for at, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            return at
    return -1
