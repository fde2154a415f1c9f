"""An account in one encrypted file, and out of it again.

The file has the age format; inside is a tar archive: ``manifest.json``, ``account.db`` (as it was at one moment), and
the files of ``attachments``, ``avatars`` and ``stickers``. It is written while commands run. A restored account may lag
behind what the first machine has done since: it goes on with new sessions, sender keys and prekeys, so that nothing is
encrypted twice with the same key and nothing that was missed is lost unnoticed.
"""

from __future__ import annotations

import io
import json
import os
import re
import tarfile
from typing import IO, TYPE_CHECKING, Any, cast

from sigcli import __version__
from sigcli.client.base.account import system_clock
from sigcli.client.moving.arriving import set_up
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import (
    AccountExists,
    BackupFileInvalid,
    BackupTooNew,
    InvalidServiceId,
    NoSuchFile,
    OtherMayRun,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.age_file import Encryptor, decrypt
from sigcli.store.accounts import DATABASE_FILE
from sigcli.store.database import SCHEMA_VERSION
from sigcli.store.files import MEDIA_FOLDERS
from sigcli.store.private_files import (
    TEMPORARY_PREFIX,
    PrivateWriter,
    make_private_folder,
    storage_error,
    unlink_quietly,
    write_private_file,
)
from sigcli.store.snapshots import begin_anew, copy_database
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigcli.client.base.settings import Settings
    from sigcli.protocol.age_file import Opener
    from sigcli.store.accounts_file import LocalAccount

_FORMAT = 1
_MANIFEST = "manifest.json"
_MANIFEST_LIMIT = 64 * 1024
_STEP = 256 * 1024
_PLACE = re.compile(
    r"(attachments|avatars)/[A-Za-z0-9_-]{1,128}(\.[a-z0-9]{1,8})?"
    r"|stickers/[0-9a-f]{32}/([0-9]{1,9}|manifest\.json)"
)


@dataclass(frozen=True, slots=True)
class Restored:
    """The account that is here again, as it was at that time."""

    account: LocalAccount
    made_ms: int


def write_backup(
    settings: Settings,
    target: str,
    opener: Opener,
    *,
    random: RandomSource = secure_random,
    clock: Callable[[], int] = system_clock,
) -> int:
    """Write the account that the settings name into a file, which is replaced once all is written; gives its length.

    Raises UserError if the settings name none, DiskFull and StorageUnwritable.
    """
    directory = settings.data_directory
    entry = directory.choose(settings.account, settings.stored_environment)
    folder = directory.folder_of(entry)
    snapshot = os.path.join(folder, TEMPORARY_PREFIX + os.urandom(8).hex())
    try:
        with directory.open_database(entry) as database:
            copy_database(database, snapshot)
        with PrivateWriter(os.path.abspath(target)) as writer:
            sink = _Sink(writer, Encryptor(opener, random))
            with tarfile.open(
                fileobj=cast("IO[bytes]", sink), mode="w|", format=tarfile.PAX_FORMAT
            ) as archive:
                manifest = json.dumps(_manifest(entry, clock())).encode()
                archive.addfile(_member(_MANIFEST, len(manifest)), io.BytesIO(manifest))
                _add(archive, DATABASE_FILE, snapshot)
                for name, path in _media(folder):
                    _add(archive, name, path)
            sink.finish()
            return writer.length
    finally:
        unlink_quietly(snapshot)


def restore_backup(
    settings: Settings,
    source: str,
    opener: Opener,
    *,
    other_is_stopped: bool,
    offline: bool = False,
    clock: Callable[[], int] = system_clock,
) -> Restored:
    """Make the account of a backup one of this machine.

    Whatever it may have missed or done twice is forgotten in one transaction, before it is an account. Raises
    OtherMayRun, AccountExists, BackupFileInvalid, BackupNotOpened, BackupTooNew, NoSuchFile, and StoreError.
    """
    if not other_is_stopped:
        raise OtherMayRun
    reading = _Reading(settings)
    try:
        file = open(source, "rb")  # noqa: SIM115
    except OSError as error:
        raise NoSuchFile(f"{source} cannot be read") from error
    with file:
        content = _Content(decrypt(file.read, opener))
        new = settings.data_directory.new_account(lambda folder: reading.unpack(content, folder))
    now_ms = clock()
    with new:
        aci = ServiceId.aci(reading.manifest["aci"])
        with new.database.transaction() as transaction:
            begin_anew(transaction, aci, now_ms)
            add_task(transaction, TaskKind.STORAGE_SYNC, now_ms=now_ms)
        entry = new.register(aci, reading.manifest["number"], reading.environment)
    if not offline:
        set_up(settings, entry.aci, entry.environment)
    return Restored(entry, reading.manifest["madeMs"])


# --- writing --------------------------------------------------------------------------------------


class _Sink:
    """Encrypts what is written to it, and writes that."""

    def __init__(self, writer: PrivateWriter, encryptor: Encryptor) -> None:
        self._writer = writer
        self._encryptor = encryptor
        writer.write(encryptor.header)

    def write(self, data: bytes) -> int:
        self._writer.write(self._encryptor.update(data))
        return len(data)

    def finish(self) -> None:
        self._writer.write(self._encryptor.finish())


def _manifest(entry: LocalAccount, now_ms: int) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "sigcli": __version__,
        "schema": SCHEMA_VERSION,
        "aci": str(entry.aci),
        "number": entry.number,
        "environment": entry.environment,
        "madeMs": now_ms,
    }


