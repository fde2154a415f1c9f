"""Fixtures for tests of the whole command against a server."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from tests.support.account_state import know
from tests.support.accounts import register_account
from tests.support.linking import link_device
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.requirements import needs_node
from tests.support.sigcli_process import Sigcli

_numbers = itertools.count(15550700)

# --- Signal's mock server -------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _mock_process() -> Iterator[MockServer]:
    with needs_node():
        server = MockServer()
    with server:
        yield server


@pytest.fixture
def mock_server(_mock_process: MockServer) -> Iterator[MockServer]:
    """Signal's mock server: one process for the run, its faults, options, logs and sockets cleared.

    What its primaries get is held against the rules of Android.
    """
    _mock_process.reset()
    yield _mock_process
    assert _mock_process.process.refused == []


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


# --- a sandbox ------------------------------------------------------------------------------------


@pytest.fixture
def device(mock_server: MockServer, sigcli: Sigcli, linked: MockDevice) -> MockDevice:
    """The linked device; what the phone sent for a start has been read."""
    mock_server.wait_for_sync(linked)
    sigcli.run("receive")
    mock_server.all_received()
    return linked


@pytest.fixture
def bob(mock_server: MockServer, sigcli: Sigcli, device: MockDevice) -> MockPrimary:
    """A contact who takes sealed messages."""
    bob = mock_server.create_primary("Bob")
    know(sigcli, bob)
    return bob


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox in this process, without limits of rates."""
    with Sandbox() as sandbox:
        RunningSandbox.find(sandbox.environment_file).switch(rateLimits=False)
        yield sandbox


@pytest.fixture
def in_sandbox(sandbox: Sandbox, tmp_path: Path) -> Iterator[Callable[[str], Sigcli]]:
    """Makes `sigcli` runners for the sandbox with empty data directories, by name."""
    made: list[Sigcli] = []

    def make(name: str) -> Sigcli:
        made.append(Sigcli(tmp_path / name, sandbox.environment_file))
        return made[-1]

    yield make
    for runner in made:
        runner.dispose()


@pytest.fixture
def register(sandbox: Sandbox, in_sandbox: Callable[[str], Sigcli]) -> Callable[..., Sigcli]:
    """Makes `sigcli` runners with an account of their own, by name and, where it matters, number."""

    def make(name: str, number: str | None = None) -> Sigcli:
        sigcli = in_sandbox(name)
        sigcli.account = number or f"+{next(_numbers)}"
        register_account(sandbox.environment_file, sigcli.data_dir, sigcli.account)
        return sigcli

    return make
