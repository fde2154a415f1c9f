from __future__ import annotations

import json
import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.base.settings import Settings
from sigcli.client.doctor.constants import check_constants
from sigcli.client.doctor.disk import check_database, check_rights
from sigcli.client.doctor.examination import examine, is_well
from sigcli.client.doctor.findings import (
    Check,
    Finding,
    Status,
    findings_side_by_side,
    ok,
)
from sigcli.client.doctor.hosts import check_chat, check_clock, check_host
from sigcli.client.doctor.login import account_checks, check_devices, check_login
from sigcli.client.doctor.machine import check_libraries, check_release, check_terminal
from sigcli.client.doctor.upkeep import upkeep_checks
from sigcli.errors import SigcliError, StorageUnwritable, UnexpectedError
from sigcli.service.environments import load_environment
from sigcli.service.network import Network
from sigcli.store import account_data
from sigcli.store.account_data import store_account_keys
from sigcli.store.accounts import DataDirectory
from sigcli.store.accounts_file import LocalAccount
from sigcli.store.challenges import Challenge, remember_challenge
from sigcli.store.database import SCHEMA_VERSION
from sigcli.store.inbox import store_failure
from sigcli.store.inbox_values import EnvelopeMetadata, InboxFailure
from sigcli.store.lease import acquire
from sigcli.store.private_files import make_private_folder
from sigcli.store.settings import write_setting
from sigcli.store.tasks import TaskItem, TaskKind, add_task, claim_task, put_off_task
from sigcli.wire.addresses import ServiceId
from tests.support.loopback_server import TIMESTAMP, Answer, LoopbackServer, Received, authority

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from tests.unit.client.conftest import Clock

DAY_MS = 24 * 3600 * 1000
DAY = 1_767_225_600_000  # 2026-01-01


def statuses(findings: list[Finding]) -> dict[str, Status]:
    return {finding.name: finding.status for finding in findings}


# --- the frame ------------------------------------------------------------------------------------


def test_a_check_that_breaks_is_a_finding() -> None:
    def breaks() -> Finding:
        raise ZeroDivisionError

    def fails() -> Finding:
        raise SigcliError("it is so", hint="do this")

    broken, failed = Check("a", breaks).finding(), Check("b", fails).finding()
    assert (broken.status, broken.hint) == (Status.FAILED, UnexpectedError.hint)
    assert "ZeroDivisionError" in broken.message
    assert failed == Finding("b", Status.FAILED, "it is so", "do this")


def test_checks_wait_side_by_side_and_not_for_ever() -> None:
    meeting = threading.Barrier(2, timeout=10)
    never = threading.Event()

    def meet() -> Finding:
        meeting.wait()
        return ok("x", "met")

    def hang() -> Finding:
        never.wait(20)
        return ok("x", "late")

    met = findings_side_by_side([Check("a", meet), Check("b", meet)], 10)
    assert [finding.message for finding in met] == ["met", "met"]
    (given_up,) = findings_side_by_side([Check("c", hang)], 0.01)
    never.set()
    assert (given_up.name, given_up.status) == ("c", Status.FAILED)


# --- the machine ----------------------------------------------------------------------------------


def test_the_age_of_the_release() -> None:
    assert check_release(DAY, "2025-12-31").status is Status.OK
    assert check_release(DAY, "2025-06-01").status is Status.WARNING
    assert check_release(DAY, "2026-03-01").status is Status.WARNING
    assert "from a checkout" in check_release(DAY, None).message


def test_constants_older_than_half_a_year_are_a_warning_that_says_what_to_do(
    tmp_path: Path,
) -> None:
    shipped = load_environment("live", tmp_path)
    assert shipped.constants_as_of is not None
    day_ms = int(datetime.combine(shipped.constants_as_of, time(), UTC).timestamp()) * 1000

    def finding(days: int, name: str = "live") -> Finding:
        environment = load_environment(name, tmp_path)
        return check_constants(environment, name, tmp_path, day_ms + days * DAY_MS)

    assert finding(183).status is Status.OK
    old = finding(184)
    assert (old.status, "184 days old" in old.message) == (Status.WARNING, True)
    assert all(word in str(old.hint) for word in (shipped.source, str(tmp_path), "constants_as_of"))

    # What the hint says, done.
    folder = tmp_path / "environments"
    folder.mkdir()
    text = Path(shipped.source).read_text()
    (folder / "signal-root-ca.pem").write_text(shipped.ca_pem or "")
    (folder / "live.toml").write_text(text)
    assert (finding(1).status, "not newer" in finding(1).message) == (Status.WARNING, True)
    newer = shipped.constants_as_of + timedelta(days=100)
    (folder / "live.toml").write_text(text.replace(str(shipped.constants_as_of), str(newer)))
    assert finding(184) == ok(
        "constants", f"the constants of live date from {newer}, from {folder / 'live.toml'}"
    )
    assert finding(284).status is Status.WARNING


