"""Folders 0700 and files 0600, created so; whole files replaced atomically.

A file is written beside its place, flushed to the disk and renamed over it: a reader sees the old
one or the new one, and a kill leaves at most a ``.new-…`` file behind.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from sigcli.errors import DiskFull, StorageUnwritable, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

FOLDER_MODE = 0o700
FILE_MODE = 0o600
TEMPORARY_PREFIX = ".new-"
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def storage_error(error: OSError) -> StoreError:
    """The project's error for one of the file system: DiskFull or StorageUnwritable."""
    if error.errno in NO_SPACE:
        return DiskFull()
    reason = (error.strerror or type(error).__name__).lower()
    return StorageUnwritable(f"the data directory cannot be used: {reason}")


def make_private_folder(path: str) -> None:
    """Create a folder, and what is missing above it, readable by the owner alone.

    A folder that exists is left as it is. Raises DiskFull or StorageUnwritable.
    """
    try:
        _make_folder(os.path.abspath(path))
    except OSError as error:
        raise storage_error(error) from error


def create_private_file(path: str) -> int:
    """Create a file that must not exist yet and give its descriptor, open for writing.

    Raises FileExistsError, DiskFull or StorageUnwritable.
    """
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, FILE_MODE)
    except FileExistsError:
        raise
    except OSError as error:
        raise storage_error(error) from error


def write_private_file(path: str, chunks: Iterable[bytes]) -> int:
    """Replace a file's content atomically; gives its length in bytes.

    Raises DiskFull or StorageUnwritable, and lets the source's own errors through; the old
    content then stays.
    """
    with PrivateWriter(path) as writer:
        for chunk in chunks:
            writer.write(chunk)
        return writer.length


class PrivateWriter:
    """A file under way: takes its place when the ``with`` block ends well, vanishes otherwise."""

    __slots__ = ("_descriptor", "_path", "_temporary", "length")

    def __init__(self, path: str) -> None:
        self._path = path
        self._temporary = ""
        self._descriptor = -1
        self.length = 0

    def __enter__(self) -> PrivateWriter:
        folder = os.path.dirname(self._path)
        self._temporary = os.path.join(folder, TEMPORARY_PREFIX + os.urandom(8).hex())
        self._descriptor = create_private_file(self._temporary)
        return self

    def write(self, data: bytes) -> None:
        """Append bytes; raises DiskFull or StorageUnwritable."""
        view = memoryview(data)
        try:
            while view:
                written = os.write(self._descriptor, view)
                self.length += written
                view = view[written:]
        except OSError as error:
            raise storage_error(error) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                os.fsync(self._descriptor)
        except OSError as failure:
            error = failure
        finally:
            os.close(self._descriptor)
        try:
            if error is None:
                os.replace(self._temporary, self._path)
                sync_folder(os.path.dirname(self._path))
                return
        except OSError as failure:
            error = failure
        _unlink_quietly(self._temporary)
        if kind is None and isinstance(error, OSError):
            raise storage_error(error) from error


def sync_folder(path: str) -> None:
    """Make renames in a folder outlive a power cut, where the system can."""
    try:
        descriptor = os.open(path or ".", os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        return
    finally:
        os.close(descriptor)


def remove_temporaries(folder: str, now_ms: int, age_ms: int = 24 * 3600 * 1000) -> int:
    """Remove files that a killed process left half written; gives how many."""
    removed = 0
    try:
        names = os.listdir(folder)
    except OSError:
        return 0
    for name in names:
        path = os.path.join(folder, name)
        if not name.startswith(TEMPORARY_PREFIX) or not os.path.isfile(path):
            continue
        if now_ms - os.path.getmtime(path) * 1000 > age_ms:
            _unlink_quietly(path)
            removed += 1
    return removed


def _make_folder(path: str) -> None:
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path)
    if parent != path:
        _make_folder(parent)
    try:
        os.mkdir(path, FOLDER_MODE)
    except FileExistsError:
        if not os.path.isdir(path):
            raise


def _unlink_quietly(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
