"""From an envelope to the padded plaintext in it: unsealed, its sender established, decrypted.

Everything here happens in a savepoint of the caller: what an envelope that fails has changed is undone.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sigcli.client.applying.sender_work import SenderWork
from sigcli.client.sending.sessions import end_changed_sessions
from sigcli.errors import (
    InvalidCertificate,
    InvalidMessage,
    InvalidPrekeyId,
    InvalidSession,
    SelfSend,
    UntrustedIdentity,
)
from sigcli.lazy_dataclass import replace
from sigcli.protocol import session
from sigcli.protocol.certificates import CertificateValidator, ServerCertificate
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.protocol.ports import Direction
from sigcli.store.identity_keys import TrustPolicy
from sigcli.store.protocol_store import AccountProtocolStore
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.addresses import MAX_DEVICE_ID, ProtocolAddress, ServiceIdKind
from sigcli.wire.envelopes import EnvelopeType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.applying.incoming import IncomingMessage
    from sigcli.client.base.account import Account
    from sigcli.crypto.curve import PublicKey
    from sigcli.protocol.limits import ChainWork
    from sigcli.protocol.session_record import SessionRecord
    from sigcli.service.environments import Environment
    from sigcli.store.database import Transaction
    from sigcli.store.inbox_values import EnvelopeMetadata

_TYPES = {
    EnvelopeType.DOUBLE_RATCHET: CiphertextMessageType.WHISPER,
    EnvelopeType.PREKEY_MESSAGE: CiphertextMessageType.PREKEY,
    EnvelopeType.PLAINTEXT_CONTENT: CiphertextMessageType.PLAINTEXT,
}


class ReceivingStore(AccountProtocolStore):
    """The protocol's store for one of the account's identities; a damaged session counts as missing.

    With ``only_key`` no other key of a peer is trusted, whatever the policy says.
    """

    only_key: PublicKey | None = None
    used_key: PublicKey | None = None
    """The peer's key in the session that has decrypted."""

    def session(self, address: ProtocolAddress) -> SessionRecord | None:
        try:
            return super().session(address)
        except InvalidSession:
            return None

    def save_identity(self, address: ProtocolAddress, identity_key: PublicKey) -> bool:
        self.used_key = identity_key
        return super().save_identity(address, identity_key)

    def is_trusted_identity(
        self, address: ProtocolAddress, identity_key: PublicKey, direction: Direction
    ) -> bool:
        is_own = address.service_id in self._own_keys
        if not is_own and self.only_key not in (None, identity_key):
            return False
        return super().is_trusted_identity(address, identity_key, direction)