def test_constants_without_a_day_are_the_file_s_own_business(tmp_path: Path) -> None:
    with LoopbackServer() as server:
        found = check_constants(server.environment(), "/x.toml", tmp_path, DAY)
        assert found.status is Status.OK
        dated = server.environment(constants_as_of=date(2020, 1, 1))
        found = check_constants(dated, "/x.toml", tmp_path, DAY)
    assert (found.status, "/x.toml" in str(found.hint)) == (Status.WARNING, True)


def test_the_libraries_are_all_there() -> None:
    found = check_libraries()
    assert found.status is Status.OK
    assert "OpenSSL" in found.message


def test_a_build_without_a_primitive_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.kdf import argon2

    def unfit(**_: object) -> None:
        raise UnsupportedAlgorithm("an older OpenSSL")

    monkeypatch.setattr(argon2, "Argon2id", unfit)
    found = check_libraries()
    assert (found.status, "Argon2id" in found.message) == (Status.FAILED, True)
    assert found.hint is not None


@pytest.mark.parametrize(
    ("encoding", "status"),
    [("utf-8", Status.OK), ("UTF8", Status.OK), ("ANSI_X3.4-1968", Status.WARNING)],
)
def test_the_terminal(encoding: str, status: Status) -> None:
    assert check_terminal(encoding).status is status


# --- the disk -------------------------------------------------------------------------------------


@pytest.fixture
def listed(account: Account, tmp_path: Path) -> tuple[DataDirectory, LocalAccount]:
    """The account as its data directory lists it."""
    directory = DataDirectory(tmp_path / "data")
    entry = LocalAccount(account.aci, account.number, "sandbox", "one")
    directory.register(entry)
    for path in (tmp_path / "data", tmp_path / "data" / "one"):
        path.chmod(0o700)
    return directory, entry


def test_rights(listed: tuple[DataDirectory, LocalAccount], tmp_path: Path) -> None:
    directory, entry = listed
    assert check_rights(directory.path).status is Status.OK
    assert check_rights(str(tmp_path / "none")).status is Status.OK
    attachments = Path(directory.folder_of(entry)) / "attachments"
    attachments.mkdir(mode=0o700)
    picture = attachments / "picture.png"
    picture.touch(mode=0o604)
    picture.chmod(0o604)
    exposed = check_rights(directory.path)
    assert (exposed.status, str(picture) in exposed.message) == (Status.FAILED, True)
    picture.chmod(0o600)
    attachments.chmod(0o710)
    assert check_rights(directory.path).status is Status.FAILED


def test_rights_of_somebody_else(
    listed: tuple[DataDirectory, LocalAccount], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert "another user" in check_rights(listed[0].path).message


def test_a_directory_that_could_never_be_made_is_told_as_send_tells_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "data", Path("/proc/sigcli/data")):
        with pytest.raises(StorageUnwritable) as refused:
            make_private_folder(str(path))
        found = Check("dataDirectory", lambda path=path: check_rights(str(path))).finding()  # type: ignore[misc]
        assert (found.status, found.hint) == (Status.FAILED, refused.value.hint)
        assert "the data directory cannot be used" in found.message
    assert os.listdir(tmp_path) == ["file"]


def test_what_cannot_be_opened_is_not_called_damaged(
    listed: tuple[DataDirectory, LocalAccount], monkeypatch: pytest.MonkeyPatch
) -> None:
    real_access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: not mode & os.W_OK and real_access(path, mode)
    )
    for look in (lambda: check_database(*listed), lambda: check_rights(listed[0].path)):
        found = Check("x", look).finding()
        assert (found.status, found.hint) == (Status.FAILED, StorageUnwritable.hint)
        assert "damaged" not in found.message
    monkeypatch.undo()

    def refused(*_: object, **__: object) -> None:
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
        raise error

    monkeypatch.setattr(sqlite3, "connect", refused)
    found = Check("x", lambda: check_database(*listed)).finding()
    assert (found.status, found.hint) == (Status.FAILED, StorageUnwritable.hint)


def test_a_database_that_is_whole_old_new_or_none(
    listed: tuple[DataDirectory, LocalAccount], account: Account
) -> None:
    path = account.database.path
    assert check_database(*listed).status is Status.OK
    for version, status in (
        (SCHEMA_VERSION - 1, Status.WARNING),
        (SCHEMA_VERSION + 1, Status.FAILED),
        (0, Status.FAILED),
    ):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA user_version = {version}")
        assert check_database(*listed).status is status
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (version,)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = Path(path).read_bytes()
    Path(path).write_bytes(content[:4096] + os.urandom(len(content) - 4096))
    assert "damaged" in check_database(*listed).message


