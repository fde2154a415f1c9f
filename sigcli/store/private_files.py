"""Folders 0700 and files 0600, created so; whole files replaced atomically.

A file is written beside its place, flushed to the disk and renamed over it: a reader sees the old
one or the new one, and a kill leaves at most a ``.new-…`` file behind.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS
from sigcli.errors import DataDirectoryUnsafe, DiskFull, StorageUnwritable, StoreError
from sigcli.system import user_id

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_WRITABLE_BY_OTHERS = 0o022
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


def require_safe_folder(path: str) -> None:
    """Refuse a folder whose contents another user decides on; one that is not there is fine.

    Raises DataDirectoryUnsafe or StorageUnwritable.
    """
    user = user_id()
    if user is None:
        return
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise storage_error(error) from error
    if status.st_uid != user:
        raise DataDirectoryUnsafe(f"{path} belongs to another user")
    if status.st_mode & _WRITABLE_BY_OTHERS:
        raise DataDirectoryUnsafe(f"others can write to {path}", hint=f"chmod go-w '{path}'")


def require_usable_folder(path: str) -> None:
    """Raises StorageUnwritable if a folder cannot be written to, or DiskFull or that if it cannot be made."""
    path = os.path.abspath(path)
    if os.path.isdir(path):
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise storage_error(_access_error(path))
        return
    while not os.path.lexists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    # Rights, mount options and kinds of file systems are too many to reason about: it is tried.
    trial = os.path.join(path, TEMPORARY_PREFIX + os.urandom(8).hex())
    try:
        os.mkdir(trial, FOLDER_MODE)
        os.rmdir(trial)
    except OSError as error:
        raise storage_error(error) from error


def _access_error(path: str) -> OSError:
    read_only = os.name == "posix" and os.statvfs(path).f_flag & os.ST_RDONLY
    code = errno.EROFS if read_only else errno.EACCES
    return OSError(code, os.strerror(code))


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

    __slots__ = ("_descriptor", "_folder", "_path", "_temporary", "length")

    def __init__(self, path: str, temporary_in: str | None = None) -> None:
        """``temporary_in``: a folder on the same file system for it until then; its own if none is given."""
        self._path = path
        self._folder = os.path.dirname(path) if temporary_in is None else temporary_in
        self._temporary = ""
        self._descriptor = -1
        self.length = 0

    def __enter__(self) -> PrivateWriter:
        self._temporary = os.path.join(self._folder, TEMPORARY_PREFIX + os.urandom(8).hex())
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

    def __exit__(self, kind: object, error: object, _: object) -> None:
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
        unlink_quietly(self._temporary)
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


def remove_temporaries(folder: str, now_ms: int, age_ms: int = DAY_MS) -> int:
    """Remove files that a killed process left half written; gives how many."""
    removed = 0
    try:
        names = os.listdir(folder)
    except OSError:
        return 0
    for name in [name for name in names if name.startswith(TEMPORARY_PREFIX)]:
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            continue
        if now_ms - os.path.getmtime(path) * 1000 > age_ms:
            unlink_quietly(path)
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


def remove_file(path: str) -> None:
    """Delete a file; raises FileNotFoundError, or StorageUnwritable."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise storage_error(error) from error


def unlink_quietly(path: str) -> None:
    """Delete a file that is of no use any more, if that can be done; ``remove_temporaries`` tries again later."""
    try:
        os.unlink(path)
    except OSError:
        return
