"""Logins: the Basic header, its device, and what the server records when it is used."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.sandbox.accounts import PRIMARY, parse_uuid
from sigcli.sandbox.exchange import Caller, Refused
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from sigcli.sandbox.state import State

IDLE_PRIMARY_DAYS = 30
IDLE_PRIMARY_ALERT = "idle-primary-device"


@dataclass(frozen=True, slots=True)
class BasicLogin:
    """The two halves of a Basic header."""

    user: str
    password: str = field(repr=False)

    @classmethod
    def parse(cls, header: str | None) -> BasicLogin | None:
        """None for anything but a Basic header with a user and a password."""
        kind, _, encoded = (header or "").partition(" ")
        if kind != "Basic":
            return None
        try:
            user, colon, password = b64decode(encoded, validate=True).decode().partition(":")
        except (Base64Error, UnicodeDecodeError):
            return None
        return cls(user, password) if colon and user.strip() and password.strip() else None

    @property
    def device_place(self) -> tuple[ServiceId, int] | None:
        """The ACI and the device id in the user name; None if there are none."""
        name, _, number = self.user.partition(".")
        uuid = parse_uuid(name)
        if uuid is None or (number and not (number.isascii() and number.isdigit())):
            return None
        return ServiceId.aci(uuid), int(number) if number else PRIMARY


def authenticate(state: State, header: str | None) -> Caller | None:
    """The owner of the login in a header; None if it is not valid."""
    login = BasicLogin.parse(header)
    place = login.device_place if login is not None else None
    if login is None or place is None:
        return None
    caller = find_caller(state, place)
    if caller is None or not caller.device.password.matches(login.password):
        return None
    return _seen(state, caller)


def find_caller(state: State, place: tuple[ServiceId, int]) -> Caller | None:
    """The current account and device; None if they are gone or locked."""
    account = state.accounts.by_service_id(place[0])
    device = account.devices.get(place[1]) if account is not None else None
    if account is None or device is None or account.locked:
        return None
    return Caller(account, device)


def require_supported(state: State, caller: Caller | None) -> None:
    """Refused (499) for a device without the capabilities that the service requires of all devices.

    In the service this filter comes before the one that adds timestamps (``RemoteDeprecationFilter``).
    """
    if (
        caller is not None
        and state.switches.require_spqr
        and "spqr" not in caller.device.capabilities
    ):
        refusal = Refused(499)
        refusal.response = replace(refusal.response, is_stamped=False)
        raise refusal


def upgrade_alert(state: State, caller: Caller) -> str | None:
    """The alert for a linked device whose primary has not connected for long."""
    idle_ms = state.clock.now_ms() - caller.account.primary.last_seen_ms
    idle = not caller.is_primary and idle_ms > IDLE_PRIMARY_DAYS * DAY_MS
    return IDLE_PRIMARY_ALERT if idle else None


def _seen(state: State, caller: Caller) -> Caller:
    today_ms = state.clock.today_ms()
    if caller.device.last_seen_ms >= today_ms:
        return caller
    device = replace(caller.device, last_seen_ms=today_ms)
    return Caller(state.accounts.put(caller.account.with_device(device)), device)
