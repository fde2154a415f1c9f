"""No single message stops the receiver: batches end by time, rows that cannot be printed are failures."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import pytest

from sigcli.client.applying import envelope_intake, undecrypted
from sigcli.client.receiving.intake import Intake
from sigcli.client.receiving.receiver_lease import ReceiverLease
from sigcli.client.receiving.receiving import replay_messages
from sigcli.errors import MalformedMessage, StorageUnwritable
from sigcli.store import inbox
from sigcli.store.identity_keys import TrustLevel, find_identity, set_trust_level
from sigcli.wire.addresses import ServiceId
from sigcli.wire.envelopes import encode_envelope
from sigcli.wire.frames import WebSocketRequest
from tests.unit.client.receiving.test_inbox_printing import Reader, Stop, printer
from tests.unit.client.world import PEER_ACI, Peer, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sigcli.client.base.events import ReceivedEvent

DAVE = ServiceId.aci(UUID(int=0xE))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        yield world


@pytest.fixture
def bob(world: World) -> Peer:
    return world.peer()


@dataclass
class Socket:
    """Notes what is acknowledged."""

    answered: list[int | None] = field(default_factory=list)

    def respond(
        self,
        request_id: int | None,
        status: int = 200,
        message: str = "OK",
        *,
        must_arrive: bool = True,
    ) -> None:
        del status, message
        self.answered.append(request_id)


def intake(world: World, stop: Stop) -> Intake:
    lease = ReceiverLease.acquire(world.account, stop)
    assert lease is not None
    return Intake(world.account, lease, stop.requested)


def frames(*bodies: bytes) -> list[WebSocketRequest]:
    return [
        WebSocketRequest(id=number, verb="PUT", path="/api/v1/message", body=body)
        for number, body in enumerate(bodies)
    ]


def texts(bob: Peer, count: int) -> list[WebSocketRequest]:
    return frames(*(encode_envelope(bob.plain(f"text {number}")) for number in range(count)))


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]) -> None:
    """Do something after each envelope, which is told how many there were."""
    take = envelope_intake.EnvelopeIntake.take
    taken = iter(range(1, 1000))

    def taking(self: Any, *arguments: Any) -> Any:
        row = take(self, *arguments)
        act(next(taken))
        return row

    monkeypatch.setattr(envelope_intake.EnvelopeIntake, "take", taking)


def test_a_request_to_stop_is_heard_between_two_envelopes(
    world: World, bob: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, socket = Stop(), Socket()

    def ask(count: int) -> None:
        stop.now = count == 3

    meanwhile(monkeypatch, ask)
    intake(world, stop)._store_and_acknowledge(cast(Any, socket), texts(bob, 8))
    # What was taken is stored and acknowledged; the rest comes again.
    assert world.bodies() == ["text 0", "text 1", "text 2"]
    assert socket.answered == [0, 1, 2]


def test_a_transaction_ends_by_time(
    world: World, bob: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigcli.client.receiving.intake.BATCH_S", 0.0)
    open_at: list[int] = []
    socket = Socket()

    def look(count: int) -> None:
        # Everything before was committed and acknowledged by now.
        open_at.append(len(socket.answered))
        assert count == len(socket.answered) + 1

    meanwhile(monkeypatch, look)
    intake(world, Stop())._store_and_acknowledge(cast(Any, socket), texts(bob, 4))
    assert open_at == [0, 1, 2, 3]
    assert len(world.bodies()) == 4


def test_what_was_kept_back_is_released_in_several_transactions(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = world.peer()
    world.take(bob.plain("before"))
    stranger = world.peer(seed=5)
    held = [stranger.plain(f"held {number}") for number in range(5)]
    world.take(*held)
    assert inbox.count_held(world.database, PEER_ACI) == 5
    known = find_identity(world.database, PEER_ACI)
    assert known is not None
    with world.database.transaction() as database:
        level = TrustLevel.TRUSTED_UNVERIFIED
        set_trust_level(database, PEER_ACI, known.identity_key, level)
    monkeypatch.setattr("sigcli.client.receiving.intake.BATCH_S", 0.0)
    intake(world, Stop()).release_trusted()
    assert inbox.count_held(world.database) == 0
    assert world.bodies() == ["before", *(f"held {number}" for number in range(5))]


def test_so_many_messages_of_one_sender_are_kept_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undecrypted, "MAX_HELD", 3)
    world.take(world.peer().plain("before"))
    stranger = world.peer(seed=5)
    rows = world.take(*(stranger.plain(f"held {number}") for number in range(5)))
    assert [row.envelope is not None for row in rows] == [True, True, True, False, False]
    assert {row.failure.code for row in rows if row.failure} == {"UntrustedIdentityException"}


# --- printing -------------------------------------------------------------------------------------


@dataclass
class Fragile:
    """Cannot render what says so."""

    problem: Exception
    printed: list[str] = field(default_factory=list)

    def __call__(self, event: ReceivedEvent) -> bool:
        data = event.content.data_message if event.content else None
        if data is not None and data.body == "hostile":
            raise self.problem
        self.printed.append(data.body or "" if data else f"{event.failure and event.failure.type}")
        return True


PROBLEMS = [OverflowError("date"), MalformedMessage("change"), KeyError("x"), RecursionError()]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_row_that_cannot_be_printed_is_a_failure_line(
    world: World, bob: Peer, problem: Exception
) -> None:
    world.take(*(bob.plain(text) for text in ("one", "hostile", "two")))
    fragile = Fragile(problem)
    printing = printer(world, cast(Any, fragile))
    assert printing.print_pending()
    assert fragile.printed == ["one", "InvalidMessageStructureException", "two"]
    assert world.rows() == []
    assert len(world.warnings) == 1


def test_so_it_is_where_kept_messages_are_printed_again(world: World, bob: Peer) -> None:
    account = world.account
    account.settings = replace(account.settings, keep_messages_ms=10**9)
    world.take(*(bob.plain(text) for text in ("one", "hostile", "two")))
    assert printer(world, Reader()).print_pending()
    fragile = Fragile(OverflowError("date"))
    replay_messages(account, "0", fragile, Stop())
    assert fragile.printed == ["one", "InvalidMessageStructureException", "two"]


def test_what_goes_wrong_on_the_disk_is_no_ones_message(world: World, bob: Peer) -> None:
    world.take(bob.plain("hostile"))
    with pytest.raises(StorageUnwritable):
        printer(world, cast(Any, Fragile(StorageUnwritable()))).print_pending()
    assert len(world.rows()) == 1


def test_a_row_of_which_no_event_can_be_made_is_a_failure_line(
    world: World, bob: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigcli.client.groups import people_directory

    def fail(*_: object) -> None:
        raise ValueError

    world.take(bob.plain("one"), world.peer(DAVE, seed=2).plain("two"))
    monkeypatch.setattr(people_directory.PeopleDirectory, "_find", fail)
    fragile = Fragile(ValueError())
    assert printer(world, cast(Any, fragile)).print_pending()
    assert fragile.printed == ["InvalidMessageStructureException"] * 2


def test_times_that_cannot_begin_keep_no_line_from_being_marked(
    world: World, bob: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigcli.client.applying import withdrawing
    from tests.unit.client.world import text

    def fail(*_: object) -> None:
        raise OverflowError

    world.take(bob.plain(text("timed", timer_s=5)), bob.plain("two"))
    monkeypatch.setattr(withdrawing, "uses_of", fail)
    reader = Reader()
    assert printer(world, reader).print_pending()
    assert reader.texts == ["timed", "two"]
    assert world.rows() == []


# --- eight hostile messages before an honest one ----------------------------------------------------


def test_far_counters_where_many_sessions_exist_cost_little(world: World) -> None:
    from sigcli.protocol.limits import MAX_ARCHIVED_STATES
    from sigcli.wire.ciphertexts import CURRENT_VERSION, encode_signal_message
    from sigcli.wire.envelopes import EnvelopeType

    bob = world.peer()
    for seed in range(MAX_ARCHIVED_STATES + 1):
        bob.device.start(world.account.address(), world.bundle())
        world.take(bob.plain(f"session {seed}"))
    hostile = []
    for number in range(8):
        body = encode_signal_message(
            version=CURRENT_VERSION,
            ratchet_key=b"\x05" + bytes([number + 9]) * 32,
            counter=24_990,
            previous_counter=0,
            ciphertext=bytes(16),
            pq_ratchet=b"",
            addresses=None,
        )
        hostile.append(bob.envelope(EnvelopeType.DOUBLE_RATCHET, body + bytes(8)))
    honest = world.peer(DAVE, seed=3).plain("honest")
    began = time.process_time()
    rows = world.take(*hostile, honest)
    spent_s = time.process_time() - began
    assert world.bodies()[-1] == "honest"
    assert len(rows) == 9
    # Walking the chains of all sessions for each would take more than a hundred seconds.
    assert spent_s < 10