# --- the service ----------------------------------------------------------------------------------


def test_a_clock_is_told_in_words() -> None:
    assert check_clock(DAY, DAY - 30_000).status is Status.OK
    assert check_clock(DAY, None).status is Status.SKIPPED
    ahead, behind = check_clock(DAY + 300_000, DAY), check_clock(DAY, DAY + 3 * DAY_MS)
    assert (ahead.status, ahead.message) == (Status.WARNING, "5 minutes ahead of the service's")
    assert (behind.status, behind.message) == (Status.FAILED, "3 days behind the service's")


def test_a_host_with_a_foreign_certificate_is_refused() -> None:
    with LoopbackServer() as server:
        good = Network(server.environment())
        assert check_host(good, "cdn0", server.url).status is Status.OK
        bad = Network(server.environment(ca_pem=authority("Another CA").ca_pem))
        refused = check_host(bad, "cdn0", server.url)
        assert (refused.status, "certificate" in refused.message) == (Status.FAILED, True)
        chat, clock = check_chat(bad, lambda: DAY)
        assert (chat.status, clock.status) == (Status.FAILED, Status.SKIPPED)
    gone = check_host(good, "svr2", server.url, vital=False)
    assert gone.status is Status.WARNING


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Answer(404), Status.OK),
        (Answer(429), Status.OK),
        (Answer(503), Status.WARNING),
        (Answer(499), Status.FAILED),
        (Answer(403, b"<html>", {}), Status.FAILED),
    ],
)
def test_what_the_chat_service_answers(answer: Answer, status: Status) -> None:
    with LoopbackServer(lambda _: answer) as server:
        chat, clock = check_chat(Network(server.environment()), lambda: 1_700_000_000_000)
    assert chat.status is status
    assert (clock.status is Status.OK) == ("X-Signal-Timestamp" in answer.headers)


class Service:
    """Answers what ``doctor`` asks about an account; changed by the test."""

    def __init__(self, account: Account) -> None:
        self.whoami: object = {
            "uuid": str(account.aci),
            "number": account.number,
            "pni": str(account.pni.uuid) if account.pni else None,
        }
        self.login_status = 200
        self.devices = [{"id": 1, "lastSeen": DAY}, {"id": 2, "lastSeen": DAY}]
        self.capabilities = {"spqr": True}
        self.counts = {"count": 80, "pqCount": 90}
        self.digests_agree = 200

    def __call__(self, got: Received) -> Answer:
        path = got.path.partition("?")[0]
        if path == "/v1/accounts/whoami":
            return Answer(self.login_status, json.dumps(self.whoami).encode())
        if path == "/v1/devices":
            return Answer(body=json.dumps({"devices": self.devices}).encode())
        if path == "/v2/keys":
            return Answer(body=json.dumps(self.counts).encode())
        if path == "/v2/keys/check":
            return Answer(self.digests_agree)
        if path.startswith("/v1/profile/"):
            return Answer(body=json.dumps({"capabilities": self.capabilities}).encode())
        return Answer(404, b"", dict(TIMESTAMP))


def login_findings(account: Account, service: Service) -> dict[str, Finding]:
    with LoopbackServer(service) as server:
        account.__dict__["environment"] = server.environment()
        findings = [check.finding() for check in account_checks(account)]
        account.chat.close()
    return {finding.name: finding for finding in findings}


def login_finding(account: Account, service: Service) -> Finding:
    with LoopbackServer(service) as server:
        account.__dict__["environment"] = server.environment()
        finding = Check("login", lambda: check_login(account.identified, account.keys)).finding()
        account.chat.close()
        account.__dict__.pop("network")
        account._chat = None
    return finding


def test_the_login(account: Account) -> None:
    service = Service(account)
    assert login_finding(account, service).status is Status.OK
    service.whoami = {"uuid": str(account.aci), "pni": str(UUID(int=99)), "number": "+15550199"}
    assert login_finding(account, service).status is Status.WARNING
    service.whoami = {"uuid": str(UUID(int=99))}
    assert login_finding(account, service).status is Status.FAILED
    service.login_status = 401
    assert "link or register again" in str(login_finding(account, service).hint)
    service.login_status = 500
    assert login_finding(account, service).status is Status.FAILED


def test_what_hangs_on_the_login(account: Account, clock: Clock) -> None:
    clock.now_ms = DAY
    found = login_findings(account, Service(account))
    assert {finding.status for finding in found.values()} == {Status.OK}
    assert found.keys() == {"devices", "capabilities", "prekeysAci", "prekeysPni"}


