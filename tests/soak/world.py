"""A sandbox, people who write, and somebody whose daemon receives it: each with a daemon of their own."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from sigcli.sandbox.control import RunningSandbox
from tests.soak.consumer import SOCKET, TOKEN, URL, consumer_name
from tests.support.rpc_client import RpcClient
from tests.support.sandbox_process import SandboxProcess
from tests.support.sigcli_process import RunningSigcli, Sigcli

READY = "the daemon is ready"
START_S = 60.0
_CALL_S = 300.0
_LOOK_S = 0.05


class Daemon:
    """`sigcli daemon` of one data directory, which may be killed and started again."""

    def __init__(self, device: Sigcli, folder: Path, *options: str) -> None:
        folder.mkdir()
        self.device = device
        self.folder = folder
        self._options = ("--socket", str(folder / SOCKET), *options)
        self._process: RunningSigcli | None = None

    @property
    def data_dir(self) -> Path:
        return self.device.data_dir

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    def start(self) -> float:
        """Start it, and give the seconds until it was ready."""
        began = time.monotonic()
        self.begin()
        self.wait_until_ready()
        return time.monotonic() - began

    def begin(self) -> None:
        """Start it without waiting."""
        self._process = self.device.start("daemon", *self._options)

    def wait_until_ready(self) -> None:
        assert self._process is not None
        self._process.wait_for_complaint(READY, timeout_s=START_S)
        if "--http" in self._options:
            (self.folder / URL).write_text(self.address("http"))

    def address(self, option: str) -> str:
        """The URL that an option of it listens on."""
        assert self._process is not None
        said = self._process.stderr_so_far
        found = re.search(rf"--{option} listens on (http://\S+)", said)
        assert found is not None, said
        return found[1]

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.dispose()

    def stop(self) -> str:
        """SIGTERM; what it had to say."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait().expect(0).stderr

    def await_consumers(self, names: set[str]) -> None:
        """Wait until they are connected; raises AssertionError if they do not come."""
        deadline = time.monotonic() + START_S
        with self.client() as client:
            while not names <= {
                one["name"] for one in client.call("listConsumers") if one["connected"]
            }:
                assert time.monotonic() < deadline, client.call("listConsumers")
                time.sleep(_LOOK_S)

    def client(self) -> RpcClient:
        """A connection to it."""
        return RpcClient(str(self.folder / SOCKET), timeout_s=_CALL_S)


class World:
    """A context manager; all have talked with the receiver, so that what they send is sealed."""

    def __init__(
        self, folder: Path, senders: int, *options: str, tokens: Sequence[str] = ()
    ) -> None:
        """``options``: further ones of the receiver's daemon; ``tokens``: names of more tokens for it."""
        self._sandbox = SandboxProcess(folder)
        self.tokens: dict[str, str] = {}
        try:
            self._populate(folder, senders, options, tokens)
        except BaseException:
            self._sandbox.__exit__()
            raise

    def _populate(
        self, folder: Path, senders: int, options: Sequence[str], tokens: Sequence[str]
    ) -> None:
        control = RunningSandbox.find(self._sandbox.environment_file)
        control.switch(rateLimits=False)
        self.receiver = Daemon(
            self._sandbox.account(), folder / "receiver", "--http", "localhost:0", *options
        )
        # A token's name is the name of the consumer that comes with it.
        for name in (consumer_name("events"), *tokens):
            made = self.receiver.device.run("token", "create", name)
            self.tokens[name] = made.stdout.strip()
        (self.receiver.folder / TOKEN).write_text(self.tokens[consumer_name("events")])
        self.senders = [
            Daemon(self._sandbox.account(), folder / f"sender{n}") for n in range(senders)
        ]
        for one in (self.receiver, *self.senders):
            one.start()
        for one in self.senders:
            self._introduce(one)

    def __enter__(self) -> World:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sandbox.__exit__(kind, error, trace)

    @property
    def number(self) -> str:
        """The receiver's."""
        return str(self.receiver.device.account)

    def _introduce(self, sender: Daemon) -> None:
        """Both write, and see what the other has written."""
        with sender.client() as theirs, self.receiver.client() as ours:
            _send(theirs, self.number, "hello")
            _await_text(ours, "hello")
            _send(ours, str(sender.device.account), "hello")
            _await_text(theirs, "hello")


class Sender(threading.Thread):
    """Sends texts of a name, a space and a number, one after another, over one connection."""

    def __init__(self, daemon: Daemon, name: str, to: str, count: int | None, rate: float) -> None:
        """``count`` None: until told to stop; ``rate``: at most so many a second, 0: as fast as it goes."""
        super().__init__(name=f"sender {name}", daemon=True)
        self._daemon, self._to, self._count = daemon, to, count
        self._interval_s = 1 / rate if rate else 0.0
        self._told_to_stop = threading.Event()
        self.sent = 0
        self.error: BaseException | None = None

    def stop(self) -> None:
        self._told_to_stop.set()
        self.join()

    def run(self) -> None:
        try:
            with self._daemon.client() as client:
                due = time.monotonic()
                while self.sent != self._count:
                    due = max(due + self._interval_s, time.monotonic() - 1)
                    if self._told_to_stop.wait(max(0, due - time.monotonic())):
                        break
                    _send(client, self._to, f"{self.name.removeprefix('sender ')} {self.sent}")
                    self.sent += 1
        except Exception as error:
            self.error = error


def _send(client: RpcClient, to: str, text: str) -> None:
    sent: dict[str, Any] = client.call("send", recipient=[to], message=text)
    assert [one["type"] for one in sent["results"]] == ["SUCCESS"], sent
    client.forget_notifications()


def _await_text(client: RpcClient, text: str) -> None:
    while (client.notified()["envelope"].get("dataMessage") or {}).get("message") != text:
        pass
