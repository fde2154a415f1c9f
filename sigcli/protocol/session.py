"""Sessions with other devices: starting one from a bundle, encrypting, decrypting.

Source: libsignal ``rust/protocol/src/session.rs`` and ``session_management.rs``, whose order of steps is kept. A store
is written only after everything about a message has been verified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import (
    DuplicateMessage,
    InvalidMessage,
    InvalidSignature,
    NoSession,
    ProtocolError,
    UnrecognisedMessageVersion,
    UntrustedIdentity,
)
from sigcli.protocol import pqxdh, ratchet, spqr, triple_ratchet
from sigcli.protocol.ciphertext import CiphertextMessage, CiphertextMessageType
from sigcli.protocol.limits import (
    MAX_FORWARD_JUMPS,
    MAX_FORWARD_JUMPS_TO_SELF,
    is_registration_id,
    work_for_message,
)
from sigcli.protocol.ports import Direction
from sigcli.protocol.session_record import SessionRecord
from sigcli.protocol.session_state import SessionState
from sigcli.wire.ciphertexts import (
    CURRENT_VERSION,
    PRE_KYBER_VERSION,
    PreKeySignalMessage,
    SignalMessage,
    decode_prekey_signal_message,
    decode_signal_message,
    encode_prekey_signal_message,
)
from sigcli.wire.session_storage import PendingPreKey

if TYPE_CHECKING:
    from sigcli.protocol.limits import ChainWork
    from sigcli.protocol.ports import ProtocolStore
    from sigcli.protocol.pqxdh import SessionSecrets
    from sigcli.protocol.prekeys import PreKeyBundle
    from sigcli.wire.addresses import ProtocolAddress


def process_prekey_bundle(
    bundle: PreKeyBundle,
    remote: ProtocolAddress,
    local: ProtocolAddress,
    store: ProtocolStore,
    now_ms: int,
    random: RandomSource = secure_random,
) -> None:
    """Start a session with the owner of a bundle and store it as the current one.

    Raises UntrustedIdentity, InvalidSignature, InvalidKey, InvalidMessage.
    """
    _require_trust(store, remote, bundle.identity_key, Direction.SENDING)
    _require_registration_id(bundle.registration_id)
    if not (
        bundle.identity_key.verify(bundle.signed_prekey_signature, bundle.signed_prekey.serialize())
        and bundle.identity_key.verify(
            bundle.kyber_prekey_signature, bundle.kyber_prekey.serialize()
        )
    ):
        raise InvalidSignature("a signature in the prekey bundle does not verify")
    record = store.session(remote) or SessionRecord()
    identity = store.identity_key_pair()
    base_key = KeyPair.generate(random)
    secrets, kyber_ciphertext = pqxdh.initiate(identity, base_key, bundle)
    state = SessionState(
        version=CURRENT_VERSION,
        local_identity_key=identity.public_key.serialize(),
        remote_identity_key=bundle.identity_key.serialize(),
        local_registration_id=store.local_registration_id(),
        remote_registration_id=bundle.registration_id,
        base_key=base_key.public_key.serialize(),
        pending=PendingPreKey(
            prekey_id=bundle.prekey_id,
            signed_prekey_id=bundle.signed_prekey_id,
            base_key=base_key.public_key.serialize(),
            timestamp_s=now_ms // 1000,
            kyber_prekey_id=bundle.kyber_prekey_id,
            kyber_ciphertext=kyber_ciphertext,
        ),
        ratchet=ratchet.initiator_state(
            secrets.root_key, secrets.chain_key, bundle.signed_prekey, random
        ),
        spqr=_initial_spqr(
            secrets,
            spqr.Direction.A_TO_B,
            with_self=_is_with_self(identity.public_key, bundle.identity_key, local, remote),
        ),
    )
    store.save_identity(remote, bundle.identity_key)
    store.store_session(remote, record.promote(state))


def encrypt(
    plaintext: bytes,
    remote: ProtocolAddress,
    local: ProtocolAddress,
    store: ProtocolStore,
    now_ms: int,
    random: RandomSource = secure_random,
) -> CiphertextMessage:
    """Encrypt (already padded) bytes with the current session and store its next state.

    Until the peer has answered a session that was started here, every message is a prekey message.
    Raises NoSession, also for a stale session or one that only receives, and UntrustedIdentity, InvalidSession.
    """
    record = store.session(remote)
    if record is None or record.current is None or record.current.is_stale(now_ms):
        raise NoSession
    if not record.current.ratchet.sends:
        raise NoSession
    current = record.current
    pending = current.pending
    addresses = None if pending is None else triple_ratchet.address_bytes(local, remote)
    state, body = triple_ratchet.encrypt(current, plaintext, addresses, random)
    message = CiphertextMessage(CiphertextMessageType.WHISPER, body)
    if pending is not None:
        wrapped = encode_prekey_signal_message(
            version=current.version,
            registration_id=current.local_registration_id,
            prekey_id=pending.prekey_id,
            signed_prekey_id=pending.signed_prekey_id,
            kyber_prekey_id=pending.kyber_prekey_id,
            kyber_ciphertext=pending.kyber_ciphertext,
            base_key=pending.base_key,
            identity_key=current.local_identity_key,
            message=body,
        )
        message = CiphertextMessage(CiphertextMessageType.PREKEY, wrapped)
    identity_key = current.remote_identity()
    _require_trust(store, remote, identity_key, Direction.SENDING)
    store.save_identity(remote, identity_key)
    store.store_session(remote, record.with_current(state))
    return message


def decrypt(
    ciphertext_type: CiphertextMessageType,
    body: bytes,
    remote: ProtocolAddress,
    local: ProtocolAddress,
    store: ProtocolStore,
    random: RandomSource = secure_random,
    work: ChainWork | None = None,
) -> bytes:
    """Decrypt a message of either kind that belongs to sessions; the plaintext is still padded.

    ``work`` limits and counts what is computed before it is authenticated; by default one message's share. Raises
    NoSession, DuplicateMessage, UntrustedIdentity, and InvalidMessage, also for messages of another kind.
    """
    if ciphertext_type == CiphertextMessageType.WHISPER:
        return decrypt_signal_message(body, remote, local, store, random, work)
    if ciphertext_type == CiphertextMessageType.PREKEY:
        return decrypt_prekey_message(body, remote, local, store, random, work)
    raise InvalidMessage("this kind of message does not belong to a session")


def decrypt_signal_message(
    body: bytes,
    remote: ProtocolAddress,
    local: ProtocolAddress,
    store: ProtocolStore,
    random: RandomSource = secure_random,
    work: ChainWork | None = None,
) -> bytes:
    """Decrypt a SignalMessage with the current or an archived session and store the result.

    An archived session that fits becomes the current one if it can also send. Raises MalformedMessage, LegacyMessage,
    UnrecognisedMessageVersion, InvalidKey; NoSession; DuplicateMessage; UntrustedIdentity; and InvalidMessage, whose
    cause is the current session's error.
    """
    message = decode_signal_message(body)
    PublicKey.deserialize(message.ratchet_key)
    record = store.session(remote)
    if record is None:
        raise NoSession
    state, record, plaintext = _decrypt_with_record(
        record, message, CiphertextMessageType.WHISPER, remote, local, random, work
    )
    identity_key = state.remote_identity()
    _require_trust(store, remote, identity_key, Direction.RECEIVING)
    store.save_identity(remote, identity_key)
    store.store_session(remote, record)
    return plaintext


def decrypt_prekey_message(
    body: bytes,
    remote: ProtocolAddress,
    local: ProtocolAddress,
    store: ProtocolStore,
    random: RandomSource = secure_random,
    work: ChainWork | None = None,
) -> bytes:
    """Decrypt a PreKeySignalMessage, starting its session unless that was done before.

    Used prekeys are deleted after the message has been decrypted. Raises InvalidPrekeyId, DuplicateMessage,
    UntrustedIdentity, and InvalidMessage, whose cause is the current session's error.
    """
    message = decode_prekey_signal_message(body)
    base_key = PublicKey.deserialize(message.base_key)
    identity_key = PublicKey.deserialize(message.identity_key)
    PublicKey.deserialize(message.message.ratchet_key)
    _require_registration_id(message.registration_id)
    record = store.session(remote) or SessionRecord()
    known = record.promote_matching(message.version, message.base_key)
    if known is not None and known.remote_identity_key != identity_key:
        # Stricter than libsignal: nothing else in a repeated prekey message proves this key.
        raise InvalidMessage("the prekey message names another identity than its session")
    _require_trust(store, remote, identity_key, Direction.RECEIVING)
    if known is None:
        state = _accept_session(message, base_key, identity_key, remote, local, store)
        promoted = record.promote(state)
    else:
        promoted = known
    _, record, plaintext = _decrypt_with_record(
        promoted, message.message, CiphertextMessageType.PREKEY, remote, local, random, work
    )
    store.save_identity(remote, identity_key)
    if known is None:
        if message.kyber_prekey_id is not None:
            store.mark_kyber_prekey_used(
                message.kyber_prekey_id, message.signed_prekey_id, base_key
            )
        if message.prekey_id is not None:
            store.remove_prekey(message.prekey_id)
    store.store_session(remote, record)
    return plaintext


def _accept_session(
    message: PreKeySignalMessage,
    base_key: PublicKey,
    identity_key: PublicKey,
    remote: ProtocolAddress,
    local: ProtocolAddress,
    store: ProtocolStore,
) -> SessionState:
    """The session that a prekey message starts."""
    if message.version == PRE_KYBER_VERSION:
        raise InvalidMessage("sessions without Kyber are no longer accepted")
    if message.kyber_prekey_id is None or message.kyber_ciphertext is None:
        raise InvalidMessage("the prekey message has no Kyber ciphertext")
    signed_prekey = store.signed_prekey(message.signed_prekey_id).key_pair
    kyber_prekey = store.kyber_prekey(message.kyber_prekey_id).key_pair
    prekey = None if message.prekey_id is None else store.prekey(message.prekey_id).key_pair
    identity = store.identity_key_pair()
    secrets = pqxdh.accept(
        identity,
        signed_prekey,
        prekey,
        kyber_prekey,
        identity_key,
        base_key,
        message.kyber_ciphertext,
    )
    return SessionState(
        version=CURRENT_VERSION,
        local_identity_key=identity.public_key.serialize(),
        remote_identity_key=message.identity_key,
        local_registration_id=store.local_registration_id(),
        remote_registration_id=message.registration_id,
        base_key=message.base_key,
        pending=None,
        ratchet=ratchet.responder_state(secrets.root_key, secrets.chain_key, signed_prekey),
        spqr=_initial_spqr(
            secrets,
            spqr.Direction.B_TO_A,
            with_self=_is_with_self(identity.public_key, identity_key, local, remote),
        ),
    )


def _decrypt_with_record(
    record: SessionRecord,
    message: SignalMessage,
    type: CiphertextMessageType,
    remote: ProtocolAddress,
    local: ProtocolAddress,
    random: RandomSource,
    work: ChainWork | None,
) -> tuple[SessionState, SessionRecord, bytes]:
    """Try the current session, then (unless it came in a prekey message) the archived ones.

    Archived sessions that know the message's ratchet key come first: the others are tried while ``work`` lasts.
    """
    first_error: ProtocolError | None = None
    addresses = triple_ratchet.address_bytes(remote, local)
    current = record.current
    to_self = (
        current is not None
        and current.local_identity_key == current.remote_identity_key
        and _same_account(local, remote)
    )
    work = work or work_for_message(to_self=to_self)

    def attempt(state: SessionState) -> tuple[SessionState, bytes]:
        max_jump = MAX_FORWARD_JUMPS
        if state.local_identity_key == state.remote_identity_key and _same_account(local, remote):
            max_jump = MAX_FORWARD_JUMPS_TO_SELF
        return triple_ratchet.decrypt(state, message, addresses, max_jump, work, random)

    if current is not None:
        if current.version == message.version:
            try:
                state, plaintext = attempt(current)
            except DuplicateMessage:
                raise
            except ProtocolError as error:
                if type == CiphertextMessageType.PREKEY:
                    raise InvalidMessage("the message does not decrypt") from error
                first_error = error
            else:
                return state, record.with_current(state), plaintext
        else:
            first_error = UnrecognisedMessageVersion()
    for position, is_likely in _most_likely_first(record, message.ratchet_key):
        if not is_likely and not work.covers_new_chain(message.counter):
            break
        try:
            state = record.archived[position].open()
            if state.version != message.version:
                continue
            state, plaintext = attempt(state)
        except DuplicateMessage:
            raise
        except ProtocolError as error:
            first_error = first_error or error
        else:
            return state, record.after_archived(position, state), plaintext
    raise InvalidMessage("no session decrypts the message") from first_error


def _most_likely_first(record: SessionRecord, ratchet_key: bytes) -> list[tuple[int, bool]]:
    """Indexes of the archived sessions, and whether they may know the ratchet key; newest first among equals."""
    places = [(place, state.may_hold(ratchet_key)) for place, state in enumerate(record.archived)]
    return sorted(places, key=lambda place: not place[1])


def _initial_spqr(secrets: SessionSecrets, direction: spqr.Direction, *, with_self: bool) -> bytes:
    max_jump = MAX_FORWARD_JUMPS_TO_SELF if with_self else MAX_FORWARD_JUMPS
    return spqr.initial_state(direction, secrets.spqr_key, max_jump=max_jump).serialize()


def _is_with_self(
    own: PublicKey, other: PublicKey, local: ProtocolAddress, remote: ProtocolAddress
) -> bool:
    return own == other and _same_account(local, remote)


def _same_account(local: ProtocolAddress, remote: ProtocolAddress) -> bool:
    return local.service_id == remote.service_id


def _require_trust(
    store: ProtocolStore, remote: ProtocolAddress, key: PublicKey, direction: Direction
) -> None:
    if not store.is_trusted_identity(remote, key, direction):
        raise UntrustedIdentity(identity_key=key.serialize())


def _require_registration_id(registration_id: int) -> None:
    """The service gives no device such an id, and multi-recipient messages could not contain it."""
    if not is_registration_id(registration_id):
        raise InvalidMessage("no device can have this registration id")
