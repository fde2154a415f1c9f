"""Where commands are handed over: what a daemon leaves when it ends."""

from __future__ import annotations

import errno
import os
import socket
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from sigcli.daemon.handover.listening import HandOver

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "SO_PEERCRED"), reason="commands are handed over on Linux"
)


def _hand_over(folder: Path, warnings: list[str]) -> HandOver:
    settings = SimpleNamespace(data_dir=str(folder), warn=warnings.append)
    return HandOver(cast(Any, SimpleNamespace(settings=settings)), cast(Any, None))


def test_it_ends_on_a_disk_that_has_become_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    warnings: list[str] = []
    first = _hand_over(tmp_path, warnings)
    first.start()
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        first.close()
    # What it left is in nobody's way.
    second = _hand_over(tmp_path, warnings)
    second.start()
    second.close()
    assert warnings == []
