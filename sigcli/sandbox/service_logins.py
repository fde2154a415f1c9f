"""Logins for the other services (storage, directory, PIN recovery) that the chat service issues."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.durations import DAY_S
from sigcli.errors import InvalidServiceId
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from sigcli.sandbox.login import BasicLogin
    from sigcli.sandbox.state import State

STORAGE = "storage"
DIRECTORY = "directory"
SVR2 = "svr2"
_LIFE_S = {STORAGE: DAY_S, DIRECTORY: DAY_S, SVR2: 30 * DAY_S}


@dataclass(frozen=True, slots=True)
class ServiceLogin:
    """The password is its creation time, and a tag over the user and that time."""

    username: str
    password: str = field(repr=False)

    def to_json(self) -> dict[str, str]:
        return {"username": self.username, "password": self.password}


def make_login(state: State, service: str, account: ServiceId) -> ServiceLogin:
    """A new login; raises Refused (429)."""
    state.limits.use("service-logins", account)
    now_s = state.clock.now_s()
    user = user_name(state, service, account)
    tag = state.keys.tag(f"login-{service}", f"{user}:{now_s}")
    return ServiceLogin(user, f"{now_s}:{tag}")


def user_name(state: State, service: str, account: ServiceId) -> str:
    """The user name for an account: for PIN recovery 16 bytes that reveal nothing."""
    return state.keys.tag("svr2-user", str(account)) if service == SVR2 else str(account)


def login_time_s(state: State, service: str, login: BasicLogin | None) -> int | None:
    """When a login was created; None if it was not created here."""
    made_at, _, tag = login.password.partition(":") if login is not None else ("", "", "")
    if login is None or not (made_at.isascii() and made_at.isdigit() and len(made_at) < 16):
        return None
    signed = f"{login.user}:{made_at}"
    return int(made_at) if state.keys.is_tag(tag, f"login-{service}", signed) else None


def login_user(state: State, service: str, login: BasicLogin | None) -> str | None:
    """The user of a login, in the form the service knows; None if it is invalid or expired."""
    made_at_s = login_time_s(state, service, login)
    if login is None or made_at_s is None:
        return None
    return login.user if state.clock.now_s() - made_at_s <= _LIFE_S[service] else None


def check_login(state: State, service: str, login: BasicLogin | None) -> ServiceId | None:
    """The account of a login, for a service that knows accounts by their ids; None if it is invalid or expired."""
    user = login_user(state, service, login)
    try:
        account = ServiceId.parse(user or "")
    except InvalidServiceId:
        return None
    return account if state.accounts.by_service_id(account) is not None else None
