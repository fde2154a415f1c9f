"""The account's username here compared with the service's: what has come apart is mended at the account check.

What another device has changed is read from the storage service, and never overruled: a username that the service lacks
is taken again after a new registration, or if it is still the account's after a look at the storage service.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.client.account.own_username import (
    OwnUsername,
    confirm_reserved,
    keep_username,
    link_of,
    make_link,
    own_username,
    parsed_username,
    settle,
    tell_other_devices,
)
from sigcli.errors import Conflict, Gone
from sigcli.lazy_dataclass import dataclass
from sigcli.store import account_data
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.tasks import TaskKind, add_task, count_tasks

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.service.resources.accounts import AccountIdentity
    from sigcli.wire.username_links import UsernameLink
    from sigcli.zkgroup.usernames import Username


class Verdict(enum.Enum):
    """What is to be done when the service's idea of the username is compared with the one here."""

    GOOD = enum.auto()
    ADOPT = enum.auto()
    """The service has confirmed what was wanted, and its answer was lost."""
    RECLAIM = enum.auto()
    """The account has lost it, as by being registered anew: take it again."""
    MAKE_LINK = enum.auto()
    """The username is there, its link is not."""
    FORGET = enum.auto()
    """Another device has given it up."""
    OUTDATED = enum.auto()
    """Another device has changed username or link: the storage service knows the new one."""


@dataclass(frozen=True, slots=True)
class Known:
    """What one side knows: the hash of the username and the handle of its link, None for none."""

    username_hash: bytes | None
    link_handle: str | None


def judge(
    here: Known,
    service: Known,
    *,
    wanted_hash: bytes | None,
    is_primary: bool,
    changed_elsewhere: bool,
    is_lost: bool,
) -> Verdict:
    """Compare both sides; ``is_lost``: if the service lacks the username, no other device has given it up."""
    if wanted_hash is not None and service.username_hash == wanted_hash:
        return Verdict.ADOPT
    if here.username_hash is None:
        return Verdict.GOOD  # nothing can be concluded from a hash alone
    if service.username_hash is None:
        if changed_elsewhere:
            return Verdict.FORGET
        return Verdict.RECLAIM if is_primary and is_lost else Verdict.OUTDATED
    if service.username_hash != here.username_hash:
        return Verdict.OUTDATED
    if service.link_handle == here.link_handle:
        return Verdict.GOOD if here.link_handle is not None or not is_primary else Verdict.MAKE_LINK
    if service.link_handle is None and is_primary and not changed_elsewhere:
        return Verdict.MAKE_LINK
    return Verdict.OUTDATED


def check_username(
    account: Account, identity: AccountIdentity, *, registered_anew: bool = False
) -> None:
    """Mend what does not match what the service says of the account; raises ServiceError."""
    database = account.database
    own, wanted = own_username(database), read_setting(database, account_data.USERNAME_WANTED)
    present = None if own is None else parsed_username(own.username)
    wanted_name = None if wanted is None else parsed_username(wanted)
    if present is None and wanted_name is None:
        return
    link = None if own is None else own.link
    verdict = judge(
        Known(present.hash() if present else None, str(link.handle) if link else None),
        Known(identity.username_hash, identity.username_link_handle),
        wanted_hash=wanted_name.hash() if wanted_name else None,
        is_primary=account.keys.is_primary,
        changed_elsewhere=bool(read_setting(database, account_data.USERNAME_CHANGED_ELSEWHERE)),
        is_lost=registered_anew or _is_doubted(account),
    )
    if verdict is Verdict.ADOPT and wanted_name is not None:
        _adopt(account, str(wanted_name), identity)
    elif verdict is Verdict.RECLAIM and present is not None:
        _reclaim(account, present, link, is_reserved=registered_anew)
    elif verdict is Verdict.MAKE_LINK and present is not None:
        keep_username(account, make_link(account, present))
        tell_other_devices(account)
    elif verdict is Verdict.FORGET:
        keep_username(account, None, tell=False)
    elif verdict is Verdict.OUTDATED:
        _doubt(account)
    else:
        with database.transaction() as transaction:
            settle(transaction)


def _is_doubted(account: Account) -> bool:
    """Whether the storage service was looked at since the username was missing, and has it still."""
    doubted = read_setting(account.database, account_data.USERNAME_DOUBTED)
    return bool(doubted) and not count_tasks(account.database, TaskKind.STORAGE_SYNC)


def _doubt(account: Account) -> None:
    """Have the storage service read again."""
    with account.database.transaction() as database:
        write_setting(database, account_data.USERNAME_DOUBTED, True)
        add_task(database, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())


def _adopt(account: Account, username: str, identity: AccountIdentity) -> None:
    entropy = read_setting(account.database, account_data.USERNAME_WANTED_ENTROPY)
    link = None if entropy is None else link_of(entropy, identity.username_link_handle)
    keep_username(account, OwnUsername(username, link))
    tell_other_devices(account)


def _reclaim(
    account: Account, username: Username, link: UsernameLink | None, *, is_reserved: bool
) -> None:
    """Take a lost username again; after a new registration the service holds it back for the account."""
    from sigcli.service.resources import usernames

    username_hash = username.hash()
    entropy = link.entropy if link is not None else None
    try:
        if not is_reserved:
            usernames.reserve(account.identified, [username_hash])
        own = confirm_reserved(account, username, username_hash, entropy)
    except (Conflict, Gone):
        if is_reserved:
            _doubt(account)  # the account had another one, or none, before it was registered
            return
        keep_username(account, None)
        account.warn(
            "the account has lost its username to somebody else;"
            " sigcli updateAccount -u NAME sets another one"
        )
        return
    keep_username(account, own)
    tell_other_devices(account)
