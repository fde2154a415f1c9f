"""Fixtures for tests of the whole command against a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.linking import link_device
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.requirements import needs_node
from tests.support.sigcli_process import Sigcli


@pytest.fixture(scope="session")
def _mock_process() -> Iterator[MockServer]:
    with needs_node():
        server = MockServer()
    with server:
        yield server


@pytest.fixture
def mock_server(_mock_process: MockServer) -> MockServer:
    """Signal's mock server: one process for the run, its faults, options, logs and sockets cleared."""
    _mock_process.reset()
    return _mock_process


@pytest.fixture
def mock_environment(mock_server: MockServer, tmp_path: Path) -> Path:
    """An environment file for it, with every request through the websocket."""
    return mock_server.environment_file(tmp_path / "mock.toml")


@pytest.fixture
def new_sigcli(mock_environment: Path, tmp_path: Path) -> Iterator[Callable[[str], Sigcli]]:
    """Makes `sigcli` runners with data directories of their own, by name."""
    made: list[Sigcli] = []

    def make(name: str) -> Sigcli:
        made.append(Sigcli(tmp_path / name, mock_environment))
        return made[-1]

    yield make
    for runner in made:
        runner.dispose()


@pytest.fixture
def sigcli(new_sigcli: Callable[[str], Sigcli]) -> Sigcli:
    """The installed command with an empty data directory, pointed at the mock server."""
    return new_sigcli("sigcli")


@pytest.fixture
def primary(mock_server: MockServer) -> MockPrimary:
    """A fresh account inside the mock server."""
    return mock_server.create_primary("Alice")


@pytest.fixture
def linked(mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary) -> MockDevice:
    """`sigcli` linked as a further device of `primary`."""
    return link_device(mock_server, sigcli, primary)
