"""Files that the user names: paths, ``-`` and other streams, and ``data:`` URIs (RFC 2397, with ``filename=``).

A stream (standard input, a pipe, what a shell writes as ``<(…)``) can be read once: it is copied to a private file,
which has no name and goes with the account, and every later use of the same word reads the copy.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
import re
import stat
from dataclasses import field
from typing import TYPE_CHECKING, Any, BinaryIO

from sigcli.client.base.settings import account_option_hint
from sigcli.errors import (
    AttachmentRefused,
    AttachmentTooLarge,
    AttachmentUnreadable,
    FileUnreadable,
    PictureTooLarge,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.store.private_files import TEMPORARY_PREFIX, create_private_file, storage_error
from sigcli.system import read_at, wait_for_data
from sigcli.wire.addresses import is_e164

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

MAX_STREAM_BYTES = 100 * 1024 * 1024
"""More than the service takes as an attachment: a stream may be endless."""
_CHUNK = 256 * 1024
_SCHEME = "data:"
_DEFAULT_TYPE = "text/plain"
_STDIN = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")
_NAMELESS = re.compile(r"-|/dev/(stdin|fd/[0-9]+)|/proc/(self|[0-9]+)/fd/[0-9]+")
_SHOWN = 200
_BASE64 = ";base64,"
_NAME = re.compile(r";filename=", re.IGNORECASE)
_OTHER_PARAMETER = re.compile(r";(charset|name|voice-note)=", re.IGNORECASE)
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


@dataclass(frozen=True, slots=True)
class UserFile:
    """An open file: its bytes from the beginning, how many there are, and the bare name, if it has one."""

    stream: BinaryIO = field(repr=False)
    size: int
    name: str | None = None


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
        return io.BufferedReader(_Copy(self._file.fileno(), self._file), _CHUNK)

    def whole_text(self) -> str:
        """The URI with its data, for where no file is meant."""
        with self.open() as stream:
            return str(self) + base64.b64encode(stream.read()).decode()


def shown(word: str) -> str:
    """The word as an error repeats it: not the megabytes that a misspelt data URI may have."""
    return word if len(word) <= _SHOWN else word[: _SHOWN - 1] + "…"


def is_data_uri(word: str) -> bool:
    return word[: len(_SCHEME)].lower() == _SCHEME


def is_stream_name(word: str) -> bool:
    """Whether a word stands for standard input or another open file of this process."""
    return word in _STDIN or _NAMELESS.fullmatch(word) is not None


def open_user_file(account: Account, path: str) -> UserFile:
    """Open a file or a stream for reading; the caller closes it.

    Raises AttachmentUnreadable, naming the file, AttachmentRefused for one that holds secrets of the data directory,
    AttachmentTooLarge for a stream without an end.
    """
    if "\0" in path:
        raise AttachmentUnreadable("the name of a file holds a zero byte")
    key = _STDIN[0] if path in _STDIN else path
    if key in account.streams:
        return _copy_of(account, key)
    if key == _STDIN[0]:
        try:
            descriptor = account.standard_input()
        except OSError as error:
            raise unreadable("standard input", error) from error
    else:
        if account.settings.data_directory.is_secret(path):
            raise AttachmentRefused(
                f"{shown(path)} holds secrets of the data directory: it is not sent to anybody"
            )
        try:
            # Without blocking: opening a pipe that nobody writes to would wait for ever.
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            failure = unreadable(path, error)
            if is_e164(path):
                failure.hint = account_option_hint("-a", "a file to send")
            raise failure from error
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and key != _STDIN[0]:
        return UserFile(os.fdopen(descriptor, "rb"), status.st_size, _name_of(path))
    try:
        if not _is_stream(descriptor, status.st_mode):
            raise AttachmentUnreadable(f"{shown(path)} is not a regular file")
        account.streams[key] = _taken(account, descriptor, path)
    finally:
        os.close(descriptor)
    return _copy_of(account, key)


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


def read_picture(account: Account, word: str, max_bytes: int) -> bytes:
    """A whole picture: a file, a stream or a data URI; raises FileUnreadable, AttachmentRefused, PictureTooLarge."""
    try:
        if isinstance(word, LaidDownUri):
            with word.open() as stream:
                picture = stream.read(max_bytes + 1)
        elif is_data_uri(word):
            picture = parse_data_uri(word).data
        else:
            file = open_user_file(account, word)
            with file.stream:
                picture = file.stream.read(max_bytes + 1)
    except AttachmentUnreadable as error:
        raise FileUnreadable(error.message) from error
    except AttachmentTooLarge as error:
        raise PictureTooLarge(_too_large(max_bytes)) from error
    except OSError as error:
        raise FileUnreadable(unreadable(word, error).message) from error
    if len(picture) > max_bytes:
        raise PictureTooLarge(_too_large(max_bytes))
    return picture


def bare_name(path: str) -> str | None:
    """The last part of a path, as text that every device can read."""
    name = os.path.basename(path.replace("\\", "/"))
    return name.encode("utf-8", "replace").decode() or None


def unreadable(name: str, error: OSError) -> AttachmentUnreadable:
    """The error for a file that cannot be opened or read."""
    reason = (error.strerror or type(error).__name__).lower()
    return AttachmentUnreadable(f"{shown(name)} cannot be read: {reason}")


def _too_large(max_bytes: int) -> str:
    return f"the picture is larger than {max_bytes // (1024 * 1024)} MiB"


def _name_of(path: str) -> str | None:
    return None if _NAMELESS.fullmatch(path) else bare_name(path)


def _is_stream(descriptor: int, mode: int) -> bool:
    if stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        return True
    return stat.S_ISCHR(mode) and os.isatty(descriptor)


def _taken(account: Account, descriptor: int, path: str) -> BinaryIO:
    """What a stream gives until its end, in a file that has no name; raises FileUnreadable."""
    where = "standard input" if path in _STDIN else shown(path)
    copy_path = os.path.join(account.files.folder, TEMPORARY_PREFIX + account.random(8).hex())
    copy = os.fdopen(create_private_file(copy_path), "w+b")
    try:
        os.unlink(copy_path)
        wait_for_data(descriptor)
        size = 0
        while chunk := _read(descriptor, where):
            size += len(chunk)
            if size > MAX_STREAM_BYTES:
                raise AttachmentTooLarge(
                    f"{where} gives more than {MAX_STREAM_BYTES:,} bytes, which is more than the service takes"
                )
            try:
                copy.write(chunk)
            except OSError as error:
                raise storage_error(error) from error
        if not size:
            raise AttachmentUnreadable(
                f"{where} gives nothing to send",
                hint="pipe in what is to be sent: df -h | sigcli send -a - RECIPIENT",
            )
        copy.flush()
    except BaseException:
        copy.close()
        raise
    return copy


def _read(descriptor: int, where: str) -> bytes:
    try:
        return os.read(descriptor, _CHUNK)
    except OSError as error:
        raise unreadable(where, error) from error


def _copy_of(account: Account, key: str) -> UserFile:
    """The copy of a stream, opened once more, from its beginning."""
    descriptor = account.streams[key].fileno()
    stream = io.BufferedReader(_Copy(descriptor), _CHUNK)
    return UserFile(stream, os.fstat(descriptor).st_size, _name_of(key))


class _Copy(io.RawIOBase):
    """A file that stays open, read from a position of this reader's own."""

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
