"""Messages that cannot be decrypted: asked for again, held until their sender's key is trusted, or a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.applying import decryption_failures as failures
from sigcli.client.applying.envelope_outcome import Outcome
from sigcli.client.applying.retry_limits import ask_again
from sigcli.client.sending.sessions import end_changed_sessions
from sigcli.crypto.curve import PublicKey
from sigcli.errors import DuplicateMessage, InvalidMessage, InvalidPrekeyId, ProtocolError
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.store import inbox
from sigcli.store.inbox_values import InboxFailure
from sigcli.wire.addresses import ServiceIdKind

if TYPE_CHECKING:
    from sigcli.client.applying.applying import ContentApplier
    from sigcli.client.applying.envelope_opening import EnvelopeOpener
    from sigcli.client.applying.incoming import IncomingMessage
    from sigcli.client.base.account import Account
    from sigcli.errors import UntrustedIdentity
    from sigcli.store.database import Transaction

MAX_HELD = 1_000
"""Messages of one sender that are kept back until their key is trusted."""


class Undecrypted:
    """Decides what becomes of messages that cannot be decrypted, in transactions of the caller."""

    _transaction: Transaction

    def __init__(self, account: Account, opener: EnvelopeOpener, applier: ContentApplier) -> None:
        self._account = account
        self._opener = opener
        self._applier = applier
        self._now_ms = account.now_ms()

    def begin(self, transaction: Transaction, now_ms: int) -> None:
        """To be called first in each transaction."""
        self._transaction, self._now_ms = transaction, now_ms

    def fail(self, message: IncomingMessage, error: Exception, *, asks_again: bool) -> Outcome:
        """The failure of a message; its sender is asked for it again if that can help."""
        sender = message.known_sender
        if message.is_still_sealed:
            return Outcome(message.metadata, failure=failures.sealing_failure(error))
        if sender is not None and self._applier.is_blocked(sender.service_id):
            return Outcome(message.metadata, is_shown=False)
        if isinstance(error, InvalidPrekeyId):
            self._opener.ask_for_prekeys(message.destination)
        if (
            asks_again
            and sender is not None
            and message.type is not None
            and message.type is not CiphertextMessageType.PLAINTEXT
            and message.destination is ServiceIdKind.ACI
            and failures.is_asked_again(error)
        ):
            ask_again(
                self._transaction,
                sender,
                message.type,
                message.body,
                message.metadata.timestamp_ms,
                message.group_id,
                self._now_ms,
            )
        return Outcome(message.metadata, failure=failures.session_failure(error))

    def hold_back(
        self, message: IncomingMessage, error: UntrustedIdentity, *, asks_again: bool
    ) -> Outcome:
        """Hold a message whose sender has a key that is not trusted; the key is remembered as such.

        A new key is believed only if the message decrypts with it.
        """
        sender = message.known_sender
        if sender is None or self._account.is_own(sender.service_id):
            # A foreign key on one of the user's devices is an attack, not a question of trust.
            failure = InboxFailure(failures.session_failure(InvalidMessage()).code, error.message)
            return Outcome(message.metadata, failure=failure)
        if self._applier.is_blocked(sender.service_id):
            return Outcome(message.metadata, is_shown=False)
        if message.only_key is not None:
            # A message that was held says nothing new about who has which key.
            return Outcome(
                message.metadata,
                failure=failures.session_failure(error),
                is_held=True,
                held_key=error.identity_key,
            )
        if asks_again and inbox.count_held(self._transaction, sender.service_id) >= MAX_HELD:
            return Outcome(message.metadata, failure=failures.session_failure(error))
        store = self._opener.store(message.destination)
        known = store.identity(sender)
        identity_key = None
        if error.identity_key is not None:
            identity_key = PublicKey.deserialize(error.identity_key)
        if identity_key is not None and identity_key != known:
            if message.type is CiphertextMessageType.PREKEY:
                try:
                    self._opener.check_with_any_key(message)
                except DuplicateMessage:
                    return Outcome(message.metadata, is_shown=False)
                except ProtocolError as problem:
                    return self.fail(message, problem, asks_again=asks_again)
            # The key of a running session can only be an older one than the one that is known.
            if message.type is CiphertextMessageType.PREKEY or known is None:
                store.save_identity(sender, identity_key)
                end_changed_sessions(store)
        held_key = identity_key or known
        return Outcome(
            message.metadata,
            failure=failures.session_failure(error),
            is_held=True,
            held_key=None if held_key is None else held_key.serialize(),
        )
