"""The fixtures of ``sigcli.testing``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sigcli.library.account import Account
from sigcli.library.sandboxes import TestSandbox


@pytest.fixture(scope="session")
def signal_sandbox() -> Iterator[TestSandbox]:
    """A Signal-compatible server for all tests of the session."""
    with TestSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def new_signal_account(signal_sandbox: TestSandbox) -> Iterator[Callable[..., Account]]:
    """Makes another registered account, open until the end of the test: ``new_signal_account("Alice")``."""
    made: list[Account] = []

    def make(name: str | None = None) -> Account:
        made.append(signal_sandbox.account(name))
        return made[-1]

    yield make
    for account in made:
        account.close()


@pytest.fixture
def signal_account(new_signal_account: Callable[..., Account]) -> Account:
    """A registered account of the test's own, open."""
    return new_signal_account()
