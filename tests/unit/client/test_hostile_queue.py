"""A queue with as many hostile messages as honest ones: all of those are printed, at not much more CPU."""

from __future__ import annotations

import gc
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.client.applying.envelope_intake import EnvelopeIntake
from sigcli.client.groups.people_directory import PeopleDirectory
from sigcli.client.receiving.inbox_printing import InboxPrinter
from sigcli.client.receiving.intake import BATCH_SIZE
from sigcli.client.receiving.receiving import ReceiveOptions
from sigcli.operations.shapes.envelope import receive_object
from sigcli.wire.addresses import ServiceId
from sigcli.wire.envelopes import encode_envelope
from tests.support.hostile_messages import KINDS, burdened, hostile
from tests.unit.client.applying.test_withdrawing import Blobs
from tests.unit.client.receiving.test_inbox_printing import Stop
from tests.unit.client.world import NOW_MS, World

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sigcli.client.base.events import ReceivedEvent
    from sigcli.wire.envelopes import Envelope

CAROL = ServiceId.aci(UUID(int=0xD))
EACH = 5
"""Messages of each kind; with 21 there are 500 hostile and 500 honest ones."""
COUNT = EACH * len(KINDS)
SESSIONS = 42
AT_MOST = 3.0
LEAST, ROUNDS = 2, 8
"""Whatever else the machine does adds to a time, and takes nothing away: the smallest times are compared."""


def receive(world: World, envelopes: Iterable[Envelope | bytes]) -> tuple[float, list[str]]:
    """Take and print a queue in batches: the seconds of CPU, and what Carol said."""
    said: list[str] = []
    with without_collections():
        return sum(batches(world, envelopes, said)), said


def batches(
    world: World, envelopes: Iterable[Envelope | bytes], said: list[str]
) -> Iterator[float]:
    """Take and print a queue, one batch with each step: its seconds of CPU."""
    bodies = [one if isinstance(one, bytes) else encode_envelope(one) for one in envelopes]
    account, intake = world.account, EnvelopeIntake(world.account)
    directory = PeopleDirectory.of(account)

    def take_line(event: ReceivedEvent) -> bool:
        envelope = receive_object(event, directory)["envelope"]
        if envelope["sourceUuid"] == str(CAROL):
            said.append(envelope["dataMessage"]["message"])
        return True

    fetcher = Blobs(account, Stop())
    printing = InboxPrinter(account, ReceiveOptions(), take_line, fetcher, Stop())
    for start in range(0, len(bodies), BATCH_SIZE):
        began = time.process_time()
        with intake.batch():
            for body in bodies[start : start + BATCH_SIZE]:
                intake.take(body, NOW_MS)
        assert printing.print_pending()
        yield time.process_time() - began


@contextmanager
def without_collections() -> Iterator[None]:
    """No look at all that other tests have left in memory, which takes longer than a message."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def honest(world: World, name: str, count: int) -> tuple[list[Envelope], list[str]]:
    carol = world.peer(CAROL, seed=len(name))
    texts = [f"{name} {number}" for number in range(count)]
    sent = [carol.sealed(text, timestamp_ms=NOW_MS + number) for number, text in enumerate(texts)]
    return sent, texts


def test_as_many_hostile_messages_as_honest_ones(tmp_path: Path) -> None:
    alone_s, mixed_s = [], []
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        if number == 0:
            one_round(folder, len(KINDS))  # loads and compiles what both of them use
            continue
        alone, mixed = one_round(folder, COUNT)
        alone_s.append(alone)
        mixed_s.append(mixed)
        ratio = min(mixed_s) / min(alone_s)
        print(f"alone {min(alone_s):.2f} s, mixed {min(mixed_s):.2f} s: {ratio:.1f} times")
        if len(alone_s) >= LEAST and ratio < AT_MOST:
            return
    raise AssertionError(f"a mixed queue costs {min(mixed_s) / min(alone_s):.1f} times as much")


def one_round(folder: Path, count: int) -> tuple[float, float]:
    """Take both queues by turns, so that both meet the same machine; all is printed: the seconds of CPU."""
    alone, mixed = (folder / name for name in ("alone", "mixed"))
    alone.mkdir()
    mixed.mkdir()
    quiet, loud = World.create(alone), World.create(mixed)
    with quiet.account, loud.account, without_collections():
        mallory = loud.peer()
        burdened(loud, mallory, SESSIONS)
        sent, texts = honest(quiet, "alone", count)
        others, other_texts = honest(loud, "mixed", count)
        queue = [one for pair in zip(hostile(mallory, count), others, strict=True) for one in pair]
        said, other_said = list[str](), list[str]()
        ours, theirs = batches(quiet, sent, said), batches(loud, queue, other_said)
        alone_s = mixed_s = 0.0
        for alone_batch_s in ours:
            alone_s += alone_batch_s
            mixed_s += next(theirs, 0.0) + next(theirs, 0.0)
        mixed_s += sum(theirs)
    assert said == texts
    assert other_said == other_texts
    assert not [text for text in loud.warnings if "unexpected" in text]
    return alone_s, mixed_s
