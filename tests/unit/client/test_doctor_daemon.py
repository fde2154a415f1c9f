"""What doctor says of the daemon."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sigcli import __version__
from sigcli.client.doctor import daemon
from sigcli.client.doctor.daemon import check_daemon
from sigcli.client.doctor.findings import Status
from sigcli.store.daemon_place import LOCK, SOCKET, note_keeper


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    """A daemon, as far as doctor can see: this process."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        one.bind(str(tmp_path / SOCKET))
        one.listen()
        lock = os.open(tmp_path / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        note_keeper(lock, __version__)
        os.close(lock)
        yield one


def test_no_daemon_is_as_it_should_be(tmp_path: Path) -> None:
    assert check_daemon(tmp_path).status is Status.OK


@pytest.mark.usefixtures("listening")
def test_a_running_daemon_is_named(tmp_path: Path) -> None:
    found = check_daemon(tmp_path)
    assert (found.status, str(os.getpid()) in found.message) == (Status.OK, True)


def test_one_that_was_killed_is_noticed(tmp_path: Path, listening: socket.socket) -> None:
    listening.close()
    found = check_daemon(tmp_path)
    assert (found.status, found.hint) == (Status.WARNING, "start it again: sigcli daemon")


@pytest.mark.usefixtures("listening")
def test_another_version_is_noticed(tmp_path: Path) -> None:
    found = check_daemon(tmp_path, version="0.0.1")
    assert found.status is Status.WARNING
    assert __version__ in found.message


@pytest.mark.usefixtures("listening")
def test_one_with_other_mounts_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "_sees_the_same", lambda pid: False)
    found = check_daemon(tmp_path)
    assert found.status is Status.WARNING
    assert "PrivateTmp" in str(found.hint)
