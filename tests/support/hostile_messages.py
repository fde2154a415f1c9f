"""Messages that one sender, who breaks no seal and forges no MAC but their own, can burden an account with: by kind."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.crypto.kdf import hmac_sha256
from sigcli.protocol import sender_keys
from sigcli.protocol.ciphertext import CiphertextMessage, CiphertextMessageType
from sigcli.protocol.decryption_error import DecryptionErrorMessage, PlaintextContent
from sigcli.wire.addresses import ServiceId
from sigcli.wire.ciphertexts import (
    CURRENT_VERSION,
    decode_prekey_signal_message,
    encode_prekey_signal_message,
    encode_signal_message,
)
from sigcli.wire.content import (
    AttachmentPointer,
    Content,
    DataMessage,
    EditMessage,
    encode_content,
)
from sigcli.wire.content.message_parts import (
    Delete,
    GroupContext,
    Preview,
    Quote,
    QuotedAttachment,
)
from sigcli.wire.content.ranges import BodyRange
from sigcli.wire.content.receipts import ReceiptMessage, ReceiptType
from sigcli.wire.envelopes import EnvelopeType
from sigcli.wire.key_types import GroupMasterKey
from sigcli.wire.padding import pad
from tests.fuzz.targets import TARGETS
from tests.unit.client.hostile_bytes import HostileWriter, hostile_plaintext
from tests.unit.client.world import NOW_MS, OWN_ACI, PEER_ACI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigcli.wire.envelopes import Envelope
    from tests.unit.client.world import Peer, World

MOST = 15_000
"""So many pointers a message of the largest size can have."""
PARTS = 3_000


def burdened(world: World, peer: Peer, sessions: int) -> None:
    """Give the account so many sessions with a peer; all but the last are archived."""
    for number in range(sessions):
        peer.device.start(world.account.address(), world.bundle())
        world.take(peer.plain(f"session {number}"))


def forged(peer: Peer, number: int, *, counter: int, pq: bytes = b"") -> Envelope:
    """76 bytes that no session decrypts."""
    body = encode_signal_message(
        version=CURRENT_VERSION,
        ratchet_key=b"\x05" + number.to_bytes(4, "big") * 8,
        counter=counter,
        previous_counter=0,
        ciphertext=bytes(16),
        pq_ratchet=pq,
        addresses=None,
    )
    return peer.envelope(EnvelopeType.DOUBLE_RATCHET, body + bytes(8))


def far_in_own_chain(peer: Peer, number: int) -> Envelope:
    """Authentic, but far ahead of the sender's last one."""
    account = peer.world.account.address(peer.own)
    record = peer.device.record(account)
    assert record.current is not None
    ratchet = record.current.ratchet
    key = ratchet.sender_chain.chain_key
    for _ in range(2_000):
        key = hmac_sha256(key, b"\x02")
    chain = replace(ratchet.sender_chain, chain_key=key, index=ratchet.sender_chain.index + 2_000)
    state = replace(record.current, ratchet=replace(ratchet, sender_chain=chain))
    peer.device.store.store_session(account, record.with_current(state))
    return peer.plain(f"far {number}")


def unknown_group_key(peer: Peer, number: int) -> Envelope:
    device, distribution = peer.device, UUID(int=number)
    sender_keys.create_distribution(device.address, distribution, device.store, device.random)
    body = sender_keys.group_encrypt(
        device.address, distribution, pad(b""), device.store, device.random
    )
    return peer.seal(CiphertextMessage(CiphertextMessageType.SENDER_KEY, body))


def many_distributions(peer: Peer, number: int) -> Envelope:
    device, distribution = peer.device, UUID(int=number + 10_000)
    message = sender_keys.create_distribution(
        device.address, distribution, device.store, device.random
    )
    return peer.plain(Content(sender_key_distribution_message=message))


def new_session(peer: Peer, number: int) -> Envelope:
    del number
    peer.device.start(peer.world.account.address(), peer.world.bundle())
    return peer.plain("another session")


def registration_id(peer: Peer, number: int) -> Envelope:
    """A prekey message of a device that cannot be."""
    peer.device.start(peer.world.account.address(), peer.world.bundle())
    sent = decode_prekey_signal_message(peer.encrypt(Content()).body)
    inner = sent.message.authenticated + sent.message.mac
    body = encode_prekey_signal_message(
        version=sent.version,
        registration_id=70_000 + number,
        prekey_id=sent.prekey_id,
        signed_prekey_id=sent.signed_prekey_id,
        kyber_prekey_id=sent.kyber_prekey_id,
        kyber_ciphertext=sent.kyber_ciphertext,
        base_key=sent.base_key,
        identity_key=sent.identity_key,
        message=inner,
    )
    return peer.envelope(EnvelopeType.PREKEY_MESSAGE, body)


def forged_prekeys(peer: Peer, number: int) -> Envelope:
    """Prekey messages over prekeys that there are, damaged behind that."""
    peer.device.start(peer.world.account.address(), peer.world.bundle())
    body = bytearray(peer.encrypt(Content()).body)
    body[-1 - number % 8] ^= 1
    return peer.envelope(EnvelopeType.PREKEY_MESSAGE, bytes(body))


def data(number: int, **fields: object) -> Content:
    return Content(data_message=DataMessage(timestamp_ms=NOW_MS + number, **fields))  # type: ignore[arg-type]


def attachments(peer: Peer, number: int) -> Envelope:
    pointers = tuple(
        AttachmentPointer(cdn_key=f"{number}-{one}", cdn_number=3, key=bytes(64), digest=bytes(32))
        for one in range(200)
    )
    return peer.plain(data(number, body="look", attachments=pointers))


