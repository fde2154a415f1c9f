"""What the service knows of the account: its login, devices, capabilities and prekeys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sigcli.client.account.prekey_upkeep import (
    IDENTITY_NAMES,
    LOW_WATER_MARK,
    lasting_digest,
    own_identities,
)
from sigcli.client.doctor.findings import Check, Finding, failed, ok, skipped, warning
from sigcli.durations import DAY_MS
from sigcli.errors import LoginRefused, NotFound, Unauthorized
from sigcli.service.resources import accounts, devices, keys, profiles

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.service.chat import IdentifiedChat
    from sigcli.store.account_data import AccountKeys

_IDLE_DAYS = 30
_RECEIVE = "run sigcli receive"


def check_login(chat: IdentifiedChat, own: AccountKeys) -> Finding:
    """Whether the service takes this device's login, and knows it by the same number."""
    try:
        identity = accounts.whoami(chat)
    except (LoginRefused, Unauthorized) as error:
        return failed("login", error.message, LoginRefused.hint)
    if identity.aci != own.aci:
        return failed(
            "login", "the service has this login under another account", LoginRefused.hint
        )
    if identity.pni != own.pni:
        return warning(
            "login",
            "the account has a different number now",
            "run sigcli receive; if that does not help, link this device again",
        )
    return ok("login", f"the service accepts the login of device {own.device_id}")


def account_checks(account: Account) -> list[Check]:
    """What may be asked once the login is good; reads of the store what it needs at once."""
    chat, own, now_ms = account.identified, account.keys, account.now_ms()
    digests = {
        IDENTITY_NAMES[kind]: lasting_digest(account, kind) for kind in own_identities(account)
    }
    checks = [
        Check("devices", lambda: check_devices(chat, own, now_ms)),
        Check("capabilities", lambda: check_capabilities(chat, own)),
    ]
    return checks + [
        Check(prekey_check_name(identity), partial(check_prekeys, chat, identity, digest))
        for identity, digest in digests.items()
    ]


def check_devices(chat: IdentifiedChat, own: AccountKeys, now_ms: int) -> Finding:
    """Whether this device belongs to the account, and whether the primary device still connects."""
    unseen = {
        one.device_id: (now_ms - one.last_seen_ms) // DAY_MS for one in devices.list_devices(chat)
    }
    if own.device_id not in unseen:
        return failed("devices", "the account does not have this device", LoginRefused.hint)
    message = f"device {own.device_id} of {len(unseen)}"
    primary_days = unseen.get(1, 0)
    if not own.is_primary and primary_days >= _IDLE_DAYS:
        return warning(
            "devices",
            f"{message}; the primary device has not been seen for {primary_days} days",
            "open the app on the phone: linked devices are removed if it stays away",
        )
    idle = sorted(id for id, days in unseen.items() if id != own.device_id and days >= _IDLE_DAYS)
    if idle:
        listed = ", ".join(map(str, idle))
        return ok("devices", f"{message}; not seen for {_IDLE_DAYS} days or more: {listed}")
    return ok("devices", message)


def check_capabilities(chat: IdentifiedChat, own: AccountKeys) -> Finding:
    """Whether the service knows that all devices speak today's protocol."""
    name = "capabilities"
    try:
        known = profiles.get(chat, own.aci).capabilities
    except NotFound:
        return skipped(name, "the service does not list them")
    if "spqr" in known:
        return ok(name, "all devices support the triple ratchet (spqr)")
    return warning(
        name,
        "a device of the account does not say that it supports the triple ratchet (spqr)",
        "run sigcli receive on each device that runs sigcli, and update the apps",
    )


def prekey_check_name(identity: str) -> str:
    """The name of the check for the prekeys of ``aci`` or ``pni``."""
    return f"prekeys{identity.capitalize()}"


def check_prekeys(chat: IdentifiedChat, identity: str, digest: bytes) -> Finding:
    """Whether others can begin a conversation: enough one-time keys, and lasting ones that are the same here."""
    name = prekey_check_name(identity)
    counts = keys.count(chat, identity)
    message = f"{counts.curve} one-time and {counts.kyber} Kyber prekeys are in stock"
    try:
        agree = keys.repeated_use_keys_agree(chat, identity, digest)
    except NotFound:
        agree = True  # a service that compares no keys
    if not agree:
        return failed(
            name,
            "the lasting prekeys at the service are not those of this device",
            f"{_RECEIVE}: it uploads new ones within twelve hours",
        )
    if min(counts.curve, counts.kyber) < LOW_WATER_MARK:
        return warning(name, message, f"{_RECEIVE}: it uploads new ones")
    return ok(name, message)


def skipped_account_checks(reason: str) -> list[Finding]:
    """The findings of ``account_checks`` where nothing could be asked."""
    names = map(prekey_check_name, IDENTITY_NAMES.values())
    return [skipped(name, reason) for name in ("devices", "capabilities", *names)]
