"""One envelope to one row of the inbox, inside the transaction of whoever has received it.

What an envelope changes is undone if it fails: its row then says why. What was handled before, what is for somebody
else and the own echo leave no row. Nothing here asks the network anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sigcli.client import decryption_failures as failures
from sigcli.client.applying import ContentApplier, Opened
from sigcli.client.retry_limits import ask_again
from sigcli.client.sessions import end_changed_sessions
from sigcli.errors import (
    DuplicateMessage,
    InvalidCertificate,
    InvalidMessage,
    InvalidPrekeyId,
    InvalidSession,
    MalformedMessage,
    SelfSend,
    StoreError,
    UntrustedIdentity,
)
from sigcli.protocol import session
from sigcli.protocol.certificates import CertificateValidator, SenderCertificate, ServerCertificate
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.protocol.ports import Direction
from sigcli.store import inbox
from sigcli.store.inbox import EnvelopeFacts, InboxFailure
from sigcli.store.protocol_store import AccountProtocolStore
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.addresses import MAX_DEVICE_ID, ProtocolAddress, ServiceId, ServiceIdKind
from sigcli.wire.content import Content, decode_content, encode_content
from sigcli.wire.envelopes import Envelope, EnvelopeType, decode_envelope
from sigcli.wire.padding import unpad

if TYPE_CHECKING:
    from sigcli.client.account import Account
    from sigcli.protocol.session_record import SessionRecord
    from sigcli.service.environments import Environment
    from sigcli.store.inbox import InboxRow

_SESSION_TYPES = {
    EnvelopeType.DOUBLE_RATCHET: CiphertextMessageType.WHISPER,
    EnvelopeType.PREKEY_MESSAGE: CiphertextMessageType.PREKEY,
}


class ReceivingStore(AccountProtocolStore):
    """The protocol's store for one own identity; a session whose record is damaged counts as none."""

    def session(self, address: ProtocolAddress) -> SessionRecord | None:
        try:
            return super().session(address)
        except InvalidSession:
            return None


