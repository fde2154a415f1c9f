"""Logins for the other services (storage, directory, PIN recovery) that the chat service hands out."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.errors import InvalidServiceId
from sigcli.values import dataclass
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from sigcli.sandbox.login import BasicLogin
    from sigcli.sandbox.state import State

STORAGE = "storage"
DIRECTORY = "directory"
SVR2 = "svr2"
_LIFE_S = {STORAGE: 86_400, DIRECTORY: 86_400, SVR2: 30 * 86_400}


@dataclass(frozen=True, slots=True)
class ServiceLogin:
    """The user is the account, the password the time it was made and a tag over both."""

    username: str
    password: str = field(repr=False)

    def to_json(self) -> dict[str, str]:
        return {"username": self.username, "password": self.password}


def make_login(state: State, service: str, account: ServiceId) -> ServiceLogin:
    """A login that is good from now on."""
    now_s = state.clock.now_s()
    tag = state.keys.tag(f"login-{service}", f"{account}:{now_s}")
    return ServiceLogin(str(account), f"{now_s}:{tag}")


def check_login(state: State, service: str, login: BasicLogin | None) -> ServiceId | None:
    """Whose login it is; None if it is not good or no longer."""
    if login is None:
        return None
    made_at, _, tag = login.password.partition(":")
    if not (made_at.isascii() and made_at.isdigit() and len(made_at) < 16):
        return None
    if not state.keys.is_tag(tag, f"login-{service}", f"{login.user}:{made_at}"):
        return None
    if state.clock.now_s() - int(made_at) > _LIFE_S[service]:
        return None
    try:
        account = ServiceId.parse(login.user)
    except InvalidServiceId:
        return None
    return account if state.accounts.by_service_id(account) is not None else None