@cache
def _many(kind: str) -> bytes:
    """A data message of very many parts; joined to another one, its parts are added to those of that one."""
    pointers = [AttachmentPointer(cdn_id=one + 1) for one in range(MOST)]
    match kind:
        case "attachments":
            many = data(0, attachments=tuple(pointers))
        case "quoted":
            parts = tuple(QuotedAttachment(thumbnail=one) for one in pointers[:PARTS])
            many = data(0, quote=Quote(timestamp_ms=1, author=OWN_ACI, attachments=parts))
        case "previews":
            many = data(0, previews=(Preview(url="x"),) * PARTS)
        case _:
            people = (ServiceId.aci(UUID(int=one + 100)) for one in range(1_000))
            ranges = tuple(BodyRange(start=0, length=1, mention=one) for one in people)
            many = data(0, body_ranges=ranges)
    return encode_content(many)


def many_parts(peer: Peer, number: int, *, kind: str) -> Envelope:
    one = encode_content(data(number, body="x" * 100))
    return peer.plain(pad(_many(kind) + one), timestamp_ms=NOW_MS + number)


def receipts(peer: Peer, number: int) -> Envelope:
    times = tuple(NOW_MS - number * PARTS - one for one in range(PARTS * 2))
    return peer.plain(
        Content(receipt_message=ReceiptMessage(type=ReceiptType.DELIVERY, timestamps_ms=times))
    )


def edits(peer: Peer, number: int) -> Envelope:
    """A chain of edits, each of the one before."""
    sent_ms = NOW_MS + number
    message = DataMessage(timestamp_ms=sent_ms, body=f"edit {number}")
    edit = EditMessage(target_timestamp_ms=sent_ms - 1, data_message=message)
    return peer.plain(Content(edit_message=edit), timestamp_ms=sent_ms)


def deletions(peer: Peer, number: int) -> Envelope:
    delete = Delete(target_timestamp_ms=NOW_MS + number // 2)
    return peer.plain(data(number, delete=delete), timestamp_ms=NOW_MS + number)


def invented_group(peer: Peer, number: int) -> Envelope:
    master_key = number.to_bytes(4, "big") * 8
    group = GroupContext(master_key=GroupMasterKey(master_key), revision=2**32 - 1)
    return peer.plain(data(number, body="hi", group=group))


def timers(peer: Peer, number: int) -> Envelope:
    return peer.plain(
        data(number, flags=2, expire_timer_s=number + 1, expire_timer_version=2**32 - 1)
    )


def retry_requests(peer: Peer, number: int) -> Envelope:
    error = DecryptionErrorMessage(None, NOW_MS - number, peer.world.account.device_id)
    return peer.plain(Content(decryption_error_message=error.serialize()))


def plain_retry_requests(peer: Peer, number: int) -> Envelope:
    error = DecryptionErrorMessage(None, NOW_MS - number, peer.world.account.device_id)
    body = PlaintextContent.of(error).serialize()
    return peer.envelope(EnvelopeType.PLAINTEXT_CONTENT, body)


def made_up_content(peer: Peer, number: int) -> Envelope:
    source = random.Random(number)
    writer = HostileWriter(
        source, 0.3, 0.05, [OWN_ACI, PEER_ACI], [NOW_MS], ("dataMessage", "editMessage")
    )
    return peer.plain(hostile_plaintext(writer), timestamp_ms=NOW_MS + number)


def damaged(peer: Peer, number: int) -> Envelope:
    envelope = peer.sealed(f"damaged {number}")
    content = bytearray(envelope.content or b"")
    content[number % len(content)] ^= 1
    return replace(envelope, content=bytes(content))


_CORPUS: list[bytes] = []


def corpus(peer: Peer, number: int) -> Envelope | bytes:
    """What the fuzz targets have as seeds and as finds, as whole envelopes, as ciphertexts and as contents."""
    if not _CORPUS:
        for target in TARGETS.values():
            _CORPUS.extend([*target.seeds(), *target.found])
    piece = _CORPUS[number % len(_CORPUS)]
    match number % 3:
        case 0:
            return piece
        case 1:
            kind = (EnvelopeType.DOUBLE_RATCHET, EnvelopeType.PREKEY_MESSAGE)[number % 2]
            return peer.envelope(kind, piece)
    return peer.plain(pad(piece), timestamp_ms=NOW_MS + number)


KINDS: dict[str, Callable[[Peer, int], Envelope | bytes]] = {
    "far counters": partial(forged, counter=24_999),
    "far counters in both ratchets": partial(
        forged, counter=24_999, pq=b"\x01\x01\xa8\xc3\x01\x00"
    ),
    "near counters of no session": partial(forged, counter=3),
    "counters beyond every limit": partial(forged, counter=2**32 - 1),
    "far in their own chain": far_in_own_chain,
    "unknown sender keys": unknown_group_key,
    "a sender key with each message": many_distributions,
    "a session with each message": new_session,
    "registration ids of 17 bits": registration_id,
    "prekey messages that do not decrypt": forged_prekeys,
    "attachments": attachments,
    "bare attachments": partial(many_parts, kind="attachments"),
    "quoted attachments": partial(many_parts, kind="quoted"),
    "previews": partial(many_parts, kind="previews"),
    "mentions": partial(many_parts, kind="mentions"),
    "receipts": receipts,
    "chains of edits": edits,
    "deletions": deletions,
    "invented groups": invented_group,
    "timers": timers,
    "retry requests": retry_requests,
    "retry requests without a session": plain_retry_requests,
    "made-up contents": made_up_content,
    "damaged sealed messages": damaged,
    "the fuzz corpus": corpus,
}


def hostile(peer: Peer, count: int) -> Iterator[Envelope | bytes]:
    """So many messages, every kind in turn."""
    makers = list(KINDS.values())
    for number in range(count):
        yield makers[number % len(makers)](peer, number // len(makers))