@dataclass(slots=True)
class _Attempt:
    """An envelope under way, and what has become known of it so far."""

    envelope: Envelope
    own: ServiceIdKind
    facts: EnvelopeFacts
    body: bytes = field(repr=False)
    type: CiphertextMessageType | None = None
    """Of the message of a session or sender key; None while it is still sealed."""
    sender: ProtocolAddress | None = None
    certificate: SenderCertificate | None = None
    group_id: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What is to be stored of an envelope; ``is_shown`` false: only that it was handled."""

    facts: EnvelopeFacts
    content: bytes | None = field(default=None, repr=False)
    failure: InboxFailure | None = None
    is_shown: bool = True
    is_held: bool = False


class EnvelopeIntake:
    """Takes envelopes, and those that were kept back, into the inbox. ``begin`` opens each transaction of it."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._database = account.database
        self._applier = ContentApplier(account)
        self._validator = certificate_validator(account.environment)
        self._stores: dict[ServiceIdKind, ReceivingStore] = {}
        self._keys = account.keys
        self._now_ms = account.now_ms()

    def begin(self) -> None:
        """To be called first in each transaction."""
        self._now_ms = self._account.now_ms()
        for store in self._stores.values():
            store.now_ms = self._now_ms
        self._applier.begin(self._now_ms)

    def take(self, serialised: bytes, delivered_ms: int | None = None) -> int | None:
        """Decrypt, apply and store one envelope, in a transaction; gives the row's id, None if it leaves none.

        ``delivered_ms``: the service's time of the delivery. Raises StoreError only.
        """
        now_ms = self._now_ms
        delivered_ms = delivered_ms or now_ms
        try:
            envelope = decode_envelope(serialised)
        except MalformedMessage as error:
            return self._store_unreadable(serialised, error, delivered_ms)
        hash = inbox.ciphertext_hash(envelope.content or b"")
        if inbox.was_seen(self._database, envelope.server_guid, hash):
            return None
        own = self._own_identity(envelope.destination)
        if own is None or _has_foreign_source(envelope):
            inbox.mark_seen(self._database, envelope.server_guid, hash, now_ms)
            return None
        outcome = self._handle(envelope, _facts(envelope, own, delivered_ms))
        if not outcome.is_shown:
            inbox.mark_seen(self._database, envelope.server_guid, hash, now_ms)
            return None
        if outcome.failure is None:
            return inbox.store_content(self._database, outcome.facts, outcome.content, hash, now_ms)
        return inbox.store_failure(
            self._database,
            outcome.facts,
            outcome.failure,
            hash,
            now_ms,
            held_envelope=serialised if outcome.is_held else None,
        )

    def release(self, source: ServiceId) -> int:
        """Decrypt what was kept back of somebody who is trusted now, in a transaction; gives how many rows it was."""
        released = 0
        for row in inbox.held(self._database, source):
            released += self._release(row)
        return released

    def release_trusted(self) -> None:
        """Decrypt what was kept back of those whom this transaction's messages have made trusted."""
        for service_id in self._applier.take_newly_trusted():
            self.release(service_id)

    # --- one envelope ------------------------------------------------------------------------

    def _release(self, row: InboxRow) -> bool:
        try:
            envelope = decode_envelope(row.envelope or b"")
        except MalformedMessage as error:
            inbox.fail_held(self._database, row, failures.structure_failure(error), self._now_ms)
            return True
        own = row.facts.destination or ServiceIdKind.ACI
        outcome = self._handle(envelope, row.facts, asks_again=False)
        if outcome.is_held:
            return False
        if not outcome.is_shown:
            inbox.drop_held(self._database, row)
        elif outcome.failure is not None:
            inbox.fail_held(self._database, row, outcome.failure, self._now_ms)
        else:
            facts = replace(outcome.facts, destination=own)
            content = outcome.content or b""
            inbox.store_released(self._database, row, facts, content, self._now_ms)
        return True

    def _handle(
        self, envelope: Envelope, facts: EnvelopeFacts, *, asks_again: bool = True
    ) -> _Outcome:
        """Everything that an envelope causes, except its row."""
        if envelope.type == EnvelopeType.SERVER_DELIVERY_RECEIPT:
            shown = self._applier.apply_server_receipt(facts)
            return _Outcome(facts, is_shown=shown)
        own = facts.destination or ServiceIdKind.ACI
        attempt = _Attempt(envelope, own, facts, envelope.content or b"")
        try:
            with self._database.savepoint():
                return self._open(attempt)
        except StoreError:
            raise
        except (DuplicateMessage, SelfSend):
            return _Outcome(attempt.facts, is_shown=False)
        except UntrustedIdentity as error:
            return self._refuse(attempt, error)
        except Exception as error:
            # Whatever a stranger's bytes bring about: one unanswered envelope would block the queue for ever.
            return self._fail(attempt, error, asks_again=asks_again)
        finally:
            # Of a step that was undone nothing may be drawn conclusions from.
            for store in self._stores.values():
                store.take_identity_changes()

    def _open(self, attempt: _Attempt) -> _Outcome:
        """Decrypt and apply, in a savepoint."""
        envelope = attempt.envelope
        kind = envelope.type
        if kind == EnvelopeType.UNIDENTIFIED_SENDER:
            if attempt.own is ServiceIdKind.PNI:
                return _Outcome(attempt.facts, is_shown=False)
            self._unseal(attempt)
        elif kind == EnvelopeType.PLAINTEXT_CONTENT:
            attempt.type = CiphertextMessageType.PLAINTEXT
        elif kind in _SESSION_TYPES:
            attempt.type = _SESSION_TYPES[EnvelopeType(kind)]
        else:
            return _senseless(attempt, "the envelope is of a kind that this program does not know")
        if attempt.sender is None:
            attempt.sender = _stated_sender(envelope)
            if attempt.sender is None:
                return _senseless(attempt, "the envelope does not say who it is from")
        assert attempt.type is not None
        padded = self._decrypt(attempt, attempt.sender, attempt.type)
        try:
            serialised = unpad(padded)
            content = decode_content(serialised)
        except MalformedMessage as error:
            # What the sender encrypted was decrypted: the ratchet has advanced on both sides.
            return _Outcome(attempt.facts, failure=failures.structure_failure(error))
        if attempt.type is CiphertextMessageType.PLAINTEXT:
            # Nothing else may travel unencrypted.
            if content.decryption_error_message is None:
                return _senseless(attempt, "the plaintext message is no retry request")
            content = Content(decryption_error_message=content.decryption_error_message)
            serialised = encode_content(content)
        is_shown = self._apply(attempt, attempt.sender, content)
        return _Outcome(attempt.facts, content=serialised, is_shown=is_shown)

    def _unseal(self, attempt: _Attempt) -> None:
        from sigcli.protocol.sealed_sender import unseal

        envelope = attempt.envelope
        store = self._store(ServiceIdKind.ACI)
        sealed = unseal(attempt.body, store.identity_key_pair())
        certificate = sealed.sender_certificate
        # By the time at which the service took it: it may have waited here for longer than a certificate lives.
        self._validator.validate(certificate, envelope.server_timestamp_ms or self._now_ms)
        if not certificate.sender.is_aci:
            raise InvalidCertificate("the sender certificate names no account")
        sender = ProtocolAddress(certificate.sender, certificate.device_id)
        if sender == self._account.address():
            raise SelfSend
        attempt.sender = sender
        attempt.certificate = certificate
        attempt.type = sealed.type
        attempt.body = sealed.content
        attempt.group_id = sealed.group_id
        attempt.facts = replace(
            attempt.facts, source=sender.service_id, source_device=sender.device_id
        )

    def _decrypt(
        self, attempt: _Attempt, sender: ProtocolAddress, type: CiphertextMessageType
    ) -> bytes:
        """The padded plaintext of a message."""
        if type is CiphertextMessageType.PLAINTEXT:
            from sigcli.protocol.decryption_error import PlaintextContent

            return PlaintextContent.deserialize(attempt.body).content
        store = self._store(attempt.own)
        if type is CiphertextMessageType.SENDER_KEY:
            return self._decrypt_for_group(attempt, sender, store)
        local = self._account.address(attempt.own)
        padded = session.decrypt(type, attempt.body, sender, local, store, self._account.random)
        if attempt.certificate is not None:
            record = store.session(sender)
            identity_key = attempt.certificate.identity_key.serialize()
            if (
                record is None
                or record.current is None
                or record.current.remote_identity_key != identity_key
            ):
                raise InvalidMessage("the session is with another key than the certificate's")
        end_changed_sessions(store, except_device=sender.device_id)
        if type is CiphertextMessageType.PREKEY:
            self._ask_for_prekeys(attempt.own)
        return padded

    def _decrypt_for_group(
        self, attempt: _Attempt, sender: ProtocolAddress, store: ReceivingStore
    ) -> bytes:
        from sigcli.protocol.sender_keys import group_decrypt

        if attempt.certificate is not None:
            identity_key = attempt.certificate.identity_key
            if not store.is_trusted_identity(sender, identity_key, Direction.RECEIVING):
                raise UntrustedIdentity(identity_key=identity_key.serialize())
        return group_decrypt(sender, attempt.body, store)

    def _apply(self, attempt: _Attempt, sender: ProtocolAddress, content: Content) -> bool:
        """Let a message take effect; what goes wrong in doing so costs its effects, not the message."""
        opened = Opened(
            sender=sender,
            facts=attempt.facts,
            content=content,
            type=attempt.type,
            store=self._store(attempt.own),
            number=attempt.certificate.sender_e164 if attempt.certificate else None,
            updated_pni=attempt.envelope.updated_pni,
        )
        try:
            with self._database.savepoint():
                is_shown = self._applier.apply(opened)
        except StoreError:
            raise
        except Exception as error:
            self._applier.begin(self._now_ms)
            self._account.reload_keys()
            self._account.warn(
                f"a message could not be applied: {failures.session_failure(error).message}"
            )
            return True
        if self._account.keys is not self._keys:
            self._keys = self._account.keys
            self._stores.clear()
        return is_shown

    # --- failures ----------------------------------------------------------------------------

    def _fail(self, attempt: _Attempt, error: Exception, *, asks_again: bool) -> _Outcome:
        sender = attempt.sender
        if attempt.type is None and attempt.envelope.type == EnvelopeType.UNIDENTIFIED_SENDER:
            return _Outcome(attempt.facts, failure=failures.sealing_failure(error))
        if sender is not None and self._applier.is_blocked(sender.service_id):
            return _Outcome(attempt.facts, is_shown=False)
        if isinstance(error, InvalidPrekeyId):
            self._ask_for_prekeys(attempt.own)
        if (
            asks_again
            and sender is not None
            and attempt.type not in (None, CiphertextMessageType.PLAINTEXT)
            and attempt.own is ServiceIdKind.ACI
            and failures.is_asked_again(error)
        ):
            ask_again(
                self._database,
                sender,
                attempt.type,
                attempt.body,
                attempt.facts.timestamp_ms,
                attempt.group_id,
                self._now_ms,
            )
        return _Outcome(attempt.facts, failure=failures.session_failure(error))

    def _refuse(self, attempt: _Attempt, error: UntrustedIdentity) -> _Outcome:
        """Keep a message back whose sender has a key that is not trusted; the key is remembered as such."""
        sender = attempt.sender
        if sender is None or self._account.is_own(sender.service_id):
            # A foreign key on an own device is an attack and no question of trust.
            failure = InboxFailure(failures.session_failure(InvalidMessage()).code, error.message)
            return _Outcome(attempt.facts, failure=failure)
        if self._applier.is_blocked(sender.service_id):
            return _Outcome(attempt.facts, is_shown=False)
        store = self._store(attempt.own)
        # The key of a running session can only be an older one than the one that is known.
        is_new = attempt.type is CiphertextMessageType.PREKEY or store.identity(sender) is None
        if is_new and error.identity_key is not None:
            from sigcli.crypto.curve import PublicKey

            store.save_identity(sender, PublicKey.deserialize(error.identity_key))
            end_changed_sessions(store)
        return _Outcome(attempt.facts, failure=failures.session_failure(error), is_held=True)

    def _store_unreadable(
        self, serialised: bytes, error: MalformedMessage, delivered_ms: int
    ) -> int | None:
        """A row for bytes that are no envelope."""
        hash = inbox.ciphertext_hash(serialised)
        if inbox.was_seen(self._database, None, hash):
            return None
        facts = EnvelopeFacts(
            server_guid=None,
            envelope_type=int(EnvelopeType.UNKNOWN),
            timestamp_ms=delivered_ms,
            server_received_ms=delivered_ms,
            server_delivered_ms=delivered_ms,
        )
        return inbox.store_failure(
            self._database, facts, failures.structure_failure(error), hash, self._now_ms
        )

    # --- what it works with ------------------------------------------------------------------

    def _store(self, own: ServiceIdKind) -> ReceivingStore:
        store = self._stores.get(own)
        if store is None:
            account = self._account
            if own is ServiceIdKind.PNI and account.keys.pni_identity is None:
                raise InvalidPrekeyId("this device has no keys of the phone number identity")
            store = self._stores[own] = ReceivingStore(
                self._database, account.keys, own, account.trust_policy, self._now_ms
            )
        return store

    def _own_identity(self, destination: ServiceId | None) -> ServiceIdKind | None:
        if destination is None or destination == self._account.aci:
            return ServiceIdKind.ACI
        return ServiceIdKind.PNI if destination == self._account.pni else None

    def _ask_for_prekeys(self, own: ServiceIdKind) -> None:
        """One of the uploaded prekeys was used, or one is missing: have a look at them soon."""
        add_task(self._database, TaskKind.PREKEY_REFRESH, bytes([own.value]), now_ms=self._now_ms)


