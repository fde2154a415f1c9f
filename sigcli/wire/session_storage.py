"""Stored sessions and prekeys: bytes to typed values and back.

The inner record has the fields of libsignal's ``rust/protocol/src/proto/storage.proto``; around it is sigcli's own
versioned message, which also carries the state of the post-quantum ratchet. Parts that are not needed for every message
(archived sessions, receiver chains, skipped keys) stay encoded until they are used.
"""

from __future__ import annotations

from dataclasses import field

from google.protobuf.message import DecodeError

from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.generated import session_storage_pb2 as pb

RECORD_FORMAT = 1
_UINT32_SPAN = 1 << 32
_INT32_SPAN = 1 << 31


@dataclass(frozen=True, slots=True)
class Chain:
    """A sending or receiving chain; the private key is empty in a receiving one."""

    ratchet_key: bytes
    ratchet_private_key: bytes = field(repr=False)
    chain_key: bytes = field(repr=False)
    index: int
    skipped_message_keys: tuple[bytes, ...] = field(default=(), repr=False)
    """Encoded SkippedKeys, newest first."""


@dataclass(frozen=True, slots=True)
class SkippedKey:
    """What is kept for a later message: the seed of its keys, or (before SPQR) the keys."""

    index: int
    seed: bytes = field(repr=False)
    cipher_key: bytes = field(default=b"", repr=False)
    mac_key: bytes = field(default=b"", repr=False)
    iv: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class PendingPreKey:
    """What every message repeats until the peer has answered."""

    prekey_id: int | None
    signed_prekey_id: int
    base_key: bytes
    timestamp_s: int
    kyber_prekey_id: int | None
    kyber_ciphertext: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One session state without its SPQR part."""

    version: int
    local_identity_key: bytes
    remote_identity_key: bytes
    root_key: bytes = field(repr=False)
    previous_counter: int
    sender_chain: Chain | None
    receiver_chains: tuple[bytes, ...] = field(repr=False)
    """Encoded Chains, oldest first."""
    pending: PendingPreKey | None
    remote_registration_id: int
    local_registration_id: int
    base_key: bytes


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """All sessions with one device, each encoded, beside its SPQR state (empty: none)."""

    current: bytes | None = field(repr=False)
    current_spqr: bytes = field(repr=False)
    previous: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    """Newest first."""


@dataclass(frozen=True, slots=True)
class StoredPreKey:
    """A prekey with serialised keys; no signature and timestamp for an unsigned one."""

    id: int
    public_key: bytes
    private_key: bytes = field(repr=False)
    signature: bytes = b""
    timestamp_ms: int = 0


def encode_chain(chain: Chain) -> bytes:
    """A chain in its stored form."""
    return _chain(chain).SerializeToString()


def decode_chain(data: bytes) -> Chain:
    """Parse a chain; raises MalformedMessage."""
    try:
        return _read_chain(pb.SessionStructure.Chain.FromString(data))
    except DecodeError as error:
        raise MalformedMessage("a stored chain does not parse") from error


def encode_skipped_seed(index: int, seed: bytes) -> bytes:
    """The seed of a skipped message's keys in its stored form."""
    key = pb.SessionStructure.Chain.MessageKey(index=index or None, seed=seed)
    return key.SerializeToString()


def decode_skipped_key(data: bytes) -> SkippedKey:
    """Parse a skipped message's key; raises MalformedMessage."""
    try:
        key = pb.SessionStructure.Chain.MessageKey.FromString(data)
    except DecodeError as error:
        raise MalformedMessage("a stored message key does not parse") from error
    return SkippedKey(key.index, key.seed, key.cipher_key, key.mac_key, key.iv)


def find_skipped_key(chain: Chain, index: int) -> int | None:
    """The position of a message's key in ``chain.skipped_message_keys``; raises MalformedMessage."""
    parse = pb.SessionStructure.Chain.MessageKey.FromString
    try:
        for position, data in enumerate(chain.skipped_message_keys):
            if parse(data).index == index:
                return position
    except DecodeError as error:
        raise MalformedMessage("a stored message key does not parse") from error
    return None


def encode_session(session: StoredSession) -> bytes:
    """A session state in its stored form."""
    message = pb.SessionStructure(
        session_version=session.version,
        local_identity_public=session.local_identity_key,
        remote_identity_public=session.remote_identity_key,
        root_key=session.root_key,
        previous_counter=session.previous_counter or None,
        sender_chain=None if session.sender_chain is None else _chain(session.sender_chain),
        receiver_chains=session.receiver_chains,
        remote_registration_id=session.remote_registration_id or None,
        local_registration_id=session.local_registration_id or None,
        alice_base_key=session.base_key,
    )
    if session.pending is not None:
        _write_pending(message, session.pending)
    return message.SerializeToString()


def decode_session(data: bytes) -> StoredSession:
    """Parse a session state; raises MalformedMessage."""
    try:
        message = pb.SessionStructure.FromString(data)
    except DecodeError as error:
        raise MalformedMessage("a stored session does not parse") from error
    return StoredSession(
        version=message.session_version,
        local_identity_key=message.local_identity_public,
        remote_identity_key=message.remote_identity_public,
        root_key=message.root_key,
        previous_counter=message.previous_counter,
        sender_chain=_read_chain(message.sender_chain)
        if message.HasField("sender_chain")
        else None,
        receiver_chains=tuple(message.receiver_chains),
        pending=_read_pending(message) if message.HasField("pending_pre_key") else None,
        remote_registration_id=message.remote_registration_id,
        local_registration_id=message.local_registration_id,
        base_key=message.alice_base_key,
    )


