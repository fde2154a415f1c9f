"""The account's own username and its link: setting it and giving it up, which any device of the account may do.

A username is noted as wanted before the service is asked to confirm it: if the answer is lost, the next account check
(``username_check``) finds out whether it happened, and the link's secret is not lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.client.base.task_items import USERNAME_TARGET
from sigcli.client.sending.sync_sending import has_other_devices, require_sync
from sigcli.errors import Conflict, Gone, InvalidUsername, MalformedAnswer, UsernameTaken
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.limits import MAX_USERNAME_CANDIDATES
from sigcli.service.resources import usernames as service
from sigcli.store import account_data
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.tasks import TaskKind, add_task, drop_tasks
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import SyncUsernameChange
from sigcli.wire.username_links import UsernameLink

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.database import Database, Transaction
    from sigcli.zkgroup.usernames import Username


@dataclass(frozen=True, slots=True)
class OwnUsername:
    """A username of the account, and the link that leads to it."""

    username: str
    link: UsernameLink | None


# --- what is known here ---------------------------------------------------------------------------


def own_username(database: Database) -> OwnUsername | None:
    """The account's username as it is known here, None for none."""
    username = read_setting(database, account_data.USERNAME)
    if username is None:
        return None
    entropy = read_setting(database, account_data.USERNAME_LINK_ENTROPY)
    handle = read_setting(database, account_data.USERNAME_LINK_SERVER_ID)
    if entropy is None or handle is None:
        return OwnUsername(username, None)
    return OwnUsername(username, UsernameLink(entropy, UUID(handle)))


def parsed_username(text: str) -> Username | None:
    """A username as it is stored; None where another device has stored something else."""
    from sigcli.zkgroup.usernames import Username

    try:
        return Username.parse(text)
    except InvalidUsername:
        return None


def keep_username(account: Account, own: OwnUsername | None, *, tell: bool = True) -> None:
    """Remember it, and whether the other devices have yet to be told."""
    link = None if own is None else own.link
    with account.database.transaction() as database:
        entropy, handle = (None, None) if link is None else (link.entropy, str(link.handle))
        write_setting(database, account_data.USERNAME, None if own is None else own.username)
        write_setting(database, account_data.USERNAME_LINK_ENTROPY, entropy)
        write_setting(database, account_data.USERNAME_LINK_SERVER_ID, handle)
        settle(database)
        now_ms = account.now_ms()
        add_task(database, TaskKind.STORAGE_SYNC, now_ms=now_ms)
        if tell and has_other_devices(account):
            add_task(database, TaskKind.SYNC_ANSWER, USERNAME_TARGET, now_ms=now_ms)


def settle(database: Transaction) -> None:
    """Forget that anything was in doubt."""
    write_setting(database, account_data.USERNAME_WANTED, None)
    write_setting(database, account_data.USERNAME_WANTED_ENTROPY, None)
    write_setting(database, account_data.USERNAME_CHANGED_ELSEWHERE, None)
    write_setting(database, account_data.USERNAME_DOUBTED, None)


# --- setting it -----------------------------------------------------------------------------------


def set_username(account: Account, text: str) -> OwnUsername:
    """Take ``nickname.42``, or a nickname with whatever number is free for it.

    What the account has already is kept, in the letters given now. Raises InvalidUsername, UsernameTaken, ServiceError.
    """
    from sigcli.client.people.recipient_words import as_username
    from sigcli.service.resources.accounts import whoami

    as_username(text)
    candidates = _candidates(account, text.strip().removeprefix("u:"))
    by_hash = {candidate.hash(): candidate for candidate in candidates}
    identity = whoami(account.identified)
    present = by_hash.get(identity.username_hash) if identity.username_hash else None
    handle = identity.username_link_handle
    own = _take(account, by_hash) if present is None else _present(account, present, handle)
    keep_username(account, own)
    tell_other_devices(account)
    return own


def delete_username(account: Account) -> None:
    """Give the username and its link up; raises ServiceError."""
    with account.database.transaction() as database:
        # If the answer is lost, the account check forgets the username rather than takes it again.
        write_setting(database, account_data.USERNAME_CHANGED_ELSEWHERE, True)
    service.delete(account.identified)
    keep_username(account, None)
    tell_other_devices(account)


