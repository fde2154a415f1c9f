"""Long conversations with the official libsignal: loss, bursts, disorder, replays, crossed starts."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest

from sigcli.errors import DuplicateMessage, SigcliError
from sigcli.protocol.ciphertext import CiphertextMessage, CiphertextMessageType
from sigcli.protocol.spqr import SpqrState
from sigcli.wire.generated import session_storage_pb2 as storage
from tests.interop.libsignal_device import LibsignalDevice
from tests.interop.oracle import Oracle, OracleError
from tests.support.devices import ALICE, BOB, Device

MESSAGES = 5_000
LOSS = 0.25
LATE = 0.2
# A receiver reads five of the sender's ratchet turns: what is later than that is lost to anybody.
MAX_BURSTS_LATE = 3
REPLAY = 0.1
AnyDevice = Device | LibsignalDevice


@dataclass(frozen=True, slots=True)
class Sent:
    """A message on its way."""

    message: CiphertextMessage
    text: bytes
    burst: int
    """The sender's burst that it belongs to."""
    due: int
    """The sender's burst with which it arrives."""


class Direction:
    """One direction of a conversation: a sender, a receiver and a bad network between them."""

    def __init__(self, sender: AnyDevice, receiver: AnyDevice, random: Random) -> None:
        self.sender = sender
        self.receiver = receiver
        self.random = random
        self.in_flight: list[Sent] = []
        self.read: list[Sent] = []
        self.bursts = 0
        self.sent = self.lost = self.replayed = self.late = 0

    def burst(self, size: int, loss: float = LOSS) -> None:
        """Send so many messages; some are lost, some come late."""
        random = self.random
        self.bursts += 1
        texts = [random.randbytes(random.randrange(1, 300)) for _ in range(size)]
        for text, message in zip(
            texts, encrypt_all(self.sender, self.receiver, texts), strict=True
        ):
            self.sent += 1
            if random.random() < loss:
                self.lost += 1
                continue
            delay = random.randint(1, MAX_BURSTS_LATE) if random.random() < LATE else 0
            self.late += delay > 0
            self.in_flight.append(Sent(message, text, self.bursts, self.bursts + delay))

    def deliver(self, everything: bool = False) -> None:
        """Deliver what is due in any order, with replays among it, and check every outcome."""
        due = [sent for sent in self.in_flight if everything or sent.due <= self.bursts]
        self.in_flight = [sent for sent in self.in_flight if sent not in due]
        replays = [sent for sent in self.read if self.random.random() < REPLAY]
        self.replayed += len(replays)
        arriving = [(sent, False) for sent in due] + [(sent, True) for sent in replays]
        self.random.shuffle(arriving)
        outcomes = decrypt_all(self.receiver, self.sender, [sent.message for sent, _ in arriving])
        for (sent, is_replay), outcome in zip(arriving, outcomes, strict=True):
            if is_replay:
                assert is_duplicate(outcome), outcome
            else:
                assert outcome == sent.text
        # A replay of something older would meet a chain that is gone.
        read = [*self.read, *due]
        self.read = [sent for sent in read if sent.burst > self.bursts - MAX_BURSTS_LATE]


def encrypt_all(
    sender: AnyDevice, receiver: AnyDevice, texts: list[bytes]
) -> list[CiphertextMessage]:
    if isinstance(sender, LibsignalDevice):
        return sender.encrypt_all(receiver.address, texts)
    return [sender.encrypt(receiver.address, text) for text in texts]


def decrypt_all(
    receiver: AnyDevice, sender: AnyDevice, messages: list[CiphertextMessage]
) -> list[bytes | Exception]:
    if isinstance(receiver, LibsignalDevice):
        return list(receiver.decrypt_all(sender.address, messages))
    outcomes: list[bytes | Exception] = []
    for message in messages:
        before = receiver.store.stored.get(sender.address)
        try:
            outcomes.append(receiver.decrypt(sender.address, message))
        except SigcliError as error:
            outcomes.append(error)
            assert receiver.store.stored.get(sender.address) == before
    return outcomes


def is_duplicate(outcome: bytes | Exception) -> bool:
    if isinstance(outcome, OracleError):
        return outcome.name == "DuplicatedMessage"
    return isinstance(outcome, DuplicateMessage)


def burst_size(random: Random) -> int:
    kind = random.random()
    if kind < 0.03:
        return random.randint(60, 120)
    return random.randint(5, 15) if kind < 0.2 else random.randint(1, 4)


@pytest.mark.parametrize("starter", ["sigcli", "libsignal"])
@pytest.mark.parametrize("seed", range(4))
def test_a_conversation_over_a_bad_network(oracle: Oracle, starter: str, seed: int) -> None:
    random = Random(f"{starter} {seed}")
    ours, theirs = Device.create(ALICE, seed), LibsignalDevice.create(oracle, BOB)
    first: AnyDevice = ours if starter == "sigcli" else theirs
    second: AnyDevice = theirs if starter == "sigcli" else ours
    first.start(second.address, second.bundle())
    there, back = Direction(first, second, random), Direction(second, first, random)
    there.burst(3, loss=0)
    there.deliver(everything=True)
    while there.sent + back.sent < MESSAGES:
        direction = there if random.random() < 0.5 else back
        direction.burst(burst_size(random))
        direction.deliver()
    for direction in (there, back):
        direction.deliver(everything=True)
        assert direction.lost > 0.15 * direction.sent
        assert direction.late > 50
        assert direction.replayed > 50
    record = ours.record(BOB)
    assert not record.archived
    assert record.current is not None
    assert record.current.pending is None
    assert SpqrState.deserialize(record.current.spqr).exchange.epoch > 5


@pytest.mark.parametrize("seed", range(8))
def test_crossed_starts_converge(oracle: Oracle, seed: int) -> None:
    random = Random(seed)
    ours, theirs = Device.create(ALICE, seed), LibsignalDevice.create(oracle, BOB)
    ours.start(BOB, theirs.bundle())
    theirs.start(ALICE, ours.bundle())
    there, back = Direction(ours, theirs, random), Direction(theirs, ours, random)
    for _ in range(random.randint(1, 3)):
        there.burst(random.randint(1, 4))
        back.burst(random.randint(1, 4))
    for direction in random.sample([there, back], 2):
        direction.deliver(everything=True)
    # Turn by turn from here on: first both sides still write in their own session.
    for _ in range(4):
        for direction in (there, back):
            direction.burst(random.randint(1, 3), loss=0)
            direction.deliver(everything=True)
    current = ours.record(BOB).current
    assert current is not None
    record = storage.RecordStructure.FromString(theirs.record(ALICE))
    their_current = storage.SessionStructure.FromString(record.current_session)
    assert current.base_key == their_current.alice_base_key
    for device, other in ((ours, theirs), (theirs, ours)):
        message = encrypt_all(device, other, [b"settled"])[0]
        assert message.type == CiphertextMessageType.WHISPER
        assert decrypt_all(other, device, [message]) == [b"settled"]
    after = ours.record(BOB).current
    assert after is not None
    assert after.base_key == current.base_key
