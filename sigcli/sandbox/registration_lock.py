"""The registration lock: knowing the code but not the PIN gives no access, and ends all logins of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS
from sigcli.lazy_dataclass import replace
from sigcli.sandbox.delivery import push
from sigcli.sandbox.exchange import Refused
from sigcli.sandbox.service_logins import SVR2, make_login

if TYPE_CHECKING:
    from sigcli.sandbox.accounts import Account
    from sigcli.sandbox.state import State

LOCK_LIFE_MS = 7 * DAY_MS


def require_registration_lock(
    state: State, account: Account, given: str | None, *, by_recovery_password: bool
) -> None:
    """Refused (423) for a lock that does not match; every login of the account is then locked."""
    lock = account.registration_lock
    idle_ms = state.clock.now_ms() - account.last_seen_ms
    if lock is None or idle_ms >= LOCK_LIFE_MS:
        return
    if given:
        state.limits.use("pin", account.aci)
        if lock.matches(given):
            state.limits.clear("pin", account.aci)
            return
    # A first try with the recovery password comes without a lock: that password stays valid.
    if account.pni is not None and (not by_recovery_password or given is not None):
        state.accounts.forget_recovery_password(account.pni)
    account = state.accounts.put(replace(account, locked=True, recovery_password=None))
    state.presence.disconnect(account.aci, account.devices)
    push(state, account, (1,), "attemptLogin")
    login = make_login(state, SVR2, account.aci)
    raise Refused(
        423, {"timeRemaining": LOCK_LIFE_MS - idle_ms, "svr2Credentials": login.to_json()}
    )