def certificate_validator(environment: Environment) -> CertificateValidator:
    """Validates sender certificates of a service."""
    from sigcli.crypto.curve import PublicKey

    return CertificateValidator(
        [PublicKey.deserialize(root) for root in environment.unidentified_sender_roots],
        {
            id: ServerCertificate.deserialize(data)
            for id, data in environment.server_certificates.items()
        },
    )


def _facts(envelope: Envelope, own: ServiceIdKind, delivered_ms: int) -> EnvelopeFacts:
    sealed = envelope.type == EnvelopeType.UNIDENTIFIED_SENDER
    return EnvelopeFacts(
        server_guid=envelope.server_guid,
        envelope_type=int(envelope.type),
        timestamp_ms=envelope.timestamp_ms,
        server_received_ms=envelope.server_timestamp_ms or delivered_ms,
        server_delivered_ms=delivered_ms,
        source=None if sealed else envelope.source,
        source_device=None if sealed else envelope.source_device_id,
        destination=own,
        sealed=sealed,
        urgent=envelope.urgent,
        story=envelope.story,
    )


def _has_foreign_source(envelope: Envelope) -> bool:
    """Nobody sends messages as a phone number identity; only the service's receipts may name one."""
    return (
        envelope.source is not None
        and envelope.source.is_pni
        and envelope.type != EnvelopeType.SERVER_DELIVERY_RECEIPT
    )


def _stated_sender(envelope: Envelope) -> ProtocolAddress | None:
    """The sender that the service names."""
    source, device_id = envelope.source, envelope.source_device_id
    if source is None or device_id is None or not 1 <= device_id <= MAX_DEVICE_ID:
        return None
    return ProtocolAddress(source, device_id)


def _senseless(attempt: _Attempt, reason: str) -> _Outcome:
    return _Outcome(attempt.facts, failure=failures.structure_failure(MalformedMessage(reason)))
