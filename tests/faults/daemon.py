"""A daemon that is struck while a program is handed messages by it and sends through it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.faults.messages import QUEUED, fill_queue
from tests.faults.operations import Operation, Strike, once, people, require_all
from tests.faults.processes import Ended, Forked
from tests.faults.world import NO_ACT, Lost, Stuck, World, envelopes
from tests.support.rpc_client import RpcClient

READY = "the daemon is ready"
_COMPLAINTS = ("sigcli: warning: ", "sigcli: error: ")
_CONSUMER = "program"
_GONE = (EOFError, ConnectionError, TimeoutError, AssertionError)


class _Client:
    """The program. What it was handed it has kept, and has said so."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.handed_out: list[dict[str, Any]] = []
        self.sent = False

    def begin(self, act: Strike = NO_ACT) -> Forked:
        """Start the daemon; returns when it listens, or is no more."""
        alice = self._world.device("alice")
        running = self._world.begin(alice, "daemon", "--socket", self._path, act=act)
        running.wait_for(lambda: READY in running.stderr_so_far())
        return running

    @contextmanager
    def connected(self) -> Iterator[RpcClient]:
        with RpcClient(self._path, timeout_s=60) as client:
            client.call("subscribeReceive", consumer=_CONSUMER)
            yield client

    def take_until(self, client: RpcClient, text: str) -> None:
        """Take what is handed out, up to the message with this text."""
        while True:
            told = client.notified()
            if "result" not in told:
                continue  # told to each connection, asked or not
            event = told["result"]
            self.handed_out.append(event)
            client.call("ackReceive", consumer=_CONSUMER, id=told["id"])
            message = event.get("envelope", {}).get("dataMessage") or {}
            if message.get("message") == text:
                return

    def send(self, client: RpcClient, to: str, text: str) -> None:
        result = client.call("send", recipient=[to], message=text)
        assert [one["type"] for one in result["results"]] == ["SUCCESS"], result

    @property
    def _path(self) -> str:
        return str(self._world.root / "socket")


def _complained(stderr: str) -> bool:
    return any(complaint in stderr for complaint in _COMPLAINTS)


def _prepare(world: World) -> None:
    """The program is known to the daemon; then messages come while neither is there."""
    client = _Client(world)
    running = client.begin()
    with client.connected():
        pass
    _stop(running)
    fill_queue(world)


def _stop(running: Forked) -> Ended:
    running.send_signal(signal.SIGTERM)
    ended = running.wait()
    if ended.exit_code != 0:
        raise Stuck(ended.describe())
    return ended


_clients: dict[int, _Client] = {}


def _strike(world: World, act: Strike) -> Ended:
    program = _clients[id(world)] = _Client(world)
    running = program.begin(act)
    try:
        with program.connected() as client:
            program.take_until(client, QUEUED[-1])
            program.send(client, world.device("bob").account, "struck")
            program.sent = True
    except _GONE:
        if running.wait_for(lambda: _complained(running.stderr_so_far())):
            running.send_signal(signal.SIGTERM)  # it lives on in its trouble
        ended = running.wait()
        if not ended.killed and not _complained(ended.stderr):
            raise
        return ended
    running.send_signal(signal.SIGTERM)
    return running.wait()


def _check(world: World, struck: Ended) -> None:
    if not struck.killed and struck.exit_code != 0 and not _complained(struck.stderr):
        raise Stuck(struck.describe())
    alice, bob, carol = people(world)
    program = _clients.pop(id(world))
    world.run(bob, "send", "-m", "last", alice.account)
    running = program.begin()
    with program.connected() as client:
        program.take_until(client, "last")
        program.send(client, bob.account, "honest")
    _stop(running)
    require_all(world, alice, envelopes(program.handed_out), (*QUEUED, "last"))
    texts = world.texts(bob)
    once(texts, "honest", bob)
    if program.sent:
        once(texts, "struck", bob)
    if texts.count("struck") > 1:
        raise Lost(f"'struck' came {texts.count('struck')} times")
    world.talk(carol, alice)


DAEMON = (Operation("daemon", _strike, _check, _prepare, about=200),)
