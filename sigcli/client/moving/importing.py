"""Accounts taken over from signal-cli.

The lock that signal-cli holds while it runs is held here to the end. Everything is made in a folder that is no account
yet, and becomes one with its line in accounts.toml. Nothing of signal-cli's is changed, unless the account is to be
retired: then its file is renamed, last.
"""

from __future__ import annotations

import os
import struct
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from sigcli.client.base.account import Account, system_clock
from sigcli.client.moving import signal_cli_people, signal_cli_protocol
from sigcli.client.moving.arriving import set_up
from sigcli.client.moving.report import ImportReport, Tally
from sigcli.client.moving.signal_cli_account import AccountFile, adopt_account, adopt_configuration
from sigcli.client.moving.signal_cli_files import copy_files
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import AccountExists, MalformedMessage, UnknownLocalAccount
from sigcli.lazy_dataclass import replace
from sigcli.store.files import AccountFiles
from sigcli.store.signal_cli.database import SignalCliDatabase
from sigcli.store.signal_cli.folder import SignalCliFolder
from sigcli.store.tasks import TaskKind, add_task
from sigcli.store.timestamps import note_message_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sigcli.client.base.settings import Settings
    from sigcli.store.accounts import NewAccount
    from sigcli.store.signal_cli.folder import LockedAccount, SignalCliEntry
    from sigcli.wire.addresses import ServiceId

_ENVIRONMENTS = {"LIVE": "live", "STAGING": "staging"}
_COPY_FOLDER = "signal-cli"
_CACHE_HEADER = struct.Struct(">iq")
_CACHE_VERSION = 9


def default_source(environ: Mapping[str, str] = os.environ) -> str:
    """Where signal-cli keeps its data unless told otherwise."""
    home = environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(home, "signal-cli")


def import_accounts(
    settings: Settings,
    source: str | None = None,
    *,
    offline: bool = False,
    retire: bool = False,
    random: RandomSource = secure_random,
    clock: Callable[[], int] = system_clock,
) -> list[ImportReport]:
    """Take over the account that the settings name, or all that are there; gives what was taken and what not.

    All of them are locked and looked at before the first one is taken over. Raises NoSignalCliData, SignalCliInUse,
    SignalCliTooOld, SignalCliTooNew, SignalCliDataDamaged, UnknownLocalAccount, AccountExists, and StoreError.
    """
    folder = SignalCliFolder(source or default_source())
    entries = _chosen(folder, settings.account)
    reports = []
    with ExitStack() as stack:
        locked = [stack.enter_context(folder.lock(entry)) for entry in entries]
        ready = [_Import(settings, one, random, clock) for one in locked]
        for one in ready:
            stack.enter_context(one.prepared())
        for one in ready:
            report = one.carry_out()
            if not offline and report.is_registered:
                from sigcli.client.applying.group_updates import update_waiting_groups

                set_up(settings, report.aci, report.environment, update_waiting_groups)
            if retire:
                report = replace(report, retired_to=one.locked.retire())
            reports.append(report)
    return reports


def _chosen(folder: SignalCliFolder, name: str | None) -> list[SignalCliEntry]:
    entries = folder.entries()
    if name is None:
        return entries
    called = [entry for entry in entries if entry.is_called(name)]
    if not called:
        raise UnknownLocalAccount(
            "signal-cli has no account of this name in the folder",
            hint="leave out -a to import all accounts",
        )
    return called