def _candidates(account: Account, text: str) -> list[Username]:
    """The usernames that a text may mean, at most 20: for a nickname alone the one that the account has comes first."""
    from sigcli.zkgroup.usernames import Username, generate_candidates

    nickname, dot, number = text.rpartition(".")
    if dot:
        return [Username.from_parts(nickname, number)]
    candidates = generate_candidates(text, account.random)
    for setting in (account_data.USERNAME, account_data.USERNAME_WANTED):
        known = read_setting(account.database, setting)
        present = None if known is None else parsed_username(known)
        if present is not None and present.nickname.lower() == text.lower():
            candidates.insert(0, Username(text, present.discriminator))
    return candidates[:MAX_USERNAME_CANDIDATES]


def _present(account: Account, username: Username, handle: str | None) -> OwnUsername:
    """The username that the account has already, perhaps in other letters; with its link if the secret is known."""
    own = own_username(account.database)
    entropy = _wanted_entropy(account.database, username)
    if own is not None and own.link is not None and str(own.link.handle) == handle:
        entropy = own.link.entropy
    if handle is None:
        return make_link(account, username, entropy)
    if entropy is None:
        return OwnUsername(str(username), None)  # another device's link, which stays good
    if own is not None and own.username == str(username):
        return OwnUsername(own.username, link_of(entropy, handle))
    return make_link(account, username, entropy)


def _take(account: Account, by_hash: dict[bytes, Username]) -> OwnUsername:
    """Reserve the first candidate that is free and confirm it."""
    try:
        reserved = service.reserve(account.identified, list(by_hash))
        chosen = by_hash.get(reserved)
        if chosen is None:
            raise MalformedAnswer("the service reserved another username than one of those named")
        return confirm_reserved(account, chosen, reserved)
    except (Conflict, Gone):
        raise UsernameTaken from None


def _wanted_entropy(database: Database, username: Username) -> bytes | None:
    """The secret with which a username may have been confirmed before."""
    wanted = read_setting(database, account_data.USERNAME_WANTED)
    if wanted is None or wanted.lower() != str(username).lower():
        return None
    return read_setting(database, account_data.USERNAME_WANTED_ENTROPY)


def confirm_reserved(
    account: Account, chosen: Username, username_hash: bytes, entropy: bytes | None = None
) -> OwnUsername:
    """Make a reserved username the account's, with a link; raises Conflict, Gone."""
    from sigcli.zkgroup.usernames import create_username_link

    entropy, encrypted = create_username_link(chosen, account.random, entropy)
    with account.database.transaction() as database:
        write_setting(database, account_data.USERNAME_WANTED, str(chosen))
        write_setting(database, account_data.USERNAME_WANTED_ENTROPY, entropy)
    proof = chosen.proof(account.random)
    try:
        confirmed = service.confirm(account.identified, username_hash, proof, encrypted)
    except (Conflict, Gone):
        with account.database.transaction() as database:
            settle(database)
        raise
    return OwnUsername(str(chosen), link_of(entropy, confirmed.link_handle))


def make_link(account: Account, username: Username, entropy: bytes | None = None) -> OwnUsername:
    """A link for the account's username: a new one, or the one with this secret."""
    from sigcli.zkgroup.usernames import create_username_link

    keep = entropy is not None
    entropy, encrypted = create_username_link(username, account.random, entropy)
    handle = service.put_link(account.identified, encrypted, keep_handle=keep)
    return OwnUsername(str(username), link_of(entropy, handle))


def link_of(entropy: bytes, handle: str | None) -> UsernameLink | None:
    """The link with a handle as the service gives it; raises MalformedAnswer."""
    if handle is None:
        return None
    try:
        return UsernameLink(entropy, UUID(handle))
    except ValueError:
        raise MalformedAnswer("the service gave a username link an unusable handle") from None


# --- the other devices ----------------------------------------------------------------------------


def send_username_change(account: Account) -> None:
    """Tell the other devices that the username has changed; raises ServiceError if it did not go out."""
    require_sync(account, SyncMessage(username_change=SyncUsernameChange()))


def tell_other_devices(account: Account) -> None:
    """The same now; if it fails, the next receive tries again."""
    if not has_other_devices(account):
        return
    if account.attempt(
        lambda: send_username_change(account), "your other devices do not know of the username yet"
    ):
        with account.database.transaction() as database:
            drop_tasks(database, TaskKind.SYNC_ANSWER, USERNAME_TARGET)
