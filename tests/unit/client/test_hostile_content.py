"""Whatever a sender encrypts: received with honest neighbours, printed, and nothing of theirs is lost."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from sigcli.client.applying.expiring import expire_due
from sigcli.client.groups.people_directory import PeopleDirectory
from sigcli.client.people.known_people import KnownPeople
from sigcli.client.receiving.inbox_printing import InboxPrinter
from sigcli.client.receiving.receiving import ReceiveOptions, replay_messages
from sigcli.wire.addresses import ServiceId
from tests.support.safe_output import printed
from tests.support.stored import count_pending
from tests.unit.client.applying.test_withdrawing import Blobs
from tests.unit.client.hostile_bytes import HostileWriter, hostile_plaintext
from tests.unit.client.receiving.test_inbox_printing import Stop
from tests.unit.client.world import NOW_MS, OWN_ACI, OWN_PNI, PEER_ACI, World

if TYPE_CHECKING:
    from sigcli.client.base.events import ReceivedEvent

CAROL = ServiceId.aci(UUID(int=0xD))
BATCH = 12
OF_PEERS = ("dataMessage", "dataMessage", "editMessage", "storyMessage", "callMessage")
OF_DEVICES = ("syncMessage",)


class Printout:
    """Takes each event, and notes what Carol wrote."""

    def __init__(self, world: World) -> None:
        self._directory = PeopleDirectory.of(world.account)
        self.rows: list[int] = []
        self.neighbours: list[str] = []

    def __call__(self, event: ReceivedEvent) -> bool:
        envelope = printed(event, self._directory)
        if envelope["sourceUuid"] == str(CAROL):
            self.neighbours.append(envelope["dataMessage"]["message"])
        self.rows.append(event.row_id)
        return True


def receive_and_print(world: World, seed: int, share: float, lies: float) -> None:
    source = random.Random(seed)
    bob, phone = world.peer(), world.own_phone()
    carol = world.peer(CAROL, seed=1)
    with world.database.transaction() as database:
        people = KnownPeople(database)
        for aci in (PEER_ACI, CAROL):
            people.accept(people.get(aci))
    times = [NOW_MS + number for number in range(2 * BATCH)]
    # A stranger may name anybody; the own phone has every right, and leaves Carol in peace.
    by_bob = HostileWriter(
        source, share, lies, [OWN_ACI, PEER_ACI, CAROL, OWN_PNI], times, OF_PEERS
    )
    by_phone = HostileWriter(source, share, lies, [OWN_ACI, PEER_ACI, OWN_PNI], times, OF_DEVICES)
    envelopes = []
    sent = []
    for number in range(BATCH):
        plaintext, timestamp_ms = hostile_plaintext(by_bob), times[2 * number]
        if number % 3 == 2:
            envelopes.append(phone.plain(hostile_plaintext(by_phone), timestamp_ms=timestamp_ms))
        else:
            send = bob.plain if source.random() < 0.5 else bob.sealed
            envelopes.append(send(plaintext, timestamp_ms=timestamp_ms))
        sent.append(f"neighbour {number}")
        envelopes.append(carol.sealed(sent[-1], timestamp_ms=times[2 * number + 1]))
    half = len(envelopes) // 2
    world.take(*envelopes[:half])
    world.take(*envelopes[half:])
    rows = [row.id for row in world.rows()]
    printout = Printout(world)
    account = world.account
    printing = InboxPrinter(account, ReceiveOptions(), printout, Blobs(account, Stop()), Stop())
    assert printing.print_pending()
    assert printout.rows == rows
    assert printout.neighbours == sent
    assert count_pending(world.database) == 0
    expire_due(account)
    again = Printout(world)
    replay_messages(account, "0", again, Stop())
    assert again.rows == rows
    assert again.neighbours == sent
    # What goes wrong in letting a message take effect is a warning, and a bug if it has no name.
    assert not [text for text in world.warnings if "unexpected" in text]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, 0.5), st.sampled_from([0.0, 0.02, 0.2]))
def test_no_content_crashes_or_costs_a_neighbour(seed: int, share: float, lies: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World.create(Path(folder))
        world.account.settings = replace(world.account.settings, keep_messages_ms=10**9)
        with world.account:
            receive_and_print(world, seed, share, lies)
