"""One envelope decrypted and applied, inside the transaction that receives it.

What an envelope changes is undone if it fails. Nothing here asks the network anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.applying import decryption_failures as failures
from sigcli.client.applying.applying import ContentApplier
from sigcli.client.applying.content_rules import senseless_part
from sigcli.client.applying.envelope_opening import Attempt, EnvelopeOpener
from sigcli.client.applying.envelope_outcome import Outcome, malformed
from sigcli.client.applying.held_messages import message_of
from sigcli.client.applying.opened import Opened
from sigcli.client.applying.undecrypted import Undecrypted
from sigcli.client.content.data_messages import said_in
from sigcli.client.groups.verdicts import Verdict
from sigcli.errors import (
    DuplicateMessage,
    MalformedMessage,
    SelfSend,
    StoreError,
    UntrustedIdentity,
)
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.store import inbox
from sigcli.store.reportable_messages import ReportableMessage, remember_reportable
from sigcli.wire.addresses import ServiceIdKind
from sigcli.wire.content import Content, decode_to_keep, encode_content
from sigcli.wire.envelopes import EnvelopeType
from sigcli.wire.padding import unpad

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.crypto.curve import PublicKey
    from sigcli.store.database import Transaction
    from sigcli.store.inbox_values import EnvelopeFacts
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.envelopes import Envelope
    from sigcli.wire.key_types import GroupIdentifier


class EnvelopeDecrypter:
    """Decrypts envelopes and applies what is in them, in transactions of the caller."""

    _transaction: Transaction

    def __init__(self, account: Account) -> None:
        self._account = account
        self._applier = ContentApplier(account)
        self._opener = EnvelopeOpener(account)
        self._undecrypted = Undecrypted(account, self._opener, self._applier)
        self._now_ms = account.now_ms()

    def begin(self, transaction: Transaction, now_ms: int) -> None:
        """To be called first in each transaction."""
        self._transaction, self._now_ms = transaction, now_ms
        self._opener.begin(transaction, now_ms)
        self._applier.begin(transaction, now_ms)
        self._undecrypted.begin(transaction, now_ms)

    def take_newly_trusted(self) -> list[ServiceId]:
        """The people whose keys have become trusted since the last call: their held messages are to be released."""
        return self._applier.take_newly_trusted()

    def decrypt(
        self,
        envelope: Envelope,
        facts: EnvelopeFacts,
        *,
        asks_again: bool = True,
        only_key: PublicKey | None = None,
    ) -> Outcome:
        """Everything that an envelope causes, except its row; ``only_key``: the key under which it was held."""
        if envelope.type == EnvelopeType.SERVER_DELIVERY_RECEIPT:
            shown = self._applier.apply_server_receipt(facts)
            return Outcome(facts, is_shown=shown)
        own = facts.destination or ServiceIdKind.ACI
        attempt = Attempt(envelope, own, facts, envelope.content or b"", only_key=only_key)
        try:
            with self._transaction.savepoint():
                return self._open(attempt)
        except StoreError:
            raise
        except (DuplicateMessage, SelfSend):
            return Outcome(attempt.facts, is_shown=False)
        except UntrustedIdentity as error:
            return self._undecrypted.hold_back(attempt, error, asks_again=asks_again)
        except Exception as error:
            # Whatever a stranger's bytes bring about: one unanswered envelope would block the queue for ever.
            return self._undecrypted.fail(attempt, error, asks_again=asks_again)
        finally:
            self._opener.forget_changes()

    def _open(self, attempt: Attempt) -> Outcome:
        """Decrypt and apply, in a savepoint."""
        is_sealed = attempt.envelope.type == EnvelopeType.UNIDENTIFIED_SENDER
        if is_sealed and attempt.own is ServiceIdKind.PNI:
            return Outcome(attempt.facts, is_shown=False)
        if (problem := self._opener.identify(attempt)) is not None:
            return malformed(attempt.facts, problem)
        padded = self._opener.decrypt(attempt)
        try:
            serialised = unpad(padded)
            content, serialised = decode_to_keep(serialised)
        except MalformedMessage as error:
            # What the sender encrypted was decrypted: the ratchet has advanced on both sides.
            return Outcome(attempt.facts, failure=failures.structure_failure(error))
        if attempt.type is CiphertextMessageType.PLAINTEXT:
            # Nothing else may travel unencrypted.
            if content.decryption_error_message is None:
                return malformed(attempt.facts, "the plaintext message is not a retry request")
            content = Content(decryption_error_message=content.decryption_error_message)
            serialised = encode_content(content)
        if _written_ms(content) not in (None, attempt.facts.timestamp_ms):
            # Receipts, reactions and deletions name a message by the time that its author has encrypted.
            return malformed(
                attempt.facts, "the message was written at another time than its envelope says"
            )
        assert attempt.sender is not None
        sender = attempt.sender.service_id
        if (problem := senseless_part(content)) is not None:
            if self._applier.is_blocked(sender):
                return Outcome(attempt.facts, is_shown=False)
            return malformed(attempt.facts, problem)
        opened = self._opened(attempt, content)
        try:
            with self._transaction.savepoint():
                verdict = self._applier.judge(opened)
        except StoreError:
            raise
        except Exception as error:
            # What was decrypted stays so: what nobody can judge is not printed as its sender's message.
            self._applier.begin(self._transaction, self._now_ms)
            return Outcome(attempt.facts, failure=failures.session_failure(error))
        held = verdict is Verdict.HELD
        is_shown = (
            verdict is not Verdict.DROPPED
            and self._apply(opened, held=held)
            and not self._is_repeated(attempt, content, serialised)
        )
        if is_shown:
            self._note_for_reports(attempt, sender, content)
        return Outcome(
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
        return not inbox.mark_seen(self._transaction, None, hash, self._now_ms)

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


def _written_ms(content: Content) -> int | None:
    """The message's own time, which the service cannot change; None for what has none.

    Source: Android's ``EnvelopeContentValidator``.
    """
    if (data := said_in(content)) is not None:
        return data.timestamp_ms
    return None if content.typing_message is None else content.typing_message.timestamp_ms


def _group_id(content: Content) -> GroupIdentifier | None:
    from sigcli.client.groups.acceptance import group_id_of

    return group_id_of(content)


def _is_said(content: Content) -> bool:
    """Whether a person says something by it, or calls: no receipt, no typing, nothing from another linked device."""
    return (
        content.data_message is not None
        or content.edit_message is not None
        or content.story_message is not None
        or content.call_message is not None
    )
