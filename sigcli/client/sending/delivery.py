"""One content to all devices of one account: encrypted, sealed where that is possible, sent until the devices fit.

The step of each ratchet and the entry in the send log are committed before the request leaves, and no request is
made inside a transaction. All attempts carry the same timestamp.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import ResultType
from sigcli.client.base.steps import run
from sigcli.client.sending.access import access_key_of, forget_access_key
from sigcli.client.sending.outgoing import DeliveryResult, SentLog, failed_delivery
from sigcli.client.sending.resuming import known_result, note_begun, note_results
from sigcli.client.sending.sender_certificate import sender_certificate
from sigcli.client.sending.sessions import (
    devices_to_address,
    match_devices,
    remember_untrusted,
    renew_sessions,
    start_sessions,
)
from sigcli.errors import (
    LoginRefused,
    MismatchedDevices,
    NoSession,
    ProtocolError,
    ServiceError,
    SigcliError,
    StaleDevices,
    Unauthorized,
    UntrustedIdentity,
)
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.store.identity_keys import find_identity, is_trusted
from sigcli.store.recipients import find_by_service_id, update_recipient
from sigcli.wire.addresses import ProtocolAddress, ServiceIdKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account
    from sigcli.client.base.steps import Call, Steps
    from sigcli.client.sending.outgoing import Outgoing
    from sigcli.protocol.certificates import SenderCertificate
    from sigcli.protocol.ciphertext import CiphertextMessage
    from sigcli.service.credentials import Access, GroupSendToken
    from sigcli.service.resources.messages import OutgoingMessage, SentTo
    from sigcli.store.identity_keys import KnownIdentity
    from sigcli.store.protocol_store import AccountProtocolStore
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId

MAX_ROUNDS = 5
"""A send to a new phone can be answered 410, then 409, then 409 again while its owner links devices."""
_SEALED = 6
_ENVELOPE_TYPES = {
    CiphertextMessageType.WHISPER: 1,
    CiphertextMessageType.PREKEY: 3,
    CiphertextMessageType.PLAINTEXT: 8,
}


class Elsewhere(Exception):
    """A message by number is for ``recipient``: the number has turned out to be theirs while it was on its way."""

    def __init__(self, recipient: Recipient) -> None:
        self.recipient = recipient


def deliver(account: Account, recipient: ServiceId, outgoing: Outgoing) -> DeliveryResult:
    """Send to all devices of an account; to this account: to its other devices.

    Opens transactions of its own. What goes wrong with this recipient, or on the way to it, is a result. Raises
    LoginRefused, ClientRefused, StoreError, which concern the account itself.
    """
    return run(delivery(account, recipient, outgoing))


def delivery(
    account: Account,
    recipient: ServiceId,
    outgoing: Outgoing,
    access: GroupSendToken | None = None,
    before: Callable[[], Steps[None]] | None = None,
) -> Steps[DeliveryResult]:
    """As ``deliver``, in steps; a token for this recipient is tried before the access key of their profile.

    ``before`` is done once there are sessions, before anything is encrypted with them. What a daemon has sent is not
    sent again.
    """
    result = known_result(account, outgoing, recipient)
    if result is not None:
        return result
    try:
        result = yield from _Delivery(account, recipient, outgoing, access, before).run()
    except Unauthorized as error:
        # An access key that was refused does not come this far.
        raise LoginRefused from error
    except SigcliError as error:
        result = failed_delivery(account, recipient, error)
    except Elsewhere:
        raise
    except Exception as problem:
        # Whatever the state of one recipient brings about: the others get the message all the same.
        failure = ProtocolError("what is known of this recipient's devices cannot be worked with")
        failure.__cause__ = problem
        result = failed_delivery(account, recipient, failure)
    note_results(account, outgoing, (result,))
    return result


class _Delivery:
    """The rounds of one delivery."""

    def __init__(
        self,
        account: Account,
        recipient: ServiceId,
        outgoing: Outgoing,
        token: GroupSendToken | None = None,
        before: Callable[[], Steps[None]] | None = None,
    ) -> None:
        self._account = account
        self._before = before
        self._recipient = recipient
        self._outgoing = outgoing
        self._token = token
        self._known = find_by_service_id(account.database, recipient)
        self._access: Access | None = None
        if not account.is_own(recipient):
            self._access = token or access_key_of(self._known, recipient)
        self._log = SentLog(account, outgoing)
        self._registration_ids: dict[int, int] = {}
        self._identity: KnownIdentity | None = None
        """The recipient's key as it was when the message was encrypted."""

    def run(self) -> Steps[DeliveryResult]:
        problem: SigcliError = NoSession()
        rounds = 0
        while rounds < MAX_ROUNDS:
            certificate = None
            if self._goes_sealed:
                certificate = yield from sender_certificate(self._account)
            if self._before is not None and self._has_sessions():
                yield from self._before()
                self._before = None
            encrypted = self._encrypt()
            if not encrypted:
                rounds += 1
                if not (yield from start_sessions(self._account, self._recipient, self._access)):
                    return DeliveryResult(self._recipient, ResultType.SUCCESS)
                continue
            try:
                answer: SentTo = yield self._request(encrypted, certificate)
            except Unauthorized:
                if self._outgoing.story:
                    raise ServiceError("the service does not accept stories") from None
                if self._access is None:
                    raise
                self._forget_access()
            except StaleDevices as error:
                problem, rounds = error, rounds + 1
                known = self._registration_ids
                stale = {device: known.get(device, -1) for device in error.stale}
                yield from renew_sessions(self._account, self._recipient, stale, self._access)
            except MismatchedDevices as error:
                problem, rounds = error, rounds + 1
                yield from match_devices(
                    self._account, self._recipient, error.missing, error.extra, self._access
                )
            else:
                return self._delivered(answer, tuple(sorted(encrypted)))
        if isinstance(problem, NoSession):
            raise problem
        raise ServiceError(
            f"the devices of {self._recipient} still did not fit after {MAX_ROUNDS} rounds"
        ) from problem

    @property
    def _goes_sealed(self) -> bool:
        return self._access is not None or self._outgoing.story

    def _has_sessions(self) -> bool:
        with self._account.database.transaction():
            return bool(devices_to_address(self._account, self._recipient))

    # --- encrypting --------------------------------------------------------------------------

    def _encrypt(self) -> dict[int, CiphertextMessage]:
        """A ciphertext for each device, by device; empty if there are no sessions. One transaction."""
        account, outgoing = self._account, self._outgoing
        encrypted: dict[int, CiphertextMessage] = {}
        try:
            with account.database.transaction() as transaction:
                store = account.protocol_store(transaction)
                if not outgoing.plaintext:
                    self._require_trust(store)
                identity_keys: dict[ProtocolAddress, bytes] = {}
                for device in devices_to_address(account, self._recipient):
                    remote = ProtocolAddress(self._recipient, device)
                    encrypted[device], identity_keys[remote] = self._encrypt_for(remote, store)
                self._log.note(transaction, identity_keys)
                if encrypted:
                    note_begun(transaction, outgoing, (self._recipient,))
                    if self._goes_sealed:
                        self._identity = find_identity(transaction, self._recipient)
        except UntrustedIdentity as error:
            # A session with a key that the store does not know: a former key does not come back by it.
            if find_identity(account.database, self._recipient) is None:
                remember_untrusted(account, self._recipient, error)
            raise
        return encrypted

    def _encrypt_for(
        self, remote: ProtocolAddress, store: AccountProtocolStore
    ) -> tuple[CiphertextMessage, bytes]:
        """The ciphertext, and the identity key of the session that it belongs to."""
        from sigcli.protocol.ciphertext import CiphertextMessage
        from sigcli.protocol.session import encrypt
        from sigcli.wire.padding import pad

        outgoing = self._outgoing
        if outgoing.plaintext:
            message = CiphertextMessage(CiphertextMessageType.PLAINTEXT, outgoing.content)
        else:
            content = outgoing.content
            if outgoing.only_device not in (None, remote.device_id):
                content = _null_content()
            local = self._account.address(ServiceIdKind.ACI)
            random = self._account.random
            message = encrypt(pad(content), remote, local, store, store.now_ms, random)
        record = store.session(remote)
        if record is None or record.current is None:
            raise NoSession
        self._registration_ids[remote.device_id] = record.remote_registration_id
        identity_key = record.current.remote_identity_key
        if outgoing.identity_key not in (None, identity_key):
            # The key is known already, and nobody has to decide on it: this content is not for its owner.
            raise UntrustedIdentity("the message was written to somebody with another identity key")
        return message, identity_key

    def _require_trust(self, store: AccountProtocolStore) -> None:
        """UntrustedIdentity if the known key is not trusted: no prekeys are fetched for nothing then."""
        if self._account.is_own(self._recipient):
            return
        known = find_identity(store.database, self._recipient)
        if known and not is_trusted(known, known.identity_key, store.policy):
            raise UntrustedIdentity(identity_key=known.identity_key.serialize())

    # --- sending -----------------------------------------------------------------------------

    def _request(
        self, encrypted: dict[int, CiphertextMessage], certificate: SenderCertificate | None
    ) -> Call:
        from sigcli.service.resources import messages

        account, outgoing = self._account, self._outgoing
        if certificate is None or not self._goes_sealed:
            return partial(
                messages.send,
                account.identified,
                self._recipient,
                [
                    self._message(device, _ENVELOPE_TYPES[message.type], message.body)
                    for device, message in encrypted.items()
                ],
                outgoing.timestamp_ms,
                online=outgoing.online,
                urgent=outgoing.urgent,
            )
        return partial(
            messages.send_sealed,
            account.unidentified,
            self._recipient,
            [
                self._message(device, _SEALED, self._seal(message, certificate))
                for device, message in encrypted.items()
            ],
            outgoing.timestamp_ms,
            None if outgoing.story else self._access,
            online=outgoing.online,
            urgent=outgoing.urgent,
            story=outgoing.story,
        )

    def _seal(self, message: CiphertextMessage, certificate: SenderCertificate) -> bytes:
        from sigcli.protocol.sealed_sender import UnidentifiedSenderMessageContent, seal_v1

        account, outgoing = self._account, self._outgoing
        known = self._identity
        if known is None:
            raise NoSession
        content = UnidentifiedSenderMessageContent(
            message.type, certificate, message.body, outgoing.hint, outgoing.group_id
        )
        own = account.keys.identity(ServiceIdKind.ACI)
        return seal_v1(content, own, known.identity_key, account.random)

    def _message(self, device: int, type: int, content: bytes) -> OutgoingMessage:
        from sigcli.service.resources.messages import OutgoingMessage

        return OutgoingMessage(type, device, self._registration_ids[device], content)

    # --- afterwards --------------------------------------------------------------------------

    def _forget_access(self) -> None:
        """The access key was refused: this message goes identified, and the profile is to be looked at anew.

        Instead of a token that was refused the access key is tried.
        """
        if self._token is not None:
            self._token = None
            self._access = access_key_of(self._known, self._recipient)
            return
        self._access = None
        forget_access_key(self._account, self._known)

    def _delivered(self, answer: SentTo, devices: tuple[int, ...]) -> DeliveryResult:
        known = self._known
        if known is not None and known.contact.unregistered_ms is not None:
            with self._account.database.transaction() as database:
                update_recipient(database, known.id, unregistered_ms=None)
        return DeliveryResult(
            self._recipient,
            ResultType.SUCCESS,
            sealed=self._goes_sealed,
            devices=devices,
            needs_sync=answer.needs_sync,
        )


def _null_content() -> bytes:
    from sigcli.wire.content import Content, encode_content
    from sigcli.wire.content.receipts import NullMessage

    return encode_content(Content(null_message=NullMessage()))
