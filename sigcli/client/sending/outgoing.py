"""What is sent to all devices of one account, and what becomes of it."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import ResultType
from sigcli.errors import (
    AddressMoved,
    ChallengeRequired,
    ClientRefused,
    LoginRefused,
    NotFound,
    PayloadTooLarge,
    ProtocolError,
    RateLimited,
    ReauthenticationRequired,
    ServiceError,
    SessionSetupBusy,
    SigcliError,
    Unauthorized,
    UntrustedIdentity,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.store.recipients import find_by_service_id, update_recipient

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.wire.addresses import ProtocolAddress, ServiceId
    from sigcli.wire.key_types import GroupIdentifier


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is sent to one account or to many.

    ``content`` is an encoded Content without padding; with ``plaintext`` it is a serialised PlaintextContent, which
    travels unencrypted. ``logged``: kept for a day to answer retry requests. With ``only_device`` the other devices,
    which the service wants addressed as well, get a message without content. ``identity_key``: the one key (33 bytes)
    that it may be encrypted for. ``story``: it is or concerns a story; that goes sealed, needs no access, and is
    dropped for devices that want no stories. ``part`` begins its name in what is done for a caller, and the recipient's
    id ends it (``resuming``). ``kept_ms``: for how long, if less than a day.
    """

    content: bytes = field(repr=False)
    timestamp_ms: int
    hint: ContentHint = ContentHint.DEFAULT
    urgent: bool = True
    online: bool = False
    group_id: GroupIdentifier | None = None
    logged: bool = True
    plaintext: bool = False
    only_device: int | None = None
    identity_key: bytes | None = None
    story: bool = False
    part: bytes | None = None
    kept_ms: int | None = None


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of a content for one account.

    ``devices``: those it was sent to (none: this account has no other device). ``needs_sync``: the service says
    that this account has other devices. ``token``: the challenge to answer. ``error`` is there for every failure.
    """

    recipient: ServiceId
    type: ResultType
    sealed: bool = False
    devices: tuple[int, ...] = ()
    needs_sync: bool = False
    token: str | None = None
    retry_after_s: int | None = None
    error: SigcliError | None = None

    @property
    def succeeded(self) -> bool:
        return self.type is ResultType.SUCCESS

    def require(self) -> None:
        """Raise the error that kept it from going out, if there was one."""
        if self.error is not None:
            raise self.error


class SentLog:
    """Keeps one outgoing content for a day, to answer retry requests of the devices that it is encrypted for."""

    def __init__(self, account: Account, outgoing: Outgoing) -> None:
        self._account = account
        self._outgoing = outgoing
        self._id: int | None = None

    def note(self, transaction: Transaction, devices: dict[ProtocolAddress, bytes]) -> None:
        """Note that it was encrypted for devices, with the identity keys (33 bytes) of their accounts."""
        outgoing, account = self._outgoing, self._account
        if not (devices and outgoing.logged and account.settings.send_log):
            return
        from sigcli.store.send_log import RETENTION_MS, SentMessage, log_device, log_sent

        if self._id is not None:
            log_device(transaction, self._id, devices)
            return
        message = SentMessage(
            outgoing.timestamp_ms,
            outgoing.content,
            outgoing.hint,
            outgoing.urgent,
            outgoing.group_id,
        )
        kept_ms = RETENTION_MS if outgoing.kept_ms is None else outgoing.kept_ms
        self._id = log_sent(transaction, message, devices, account.now_ms(), kept_ms=kept_ms)


# --- what went wrong ------------------------------------------------------------------------------


def failed_delivery(account: Account, recipient: ServiceId, error: SigcliError) -> DeliveryResult:
    """The result that an error stands for; opens a transaction. Raises the error if it concerns the account."""
    type = failure_type(error)
    if type is None:
        raise error
    _note_failure(account, recipient, error)
    return DeliveryResult(
        recipient,
        type,
        token=(error.token or None) if isinstance(error, ChallengeRequired) else None,
        retry_after_s=error.retry_after_s,
        error=error,
    )


def failure_type(error: SigcliError) -> ResultType | None:
    """What an error means for one recipient; None if it concerns the account itself."""
    for kinds, type in _FAILURES:
        if isinstance(error, kinds):
            return type
    return None


_FAILURES: tuple[tuple[tuple[type[SigcliError], ...], ResultType | None], ...] = (
    ((LoginRefused, ReauthenticationRequired, Unauthorized, ClientRefused), None),
    ((RateLimited, ChallengeRequired, PayloadTooLarge), ResultType.RATE_LIMIT_FAILURE),
    ((NotFound,), ResultType.UNREGISTERED_FAILURE),
    ((ServiceError, SessionSetupBusy), ResultType.NETWORK_FAILURE),
    ((UntrustedIdentity, AddressMoved), ResultType.IDENTITY_FAILURE),
    ((ProtocolError,), ResultType.INVALID_PRE_KEY_FAILURE),
)


def _note_failure(account: Account, recipient: ServiceId, error: SigcliError) -> None:
    """Keep a challenge, and that somebody is not registered."""
    database, now_ms = account.database, account.now_ms()
    if isinstance(error, ChallengeRequired) and error.token:
        from sigcli.store.challenges import Challenge, prune_challenges, remember_challenge

        wait_s = error.retry_after_s
        until_ms = None if wait_s is None else now_ms + wait_s * 1000
        with database.transaction() as transaction:
            prune_challenges(transaction, now_ms)
            remember_challenge(transaction, Challenge(error.token, error.options, now_ms, until_ms))
    elif isinstance(error, NotFound):
        known = find_by_service_id(database, recipient)
        if known is not None and known.contact.unregistered_ms is None:
            with database.transaction() as transaction:
                update_recipient(transaction, known.id, unregistered_ms=now_ms)
