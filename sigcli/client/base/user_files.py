"""Files that the user names: paths, ``-`` and other streams.

A stream (standard input, a pipe, what a shell writes as ``<(…)``) can be read once: it is copied to a private file,
which has no name and goes with the account, and every later use of the same word reads the copy.
"""

from __future__ import annotations

import io
import os
import re
import stat
from dataclasses import field
from typing import TYPE_CHECKING, BinaryIO

from sigcli.client.base.data_uris import (
    CHUNK,
    LaidDownUri,
    SharedFileReader,
    bare_name,
    is_data_uri,
    parse_data_uri,
)
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
from sigcli.system import wait_for_data
from sigcli.wire.addresses import is_e164

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

MAX_STREAM_BYTES = 100 * 1024 * 1024
"""More than the service takes as an attachment: a stream may be endless."""
_STDIN = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")
_NAMELESS = re.compile(r"-|/dev/(stdin|fd/[0-9]+)|/proc/(self|[0-9]+)/fd/[0-9]+")
_SHOWN = 200
_PAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class UserFile:
    """An open file: its bytes from the beginning, how many there are, and the bare name, if it has one."""

    stream: BinaryIO = field(repr=False)
    size: int
    name: str | None = None


def shown(word: str) -> str:
    """The word as an error repeats it: not the megabytes that a misspelt data URI may have."""
    return word if len(word) <= _SHOWN else word[: _SHOWN - 1] + "…"


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
    is_regular = stat.S_ISREG(status.st_mode)
    if is_regular and key != _STDIN[0] and not _is_written_on_reading(status):
        return UserFile(os.fdopen(descriptor, "rb"), status.st_size, _name_of(path))
    try:
        if not _is_stream(descriptor, status.st_mode):
            raise AttachmentUnreadable(f"{shown(path)} is not a regular file")
        account.streams[key] = _taken(account, descriptor, path, may_be_empty=is_regular)
    finally:
        os.close(descriptor)
    return _copy_of(account, key)


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


def _is_written_on_reading(status: os.stat_result) -> bool:
    """Whether a file may be one of /proc or /sys, which say that they have no bytes, or a page, and have others."""
    return status.st_size <= _PAGE_BYTES and getattr(status, "st_blocks", 1) == 0


def _taken(account: Account, descriptor: int, path: str, *, may_be_empty: bool = False) -> BinaryIO:
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
        if not size and not may_be_empty:
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
        return os.read(descriptor, CHUNK)
    except OSError as error:
        raise unreadable(where, error) from error


def _copy_of(account: Account, key: str) -> UserFile:
    """The copy of a stream, opened once more, from its beginning."""
    descriptor = account.streams[key].fileno()
    stream = io.BufferedReader(SharedFileReader(descriptor), CHUNK)
    return UserFile(stream, os.fstat(descriptor).st_size, _name_of(key))
