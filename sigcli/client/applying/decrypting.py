"""One envelope to one row of the inbox, inside the transaction of whoever has received it.

What an envelope changes is undone if it fails: its row then says why. What was handled before, what is for somebody
else and the own echo leave no row. Nothing here asks the network anything.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import field, replace
from typing import TYPE_CHECKING

from sigcli.client.applying import decryption_failures as failures
from sigcli.client.applying.applying import ContentApplier, Opened
from sigcli.client.applying.content_rules import senseless_part
from sigcli.client.applying.envelope_opening import Attempt, EnvelopeOpener
from sigcli.client.applying.held_messages import message_of
from sigcli.client.applying.retry_limits import ask_again
from sigcli.client.groups.verdicts import Verdict
from sigcli.client.sending.sessions import end_changed_sessions
from sigcli.crypto.curve import PublicKey
from sigcli.errors import (
    DuplicateMessage,
    InvalidMessage,
    InvalidPrekeyId,
    MalformedMessage,
    ProtocolError,
    SelfSend,
    StoreError,
    UntrustedIdentity,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.store import inbox
from sigcli.store.identity_keys import TrustLevel, find_identity
from sigcli.store.inbox_values import EnvelopeFacts, InboxFailure
from sigcli.store.reportable_messages import ReportableMessage, remember_reportable
from sigcli.wire.addresses import ServiceId, ServiceIdKind
from sigcli.wire.content import Content, decode_content, encode_content
from sigcli.wire.envelopes import Envelope, EnvelopeType, decode_envelope
from sigcli.wire.padding import unpad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.store.inbox_values import InboxMessage, InboxRow

_LARGE_BYTES = 16 * 1024
MAX_HELD = 1_000
"""Messages of one sender that are kept back until their key is trusted."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What is to be stored of an envelope; ``is_shown`` false: only that it was handled."""

    facts: EnvelopeFacts
    content: bytes | None = field(default=None, repr=False)
    message: InboxMessage | None = None
    failure: InboxFailure | None = None
    is_shown: bool = True
    is_held: bool = False
    held_key: bytes | None = None
    """The sender's identity key that has to be trusted first (33 bytes)."""
    awaits_group: bytes | None = None
    """The group that has yet to judge it."""