def encode_record(record: StoredRecord) -> bytes:
    """All sessions with one device in sigcli's versioned message."""
    inner = pb.RecordStructure(
        current_session=record.current,
        previous_sessions=[session for session, _ in record.previous],
    )
    return pb.StoredSessionRecord(
        format=RECORD_FORMAT,
        record=inner.SerializeToString(),
        current_spqr=record.current_spqr or None,
        previous_spqr=[spqr for _, spqr in record.previous],
    ).SerializeToString()


def decode_record(data: bytes) -> StoredRecord:
    """Parse a record without its sessions; raises MalformedMessage, also for an unknown format."""
    try:
        outer = pb.StoredSessionRecord.FromString(data)
        inner = pb.RecordStructure.FromString(outer.record)
    except DecodeError as error:
        raise MalformedMessage("a stored session record does not parse") from error
    if outer.format != RECORD_FORMAT:
        raise MalformedMessage("a stored session record has an unknown format")
    if len(outer.previous_spqr) != len(inner.previous_sessions):
        raise MalformedMessage("a stored session record lacks SPQR states")
    return StoredRecord(
        current=inner.current_session if inner.HasField("current_session") else None,
        current_spqr=outer.current_spqr,
        previous=tuple(zip(inner.previous_sessions, outer.previous_spqr, strict=True)),
    )


def encode_prekey(prekey: StoredPreKey) -> bytes:
    """An unsigned prekey (libsignal's PreKeyRecordStructure)."""
    return pb.PreKeyRecordStructure(
        id=prekey.id or None, public_key=prekey.public_key, private_key=prekey.private_key
    ).SerializeToString()


def decode_prekey(data: bytes) -> StoredPreKey:
    """Parse an unsigned prekey; raises MalformedMessage."""
    try:
        message = pb.PreKeyRecordStructure.FromString(data)
    except DecodeError as error:
        raise MalformedMessage("a stored prekey does not parse") from error
    return StoredPreKey(message.id, message.public_key, message.private_key)


def encode_signed_prekey(prekey: StoredPreKey) -> bytes:
    """A signed curve or Kyber prekey (libsignal's SignedPreKeyRecordStructure)."""
    return pb.SignedPreKeyRecordStructure(
        id=prekey.id or None,
        public_key=prekey.public_key,
        private_key=prekey.private_key,
        signature=prekey.signature,
        timestamp=prekey.timestamp_ms or None,
    ).SerializeToString()


def decode_signed_prekey(data: bytes) -> StoredPreKey:
    """Parse a signed curve or Kyber prekey; raises MalformedMessage."""
    try:
        message = pb.SignedPreKeyRecordStructure.FromString(data)
    except DecodeError as error:
        raise MalformedMessage("a stored prekey does not parse") from error
    return StoredPreKey(
        message.id,
        message.public_key,
        message.private_key,
        message.signature,
        message.timestamp,
    )


def _chain(chain: Chain) -> pb.SessionStructure.Chain:
    return pb.SessionStructure.Chain(
        sender_ratchet_key=chain.ratchet_key,
        sender_ratchet_key_private=chain.ratchet_private_key or None,
        chain_key=pb.SessionStructure.Chain.ChainKey(
            index=chain.index or None, key=chain.chain_key
        ),
        message_keys=chain.skipped_message_keys,
    )


def _read_chain(chain: pb.SessionStructure.Chain) -> Chain:
    return Chain(
        chain.sender_ratchet_key,
        chain.sender_ratchet_key_private,
        chain.chain_key.key,
        chain.chain_key.index,
        tuple(chain.message_keys),
    )


def _write_pending(message: pb.SessionStructure, pending: PendingPreKey) -> None:
    # libsignal stores this id as int32.
    signed_id = pending.signed_prekey_id
    signed_id = signed_id if signed_id < _INT32_SPAN else signed_id - _UINT32_SPAN
    message.pending_pre_key.CopyFrom(
        pb.SessionStructure.PendingPreKey(
            pre_key_id=pending.prekey_id,
            base_key=pending.base_key,
            signed_pre_key_id=signed_id or None,
            timestamp=pending.timestamp_s or None,
        )
    )
    if pending.kyber_prekey_id is not None and pending.kyber_ciphertext is not None:
        message.pending_kyber_pre_key.pre_key_id = pending.kyber_prekey_id
        message.pending_kyber_pre_key.ciphertext = pending.kyber_ciphertext


def _read_pending(message: pb.SessionStructure) -> PendingPreKey:
    prekey, kyber = message.pending_pre_key, message.pending_kyber_pre_key
    has_kyber = message.HasField("pending_kyber_pre_key")
    return PendingPreKey(
        prekey_id=prekey.pre_key_id if prekey.HasField("pre_key_id") else None,
        signed_prekey_id=prekey.signed_pre_key_id % _UINT32_SPAN,
        base_key=prekey.base_key,
        timestamp_s=prekey.timestamp,
        kyber_prekey_id=kyber.pre_key_id if has_kyber else None,
        kyber_ciphertext=kyber.ciphertext if has_kyber else None,
    )
