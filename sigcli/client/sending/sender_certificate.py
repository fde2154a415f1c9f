"""The certificate that goes into every sealed message: who sent it, vouched for by the service for a while."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from sigcli.durations import DAY_MS
from sigcli.errors import InvalidCertificate, MalformedAnswer
from sigcli.store.account_data import (
    NUMBER_SHARING,
    SENDER_CERTIFICATE,
    SENDER_CERTIFICATE_EXPIRES_MS,
    SENDER_CERTIFICATE_WITH_NUMBER,
    SENDER_CERTIFICATE_WITH_NUMBER_EXPIRES_MS,
)
from sigcli.store.settings import Setting, read_setting, read_settings, write_setting

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.base.steps import Steps
    from sigcli.protocol.certificates import SenderCertificate

_FETCHED_MS = {
    False: Setting("sender_certificate_fetched_ms", int),
    True: Setting("sender_certificate_with_number_fetched_ms", int),
}
_CERTIFICATE = {False: SENDER_CERTIFICATE, True: SENDER_CERTIFICATE_WITH_NUMBER}
_EXPIRES_MS = {
    False: SENDER_CERTIFICATE_EXPIRES_MS,
    True: SENDER_CERTIFICATE_WITH_NUMBER_EXPIRES_MS,
}


def sender_certificate(account: Account) -> Steps[SenderCertificate]:
    """The certificate to seal with: the kept one, or a new one of the service, which is then kept.

    It carries the number only if the account shares it with everybody. Raises MalformedAnswer for a certificate
    that is not this device's, ServiceError.
    """
    shares_number, kept = _kept(account)
    if kept is not None:
        return kept
    from sigcli.service.resources.certificates import delivery_certificate

    data: bytes = yield partial(
        delivery_certificate, account.identified, include_number=shares_number
    )
    certificate = _own(account, data)
    if certificate is None:
        raise MalformedAnswer("the service certified somebody else as this sender")
    with account.database.transaction() as database:
        write_setting(database, _CERTIFICATE[shares_number], data)
        write_setting(database, _EXPIRES_MS[shares_number], certificate.expires_ms)
        write_setting(database, _FETCHED_MS[shares_number], account.now_ms())
    return certificate


def is_fresh(now_ms: int, fetched_ms: int, expires_ms: int) -> bool:
    """Whether a certificate is still used: until a day before it expires, or for half its life if that is longer."""
    half_life_ms = (expires_ms - fetched_ms) // 2
    return fetched_ms <= now_ms < max(expires_ms - DAY_MS, fetched_ms + half_life_ms)


def kept_certificates(account: Account) -> list[SenderCertificate]:
    """This device's certificates that are kept, without and with the number, fresh or not."""
    kept = (read_setting(account.database, setting) for setting in _CERTIFICATE.values())
    own = (_own(account, data) for data in kept if data is not None)
    return [certificate for certificate in own if certificate is not None]


def _kept(account: Account) -> tuple[bool, SenderCertificate | None]:
    """Whether the certificate carries the number, and the one that is kept and fresh."""
    kinds = (_CERTIFICATE, _EXPIRES_MS, _FETCHED_MS)
    wanted: list[Setting[Any]] = [NUMBER_SHARING]
    wanted += [kind[with_number] for with_number in (False, True) for kind in kinds]
    shared, *values = read_settings(account.database, *wanted)
    shares_number = account.number is not None and bool(shared)
    data, expires_ms, fetched_ms = values[3:] if shares_number else values[:3]
    if data is None or expires_ms is None or fetched_ms is None:
        return shares_number, None
    if not is_fresh(account.now_ms(), fetched_ms, expires_ms):
        return shares_number, None
    return shares_number, _own(account, data)


def _own(account: Account, data: bytes) -> SenderCertificate | None:
    """The certificate if it is this device's: after a new link or another number an old one is not."""
    try:
        certificate = _parsed(data)
    except InvalidCertificate:
        return None
    is_own = (
        certificate.sender == account.aci
        and certificate.device_id == account.device_id
        and certificate.identity_key == account.keys.aci_identity.public_key
        and certificate.sender_e164 in (None, account.number)
    )
    return certificate if is_own else None


@lru_cache(8)
def _parsed(data: bytes) -> SenderCertificate:
    from sigcli.protocol.certificates import SenderCertificate

    return SenderCertificate.deserialize(data)
