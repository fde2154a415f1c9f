"""signald's socket, and a core behind it whose account asks no service."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sigcli.daemon.signald.server import SignaldChannel
from tests.support.signald_client import RawClient
from tests.unit.daemon.conftest import Desk

NUMBER = "+15550100"


@pytest.fixture
def path(desk: Desk, tmp_path: Path) -> Iterator[str]:
    """Where the socket is."""
    path = tmp_path / "s"
    channel = SignaldChannel(str(path))
    channel.start(desk.core, threading.Event().set)
    yield str(path)
    channel.close()
    assert not path.exists()


@pytest.fixture
def client(path: str) -> Iterator[RawClient]:
    """A connection that has been greeted."""
    client = RawClient(path)
    assert client.line()["type"] == "version"
    yield client
    client.close()
