"""Messages through a daemon that is killed at random, to consumers that are killed as well: nothing may be missing."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.bench.comparison import progress
from tests.bench.tables import Table
from tests.soak.consumer import KINDS, ConsumerProcess
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
from tests.soak.world import Daemon, Sender, World

_STALLED_S = 180.0
_LOOK_S = 0.1
_SAMPLES = 400
_LONGEST_PAUSE_S = 1.0
_WAITS_FOR_READY = 0.7
_MANY_ROWS = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """How much, and how hard; ``consumer_kills`` is for each consumer, ``rate`` for each sender."""

    messages: int
    kills: int
    consumer_kills: int
    senders: int = 2
    rate: float = 0.0
    seed: int = 13


@dataclass(slots=True)
class Outcome:
    """What was seen; ``ready_s`` is how long each start took."""

    messages: int = 0
    kills: int = 0
    consumer_kills: int = 0
    duration_s: float = 0.0
    cpu_s: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    aged: list[float] = field(default_factory=list)
    ready_s: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    readers: list[JournalReader] = field(default_factory=list)


def run_killed(folder: Path, plan: Plan) -> Outcome:
    """Do it, in a world of its own."""
    with World(folder, plan.senders) as world:
        return _Run(world, plan).go()


class _Run:
    def __init__(self, world: World, plan: Plan) -> None:
        self._world, self._plan = world, plan
        self._dice = random.Random(plan.seed)
        self._outcome = Outcome()
        self._consumers = [ConsumerProcess(kind, world.receiver.folder) for kind in KINDS]
        self._readers = [JournalReader(one.journal) for one in self._consumers]
        share, rest = divmod(plan.messages, plan.senders)
        self._senders = [
            Sender(daemon, f"s{n}", world.number, share + (n < rest), plan.rate)
            for n, daemon in enumerate(world.senders)
        ]
        self._kills = self._moments(plan.kills)
        self._consumer_kills = [self._moments(plan.consumer_kills) for _ in self._consumers]
        self._ready_since: float | None = time.monotonic()
        self._restart_at: float | None = None

    def go(self) -> Outcome:
        try:
            # A new consumer is given what comes from now on.
            self._world.receiver.await_consumers({one.name for one in self._consumers})
            began = time.monotonic()
            for sender in self._senders:
                sender.start()
            self._follow(began)
        finally:
            for consumer in self._consumers:
                consumer.kill()
        outcome = self._outcome
        outcome.messages, outcome.duration_s = self._arrived, time.monotonic() - began
        sent = {f"s{n}": sender.sent for n, sender in enumerate(self._senders)}
        outcome.sent, outcome.readers = sent, self._readers
        for sender in self._senders:
            if sender.error is not None:
                outcome.faults.append(f"{sender.name}: {sender.error!r}")
        for reader in self._readers:
            outcome.faults += reader.faults + reader.missing(sent)
        outcome.aged.append(aged_mib(self._world.receiver.data_dir))
        outcome.faults += growth(outcome.samples, outcome.aged)
        outcome.rows = row_counts(self._world.receiver.data_dir)
        return outcome

    @property
    def _arrived(self) -> int:
        return min(reader.arrived for reader in self._readers)

    def _follow(self, began: float) -> None:
        """Kill and start again, sample, until everything has arrived or nothing comes any more."""
        plan, outcome = self._plan, self._outcome
        last_arrived, last_news = 0, time.monotonic()
        next_sample, interval_s = 0.0, 0.5
        while True:
            time.sleep(_LOOK_S)
            now = time.monotonic()
            for reader in self._readers:
                reader.read()
            self._care_for_daemon(now)
            self._care_for_consumers()
            if self._arrived > last_arrived:
                last_arrived, last_news = self._arrived, now
            if now - began >= next_sample and self._restart_at is None:
                self._sample(now - began)
                if len(outcome.samples) >= _SAMPLES:
                    del outcome.samples[::2]
                    interval_s *= 2
                next_sample = now - began + interval_s
            if not outcome.aged and last_arrived >= plan.messages / 3:
                outcome.aged.append(aged_mib(self._world.receiver.data_dir))
            progress(f"{last_arrived:,} of {plan.messages:,}, {outcome.kills} kills")
            if last_arrived >= plan.messages and self._restart_at is None:
                self._sample(now - began)
                break
            if now - last_news > _STALLED_S or any(one.error for one in self._senders):
                outcome.faults.append(f"nothing more came after {last_arrived:,} messages")
                outcome.faults += [
                    f"{one.kind}: {one.complaints()[-200:]}" for one in self._consumers
                ]
                break
        progress("")

    def _care_for_daemon(self, now: float) -> None:
        daemon, outcome = self._world.receiver, self._outcome
        if self._restart_at is not None:
            if now >= self._restart_at:
                self._start(daemon)
        elif self._kills and self._arrived >= self._kills[0]:
            self._kills.pop(0)
            daemon.kill()
            outcome.kills += 1
            self._restart_at = now + self._dice.uniform(0, _LONGEST_PAUSE_S)
        elif not daemon.running:
            outcome.faults.append("the daemon has ended by itself")
            self._start(daemon)

    def _start(self, daemon: Daemon) -> None:
        # Now and then a start is interrupted as well.
        while self._kills and self._dice.random() > _WAITS_FOR_READY:
            self._kills.pop(0)
            daemon.begin()
            time.sleep(self._dice.uniform(0, _LONGEST_PAUSE_S))
            daemon.kill()
            self._outcome.kills += 1
        self._outcome.ready_s.append(daemon.start())
        self._restart_at = None

    def _care_for_consumers(self) -> None:
        for consumer, kills in zip(self._consumers, self._consumer_kills, strict=True):
            if kills and self._arrived >= kills[0]:
                kills.pop(0)
                consumer.kill()
                consumer.start()
                self._outcome.consumer_kills += 1

    def _sample(self, at_s: float) -> None:
        daemon = self._world.receiver
        sample = look(daemon.pid, daemon.data_dir, at_s, self._arrived, self._outcome.kills)
        if sample is not None:
            self._outcome.samples.append(sample)

    def _moments(self, count: int) -> list[int]:
        """So many numbers of messages, after which something is killed."""
        return sorted(self._dice.randrange(self._plan.messages) for _ in range(count))


def print_outcome(outcome: Outcome) -> None:
    """The tables, and what was wrong."""
    print_samples("The daemon while it is killed and started again", outcome.samples)
    table = Table("What has come through", ("what", "figure"))
    table.add("messages, at each consumer", f"{outcome.messages:,}")
    table.add("messages a second", f"{outcome.messages / max(outcome.duration_s, 0.1):.1f}")
    table.add("kills of the daemon", str(outcome.kills))
    table.add("kills of consumers", str(outcome.consumer_kills))
    if outcome.ready_s:
        table.add("ready again after, median s", f"{median(outcome.ready_s):.2f}")
        table.add("ready again after, at most s", f"{max(outcome.ready_s):.2f}")
    table.print()
    print_rows(outcome.rows)
    print_summary(
        "killed",
        outcome.sent,
        outcome.readers,
        outcome.samples,
        outcome.aged,
        kills=outcome.kills,
        consumer_kills=outcome.consumer_kills,
    )


def print_rows(rows: dict[str, int]) -> None:
    """Where the database has many."""
    table = Table(f"Tables of the database with {_MANY_ROWS} rows or more", ("table", "rows"))
    for name, count in sorted(rows.items(), key=lambda one: -one[1]):
        if count >= _MANY_ROWS:
            table.add(name, f"{count:,}")
    table.print()
