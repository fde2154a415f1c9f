"""A server to test against, and accounts that are registered there: for the tests of programs that use sigcli."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigcli import operations
from sigcli.library.opening import open_account, run
from sigcli.sandbox.captcha import REGISTRATION, solved_captcha
from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from sigcli.library.account import Account

_LOOPBACK = "127.0.0.1"
_FIRST_NUMBER = 15550100


class TestSandbox:
    """A Signal-compatible server on loopback, in this process; a context manager.

    It leaves nothing behind. Accounts that were made by ``account`` are closed with it.
    """

    __test__ = False

    def __init__(self) -> None:
        """Starts when it is entered."""
        self._server = Sandbox()
        self._stack = ExitStack()
        self._numbers = itertools.count(_FIRST_NUMBER)
        self._lock = threading.Lock()

    @property
    def environment_file(self) -> Path:
        """What ``open_account(environment=…)`` and ``--service-environment`` take."""
        return self._server.environment_file

    @property
    def control(self) -> RunningSandbox:
        """Orders failures (``fault``, ``clear_faults``) and gives the codes that were "sent" (``code``)."""
        return RunningSandbox.find(self.environment_file)

    def account(self, name: str | None = None, *, number: str | None = None) -> Account:
        """An open account that was just registered, in a data directory of its own.

        ``name`` is what others see of it. Its own data directory is ``data_dir_of(account)``.
        """
        with self._lock:
            number = number or f"+{next(self._numbers)}"
            folder = Path(tempfile.mkdtemp(prefix="sigcli-testing-"))
            self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        self.register(number, folder)
        account = open_account(number, data_dir=folder, environment=self.environment_file)
        with self._lock:
            self._stack.callback(account.close)
        if name is not None:
            account.run(operations.UpdateProfile(given_name=name))
        return account

    def register(self, number: str, data_dir: str | os.PathLike[str]) -> None:
        """Register a number anew, its account in a data directory: for programs that open it by themselves."""
        where: dict[str, Any] = {
            "number": number,
            "data_dir": data_dir,
            "environment": self.environment_file,
            "warn": _ignore,
        }
        captcha = f"signalcaptcha://{solved_captcha(REGISTRATION)}"
        run(operations.Register(captcha=captcha), **where)
        run(operations.Verify(code=self.control.code(number)), **where)

    def __enter__(self) -> Self:
        self._stack.enter_context(_without_proxy())
        self._stack.enter_context(self._server)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


@contextmanager
def accounts(count: int = 1, *names: str) -> Iterator[list[Account]]:
    """Open accounts at a server of their own, one for each of ``names``, which is what others see of them."""
    with TestSandbox() as sandbox:
        yield [
            sandbox.account(names[index] if index < len(names) else None) for index in range(count)
        ]


@contextmanager
def _without_proxy() -> Iterator[None]:
    """Reach loopback directly, whatever proxy the machine uses."""
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
    exempt = ",".join(filter(None, (before["NO_PROXY"] or before["no_proxy"], _LOOPBACK)))
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = exempt
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _ignore(_text: str) -> None:
    pass
