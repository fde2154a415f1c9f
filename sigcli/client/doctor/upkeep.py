"""What an account needs over the months: that it is received for, and that nothing waits for its user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.idleness import ACCOUNT_ENDS_DAYS, LATE_DAYS, LINK_ENDS_DAYS, LOSING_DAYS
from sigcli.client.doctor.findings import Check, Finding, failed, ok, skipped, warning
from sigcli.client.sending.sender_certificate import kept_certificates
from sigcli.durations import DAY_MS
from sigcli.errors import InvalidCertificate
from sigcli.store import account_data
from sigcli.store.challenges import open_challenges
from sigcli.store.consumers import backlogs
from sigcli.store.inbox import count_held
from sigcli.store.lease import receiver
from sigcli.store.settings import read_setting
from sigcli.store.tasks import TaskKind, failing_tasks

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

_LATE_DAYS = 7
_MANY_ATTEMPTS = 5
_REGULARLY = "run sigcli receive regularly, such as once a day by cron"


def upkeep_checks(account: Account) -> list[Check]:
    """What the store alone tells."""
    return [
        Check("lastReceive", lambda: check_last_receive(account)),
        Check("receiver", lambda: check_receiver(account)),
        Check("heldMessages", lambda: check_held_messages(account)),
        Check("consumers", lambda: check_consumers(account)),
        Check("challenges", lambda: check_challenges(account)),
        Check("tasks", lambda: check_tasks(account)),
        Check("senderCertificate", lambda: check_sender_certificate(account)),
        Check("pin", lambda: check_pin(account)),
    ]


def skipped_upkeep_checks(reason: str) -> list[Finding]:
    """The findings of ``upkeep_checks`` where there is no store to look into."""
    names = (
        *("lastReceive", "receiver", "heldMessages", "consumers", "challenges", "tasks"),
        *("senderCertificate", "pin"),
    )
    return [skipped(name, reason) for name in names]


def check_last_receive(account: Account) -> Finding:
    """Whether messages are fetched before the service deletes them, or the device with them."""
    name = "lastReceive"
    last_ms = read_setting(account.database, account_data.LAST_RECEIVE_MS)
    if last_ms is None:
        return warning(name, "nothing has ever been received", _REGULARLY)
    days = (account.now_ms() - last_ms) // DAY_MS
    if days < _LATE_DAYS:
        when = "today" if days < 1 else f"{days} day{'' if days == 1 else 's'} ago"
        return ok(name, when)
    message = f"{days} days ago"
    if days < LOSING_DAYS:
        late = "others may soon lack prekeys" if days >= LATE_DAYS else "messages pile up"
        return warning(name, f"{message}: {late}", _REGULARLY)
    if days < LINK_ENDS_DAYS:
        return failed(name, f"{message}: the service deletes messages after about 30", _REGULARLY)
    if account.keys.is_primary:
        return failed(
            name,
            f"{message}: messages are lost; the account ends after {ACCOUNT_ENDS_DAYS}",
            _REGULARLY,
        )
    return failed(
        name,
        f"{message}: linked devices are removed after {LINK_ENDS_DAYS}",
        "run sigcli receive; if the login is refused, link this device again",
    )


def check_receiver(account: Account) -> Finding:
    """Which process receives at present."""
    holder = receiver(account.database, account.now_ms())
    if holder is None:
        return ok("receiver", "no process is receiving at the moment")
    return ok("receiver", f"process {holder.pid} is receiving")


def check_held_messages(account: Account) -> Finding:
    """Whether messages wait until somebody's new key is trusted."""
    name, count = "heldMessages", count_held(account.database)
    if not count:
        return ok(name, "no message is waiting for a key to be trusted")
    which = "1 message is waiting" if count == 1 else f"{count} messages are waiting"
    return warning(
        name,
        f"{which} for a changed identity key to be trusted",
        "compare safety numbers (sigcli listIdentities), then sigcli trust RECIPIENT -v 'SAFETY NUMBER'",
    )


def check_consumers(account: Account) -> Finding:
    """Whether messages pile up for a consumer that does not take them."""
    found = backlogs(account.database, account.now_ms())
    if not found:
        return ok("consumers", "every consumer of messages keeps up")
    told = "; ".join(one.message for one in found)
    return warning("consumers", told, found[0].hint)


def check_challenges(account: Account) -> Finding:
    """Whether the service wants proof that a person sends."""
    name, now_ms = "challenges", account.now_ms()
    waiting = [
        challenge
        for challenge in open_challenges(account.database, now_ms)
        if challenge.retry_after_ms is None or challenge.retry_after_ms > now_ms
    ]
    if not waiting:
        return ok(name, "the service is not asking for one")
    hint = "answer with sigcli submitRateLimitChallenge --challenge TOKEN --captcha LINK"
    until_ms = waiting[0].retry_after_ms
    if until_ms is not None:
        minutes = -(-(until_ms - now_ms) // 60_000)
        hint += f", or wait {minutes} minutes"
    return warning(name, f"the service wants a captcha ({waiting[0].token})", hint)


def check_tasks(account: Account) -> Finding:
    """Whether follow-up work fails again and again."""
    failing = failing_tasks(account.database, _MANY_ATTEMPTS)
    if not failing:
        return ok("tasks", "no follow-up job keeps failing")
    told = [f"{one.items} x {_task_name(one.kind)} (tried {one.attempts} times)" for one in failing]
    return warning("tasks", f"keeps failing: {', '.join(told)}", "sigcli -v receive shows why")


def check_sender_certificate(account: Account) -> Finding:
    """Whether others would trust sealed messages of this device, by its certificate and the environment's roots."""
    from sigcli.client.applying.envelope_opening import certificate_validator

    name = "senderCertificate"
    kept = kept_certificates(account)
    if not kept:
        return ok(name, "the next sealed message fetches one")
    validator, now_ms = certificate_validator(account.environment), account.now_ms()
    newest = max(kept, key=lambda certificate: certificate.expires_ms)
    if newest.expires_ms < now_ms:
        return ok(name, "expired: the next sealed message fetches a new one")
    try:
        validator.validate(newest, now_ms)
    except InvalidCertificate as error:
        return failed(
            name, error.message, "compare the trust roots of the environment with the service's"
        )
    return ok(name, f"good for {(newest.expires_ms - now_ms) // 3_600_000} hours")


def _task_name(kind: int) -> str:
    try:
        return TaskKind(kind).name.lower().replace("_", " ")
    except ValueError:
        return f"job of kind {kind}"


def check_pin(account: Account) -> Finding:
    """Whether the PIN brings the account back, where it has one."""
    from sigcli.client.account.account_secrets import has_pin
    from sigcli.client.account.pin import is_kept

    name, database = "pin", account.database
    if not account.keys.is_primary:
        return ok(name, "left to the primary device")
    if account.environment.svr2 is None:
        return ok(name, "the environment has no PIN recovery")
    until_ms = read_setting(database, account_data.PIN_RESTORE_UNTIL_MS)
    if until_ms is not None and account.now_ms() < until_ms:
        days = -(-(until_ms - account.now_ms()) // DAY_MS)
        return warning(
            name,
            f"the service may hold contacts and groups that the PIN brings back, for {days} more"
            f" day{'' if days == 1 else 's'}",
            "run sigcli verify again with --pin PIN, or sigcli setPin to do without them",
        )
    if not has_pin(database):
        return ok(name, "none is set")
    if not is_kept(account):
        return warning(
            name,
            "the newest enclave does not yet have the data that the PIN protects",
            "run sigcli receive; if that does not help, sigcli setPin",
        )
    return ok(name, "the newest enclave has the data that it protects")
