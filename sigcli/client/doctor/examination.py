"""All checks in their order: what stands alone first, then what waits for the network, side by side.

Only one thread touches the database. What a check needs of it is read before the check begins to wait.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sigcli.client.base.account import Account, system_clock
from sigcli.client.base.settings import DEFAULT_ENVIRONMENT
from sigcli.client.doctor.daemon import check_daemon
from sigcli.client.doctor.disk import check_database, disk_checks
from sigcli.client.doctor.findings import (
    Check,
    Finding,
    Status,
    all_findings,
    failed,
    findings_side_by_side,
    ok,
    skipped,
)
from sigcli.client.doctor.hosts import TIMEOUT_S, check_chat, host_checks
from sigcli.client.doctor.machine import machine_checks
from sigcli.errors import NoLocalAccount, OnlySignalCliAccounts, SigcliError
from sigcli.store.signal_cli.place import default_signal_cli_dir, holds_signal_cli_accounts

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.settings import Settings
    from sigcli.service.network import Network
    from sigcli.store.accounts_file import LocalAccount

_PATIENCE_S = 3 * TIMEOUT_S
"""For a name server, a connection and an answer."""
_NO_ACCOUNT = "there is no account to check"
_NO_ENVIRONMENT = "no environment names it"
_NO_LOGIN = "the service must accept the login first"
_NO_SERVICE = "the chat service must be reachable first"


def examine(
    settings: Settings, *, encoding: str, clock: Callable[[], int] = system_clock
) -> list[Finding]:
    """Look at everything, of the account that the settings name or the only one there is; raises nothing.

    Changes nothing. ``encoding`` is that of standard output.
    """
    examination = _Examination(settings, clock)
    with examination:
        return [
            *all_findings(machine_checks(clock(), encoding)),
            *all_findings(disk_checks(settings.data_directory)),
            Check("daemon", lambda: check_daemon(settings.data_dir)).finding(),
            *examination.open(),
            *examination.of_service(),
            *examination.of_account(),
        ]


def _no_account(data_dir: str, error: NoLocalAccount) -> Finding:
    where, hint = f"there is no account in {data_dir}", error.hint
    theirs = default_signal_cli_dir(os.environ)
    if isinstance(error, OnlySignalCliAccounts):
        where = error.message
    elif holds_signal_cli_accounts(theirs):
        hint = f"signal-cli has accounts in {theirs}: sigcli import signal-cli imports them"
    return Finding("account", Status.SKIPPED, where, hint)


def is_well(findings: list[Finding]) -> bool:
    """Whether there is nothing to mend."""
    return all(finding.status is not Status.FAILED for finding in findings)


class _Examination:
    """One run: the account and the network, if they can be opened."""

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        self._settings = settings
        self._clock = clock
        self._entry: LocalAccount | None = None
        self._account: Account | None = None
        self._network: Network | None = None
        self._chat_answers = False

    def __enter__(self) -> _Examination:
        return self

    def __exit__(self, *_: object) -> None:
        if self._account is not None:
            self._account.close()

    def open(self) -> list[Finding]:
        """Open what there is to look at."""
        findings = all_findings([Check("account", self._choose), Check("database", self._database)])
        if self._entry is not None and findings[-1].status is Status.OK:
            opening = Check("database", self._open_account).finding()
            if opening.status is not Status.OK:
                findings[-1] = opening
        environment = Check("environment", self._load_environment).finding()
        constants = Check("constants", self._look_at_constants).finding()
        return [*findings, environment, constants]

    def of_service(self) -> list[Finding]:
        """The hosts and the clock."""
        network = self._network
        if network is None:
            return [skipped("chat", _NO_ENVIRONMENT), skipped("clock", _NO_ENVIRONMENT)]
        network.tls_context  # noqa: B018  # made once, before threads need it
        clocks: list[Finding] = []

        def look_at_chat() -> Finding:
            chat, clock = check_chat(network, self._clock)
            clocks.append(clock)
            return chat

        chat, *hosts = findings_side_by_side(
            [Check("chat", look_at_chat), *host_checks(network)], _PATIENCE_S
        )
        self._chat_answers = chat.status is not Status.FAILED
        clock = clocks[0] if clocks else skipped("clock", "the service did not say what time it is")
        return [chat, clock, *hosts]

    def of_account(self) -> list[Finding]:
        """The login and what hangs on it, and the account's upkeep."""
        from sigcli.client.doctor import login, upkeep

        account = self._account
        if account is None:
            return [
                skipped("login", _NO_ACCOUNT),
                *login.skipped_account_checks(_NO_ACCOUNT),
                *upkeep.skipped_upkeep_checks(_NO_ACCOUNT),
            ]
        return [*self._of_login(account), *all_findings(upkeep.upkeep_checks(account))]

    def _of_login(self, account: Account) -> list[Finding]:
        from sigcli.client.doctor import login

        if not self._chat_answers:
            return [skipped("login", _NO_SERVICE), *login.skipped_account_checks(_NO_SERVICE)]
        chat, keys = account.identified, account.keys
        check = Check("login", lambda: login.check_login(chat, keys))
        (finding,) = findings_side_by_side([check], _PATIENCE_S)
        if finding.status is Status.FAILED:
            return [finding, *login.skipped_account_checks(_NO_LOGIN)]
        return [finding, *findings_side_by_side(login.account_checks(account), _PATIENCE_S)]

    # --- opening -----------------------------------------------------------------------------

    def _choose(self) -> Finding:
        settings = self._settings
        try:
            self._entry = settings.data_directory.choose(
                settings.account, settings.stored_environment
            )
        except NoLocalAccount as error:
            return _no_account(settings.data_directory.path, error)
        number = self._entry.number
        # People paste this into bug reports: no full number.
        who = f"number ending in {number[-4:]}" if number else "without a number"
        return ok("account", f"{who}, environment {self._entry.environment}")

    def _database(self) -> Finding:
        if self._entry is None:
            return skipped("database", _NO_ACCOUNT)
        return check_database(self._settings.data_directory, self._entry)

    def _open_account(self) -> Finding:
        settings, entry = self._settings, self._entry
        assert entry is not None
        directory = settings.data_directory
        database = directory.open_database(entry)
        try:
            self._account = Account(
                settings, database, directory.files_of(entry), entry.environment, clock=self._clock
            )
        except SigcliError as error:
            database.close()
            return failed("database", error.message, error.hint)
        return ok("database", "opened")

    def _look_at_constants(self) -> Finding:
        from sigcli.client.doctor.constants import check_constants

        if self._network is None:
            return skipped("constants", _NO_ENVIRONMENT)
        return check_constants(
            self._network.environment,
            self._environment_name,
            self._settings.data_dir,
            self._clock(),
        )

    @property
    def _environment_name(self) -> str:
        stored = self._entry.environment if self._entry else self._settings.stored_environment
        return stored or DEFAULT_ENVIRONMENT

    def _load_environment(self) -> Finding:
        from sigcli.service.environments import load_environment
        from sigcli.service.network import Network

        settings = self._settings
        if self._account is not None:
            self._network = self._account.network
        else:
            environment = load_environment(self._environment_name, settings.data_dir)
            self._network = Network(environment, trace=settings.trace)
        environment = self._network.environment
        return ok("environment", f"{environment.name}, chat at {environment.chat_url.authority}")