def test_an_account_that_the_service_knows_otherwise(account: Account, clock: Clock) -> None:
    clock.now_ms = DAY
    service = Service(account)
    service.devices = [{"id": 1, "lastSeen": DAY - 40 * DAY_MS}, {"id": 3, "lastSeen": DAY}]
    service.capabilities = {}
    service.counts = {"count": 3, "pqCount": 90}
    found = login_findings(account, service)
    assert (found["devices"].status, found["capabilities"].status) == (
        Status.FAILED,
        Status.WARNING,
    )
    assert found["prekeysPni"].status is Status.WARNING


def test_a_primary_device_that_stays_away_and_keys_that_differ(
    account: Account, clock: Clock
) -> None:
    clock.now_ms = DAY
    service = Service(account)
    service.devices[0]["lastSeen"] = DAY - 31 * DAY_MS
    service.digests_agree = 409
    found = login_findings(account, service)
    assert (found["devices"].status, found["prekeysAci"].status) == (Status.WARNING, Status.FAILED)


# --- upkeep ---------------------------------------------------------------------------------------


def upkeep(account: Account) -> dict[str, Finding]:
    return {check.name: check.finding() for check in upkeep_checks(account)}


@pytest.mark.parametrize(
    ("days", "status"),
    [
        (0, Status.OK),
        (6, Status.OK),
        (7, Status.WARNING),
        (14, Status.WARNING),
        (25, Status.FAILED),
        (45, Status.FAILED),
    ],
)
def test_the_age_of_the_last_receive(
    account: Account, clock: Clock, days: int, status: Status
) -> None:
    with account.database.transaction() as database:
        write_setting(database, account_data.LAST_RECEIVE_MS, clock.now_ms - days * DAY_MS)
    found = upkeep(account)["lastReceive"]
    assert found.status is status
    assert ("linked devices are removed" in found.message) == (days == 45)


def test_a_quiet_account_has_nothing_to_mend(account: Account) -> None:
    found = upkeep(account)
    assert found["lastReceive"].status is Status.WARNING
    del found["lastReceive"]
    assert {finding.status for finding in found.values()} == {Status.OK}


def test_what_waits_for_its_user(account: Account, clock: Clock) -> None:
    now_ms = clock.now_ms
    metadata = EnvelopeMetadata("guid", 6, now_ms, now_ms, now_ms, ServiceId.aci(UUID(int=5)))
    with account.database.transaction() as database:
        acquire(database, now_ms)
        failure = InboxFailure("untrustedIdentity", "not trusted")
        store_failure(database, metadata, failure, b"hash", now_ms, held_envelope=b"envelope")
        remember_challenge(database, Challenge("token", ("captcha",), now_ms, now_ms + 90_000))
        add_task(database, TaskKind.RESEND, b"somebody", now_ms=now_ms)
        for _ in range(5):
            task = claim_task(database, now_ms)
            assert task is not None
            items: tuple[TaskItem, ...] = task.items
            put_off_task(database, items, now_ms)
    found = upkeep(account)
    assert str(os.getpid()) in found["receiver"].message
    assert found["heldMessages"].status is Status.WARNING
    assert "wait 2 minutes" in str(found["challenges"].hint)
    assert found["tasks"].message == "keeps failing: 1 x resend (tried 5 times)"
    clock.now_ms += 91_000
    assert upkeep(account)["challenges"].status is Status.OK


# --- all of it ------------------------------------------------------------------------------------


def test_nothing_here_and_no_environment(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "data", lambda _: None, service_environment="sandbox")
    findings = examine(settings, encoding="utf-8", clock=lambda: DAY)
    found = statuses(findings)
    assert not is_well(findings)
    assert found["environment"] is Status.FAILED
    assert {found[name] for name in ("account", "chat", "clock", "login", "tasks")} == {
        Status.SKIPPED
    }
    assert not (tmp_path / "data").exists()


def test_a_primary_device_is_told_of_its_account_s_end(account: Account, clock: Clock) -> None:
    from dataclasses import replace

    with account.database.transaction() as database:
        store_account_keys(database, replace(account.keys, device_id=1))
        write_setting(database, account_data.LAST_RECEIVE_MS, clock.now_ms - 60 * DAY_MS)
    account.reload_keys()
    assert "the account ends after 120" in upkeep(account)["lastReceive"].message
    service = Service(account)
    with LoopbackServer(service) as server:
        account.__dict__["environment"] = server.environment()
        found = check_devices(account.identified, account.keys, DAY)
        account.chat.close()
    assert found.status is Status.OK
