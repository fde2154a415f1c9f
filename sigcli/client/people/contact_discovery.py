"""Finding the accounts behind numbers: each number is asked about once, and what is found is stored.

That nobody has a number is remembered for an hour.

The service counts the numbers of an account. Its token spares those of earlier lookups, which are sent along with it;
when it asks for a pause, nothing is sent until that is over.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sigcli.client.base.steps import run
from sigcli.durations import DAY_MS, HOUR_S
from sigcli.errors import DirectoryTokenRefused, DiscoveryUnavailable, RateLimited
from sigcli.store import account_data
from sigcli.store.settings import read_setting, write_setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sigcli.client.base.account import Account
    from sigcli.client.base.steps import Steps
    from sigcli.service.resources.certificates import ServiceLogin
    from sigcli.service.resources.directory import DirectoryEntry
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.key_types import ProfileKeyBytes

    Entries = dict[str, DirectoryEntry | None]

_MAX_LOOKED_AT = 16
"""Numbers whose former owners are confirmed with one lookup; the others with the next."""
_DEFAULT_PAUSE_S = HOUR_S
_LONGEST_PAUSE_MS = 14 * DAY_MS
"""A longer wait was noted on a clock that was wrong."""


def is_available(account: Account) -> bool:
    """Whether the environment can find people by number."""
    return account.environment.directory is not None


def discover(account: Account, numbers: Iterable[str]) -> Entries:
    """Ask who has each number (E.164) now; None for one that is not registered. Not inside a transaction.

    Everybody found is stored, an ACI only where the service names it; that another account has a number now than
    before is a claim. Raises DiscoveryUnavailable, AttestationFailed, RateLimited with the wait, ServiceError: then
    nothing is known of any of the numbers.
    """
    return run(discovery(account, numbers))


def discovery(account: Account, numbers: Iterable[str]) -> Steps[Entries]:
    """As ``discover``, in steps."""
    wanted = tuple(dict.fromkeys(numbers))
    directory = account.environment.directory
    if directory is None:
        raise DiscoveryUnavailable
    if not wanted:
        return {}
    entries: Entries = {}
    former: dict[str, ServiceId] = {}
    if directory.kind == "loopback":
        from sigcli.service.resources.directory import look_up

        for number in wanted:
            entries[number] = yield partial(look_up, account.network, number)
    else:
        entries = yield from _ask_enclave(account, wanted)
        former = yield from _former_owners(account, entries)
    _store(account, entries, former)
    return entries


def _former_owners(account: Account, entries: Entries) -> Steps[dict[str, ServiceId]]:
    """Those whose access key was sent and is right, and whom the service has not named: the number is not theirs.

    Naming nobody may also mean that the key has changed, which only the account itself tells.
    """
    from sigcli.store.recipients import find_by_number

    former: dict[str, ServiceId] = {}
    for number, entry in entries.items():
        if entry is None or entry.aci is not None or len(former) >= _MAX_LOOKED_AT:
            continue
        person = find_by_number(account.database, number)
        if person is None or person.aci is None or person.profile.key is None:
            continue
        if (yield from _is_known_by(account, person.aci, person.profile.key)):
            former[number] = person.aci
    return former


def _is_known_by(account: Account, aci: ServiceId, profile_key: ProfileKeyBytes) -> Steps[bool]:
    """Whether an account has this profile key now, or is gone; false also where that cannot be told."""
    from sigcli.client.people.profiles import profile_version
    from sigcli.errors import InvalidKey, NotFound, ServiceError
    from sigcli.service.credentials import AccessKey
    from sigcli.service.resources import profiles

    try:
        access = AccessKey.of(profile_key)
        version = profile_version(profile_key, aci)
        profile = yield partial(
            profiles.get_anonymously, account.unidentified, aci, access, version
        )
    except NotFound:
        return True
    except (InvalidKey, ServiceError):
        return False
    # An account that takes sealed messages from everybody proves nothing about the key.
    return not profile.unrestricted_access


def _ask_enclave(account: Account, wanted: tuple[str, ...]) -> Steps[Entries]:
    from sigcli.service.resources.certificates import DIRECTORY, service_login

    _require_no_pause(account)
    login = yield partial(service_login, account.identified, DIRECTORY)
    try:
        try:
            return (yield from _look_up(account, wanted, login))
        except DirectoryTokenRefused:
            _forget_token(account)
            return (yield from _look_up(account, wanted, login))
    except RateLimited as limit:
        _remember_pause(account, limit.retry_after_s)
        raise


def _look_up(account: Account, wanted: tuple[str, ...], login: ServiceLogin) -> Steps[Entries]:
    from sigcli.service.contact_discovery import Lookup
    from sigcli.wire.contact_discovery import LookupRequest, pack_numbers, unpack_numbers

    token = read_setting(account.database, account_data.DIRECTORY_TOKEN)
    packed = read_setting(account.database, account_data.DIRECTORY_NUMBERS) if token else None
    previous = unpack_numbers(packed or b"")
    new = tuple(number for number in wanted if number not in set(previous))
    request = LookupRequest(new, previous, _access_keys(account), token or b"")
    now_s = account.now_ms() // 1000
    lookup: Lookup = yield partial(
        Lookup.begin, account.network, login, request, now_s, account.random
    )
    try:
        with account.database.transaction() as database:
            write_setting(database, account_data.DIRECTORY_TOKEN, lookup.token)
            write_setting(database, account_data.DIRECTORY_NUMBERS, pack_numbers((*previous, *new)))
        entries: Entries = yield partial(lookup.finish, wanted)
    finally:
        lookup.close()
    return entries


def _access_keys(account: Account) -> tuple[tuple[ServiceId, bytes], ...]:
    """Proof of knowing people, for which the service tells whether a number is theirs."""
    from sigcli.protocol.access_keys import derive_access_key
    from sigcli.store.recipients import list_recipients

    return tuple(
        (person.aci, derive_access_key(person.profile.key))
        for person in list_recipients(account.database)
        if person.aci is not None and person.profile.key is not None
    )


def _store(account: Account, entries: Entries, former: Mapping[str, ServiceId]) -> None:
    from sigcli.client.people.claimed_addresses import take_claimed_ids
    from sigcli.store.recipients import note_numbers_checked
    from sigcli.store.unregistered_numbers import note_registered, note_unregistered

    found = [(number, entry) for number, entry in entries.items() if entry is not None]
    nobodys = [number for number, entry in entries.items() if entry is None]
    with account.database.transaction() as database:
        for number, entry in found:
            take_claimed_ids(
                account,
                database,
                aci=entry.aci,
                pni=entry.pni,
                number=number,
                apart_from=former.get(number),
            )
        note_numbers_checked(database, entries, account.now_ms())
        note_registered(database, (number for number, _ in found))
        note_unregistered(database, nobodys, account.now_ms())


def _require_no_pause(account: Account) -> None:
    until_ms = read_setting(account.database, account_data.DIRECTORY_PAUSE_UNTIL_MS)
    wait_ms = (until_ms or 0) - account.now_ms()
    if 0 < wait_ms <= _LONGEST_PAUSE_MS:
        raise RateLimited(
            "contact discovery accepts no more lookups for now",
            retry_after_s=-(-wait_ms // 1000),
        )


def _remember_pause(account: Account, wait_s: int | None) -> None:
    wait_ms = min((_DEFAULT_PAUSE_S if wait_s is None else wait_s) * 1000, _LONGEST_PAUSE_MS)
    with account.database.transaction() as database:
        write_setting(database, account_data.DIRECTORY_PAUSE_UNTIL_MS, account.now_ms() + wait_ms)


def _forget_token(account: Account) -> None:
    with account.database.transaction() as database:
        write_setting(database, account_data.DIRECTORY_TOKEN, None)
        write_setting(database, account_data.DIRECTORY_NUMBERS, None)