class EnvelopeIntake:
    """Takes envelopes, and those that were kept back, into the inbox, within ``batch``."""

    _transaction: Transaction

    def __init__(self, account: Account) -> None:
        self._account = account
        self._applier = ContentApplier(account)
        self._opener = EnvelopeOpener(account)
        self._now_ms = account.now_ms()

    @contextmanager
    def batch(self) -> Iterator[Transaction]:
        """A transaction in which envelopes are taken or released."""
        with self._account.database.transaction() as transaction:
            self.begin(transaction)
            yield transaction

    def begin(self, transaction: Transaction) -> None:
        """Take or release within a transaction that is open already."""
        self._transaction = transaction
        self._now_ms = self._account.now_ms()
        self._opener.begin(transaction, self._now_ms)
        self._applier.begin(transaction, self._now_ms)

    def take(self, serialised: bytes, delivered_ms: int | None = None) -> int | None:
        """Decrypt, apply and store one envelope; gives the row's id, None if it leaves none.

        ``delivered_ms``: the service's time of the delivery. Raises StoreError only.
        """
        now_ms = self._now_ms
        delivered_ms = delivered_ms or now_ms
        try:
            envelope = decode_envelope(serialised)
        except MalformedMessage as error:
            return self._store_unreadable(serialised, error, delivered_ms)
        hash = inbox.ciphertext_hash(envelope.content or b"")
        if inbox.was_seen(self._transaction, envelope.server_guid, hash):
            return None
        own = self._own_identity(envelope.destination)
        if own is None or _has_foreign_source(envelope):
            inbox.mark_seen(self._transaction, envelope.server_guid, hash, now_ms)
            return None
        outcome = self._handle(envelope, _facts(envelope, own, delivered_ms))
        if not outcome.is_shown:
            inbox.mark_seen(self._transaction, envelope.server_guid, hash, now_ms)
            return None
        if outcome.failure is None:
            return inbox.store_content(
                self._transaction,
                outcome.facts,
                outcome.content,
                hash,
                now_ms,
                outcome.message,
                awaits_group=outcome.awaits_group,
            )
        return inbox.store_failure(
            self._transaction,
            outcome.facts,
            outcome.failure,
            hash,
            now_ms,
            held_envelope=serialised if outcome.is_held else None,
            held_key=outcome.held_key,
        )

    def release(self, source: ServiceId) -> int:
        """Decrypt what was kept back under the key of somebody that is trusted now; gives how many rows it was.

        What was kept back under another key stays so, and changes nothing of what is trusted.
        """
        return sum(
            self._release(row, key) for row, key in self._releasable(source) if key is not None
        )

    def release_some(
        self, source: ServiceId, after_id: int, is_over: Callable[[], bool]
    ) -> int | None:
        """As ``release``, behind a row and until the time is over; gives the last row, None at the end."""
        for row, key in self._releasable(source, after_id):
            if key is not None:
                self._release(row, key)
            if is_over():
                return row.id
        return None

    def take_newly_trusted(self) -> list[ServiceId]:
        """Those whom messages have made trusted since the last call: what was kept back of them is to be released."""
        return self._applier.take_newly_trusted()

    # --- one envelope ------------------------------------------------------------------------

    def _releasable(
        self, source: ServiceId, after_id: int = 0
    ) -> Iterator[tuple[InboxRow, PublicKey | None]]:
        """What is kept back of somebody, with the key that is trusted; None where a row was held under another one."""
        known = find_identity(self._transaction, source)
        if known is None or known.trust_level is TrustLevel.UNTRUSTED:
            return
        trusted = known.identity_key.serialize()
        for row in inbox.held(self._transaction, source, after_id):
            yield row, known.identity_key if row.held_key in (None, trusted) else None

    def _release(self, row: InboxRow, identity_key: PublicKey) -> bool:
        try:
            envelope = decode_envelope(row.envelope or b"")
        except MalformedMessage as error:
            inbox.fail_held(self._transaction, row, failures.structure_failure(error), self._now_ms)
            return True
        own = row.facts.destination or ServiceIdKind.ACI
        outcome = self._handle(envelope, row.facts, asks_again=False, only_key=identity_key)
        if outcome.is_held:
            if outcome.held_key is not None:
                inbox.note_held_key(self._transaction, row.id, outcome.held_key)
            return False
        if not outcome.is_shown:
            inbox.drop_held(self._transaction, row)
        elif outcome.failure is not None:
            inbox.fail_held(self._transaction, row, outcome.failure, self._now_ms)
        else:
            facts = replace(outcome.facts, destination=own)
            content = outcome.content or b""
            inbox.store_released(
                self._transaction, row, facts, content, self._now_ms, outcome.message
            )
        return True

    def _handle(
        self,
        envelope: Envelope,
        facts: EnvelopeFacts,
        *,
        asks_again: bool = True,
        only_key: PublicKey | None = None,
    ) -> _Outcome:
        """Everything that an envelope causes, except its row; ``only_key``: the key under which it was held."""
        if envelope.type == EnvelopeType.SERVER_DELIVERY_RECEIPT:
            shown = self._applier.apply_server_receipt(facts)
            return _Outcome(facts, is_shown=shown)
        own = facts.destination or ServiceIdKind.ACI
        attempt = Attempt(envelope, own, facts, envelope.content or b"", only_key=only_key)
        try:
            with self._transaction.savepoint():
                return self._open(attempt)
        except StoreError:
            raise
        except (DuplicateMessage, SelfSend):
            return _Outcome(attempt.facts, is_shown=False)
        except UntrustedIdentity as error:
            return self._refuse(attempt, error, asks_again=asks_again)
        except Exception as error:
            # Whatever a stranger's bytes bring about: one unanswered envelope would block the queue for ever.
            return self._fail(attempt, error, asks_again=asks_again)
        finally:
            self._opener.forget_changes()

    def _open(self, attempt: Attempt) -> _Outcome:
        """Decrypt and apply, in a savepoint."""
        is_sealed = attempt.envelope.type == EnvelopeType.UNIDENTIFIED_SENDER
        if is_sealed and attempt.own is ServiceIdKind.PNI:
            return _Outcome(attempt.facts, is_shown=False)
        if (problem := self._opener.identify(attempt)) is not None:
            return _senseless(attempt, problem)
        padded = self._opener.decrypt(attempt)
        try:
            serialised = unpad(padded)
            content = decode_content(serialised)
        except MalformedMessage as error:
            # What the sender encrypted was decrypted: the ratchet has advanced on both sides.
            return _Outcome(attempt.facts, failure=failures.structure_failure(error))
        if len(serialised) > _LARGE_BYTES:
            # Of more parts than a message may have, the rest is not kept.
            serialised = _without_surplus(content, serialised)
        if attempt.type is CiphertextMessageType.PLAINTEXT:
            # Nothing else may travel unencrypted.
            if content.decryption_error_message is None:
                return _senseless(attempt, "the plaintext message is no retry request")
            content = Content(decryption_error_message=content.decryption_error_message)
            serialised = encode_content(content)
        if _written_ms(content) not in (None, attempt.facts.timestamp_ms):
            # Receipts, reactions and deletions name a message by the time that its author has encrypted.
            return _senseless(
                attempt, "the message was written at another time than its envelope says"
            )
        assert attempt.sender is not None
        sender = attempt.sender.service_id
        if (problem := senseless_part(content)) is not None:
            if self._applier.is_blocked(sender):
                return _Outcome(attempt.facts, is_shown=False)
            return _senseless(attempt, problem)
        opened = self._opened(attempt, content)
        try:
            with self._transaction.savepoint():
                verdict = self._applier.judge(opened)
        except StoreError:
            raise
        except Exception as error:
            # What was decrypted stays so: what nobody can judge is not printed as its sender's message.
            self._applier.begin(self._transaction, self._now_ms)
            return _Outcome(attempt.facts, failure=failures.session_failure(error))
        held = verdict is Verdict.HELD
        is_shown = (
            verdict is not Verdict.DROPPED
            and self._apply(opened, held=held)
            and not self._is_repeated(attempt, content, serialised)
        )
        if is_shown:
            self._note_for_reports(attempt, sender, content)
        return _Outcome(
            attempt.facts,
            content=serialised,
            message=message_of(content, attempt.facts),
            is_shown=is_shown,
            awaits_group=_group_id(content) if held else None,
        )

    def _is_repeated(self, attempt: Attempt, content: Content, serialised: bytes) -> bool:
        """Whether this very message came before, encrypted anew: a sender who hears nothing sends it once more."""
        if not (content.data_message or content.edit_message or content.story_message):
            return False
        assert attempt.sender is not None
        sender, timestamp_ms = attempt.sender.service_id, attempt.facts.timestamp_ms
        hash = inbox.message_hash(sender, timestamp_ms, serialised)
        if inbox.was_seen(self._transaction, None, hash):
            return True
        inbox.mark_seen(self._transaction, None, hash, self._now_ms)
        return False

    def _note_for_reports(self, attempt: Attempt, sender: ServiceId, content: Content) -> None:
        """Keep what a report of this message as spam would need, if it is something that a person says."""
        guid = attempt.envelope.server_guid
        if guid is None or self._account.is_own(sender) or not _is_said(content):
            return
        message = ReportableMessage(
            sender, attempt.facts.timestamp_ms, guid, attempt.envelope.report_spam_token
        )
        remember_reportable(self._transaction, message, self._now_ms)

    def _opened(self, attempt: Attempt, content: Content) -> Opened:
        assert attempt.sender is not None
        return Opened(
            sender=attempt.sender,
            facts=attempt.facts,
            content=content,
            type=attempt.type,
            store=self._opener.store(attempt.own),
            number=attempt.certificate.sender_e164 if attempt.certificate else None,
            updated_pni=attempt.envelope.updated_pni,
        )

    def _apply(self, opened: Opened, *, held: bool) -> bool:
        """Let a message take effect; what goes wrong in doing so costs its effects, not the message."""
        try:
            with self._transaction.savepoint():
                return self._applier.apply(opened, held=held)
        except StoreError:
            raise
        except Exception as error:
            self._applier.begin(self._transaction, self._now_ms)
            self._account.reload_keys()
            self._account.warn(
                f"a message could not be applied: {failures.session_failure(error).message}"
            )
            return True

    # --- failures ----------------------------------------------------------------------------

    def _fail(self, attempt: Attempt, error: Exception, *, asks_again: bool) -> _Outcome:
        sender = attempt.sender
        if attempt.is_still_sealed:
            return _Outcome(attempt.facts, failure=failures.sealing_failure(error))
        if sender is not None and self._applier.is_blocked(sender.service_id):
            return _Outcome(attempt.facts, is_shown=False)
        if isinstance(error, InvalidPrekeyId):
            self._opener.ask_for_prekeys(attempt.own)
        if (
            asks_again
            and sender is not None
            and attempt.type is not None
            and attempt.type is not CiphertextMessageType.PLAINTEXT
            and attempt.own is ServiceIdKind.ACI
            and failures.is_asked_again(error)
        ):
            ask_again(
                self._transaction,
                sender,
                attempt.type,
                attempt.body,
                attempt.facts.timestamp_ms,
                attempt.group_id,
                self._now_ms,
            )
        return _Outcome(attempt.facts, failure=failures.session_failure(error))

    def _refuse(self, attempt: Attempt, error: UntrustedIdentity, *, asks_again: bool) -> _Outcome:
        """Keep a message back whose sender has a key that is not trusted; the key is remembered as such.

        A new key is believed only if the message decrypts with it.
        """
        sender = attempt.sender
        if sender is None or self._account.is_own(sender.service_id):
            # A foreign key on an own device is an attack and no question of trust.
            failure = InboxFailure(failures.session_failure(InvalidMessage()).code, error.message)
            return _Outcome(attempt.facts, failure=failure)
        if self._applier.is_blocked(sender.service_id):
            return _Outcome(attempt.facts, is_shown=False)
        if attempt.only_key is not None:
            # What was kept back says nothing new about whose key is which.
            return _Outcome(
                attempt.facts,
                failure=failures.session_failure(error),
                is_held=True,
                held_key=error.identity_key,
            )
        if asks_again and inbox.count_held(self._transaction, sender.service_id) >= MAX_HELD:
            return _Outcome(attempt.facts, failure=failures.session_failure(error))
        store = self._opener.store(attempt.own)
        known = store.identity(sender)
        identity_key = None
        if error.identity_key is not None:
            identity_key = PublicKey.deserialize(error.identity_key)
        if identity_key is not None and identity_key != known:
            if attempt.type is CiphertextMessageType.PREKEY:
                try:
                    self._opener.check_with_any_key(attempt)
                except DuplicateMessage:
                    return _Outcome(attempt.facts, is_shown=False)
                except ProtocolError as problem:
                    return self._fail(attempt, problem, asks_again=asks_again)
            # The key of a running session can only be an older one than the one that is known.
            if attempt.type is CiphertextMessageType.PREKEY or known is None:
                store.save_identity(sender, identity_key)
                end_changed_sessions(store)
        held_key = identity_key or known
        return _Outcome(
            attempt.facts,
            failure=failures.session_failure(error),
            is_held=True,
            held_key=None if held_key is None else held_key.serialize(),
        )

    def _store_unreadable(
        self, serialised: bytes, error: MalformedMessage, delivered_ms: int
    ) -> int | None:
        """A row for bytes that are no envelope."""
        hash = inbox.ciphertext_hash(serialised)
        if inbox.was_seen(self._transaction, None, hash):
            return None
        facts = EnvelopeFacts(
            server_guid=None,
            envelope_type=int(EnvelopeType.UNKNOWN),
            timestamp_ms=delivered_ms,
            server_received_ms=delivered_ms,
            server_delivered_ms=delivered_ms,
        )
        return inbox.store_failure(
            self._transaction, facts, failures.structure_failure(error), hash, self._now_ms
        )

    def _own_identity(self, destination: ServiceId | None) -> ServiceIdKind | None:
        """Which own identity it is for; None for somebody else's."""
        if destination is None or destination == self._account.aci:
            return ServiceIdKind.ACI
        return ServiceIdKind.PNI if destination == self._account.pni else None


def _written_ms(content: Content) -> int | None:
    """The message's own time, which the service cannot change; None for what has none.

    Source: Android's ``EnvelopeContentValidator``.
    """
    if content.data_message is not None:
        return content.data_message.timestamp_ms
    if content.edit_message is not None and content.edit_message.data_message is not None:
        return content.edit_message.data_message.timestamp_ms
    return None if content.typing_message is None else content.typing_message.timestamp_ms


def _group_id(content: Content) -> bytes | None:
    from sigcli.client.groups.acceptance import group_id_of

    return group_id_of(content)


def _without_surplus(content: Content, serialised: bytes) -> bytes:
    kept = encode_content(content)
    return kept if len(kept) * 2 < len(serialised) else serialised


def _is_said(content: Content) -> bool:
    """Whether it is something that a person says, or a call: no receipt, no typing, nothing of an own device."""
    return (
        content.data_message is not None
        or content.edit_message is not None
        or content.story_message is not None
        or content.call_message is not None
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


def _senseless(attempt: Attempt, reason: str) -> _Outcome:
    return _Outcome(attempt.facts, failure=failures.structure_failure(MalformedMessage(reason)))