class EnvelopeOpener:
    """Opens envelopes within transactions, of each of which ``begin`` is told first."""

    _transaction: Transaction

    def __init__(self, account: Account) -> None:
        self._account = account
        self._validator = certificate_validator(account.environment)
        self._keys = account.keys
        self._stores: dict[ServiceIdKind, ReceivingStore] = {}
        self._work = SenderWork()
        self._now_ms = account.now_ms()

    def begin(self, transaction: Transaction, now_ms: int) -> None:
        """To be called first in each transaction."""
        self._transaction, self._now_ms = transaction, now_ms
        # Another thread or process may have changed it.
        policy = self._account.trust_policy if self._stores else None
        for store in self._stores.values():
            store.database, store.now_ms = transaction, now_ms
            store.policy = policy or store.policy

    def store(self, own: ServiceIdKind) -> ReceivingStore:
        """The protocol's store for one of the account's identities; raises InvalidPrekeyId without its keys."""
        account = self._account
        if account.keys is not self._keys:
            self._keys = account.keys
            self._stores.clear()
        store = self._stores.get(own)
        if store is None:
            store = self._stores[own] = self._new_store(own, account.trust_policy)
        return store

    def forget_changes(self) -> None:
        """Forget the identity changes of a step that was undone."""
        for store in self._stores.values():
            store.take_identity_changes()

    def identify(self, message: IncomingMessage) -> str | None:
        """Find out who sent it and how it is encrypted; returns what is wrong with an envelope that makes no sense.

        Raises SelfSend, and ProtocolError for a sealed message that is not to be trusted.
        """
        kind = message.metadata.envelope_type
        if kind == EnvelopeType.UNIDENTIFIED_SENDER:
            self._unseal(message)
            return None
        if kind not in _TYPES:
            return "the envelope is of a kind that this program does not know"
        message.type = _TYPES[EnvelopeType(kind)]
        message.known_sender = _stated_sender(message.metadata)
        return None if message.known_sender else "the envelope does not say who it is from"

    def _unseal(self, message: IncomingMessage) -> None:
        from sigcli.protocol.sealed_sender import unseal

        store = self.store(ServiceIdKind.ACI)
        sealed = unseal(message.body, store.identity_key_pair())
        certificate = sealed.sender_certificate
        # By the time at which the service took it: it may have waited here for longer than a certificate lives.
        self._validator.validate(certificate, message.metadata.server_received_ms)
        if not certificate.sender.is_aci:
            raise InvalidCertificate("the sender certificate names no account")
        sender = ProtocolAddress(certificate.sender, certificate.device_id)
        if sender == self._account.address():
            raise SelfSend
        message.known_sender = sender
        message.certificate = certificate
        message.type = sealed.type
        message.body = sealed.content
        message.group_id = sealed.group_id
        message.metadata = replace(
            message.metadata, source=sender.service_id, source_device=sender.device_id
        )

    def decrypt(self, message: IncomingMessage) -> bytes:
        """The padded plaintext of an envelope that was identified; raises ProtocolError."""
        sender, type = message.sender, message.type
        if type is CiphertextMessageType.PLAINTEXT:
            from sigcli.protocol.decryption_error import PlaintextContent

            return PlaintextContent.deserialize(message.body).content
        store = self.store(message.destination)
        store.only_key = self._only_key(message, store)
        try:
            if type is CiphertextMessageType.SENDER_KEY:
                return self._decrypt_for_group(message, sender, store)
            padded = self._decrypt_with_session(message, store)
        finally:
            store.only_key = None
        if end_changed_sessions(store, except_device=sender.device_id):
            self._account.warn(f"the safety number with {sender.service_id} has changed")
        if type is CiphertextMessageType.PREKEY:
            self.ask_for_prekeys(message.destination)
        return padded

    def _new_store(self, own: ServiceIdKind, policy: TrustPolicy) -> ReceivingStore:
        keys = self._account.keys
        if own is ServiceIdKind.PNI and (keys.pni is None or keys.pni_identity is None):
            raise InvalidPrekeyId("this device has no keys of the phone number identity")
        return ReceivingStore(self._transaction, keys, own, policy, self._now_ms)

    def _only_key(self, message: IncomingMessage, store: ReceivingStore) -> PublicKey | None:
        """The one key that may be used, whatever the policy says of changed ones.

        A session that runs under another key than the known one is older than that: it does not bring its key back.
        """
        if message.only_key is not None:
            return message.only_key
        if message.type is CiphertextMessageType.WHISPER:
            return None if store.policy is TrustPolicy.ALWAYS else store.identity(message.sender)
        return None

    def check_with_any_key(self, message: IncomingMessage) -> None:
        """Decrypt as if every key were trusted, and undo that; raises ProtocolError."""
        store = self._new_store(message.destination, TrustPolicy.ALWAYS)
        try:
            with self._transaction.savepoint():
                self._decrypt_with_session(message, store)
                raise _Undone
        except _Undone:
            return

    def _decrypt_with_session(self, message: IncomingMessage, store: ReceivingStore) -> bytes:
        assert message.type is not None
        local = self._account.address(message.destination)
        type, sender = message.type, message.sender
        with self._counted(sender) as work:
            padded = session.decrypt(
                type, message.body, sender, local, store, self._account.random, work
            )
        certificate = message.certificate
        if certificate is not None and store.used_key != certificate.identity_key:
            raise InvalidMessage("the session is with another key than the certificate's")
        return padded

    def _decrypt_for_group(
        self, message: IncomingMessage, sender: ProtocolAddress, store: ReceivingStore
    ) -> bytes:
        from sigcli.protocol.sender_keys import group_decrypt

        if message.certificate is not None:
            identity_key = message.certificate.identity_key
            if not store.is_trusted_identity(sender, identity_key, Direction.RECEIVING):
                raise UntrustedIdentity(identity_key=identity_key.serialize())
        with self._counted(sender) as work:
            return group_decrypt(sender, message.body, store, work)

    @contextmanager
    def _counted(self, sender: ProtocolAddress) -> Iterator[ChainWork]:
        """What decrypting one message of a sender may cost, and does."""
        account = sender.service_id
        work = self._work.allow(account, self._now_ms, to_self=self._account.is_own(account))
        failed = True
        try:
            yield work
            failed = False
        finally:
            self._work.note(account, self._now_ms, work, failed=failed)

    def ask_for_prekeys(self, own: ServiceIdKind) -> None:
        """One of the uploaded prekeys was used, or one is missing: have a look at them soon."""
        add_task(
            self._transaction, TaskKind.PREKEY_REFRESH, bytes([own.value]), now_ms=self._now_ms
        )


class _Undone(Exception):
    """Leaves a savepoint whose changes are not wanted."""


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


def _stated_sender(metadata: EnvelopeMetadata) -> ProtocolAddress | None:
    """The sender that the service names."""
    source, device_id = metadata.source, metadata.source_device
    if source is None or device_id is None or not 1 <= device_id <= MAX_DEVICE_ID:
        return None
    return ProtocolAddress(source, device_id)
