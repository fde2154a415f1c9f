"""Mixed load for hours on one daemon: texts in and out, groups, attachments, commands that it does, lists."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.comparison import progress
from tests.bench.tables import Table
from tests.soak.consumer import KINDS, ConsumerProcess
from tests.soak.killed import print_rows
from tests.soak.reading import JournalReader
from tests.soak.sampling import (
    Sample,
    aged_mib,
    growth,
    look,
    print_samples,
    print_summary,
    row_counts,
)
from tests.soak.world import Sender, World
from tests.support.rpc_client import RpcClient

_LOOK_S = 0.5
_SAMPLES = 400
_SETTLES_S = 60.0
_ATTACHMENT = bytes(range(256)) * 800
_SSE_LIFE_S = 60.0
_RESTARTS = "consumers of events killed"


class Repeated(threading.Thread):
    """Something done again and again until it is told to stop."""

    def __init__(self, name: str, every_s: float, act: Callable[[], object]) -> None:
        super().__init__(name=name, daemon=True)
        self._every_s, self._act = every_s, act
        self._told_to_stop = threading.Event()
        self.done = 0
        self.errors: list[str] = []

    def run(self) -> None:
        while not self._told_to_stop.wait(self._every_s):
            try:
                self._act()
                self.done += 1
            except Exception as error:
                self.errors.append(repr(error)[:300])

    def stop(self) -> None:
        self._told_to_stop.set()
        self.join()


def run_mixed(folder: Path, duration_s: float, rate: float) -> list[str]:
    """Print the tables; gives what was wrong. ``rate``: texts a second from each of two senders."""
    with World(folder, 2) as world:
        return _run(world, folder, duration_s, rate)


def _run(world: World, folder: Path, duration_s: float, rate: float) -> list[str]:
    daemon, device = world.receiver, world.receiver.device
    consumers = [ConsumerProcess(kind, daemon.folder) for kind in KINDS]
    faults: list[str] = []
    samples: list[Sample] = []
    aged: list[float] = []
    try:
        daemon.await_consumers({one.name for one in consumers})
        people = [str(one.device.account) for one in world.senders]
        file = folder / "file.bin"
        file.write_bytes(_ATTACHMENT)
        # A client is for one thread.
        ours, to_group, theirs = daemon.client(), daemon.client(), world.senders[0].client()
        group = ours.call("updateGroup", name="soak", members=people)["groupId"]
        files = world.senders[1].client()

        def call(client: RpcClient, method: str, **params: Any) -> None:
            client.call(method, **params)
            client.forget_notifications()

        def restart_events() -> None:
            (events,) = [one for one in consumers if one.kind == "events"]
            events.kill()
            events.start()

        loads = [
            Repeated(
                "sends by JSON-RPC",
                1 / rate,
                lambda: call(ours, "send", recipient=people, message="out"),
            ),
            Repeated(
                "messages to the group",
                2 / rate,
                lambda: call(to_group, "send", groupId=group, message="all"),
            ),
            Repeated(
                "attachments received",
                10 / rate,
                lambda: call(files, "send", recipient=[world.number], attachments=[str(file)]),
            ),
            Repeated(
                "typing messages received",
                4 / rate,
                lambda: call(theirs, "sendTyping", recipient=[world.number]),
            ),
            Repeated(
                "send, handed over",
                5 / rate,
                lambda: device.run("send", "-m", "by hand", people[0]),
            ),
            Repeated("listContacts", 5 / rate, lambda: device.run("listContacts", "--json")),
            Repeated("listGroups", 7 / rate, lambda: device.run("listGroups", "--json")),
            Repeated(_RESTARTS, _SSE_LIFE_S, restart_events),
        ]
        senders = [
            Sender(one, f"s{n}", world.number, None, rate) for n, one in enumerate(world.senders)
        ]
        workers: list[Repeated | Sender] = [*loads, *senders]
        readers = [JournalReader(one.journal) for one in consumers]
        began = time.monotonic()
        for worker in workers:
            worker.start()
        connections = (ours, to_group, theirs, files)
        interval_s, next_sample = 1.0, 0.0
        while (at_s := time.monotonic() - began) < duration_s and daemon.running:
            time.sleep(_LOOK_S)
            for reader in readers:
                reader.read()
            if at_s >= next_sample:
                sample = look(daemon.pid, daemon.data_dir, at_s, readers[0].arrived, 0)
                samples += [] if sample is None else [sample]
                if len(samples) >= _SAMPLES:
                    del samples[::2]
                    interval_s *= 2
                next_sample = at_s + interval_s
            if not aged and at_s >= duration_s / 3:
                aged.append(aged_mib(daemon.data_dir))
            progress(f"{at_s / 60:.0f} of {duration_s / 60:.0f} minutes")
        progress("")
        for worker in workers:
            worker.stop()
        sent = {f"s{n}": one.sent for n, one in enumerate(senders)}
        until = time.monotonic() + _SETTLES_S
        while min(one.arrived for one in readers) < sum(sent.values()) and time.monotonic() < until:
            time.sleep(_LOOK_S)
            for reader in readers:
                reader.read()
        if not daemon.running:
            faults.append("the daemon has ended by itself")
        for connection in connections:
            connection.close()
    finally:
        for consumer in consumers:
            consumer.kill()
    for reader in readers:
        faults += reader.faults + reader.missing(sent)
    for one in senders:
        faults += [] if one.error is None else [f"{one.name}: {one.error!r}"]
    for load in loads:
        faults += [f"{load.name}: {error}" for error in load.errors[:3]]
    print_samples("The daemon under mixed load", samples)
    table = Table("What was done", ("what", "how often"))
    table.add("texts received", f"{sum(sent.values()):,}")
    for load in loads:
        table.add(load.name, f"{load.done:,}")
    table.print()
    print_rows(row_counts(daemon.data_dir))
    aged.append(aged_mib(daemon.data_dir))
    restarts = next(one.done for one in loads if one.name == _RESTARTS)
    print_summary("mixed", sent, readers, samples, aged, consumer_kills=restarts)
    return faults + growth(samples, aged)
