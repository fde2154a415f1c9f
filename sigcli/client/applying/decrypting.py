"""One envelope decrypted and applied, inside the transaction that receives it.

What an envelope changes is undone if it fails. Nothing here asks the network anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.applying import decryption_failures as failures
from sigcli.client.applying.applying import ContentApplier
from sigcli.client.applying.content_rules import senseless_part
from sigcli.client.applying.envelope_opening import EnvelopeOpener
from sigcli.client.applying.envelope_outcome import Outcome, malformed
from sigcli.client.applying.stored_messages import message_of
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
    from sigcli.client.applying.incoming import IncomingMessage
    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.wire.addresses import ServiceId
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

    def decrypt(self, message: IncomingMessage, *, asks_again: bool = True) -> Outcome:
        """Everything that an envelope causes, except its row; ``asks_again``: its sender, if it cannot be decrypted."""
        metadata = message.metadata
        if metadata.envelope_type == EnvelopeType.SERVER_DELIVERY_RECEIPT:
            return Outcome(metadata, is_shown=self._applier.apply_server_receipt(metadata))
        try:
            with self._transaction.savepoint():
                return self._open(message)
        except StoreError:
            raise
        except (DuplicateMessage, SelfSend):
            return Outcome(message.metadata, is_shown=False)
        except UntrustedIdentity as error:
            return self._undecrypted.hold_back(message, error, asks_again=asks_again)
        except Exception as error:
            # Whatever a stranger's bytes bring about: one unanswered envelope would block the queue for ever.
            return self._undecrypted.fail(message, error, asks_again=asks_again)
        finally:
            self._opener.forget_changes()

    def _open(self, message: IncomingMessage) -> Outcome:
        """Decrypt and apply, in a savepoint."""
        if message.metadata.sealed and message.destination is ServiceIdKind.PNI:
            return Outcome(message.metadata, is_shown=False)
        if (problem := self._opener.identify(message)) is not None:
            return malformed(message.metadata, problem)
        padded = self._opener.decrypt(message)
        try:
            serialised = unpad(padded)
            content, serialised = decode_to_keep(serialised)
        except MalformedMessage as error:
            # What the sender encrypted was decrypted: the ratchet has advanced on both sides.
            return Outcome(message.metadata, failure=failures.structure_failure(error))
        if message.type is CiphertextMessageType.PLAINTEXT:
            # Nothing else may travel unencrypted.
            if content.decryption_error_message is None:
                return malformed(message.metadata, "the plaintext message is not a retry request")
            content = Content(decryption_error_message=content.decryption_error_message)
            serialised = encode_content(content)
        if _written_ms(content) not in (None, message.metadata.timestamp_ms):
            # Receipts, reactions and deletions name a message by the time that its author has encrypted.
            return malformed(
                message.metadata, "the message was written at another time than its envelope says"
            )
        sender = message.sender.service_id
        if (problem := senseless_part(content)) is not None:
            if self._applier.is_blocked(sender):
                return Outcome(message.metadata, is_shown=False)
            return malformed(message.metadata, problem)
        message.content = content
        try:
            with self._transaction.savepoint():
                verdict = self._applier.judge(message)
        except StoreError:
            raise
        except Exception as error:
            # What was decrypted stays so: what nobody can judge is not printed as its sender's message.
            self._applier.begin(self._transaction, self._now_ms)
            return Outcome(message.metadata, failure=failures.session_failure(error))
        held = verdict is Verdict.HELD
        is_shown = (
            verdict is not Verdict.DROPPED
            and self._apply(message, held=held)
            and not self._is_repeated(message, serialised)
        )
        if is_shown:
            self._note_for_reports(message)
        return Outcome(
            message.metadata,
            content=serialised,
            message=message_of(content, message.metadata),
            is_shown=is_shown,
            awaits_group=_group_id(content) if held else None,
        )

    def _is_repeated(self, message: IncomingMessage, serialised: bytes) -> bool:
        """Whether this very message came before, encrypted anew: a sender who hears nothing sends it once more."""
        content = message.content
        if not (content.data_message or content.edit_message or content.story_message):
            return False
        sender, timestamp_ms = message.sender.service_id, message.metadata.timestamp_ms
        hash = inbox.message_hash(sender, timestamp_ms, serialised)
        return not inbox.mark_seen(self._transaction, None, hash, self._now_ms)

    def _note_for_reports(self, message: IncomingMessage) -> None:
        """Keep what a report of this message as spam would need, if it is something that a person says."""
        metadata, sender = message.metadata, message.sender.service_id
        guid = metadata.server_guid
        if guid is None or self._account.is_own(sender) or not _is_said(message.content):
            return
        reportable = ReportableMessage(
            sender, metadata.timestamp_ms, guid, message.report_spam_token
        )
        remember_reportable(self._transaction, reportable, self._now_ms)

    def _apply(self, message: IncomingMessage, *, held: bool) -> bool:
        """Let a message take effect; if that fails, its effects are lost, not the message."""
        try:
            with self._transaction.savepoint():
                return self._applier.apply(message, held=held)
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