def _member(name: str, length: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = length
    member.mode = 0o600
    return member


def _add(archive: tarfile.TarFile, name: str, path: str) -> None:
    try:
        with open(path, "rb") as file:
            archive.addfile(_member(name, os.fstat(file.fileno()).st_size), file)
    except FileNotFoundError:
        return  # removed by a command that ran meanwhile
    except OSError as error:
        raise storage_error(error) from error


def _media(folder: str) -> Iterator[tuple[str, str]]:
    for kind in MEDIA_FOLDERS:
        for parent, _, names in os.walk(os.path.join(folder, kind)):
            for name in sorted(names):
                path = os.path.join(parent, name)
                place = os.path.relpath(path, folder).replace(os.sep, "/")
                if _PLACE.fullmatch(place) and not os.path.islink(path):
                    yield place, path


# --- reading --------------------------------------------------------------------------------------


class _Content:
    """What was decrypted, read as a file; to its very end, so that a cut one is noticed."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._ahead = b""

    def read(self, length: int) -> bytes:
        while len(self._ahead) < length:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._ahead += piece
        taken, self._ahead = self._ahead[:length], self._ahead[length:]
        return taken

    def read_on(self) -> None:
        for _ in self._pieces:
            self._ahead = b""


class _Reading:
    """A backup on its way into a folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.manifest: dict[str, Any] = {}

    @property
    def environment(self) -> str:
        """The service that the account lives on: as the settings say, else as it was."""
        return self._settings.stored_environment or str(self.manifest["environment"])

    def unpack(self, content: _Content, folder: str) -> None:
        """Read everything; raises BackupFileInvalid, BackupTooNew, AccountExists, StoreError."""
        try:
            with tarfile.open(fileobj=cast("IO[bytes]", content), mode="r|") as archive:
                for number, member in enumerate(archive):
                    self._take(archive, member, folder, is_first=number == 0)
        except (tarfile.TarError, EOFError):
            raise BackupFileInvalid from None
        content.read_on()
        if not os.path.exists(os.path.join(folder, DATABASE_FILE)):
            raise BackupFileInvalid

    def _take(
        self, archive: tarfile.TarFile, member: tarfile.TarInfo, folder: str, *, is_first: bool
    ) -> None:
        file = archive.extractfile(member) if member.isreg() else None
        if file is None or is_first != (member.name == _MANIFEST):
            raise BackupFileInvalid
        if is_first:
            self._take_manifest(file.read(_MANIFEST_LIMIT))
            return
        if member.name != DATABASE_FILE and not _PLACE.fullmatch(member.name):
            raise BackupFileInvalid
        path = os.path.join(folder, *member.name.split("/"))
        make_private_folder(os.path.dirname(path))
        if os.path.exists(path):
            raise BackupFileInvalid
        write_private_file(path, iter(lambda: file.read(_STEP), b""))

    def _take_manifest(self, data: bytes) -> None:
        from sigcli.service.environments import load_environment

        try:
            manifest = json.loads(data)
            if manifest["format"] != _FORMAT or manifest["schema"] > SCHEMA_VERSION:
                raise BackupTooNew
            aci, number = ServiceId.aci(manifest["aci"]), manifest["number"]
            is_well = (
                isinstance(manifest["madeMs"], int)
                and isinstance(manifest["environment"], str)
                and isinstance(number, str | None)
            )
        except (LookupError, TypeError, ValueError, RecursionError, InvalidServiceId):
            is_well = False
        if not is_well:
            raise BackupFileInvalid
        self.manifest = manifest
        load_environment(self.environment, self._settings.data_dir)
        for known in self._settings.data_directory.accounts(self.environment):
            if known.aci == aci or (number is not None and known.number == number):
                raise AccountExists
