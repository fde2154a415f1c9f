"""One running sandbox for a module's tests; numbers are handed out so that tests do not meet."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from sigcli.sandbox.server import Sandbox
from tests.support.sandbox_client import SandboxClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.sandbox_client import TestDevice

_numbers = count(100)


@pytest.fixture(scope="module")
def events() -> list[dict[str, object]]:
    return []


@pytest.fixture(scope="module")
def running(events: list[dict[str, object]]) -> Iterator[SandboxClient]:
    with Sandbox(emit=events.append) as sandbox:
        client = SandboxClient.of(sandbox)
        yield client
        client.close()
    assert [event for event in events if event["event"] == "error"] == []


@pytest.fixture
def client(running: SandboxClient) -> Iterator[SandboxClient]:
    yield running
    running.control.clear_faults()


@pytest.fixture
def number() -> Callable[[], str]:
    return lambda: f"+15550{next(_numbers):06d}"


@pytest.fixture
def alice(client: SandboxClient, number: Callable[[], str]) -> TestDevice:
    return client.register(number())


@pytest.fixture
def bob(client: SandboxClient, number: Callable[[], str]) -> TestDevice:
    return client.register(number())
