"""One envelope to one row of the inbox, inside the transaction that receives it.

An envelope that fails leaves a row that says why. What was handled before, what is for somebody else and the echo of
a message of this account leave none.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sigcli.client.applying.decrypting import EnvelopeDecrypter
from sigcli.client.applying.decryption_failures import structure_failure
from sigcli.client.applying.incoming import IncomingMessage
from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import replace
from sigcli.store import inbox
from sigcli.store.identity_keys import TrustLevel, find_identity
from sigcli.store.inbox_values import EnvelopeMetadata
from sigcli.wire.addresses import ServiceIdKind
from sigcli.wire.envelopes import EnvelopeType, decode_envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigcli.client.base.account import Account
    from sigcli.crypto.curve import PublicKey
    from sigcli.store.database import Transaction
    from sigcli.store.inbox_values import InboxRow
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.envelopes import Envelope


class EnvelopeIntake:
    """Takes envelopes, and those that were kept back, into the inbox, within ``batch``."""

    _transaction: Transaction

    def __init__(self, account: Account) -> None:
        self._account = account
        self._decrypter = EnvelopeDecrypter(account)
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
        self._decrypter.begin(transaction, self._now_ms)

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
        outcome = self._decrypter.decrypt(
            _incoming(envelope, _metadata(envelope, own, delivered_ms))
        )
        if not outcome.is_shown:
            inbox.mark_seen(self._transaction, envelope.server_guid, hash, now_ms)
            return None
        if outcome.failure is None:
            return inbox.store_content(
                self._transaction,
                outcome.metadata,
                outcome.content,
                hash,
                now_ms,
                outcome.message,
                awaits_group=outcome.awaits_group,
            )
        return inbox.store_failure(
            self._transaction,
            outcome.metadata,
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
        """Like ``release``, from after a row until the time is over; gives the last row, None at the end."""
        for row, key in self._releasable(source, after_id):
            if key is not None:
                self._release(row, key)
            if is_over():
                return row.id
        return None

    def take_newly_trusted(self) -> list[ServiceId]:
        """The people whose keys have become trusted since the last call: their held messages are to be released."""
        return self._decrypter.take_newly_trusted()

    # --- held rows ---------------------------------------------------------------------------

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
            inbox.fail_held(self._transaction, row, structure_failure(error), self._now_ms)
            return True
        metadata = replace(row.metadata, destination=row.metadata.destination or ServiceIdKind.ACI)
        outcome = self._decrypter.decrypt(
            _incoming(envelope, metadata, identity_key), asks_again=False
        )
        if outcome.is_held:
            if outcome.held_key is not None:
                inbox.note_held_key(self._transaction, row.id, outcome.held_key)
            return False
        if not outcome.is_shown:
            inbox.drop_held(self._transaction, row)
        elif outcome.failure is not None:
            inbox.fail_held(self._transaction, row, outcome.failure, self._now_ms)
        else:
            inbox.store_released(
                self._transaction,
                row,
                outcome.metadata,
                outcome.content or b"",
                self._now_ms,
                outcome.message,
            )
        return True

    # --- rows and identities -----------------------------------------------------------------

    def _store_unreadable(
        self, serialised: bytes, error: MalformedMessage, delivered_ms: int
    ) -> int | None:
        """A row for bytes that are no envelope."""
        hash = inbox.ciphertext_hash(serialised)
        if inbox.was_seen(self._transaction, None, hash):
            return None
        metadata = EnvelopeMetadata(
            server_guid=None,
            envelope_type=int(EnvelopeType.UNKNOWN),
            timestamp_ms=delivered_ms,
            server_received_ms=delivered_ms,
            server_delivered_ms=delivered_ms,
        )
        return inbox.store_failure(
            self._transaction, metadata, structure_failure(error), hash, self._now_ms
        )

    def _own_identity(self, destination: ServiceId | None) -> ServiceIdKind | None:
        """Which of the account's identities it is for; None if it is for another account."""
        if destination is None or destination == self._account.aci:
            return ServiceIdKind.ACI
        return ServiceIdKind.PNI if destination == self._account.pni else None


def _incoming(
    envelope: Envelope, metadata: EnvelopeMetadata, only_key: PublicKey | None = None
) -> IncomingMessage:
    return IncomingMessage(
        metadata,
        envelope.content or b"",
        only_key=only_key,
        report_spam_token=envelope.report_spam_token,
        updated_pni=envelope.updated_pni,
    )


def _metadata(envelope: Envelope, own: ServiceIdKind, delivered_ms: int) -> EnvelopeMetadata:
    sealed = envelope.type == EnvelopeType.UNIDENTIFIED_SENDER
    return EnvelopeMetadata(
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
