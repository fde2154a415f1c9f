"""`sigcli doctor` on an account of the sandbox that is well, and on one that falls ill in several ways."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from tests.support.accounts import CAPTCHA
from tests.support.sigcli_process import Finished, Sigcli

NUMBER = "+15550960"
# What is true of this machine, or of a library's build, is not the account's doing.
OF_THE_MACHINE = {"diskSpace", "terminal", "release"}


@pytest.fixture(scope="module")
def account(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sigcli]:
    sigcli = Sigcli(tmp_path_factory.mktemp("account"), sandbox.environment_file)
    sigcli.account = NUMBER
    sigcli.run("register", "--captcha", CAPTCHA)
    sigcli.run("verify", RunningSandbox.find(sandbox.environment_file).code(NUMBER))
    yield sigcli
    sigcli.dispose()


@pytest.fixture
def control(sandbox: Sandbox) -> RunningSandbox:
    return RunningSandbox.find(sandbox.environment_file)


def statuses(finished: Finished) -> dict[str, str]:
    report = finished.json
    assert report["ok"] == (finished.exit_code == 0)
    assert [check.keys() for check in report["checks"]] == [
        {"name": 0, "status": 0, "message": 0, "hint": 0}.keys()
    ] * len(report["checks"])
    return {check["name"]: check["status"] for check in report["checks"]}


def database_of(sigcli: Sigcli) -> Path:
    (path,) = sigcli.data_dir.glob("*/account.db")
    return path


def test_an_account_that_is_well(account: Sigcli) -> None:
    account.run("send", "--note-to-self", "-m", "x")
    account.run("receive")
    before = database_of(account).stat().st_mtime_ns
    found = statuses(account.run("--json", "doctor"))
    assert {status for name, status in found.items() if name not in OF_THE_MACHINE} == {"ok"}
    assert {"clock", "chat", "storage", "cdn0", "cdn3", "login", "devices"} < found.keys()
    assert {"prekeysAci", "prekeysPni", "lastReceive", "tasks", "senderCertificate"} < found.keys()
    assert database_of(account).stat().st_mtime_ns == before, "it changes nothing"
    *lines, verdict = account.run("doctor", "-v", exit_code=None).lines
    assert len(lines) == len(found)
    assert f"{sum(status == 'ok' for status in found.values())} " in verdict
    short = account.run("doctor", exit_code=None).lines
    assert [line.split() for line in short[:-1]] == [
        line.split() for line in lines if not line.startswith("ok ")
    ]
    assert short[-1] == verdict
    assert len({line.index(name) for line, name in zip(lines, found, strict=True)}) == 1


def test_what_must_be_mended_is_told_by_the_exit_code(account: Sigcli) -> None:
    database = database_of(account)
    database.chmod(0o640)
    finished = account.run("doctor", exit_code=1)
    database.chmod(0o600)
    (line,) = (line for line in finished.lines if " dataDirectory " in line)
    assert line.startswith("failed")
    assert "account.db" in line
    assert "chmod" in line
    assert sum(line.startswith("failed") for line in finished.lines) == 1


@pytest.mark.parametrize(("shift_s", "status"), [(120, "warning"), (-7300, "failed")])
def test_a_clock_that_is_wrong(
    account: Sigcli, control: RunningSandbox, shift_s: int, status: str
) -> None:
    control.switch(clockShift=shift_s)
    finished = account.run("--json", "doctor", exit_code=None)
    control.switch(clockShift=0)
    assert statuses(finished)["clock"] == status


def test_a_login_that_is_refused(account: Sigcli, control: RunningSandbox) -> None:
    control.fault("status", status=401, path="/v1/accounts/whoami")
    finished = account.run("--json", "doctor", exit_code=1)
    control.clear_faults()
    found = statuses(finished)
    assert found["login"] == "failed"
    assert (found["devices"], found["prekeysAci"]) == ("skipped", "skipped")
    assert found["chat"] == "ok"


def test_a_damaged_database(account: Sigcli, tmp_path: Path) -> None:
    import shutil

    other = Sigcli(tmp_path / "other")
    other.environment |= {
        "SIGCLI_SERVICE_ENVIRONMENT": account.environment["SIGCLI_SERVICE_ENVIRONMENT"]
    }
    shutil.copytree(account.data_dir, other.data_dir)
    path = database_of(other)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with open(path, "r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 6))
    found = statuses(other.run("--json", "doctor", exit_code=1))
    assert found["database"] == "failed"
    assert found["chat"] == "ok"
    assert found["login"] == "skipped"


def test_without_a_service_it_looks_at_what_is_here(account: Sigcli, tmp_path: Path) -> None:
    with Sandbox() as gone:
        environment = gone.environment_file.read_text()
        (tmp_path / "ca.pem").write_bytes((gone.environment_file.parent / "ca.pem").read_bytes())
    path = tmp_path / "gone.toml"
    path.write_text(environment)
    nobody = Sigcli(tmp_path / "nobody", path)
    found = statuses(nobody.run("--json", "doctor", exit_code=1))
    assert (found["chat"], found["clock"], found["account"]) == ("failed", "skipped", "skipped")
    assert (found["libraries"], found["dataDirectory"]) == ("ok", "ok")