class _Import:
    """One account on its way."""

    def __init__(
        self,
        settings: Settings,
        locked: LockedAccount,
        random: RandomSource,
        clock: Callable[[], int],
    ) -> None:
        self._settings = settings
        self.locked = locked
        self._random = random
        self._clock = clock
        self._file = AccountFile(locked.account_file())
        self._keys = self._file.keys(random)
        entry = locked.entry
        self._environment = settings.stored_environment or _ENVIRONMENTS.get(
            entry.environment, entry.environment.lower()
        )
        self._new: NewAccount | None = None
        self._source: SignalCliDatabase | None = None

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Refuse what cannot be taken over, and copy the database; what has not become an account is deleted."""
        from sigcli.service.environments import load_environment

        load_environment(self._environment, self._settings.data_dir)
        directory = self._settings.data_directory
        for known in directory.accounts(self._environment):
            if known.aci == self._keys.aci:
                raise AccountExists
        with directory.new_account() as new:
            copy = self.locked.copy_database(new.private_folder(_COPY_FOLDER))
            with SignalCliDatabase(copy) as source:
                self._new, self._source = new, source
                yield

    def carry_out(self) -> ImportReport:
        """Make it an account."""
        new, source, keys, now_ms = self._new, self._source, self._keys, self._clock()
        assert new is not None
        assert source is not None
        tally = Tally()
        files = AccountFiles(new.folder)
        with new.database.transaction() as transaction:
            adopt_account(transaction, self._file, keys, self._random)
            adopt_configuration(transaction, source)
            people = signal_cli_people.adopt_people(transaction, source, keys, tally)
            identities = signal_cli_protocol.adopt_identities(transaction, source, keys, tally)
            signal_cli_protocol.adopt_sessions(transaction, source, tally)
            signal_cli_protocol.adopt_prekeys(transaction, source, self._file, now_ms, tally)
            signal_cli_protocol.adopt_sender_keys(transaction, source, keys, tally)
            signal_cli_protocol.adopt_send_log(transaction, source, identities, now_ms, tally)
            signal_cli_people.adopt_groups(transaction, source, now_ms, tally)
            signal_cli_people.adopt_packs(transaction, source, tally)
            for row in source.rows("message_send_log_content"):
                note_message_timestamp(transaction, row["timestamp"])
            add_task(transaction, TaskKind.STORAGE_SYNC, now_ms=now_ms)
            asked = TaskKind.ATTRIBUTES_UPDATE if keys.is_primary else TaskKind.SYNC_REQUEST
            add_task(transaction, asked, now_ms=now_ms)
            numbers = _numbers(source, people)
        source.close()
        new.remove_private_folder(_COPY_FOLDER)
        copy_files(self.locked.folder, files, numbers, tally)
        self._take_cached(new, files, tally)
        entry = new.register(keys.aci, keys.number, self._environment)
        return ImportReport(
            keys.aci,
            keys.number,
            entry.environment,
            keys.device_id,
            self._file.is_registered,
            dict(tally.taken),
            tally.left_out(),
        )

    def _take_cached(
        self,
        new: NewAccount,
        files: AccountFiles,
        tally: Tally,
    ) -> None:
        """Take what signal-cli keeps undecrypted as if it came now: what waits for trust goes on waiting."""
        from sigcli.client.applying.envelope_intake import EnvelopeIntake
        from sigcli.store.inbox import count_held

        account = Account(
            self._settings,
            new.database,
            files,
            self._environment,
            clock=self._clock,
            random=self._random,
        )
        intake = EnvelopeIntake(account)
        with new.database.transaction() as transaction:
            intake.begin(transaction)
            for data in self.locked.cached_messages():
                try:
                    delivered_ms, envelope = cached_envelope(data)
                except MalformedMessage:
                    tally.leave_out("waiting messages", "their files are damaged or too old")
                    continue
                if intake.take(envelope, delivered_ms) is not None:
                    tally.take("waitingMessages")
            tally.take("heldMessages", count_held(transaction))


def cached_envelope(data: bytes) -> tuple[int, bytes]:
    """The time of delivery and the envelope out of a file of signal-cli's message cache; raises MalformedMessage.

    Source: ``MessageCacheUtils`` of signal-cli: version, time (milliseconds), the envelope.
    """
    if len(data) < _CACHE_HEADER.size:
        raise MalformedMessage
    version, delivered_ms = _CACHE_HEADER.unpack_from(data)
    if version != _CACHE_VERSION:
        raise MalformedMessage
    return delivered_ms, data[_CACHE_HEADER.size :]


def _numbers(source: SignalCliDatabase, people: Mapping[int, ServiceId]) -> dict[str, ServiceId]:
    return {
        row["number"]: people[row["_id"]]
        for row in source.rows("recipient")
        if row["number"] and row["_id"] in people
    }
