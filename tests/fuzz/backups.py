"""Targets: backups."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from functools import cache
from pathlib import Path
from random import Random
from unittest import mock

from sigcli.client.base.settings import Settings
from sigcli.client.moving import backup
from sigcli.errors import StoreError, UserError
from sigcli.protocol import age_file
from tests.fuzz.target import Target


def _manifest() -> bytes:
    manifest = {
        "format": 1,
        "sigcli": "1",
        "schema": 1,
        "aci": "9d0652a3-dcc3-4d11-975f-74d61598733f",
        "number": "+15550100",
        "environment": "live",
        "madeMs": 1_750_000_000_000,
    }
    return json.dumps(manifest).encode()


def _archive(*members: tuple[str, bytes]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    # Without what fills up the last record: longer inputs are changed less often where it matters.
    length = len(written.getvalue().rstrip(b"\0"))
    return written.getvalue()[: length + -length % tarfile.BLOCKSIZE] + bytes(2 * tarfile.BLOCKSIZE)


@cache
def _settings() -> Settings:
    return Settings(Path(tempfile.mkdtemp(prefix="sigcli-fuzz-")), lambda _: None)


def _unpack(data: bytes) -> None:
    """What is in a backup, once it was decrypted."""
    settings = _settings()
    folder = os.path.join(settings.data_dir, "unpacked")
    beside = set(os.listdir(settings.data_dir))
    os.mkdir(folder, 0o700)
    try:
        pieces = (data[at : at + 700] for at in range(0, len(data), 700))
        backup._Reading(settings).unpack(backup._Content(pieces), folder)
    finally:
        shutil.rmtree(folder)
        assert set(os.listdir(settings.data_dir)) == beside, "it wrote beside its folder"


def _unpack_seeds() -> list[bytes]:
    head = ("manifest.json", _manifest())
    return [
        _archive(head, ("account.db", b"database" * 10), ("attachments/ab12.png", b"picture")),
        _archive(head),
        _archive(head, ("account.db", b""), ("../../escaped", b"x")),
    ]


@cache
def _opener() -> age_file.Identity:
    return age_file.Identity(bytes(range(32)))


def _age(opener: age_file.Opener, data: bytes) -> None:
    """The file as it lies there."""
    for _ in age_file.decrypt(io.BytesIO(data).read, opener):
        pass


def _age_by_passphrase(data: bytes) -> None:
    if any(_MUCH_WORK <= int(found[1]) <= 20 for found in _WORK.finditer(data)):
        raise MuchWork
    _age(_PASSPHRASE, data)


class MuchWork(UserError):
    """It would be allowed, and takes longer than a thousand other inputs."""


_PASSPHRASE = age_file.Passphrase("correct horse battery staple")
_MUCH_WORK = 6
_WORK = re.compile(rb" (\d\d?)\n")


def _age_seeds(opener: age_file.Opener) -> list[bytes]:
    sealed = []
    with mock.patch.object(age_file, "SCRYPT_LOG_N", 2):
        for content in (b"", b"content" * 100, bytes(70_000)):
            encryptor = age_file.Encryptor(opener, Random(2).randbytes)
            sealed.append(encryptor.header + encryptor.update(content) + encryptor.finish())
    return sealed


_WORK_WITHOUT_END = b"age-encryption.org/v1\n-> scrypt AAAA " + b"1" * 5000 + b"\n\n--- AAAA\n"


TARGETS = (
    Target(
        "backup-content",
        _unpack,
        _unpack_seeds,
        (UserError, StoreError),
        found=(
            _archive(("manifest.json", _manifest().replace(b"environment", b"environmen1"))),
            _archive(("manifest.json", b"[" * 20_000)),
        ),
        rounds=40,
    ),
    Target(
        "backup-file",
        lambda data: _age(_opener(), data),
        lambda: _age_seeds(_opener()),
        (UserError,),
        rounds=40,
    ),
    Target(
        "backup-file-passphrase",
        _age_by_passphrase,
        lambda: _age_seeds(_PASSPHRASE),
        (UserError,),
        found=(_WORK_WITHOUT_END,),
        rounds=40,
    ),
)
