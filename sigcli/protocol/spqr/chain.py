"""The symmetric chains that give each message its key: two for each epoch, one in each direction.

Source: ``src/chain.rs`` of github.com/signalapp/SparsePostQuantumRatchet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.crypto.kdf import hkdf_sha256
from sigcli.errors import DuplicateMessage, InvalidMessage, InvalidSession, LimitExceeded
from sigcli.lazy_dataclass import replace
from sigcli.protocol.limits import (
    MAX_COUNTER,
    work_for_message,
)
from sigcli.wire.spqr_state import Chain, ChainLink, Direction

if TYPE_CHECKING:
    from sigcli.protocol.limits import ChainWork

EPOCHS_KEPT_BEFORE_SENDING = 1
KEY_LENGTH = 32
INDEX_LENGTH = 4
SKIPPED_RECORD_LENGTH = INDEX_LENGTH + KEY_LENGTH
_START = b"Signal PQ Ratchet V1 Chain  Start"
_ADD_EPOCH = b"Signal PQ Ratchet V1 Chain Add Epoch"
_NEXT = b"Signal PQ Ratchet V1 Chain Next"


def start(direction: Direction, auth_key: bytes, max_jump: int, max_skipped: int) -> Chain:
    """The chains of epoch 0, from the session's secret."""
    derived = hkdf_sha256(auth_key, _START, 3 * KEY_LENGTH)
    link = _link(derived, direction)
    return Chain(direction, 0, 0, derived[:KEY_LENGTH], (link,), max_jump, max_skipped)


def add_epoch(chain: Chain, epoch: int, secret: bytes) -> Chain:
    """Append the chains of a new epoch, which must be the next one."""
    if epoch != chain.current_epoch + 1:
        raise InvalidSession("an epoch of the ratchet is missing")
    derived = hkdf_sha256(secret, _ADD_EPOCH, 3 * KEY_LENGTH, chain.next_root)
    return replace(
        chain,
        current_epoch=epoch,
        next_root=derived[:KEY_LENGTH],
        links=(*chain.links, _link(derived, chain.direction)),
    )


def send_key(chain: Chain, epoch: int) -> tuple[Chain, int, bytes]:
    """The next key to send with in ``epoch``, and its index (from 1)."""
    if epoch < chain.send_epoch:
        raise InvalidSession("the ratchet would send in an epoch that is over")
    place = _place(chain, epoch)
    if place is None:
        raise InvalidSession("the ratchet has no chain for the epoch it sends in")
    links = chain.links
    if epoch != chain.send_epoch:
        first = max(place - EPOCHS_KEPT_BEFORE_SENDING, 0)
        place -= first
        links = (
            *(replace(link, send_next=b"") for link in links[first : first + place]),
            *links[first + place :],
        )
    link = links[place]
    if not link.send_next or link.send_counter >= MAX_COUNTER:
        raise InvalidSession("the chain to send in is used up")
    counter = link.send_counter + 1
    following, key = _step(link.send_next, counter)
    link = replace(link, send_counter=counter, send_next=following)
    return _with_link(replace(chain, send_epoch=epoch), links, place, link), counter, key


def receive_key(
    chain: Chain, epoch: int, index: int, work: ChainWork | None = None
) -> tuple[Chain, bytes]:
    """The key of message ``index`` (from 1) of ``epoch``, each returned once.

    Raises DuplicateMessage for a key that was returned before, LimitExceeded for a jump too far ahead, and
    InvalidMessage for an epoch or a key that is no longer (or not yet) there.
    """
    place = _place(chain, epoch)
    if place is None:
        raise InvalidMessage("the ratchet has no keys for this epoch")
    link = chain.links[place]
    if index > link.receive_counter:
        if index - link.receive_counter > chain.max_jump:
            raise LimitExceeded("a message skips too many keys of the ratchet")
        (work or work_for_message()).take_spqr_steps(index - link.receive_counter)
        link, key = _advance(link, index, chain.max_skipped)
    else:
        link, key = _take_skipped(link, index, chain.max_skipped)
    return _with_link(chain, chain.links, place, link), key


def _advance(link: ChainLink, index: int, max_skipped: int) -> tuple[ChainLink, bytes]:
    following = link.receive_next
    oldest = index - max_skipped
    skipped = _drop_before(link.skipped, oldest)
    fresh = []
    for counter in range(link.receive_counter + 1, index):
        following, key = _step(following, counter)
        if counter >= oldest:
            fresh.append(counter.to_bytes(INDEX_LENGTH, "big") + key)
    following, key = _step(following, index)
    skipped += b"".join(fresh)
    return ChainLink(link.send_counter, link.send_next, index, following, skipped), key


def _take_skipped(link: ChainLink, index: int, max_skipped: int) -> tuple[ChainLink, bytes]:
    if index + max_skipped < link.receive_counter:
        raise InvalidMessage("the key of this message is no longer kept")
    wanted = index.to_bytes(INDEX_LENGTH, "big")
    at = link.skipped.find(wanted)
    while at >= 0 and at % SKIPPED_RECORD_LENGTH:
        at = link.skipped.find(wanted, at + 1)
    if at < 0:
        raise DuplicateMessage("the key of this message was used before")
    end = at + SKIPPED_RECORD_LENGTH
    key = link.skipped[at + INDEX_LENGTH : end]
    return replace(link, skipped=link.skipped[:at] + link.skipped[end:]), key


def _drop_before(skipped: bytes, oldest: int) -> bytes:
    """Records are in ascending order: those that are too old come first."""
    at = 0
    while at < len(skipped) and int.from_bytes(skipped[at : at + INDEX_LENGTH], "big") < oldest:
        at += SKIPPED_RECORD_LENGTH
    return skipped[at:] if at else skipped


def _step(current: bytes, counter: int) -> tuple[bytes, bytes]:
    """The chain value after this one, and the key of message ``counter``."""
    info = counter.to_bytes(INDEX_LENGTH, "big") + _NEXT
    derived = hkdf_sha256(current, info, 2 * KEY_LENGTH)
    return derived[:KEY_LENGTH], derived[KEY_LENGTH:]


def _link(derived: bytes, direction: Direction) -> ChainLink:
    a_to_b, b_to_a = derived[KEY_LENGTH : 2 * KEY_LENGTH], derived[2 * KEY_LENGTH :]
    if direction is Direction.A_TO_B:
        return ChainLink(0, a_to_b, 0, b_to_a)
    return ChainLink(0, b_to_a, 0, a_to_b)


def _place(chain: Chain, epoch: int) -> int | None:
    place = len(chain.links) - 1 - (chain.current_epoch - epoch)
    return place if 0 <= place < len(chain.links) else None


def _with_link(chain: Chain, links: tuple[ChainLink, ...], place: int, link: ChainLink) -> Chain:
    return replace(chain, links=(*links[:place], link, *links[place + 1 :]))
