"""signal-cli's data directory: its accounts, and the lock that it holds on one while it runs.

Nothing is written there. Layout: ``data/accounts.json`` lists the accounts, ``data/PATH`` is an account's file,
``data/PATH.d/account.db`` its database; ``attachments``, ``avatars`` and ``stickers`` belong to all accounts.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from typing import TYPE_CHECKING, Any

from sigcli.errors import InvalidServiceId, NoSignalCliData, SignalCliDataDamaged, SignalCliInUse
from sigcli.lazy_dataclass import dataclass
from sigcli.store.private_files import create_private_file, storage_error
from sigcli.system import read_at, try_record_lock
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LARGEST_FILE = 16 * 1024 * 1024
_COPY_STEP = 1024 * 1024
DATABASE_FILES = ("account.db", "account.db-wal", "account.db-shm")


@dataclass(frozen=True, slots=True)
class SignalCliEntry:
    """An account as accounts.json has it; ``environment`` is LIVE or STAGING."""

    path: str
    environment: str
    number: str | None
    uuid: str | None

    def is_called(self, name: str) -> bool:
        """Whether the user's word, a number or an ACI, names this account."""
        name = name.strip()
        if self.number is not None and name in (self.number, self.number.removeprefix("+")):
            return True
        return self.uuid is not None and name.lower() == self.uuid.lower()


class SignalCliFolder:
    """A data directory of signal-cli."""

    __slots__ = ("path",)

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)

    def entries(self) -> list[SignalCliEntry]:
        """The accounts; raises NoSignalCliData or SignalCliDataDamaged."""
        document = _read_json(os.path.join(self.path, "data", "accounts.json"))
        try:
            return [_entry(one) for one in document["accounts"]]
        except (LookupError, TypeError, ValueError):
            raise SignalCliDataDamaged from None

    def lock(self, entry: SignalCliEntry) -> LockedAccount:
        """Take an account's lock until the ``with`` block ends; raises SignalCliInUse, NoSignalCliData."""
        return LockedAccount(self, entry)

    def media(self, folder: str) -> Iterator[tuple[str, str]]:
        """Name and path of the files in ``attachments`` or ``avatars``."""
        yield from _plain_files(os.path.join(self.path, folder))

    def sticker_packs(self) -> Iterator[tuple[bytes, list[tuple[str, str]]]]:
        """The packs that are here: id (16 bytes), and names and paths of what is in them."""
        parent = os.path.join(self.path, "stickers")
        for name in _names(parent):
            try:
                pack_id = bytes.fromhex(name)
            except ValueError:
                continue
            if len(pack_id) == 16:
                yield pack_id, list(_plain_files(os.path.join(parent, name)))


class LockedAccount:
    """An account of signal-cli, locked so that signal-cli cannot use it."""

    __slots__ = ("_descriptor", "entry", "folder")

    def __init__(self, folder: SignalCliFolder, entry: SignalCliEntry) -> None:
        self.folder = folder
        self.entry = entry
        self._descriptor = -1

    @property
    def file_path(self) -> str:
        return os.path.join(self.folder.path, "data", self.entry.path)

    @property
    def data_path(self) -> str:
        return self.file_path + ".d"

    def __enter__(self) -> LockedAccount:
        self._descriptor, exclusive = _open(self.file_path)
        try:
            _take_lock(self._descriptor, exclusive=exclusive)
        except BaseException:
            os.close(self._descriptor)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def account_file(self) -> dict[str, Any]:
        """The account file, read through the descriptor that holds the lock: closing another would end it."""
        data = b""
        while piece := read_at(self._descriptor, _COPY_STEP, len(data)):
            data += piece
            if len(data) > _LARGEST_FILE:
                raise SignalCliDataDamaged
        return _object(data)

    def copy_database(self, target: str) -> str:
        """Copy the database with its log into a folder that exists; gives the copy's path.

        Raises NoSignalCliData if there is none, DiskFull or StorageUnwritable.
        """
        for name in DATABASE_FILES:
            source = os.path.join(self.data_path, name)
            if os.path.exists(source):
                copy_file(source, os.path.join(target, name))
        copy = os.path.join(target, DATABASE_FILES[0])
        if not os.path.exists(copy):
            raise NoSignalCliData("signal-cli has no database of this account")
        return copy

    def cached_messages(self) -> Iterator[bytes]:
        """The files of the envelopes that signal-cli keeps, oldest first."""
        parent = os.path.join(self.data_path, "msg-cache")
        found = list(_plain_files(parent))
        for sender in _names(parent):
            found += _plain_files(os.path.join(parent, sender))
        for _, path in sorted(found, key=lambda one: _age(one[0])):
            with open(path, "rb") as file:
                yield file.read(_LARGEST_FILE)

    def retire(self) -> str:
        """Rename the account file, so that signal-cli no longer finds the account; gives the new path."""
        target = self.file_path + ".imported-by-sigcli"
        try:
            os.rename(self.file_path, target)
        except OSError as error:
            raise storage_error(error) from error
        return target


def copy_file(source: str, target: str) -> None:
    """Copy a file into one that only this user can read; raises DiskFull or StorageUnwritable."""
    descriptor = create_private_file(target)
    try:
        with open(source, "rb") as file:
            while piece := file.read(_COPY_STEP):
                view = memoryview(piece)
                while view:
                    view = view[os.write(descriptor, view) :]
    except OSError as error:
        raise storage_error(error) from error
    finally:
        os.close(descriptor)


def _open(path: str) -> tuple[int, bool]:
    """The account file's descriptor, and whether it allows of an exclusive lock (it is never written to)."""
    flags = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        return os.open(path, os.O_RDWR | flags), True
    except FileNotFoundError:
        raise NoSignalCliData("accounts.json names an account whose file is missing") from None
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EROFS, errno.EPERM):
            raise storage_error(error) from error
    try:
        return os.open(path, os.O_RDONLY | flags), False
    except OSError as error:
        raise NoSignalCliData(
            "the account's file cannot be read", hint="run this as the user who runs signal-cli"
        ) from error


def _take_lock(descriptor: int, *, exclusive: bool) -> None:
    try:
        if not try_record_lock(descriptor, exclusive=exclusive):
            raise SignalCliInUse
    except OSError as error:
        raise storage_error(error) from error


def _entry(shape: Mapping[str, Any]) -> SignalCliEntry:
    path, number, uuid = shape["path"], shape.get("number"), shape.get("uuid")
    if not isinstance(path, str) or path in ("", ".", "..") or os.path.basename(path) != path:
        raise ValueError("the path is a plain name")
    if uuid is not None:
        try:
            ServiceId.aci(uuid)
        except InvalidServiceId:
            raise ValueError("no ACI") from None
    return SignalCliEntry(path, str(shape.get("environment") or "LIVE"), number, uuid)


def _read_json(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            return _object(file.read(_LARGEST_FILE))
    except (FileNotFoundError, NotADirectoryError):
        raise NoSignalCliData from None
    except OSError as error:
        raise NoSignalCliData(f"{path} cannot be read") from error


def _object(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise SignalCliDataDamaged from None
    if not isinstance(document, dict):
        raise SignalCliDataDamaged
    return document


def _names(folder: str) -> list[str]:
    """The folders in a folder that may not be there."""
    try:
        return sorted(
            entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)
        )
    except OSError:
        return []


def _plain_files(folder: str) -> Iterator[tuple[str, str]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
            yield entry.name, entry.path


def _age(name: str) -> tuple[int, str]:
    """Files are named by the time at which they were written, and the message's."""
    written = name.partition("_")[0]
    return (int(written) if written.isdecimal() else 0), name
