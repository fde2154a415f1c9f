"""What a backup leaves behind when the disk ends it."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.base.settings import Settings
from sigcli.client.moving.backup import write_backup
from sigcli.errors import StorageUnwritable
from sigcli.protocol.age_file import Identity
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from pathlib import Path

KEY = Identity(bytes(range(32)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of one account without anything in it."""
    settings = Settings(tmp_path / "data", lambda _: None)
    with settings.data_directory.new_account() as new:
        new.register(ServiceId.aci(UUID(int=1)), "+15550100", "live")
    return settings


def _copies(settings: Settings) -> list[Path]:
    return list(settings.data_dir.glob("*/.new-*"))


def test_no_copy_of_the_database_is_left(settings: Settings, tmp_path: Path) -> None:
    assert write_backup(settings, str(tmp_path / "copy.age"), KEY) > 0
    with pytest.raises(StorageUnwritable):
        write_backup(settings, str(tmp_path / "no folder" / "copy.age"), KEY)
    assert _copies(settings) == []


def test_a_disk_that_has_become_read_only_has_a_name(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(StorageUnwritable):
        write_backup(settings, str(tmp_path / "no folder" / "copy.age"), KEY)
    assert len(_copies(settings)) == 1
