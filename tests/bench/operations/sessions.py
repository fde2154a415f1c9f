"""Sessions: starting one, messages of one that runs, its record. Stores keep bytes on both sides."""

from __future__ import annotations

from collections import deque

from sigcli.protocol.ciphertext import CiphertextMessage, CiphertextMessageType
from sigcli.protocol.session_record import SessionRecord
from sigcli.wire.padding import pad
from tests.bench.comparison import Operation
from tests.bench.timing import Work
from tests.support.devices import ALICE, BOB, Device

_TEXT = pad(b"a short text, as people write them")
# SPQR's key exchange goes round once in some dozens of messages: a batch holds several rounds.
_WHOLE_EXCHANGES = 400

_PAIR = f"""
    const alice = new stores.Party({{ serviceId: '{ALICE.service_id}', deviceId: 1 }});
    const bob = new stores.Party({{ serviceId: '{BOB.service_id}', deviceId: 2 }});
"""
_TALKING = (
    _PAIR
    + """
    const say = async (from, to, text) => {
        const { type, body } = await from.encrypt(to.address, text);
        return to.decrypt(from.address, type, body);
    };
    await alice.processBundle(bob.address, await bob.bundle());
    for (let i = 0; i < 3; i++) { await say(alice, bob, text); await say(bob, alice, text); }
"""
)
_FRESH = """
    const fresh = () => {
        alice.sessions = new stores.SessionStore();
        alice.identities = new stores.IdentityKeyStore(alice.identity, 5);
    };
"""


def _pair() -> tuple[Device, Device]:
    return Device.create(ALICE), Device.create(BOB)


def _talking() -> tuple[Device, Device]:
    """Two devices whose session runs: each has heard the other."""
    alice, bob = _pair()
    alice.start(BOB, bob.bundle())
    for _ in range(3):
        bob.decrypt(ALICE, alice.encrypt(BOB, _TEXT))
        alice.decrypt(BOB, bob.encrypt(ALICE, _TEXT))
    return alice, bob


def _forget(device: Device) -> None:
    device.store.stored.clear()
    device.store.identities.clear()


def _process_bundle() -> Work:
    alice, bob = _pair()
    bundle = bob.bundle()

    def step() -> None:
        _forget(alice)
        alice.start(BOB, bundle)

    return Work(step)


def _first_message() -> Work:
    alice, bob = _pair()
    bundle = bob.bundle()

    def step() -> CiphertextMessage:
        _forget(alice)
        alice.start(BOB, bundle)
        return alice.encrypt(BOB, _TEXT)

    return Work(step)


def _accept_first_message() -> Work:
    alice, bob = _pair()
    alice.start(BOB, bob.bundle())
    first = alice.encrypt(BOB, _TEXT)
    assert first.type is CiphertextMessageType.PREKEY
    prekeys, kyber_prekeys = dict(bob.store.prekeys), dict(bob.store.kyber_prekeys)

    def step() -> bytes:
        _forget(bob)
        bob.store.prekeys.update(prekeys)
        bob.store.kyber_prekeys.update(kyber_prekeys)
        return bob.decrypt(ALICE, first)

    return Work(step)


def _encrypt() -> Work:
    alice, _ = _talking()
    return Work(lambda: alice.encrypt(BOB, _TEXT))


def _decrypt() -> Work:
    alice, bob = _talking()
    waiting: deque[CiphertextMessage] = deque()

    def prepare(count: int) -> None:
        waiting.extend(alice.encrypt(BOB, _TEXT) for _ in range(count))

    return Work(lambda: bob.decrypt(ALICE, waiting.popleft()), prepare)


def _ping_pong() -> Work:
    alice, bob = _talking()
    turns = [(alice, bob), (bob, alice)]

    def step() -> None:
        sender, receiver = turns[0]
        receiver.decrypt(sender.address, sender.encrypt(receiver.address, _TEXT))
        turns.reverse()

    return Work(step)


def _record() -> Work:
    alice, _ = _talking()
    data = alice.store.stored[BOB]
    return Work(lambda: SessionRecord.deserialize(data).serialize())


OPERATIONS = (
    Operation(
        "process a prekey bundle",
        _process_bundle,
        _PAIR
        + _FRESH
        + """
        const bundle = await bob.bundle();
        return { step: () => { fresh(); return alice.processBundle(bob.address, bundle); } };
        """,
    ),
    Operation(
        "PQXDH first message: bundle and encrypt",
        _first_message,
        _PAIR
        + _FRESH
        + """
        const bundle = await bob.bundle();
        return { step: async () => {
            fresh();
            await alice.processBundle(bob.address, bundle);
            return alice.encrypt(bob.address, text);
        } };
        """,
        lambda: {"text": _TEXT},
    ),
    Operation(
        "PQXDH first message: decrypt",
        _accept_first_message,
        _PAIR
        + """
        await alice.processBundle(bob.address, await bob.bundle());
        const { type, body } = await alice.encrypt(bob.address, text);
        const preKeys = new Map(bob.preKeys.state.records);
        return { step: () => {
            bob.sessions = new stores.SessionStore();
            bob.identities = new stores.IdentityKeyStore(bob.identity, 5);
            bob.preKeys.state.records = new Map(preKeys);
            bob.kyberPreKeys.used.clear();
            return bob.decrypt(alice.address, type, body);
        } };
        """,
        lambda: {"text": _TEXT},
    ),
    Operation(
        "encrypt, same chain",
        _encrypt,
        _TALKING + "return { step: () => alice.encrypt(bob.address, text) };",
        lambda: {"text": _TEXT},
    ),
    Operation(
        "decrypt, same chain",
        _decrypt,
        _TALKING
        + """
        const waiting = [];
        let next = 0;
        return {
            prepare: async (count) => {
                for (let i = 0; i < count; i++)
                    waiting.push(await alice.encrypt(bob.address, text));
            },
            step: () => {
                const { type, body } = waiting[next++];
                return bob.decrypt(alice.address, type, body);
            },
        };
        """,
        lambda: {"text": _TEXT},
    ),
    Operation(
        "ping-pong: encrypt and decrypt one message",
        _ping_pong,
        _TALKING
        + """
        const turns = [[alice, bob], [bob, alice]];
        return { step: async () => {
            await say(...turns[0], text);
            turns.reverse();
        } };
        """,
        lambda: {"text": _TEXT},
        _WHOLE_EXCHANGES,
    ),
    Operation(
        "session record: parse and serialise",
        _record,
        _TALKING
        + """
        const record = (await alice.sessions.getSession(bob.address)).serialize();
        return { step: () => lib.SessionRecord.deserialize(record).serialize() };
        """,
        lambda: {"text": _TEXT},
    ),
)
