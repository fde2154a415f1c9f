"""What differs where the command is called by signal-cli's name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sigcli.cli import app, running, terminal
from sigcli.cli.options import GlobalOptions, settle
from sigcli.cli.signal_cli_config import read_signal_cli_config
from sigcli.cli.standing_in import OWN, VARIABLE, manner, note_name
from sigcli.client.base.events import Person
from sigcli.client.base.outcomes import ResultType, SendOutcome, SendResult
from sigcli.errors import (
    ConfigFileInvalid,
    FileUnreadable,
    LinkedDeviceOnly,
    NoSuchDevice,
    SendNetworkFailed,
    UnknownLocalAccount,
    UsageError,
    WrongVerificationCode,
)
from sigcli.operations.shapes.sent import Sent
from sigcli.operations.version import Version

if TYPE_CHECKING:
    from pathlib import Path

    from sigcli.errors import SigcliError

THERE = {VARIABLE: "signal-cli"}


@pytest.fixture
def as_signal_cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The command stands in for signal-cli, with an empty data directory, which it gives."""
    monkeypatch.setenv(VARIABLE, "signal-cli")
    monkeypatch.setenv("SIGCLI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "SIGNAL_CLI_CONFIG", "SIGCLI_COMPAT_VERSION"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


def sent(*kinds: ResultType) -> Sent:
    results = [
        SendResult(Person(number=f"+1555010{n}"), kind, error=None) for n, kind in enumerate(kinds)
    ]
    return Sent(SendOutcome(1234567, tuple(results)))


@pytest.mark.parametrize(
    ("called", "is_meant"),
    [
        ("/usr/bin/signal-cli", True),
        ("signal-cli.exe", True),
        ("/usr/bin/sigcli", False),
        ("signal-cli-rest", False),
    ],
)
def test_the_name_of_the_call_decides(
    called: str, is_meant: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "")
    note_name(called)
    assert manner().stands_in is is_meant


def test_otherwise_nothing_differs() -> None:
    assert manner({}) is OWN
    assert manner({VARIABLE: "something"}) is OWN
    for error in (SendNetworkFailed(), NoSuchDevice(), FileUnreadable()):
        assert OWN.exit_code(error, "uploadStickerPack") == error.exit_code
        assert OWN.sentence(error) == error.message
        assert not OWN.forgives(error, "removeDevice", ())


def test_the_version_is_that_of_the_interface(
    as_signal_cli: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert manner(THERE).version_line() == "signal-cli 0.14.6"
    assert (
        manner({**THERE, "SIGCLI_COMPAT_VERSION": "0.13.2"}).version_line() == "signal-cli 0.13.2"
    )
    assert app.main(["version"]) == 0
    assert app.main(["-o", "json", "version"]) == 0
    out, err = capsys.readouterr()
    assert out == 'signal-cli 0.14.6\n{"version":"0.14.6"}\n'
    assert err == ""


def test_programs_that_ask_a_daemon_get_it_too() -> None:
    from sigcli.client.base.settings import settings_of

    settings = settings_of(
        settle(GlobalOptions(), {**THERE, "HOME": "/nowhere"}).settled, warn=print
    )
    assert Version().run(settings).to_json() == {"version": "0.14.6"}
    assert settings.shares_attachments


def test_lines_of_stderr_begin_as_a_log(
    as_signal_cli: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.warn("one")
    terminal.tell("two")
    terminal.report(NoSuchDevice(), as_json=True)
    assert capsys.readouterr().err.splitlines() == [
        "WARN  one",
        "INFO  two",
        "ERROR The account has no device with this number",
        "INFO  signal-cli listDevices shows them",
    ]


def test_commands_in_what_is_said_have_the_name_of_the_call(
    as_signal_cli: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.warn("run sigcli receive, then sigcli -a NUMBER trust; install the newest sigcli")
    assert "run signal-cli receive, then signal-cli -a NUMBER trust; install the newest sigcli" in (
        capsys.readouterr().err
    )
    assert OWN.named("run sigcli receive") == "run sigcli receive"


@pytest.mark.parametrize("words", [[], ["-v"], ["-vv", "-o", "json"]])
def test_a_call_without_a_command_is_an_error(
    as_signal_cli: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(words) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ERROR too few arguments")
    assert app.main([*words, "--help"]) == 0


def test_those_who_did_not_get_it_stand_before_the_timestamp(
    as_signal_cli: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some = sent(ResultType.SUCCESS, ResultType.UNREGISTERED_FAILURE, ResultType.IDENTITY_FAILURE)
    assert running.present(some, as_json=False) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "Failed to send (some) messages:",
        '+15550101: Unregistered user "+15550101"',
        '+15550102: Untrusted Identity for "+15550102"',
        "1234567",
    ]
    assert err == ""


def test_the_timestamp_also_stands_where_nobody_got_it(
    as_signal_cli: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert running.present(sent(ResultType.NETWORK_FAILURE), as_json=False) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[-2:] == ['+15550100: Network failure for "+15550100"', "1234567"]
    assert err.startswith("ERROR Failed to send message")
    assert running.present(sent(ResultType.IDENTITY_FAILURE), as_json=False) == 4


@pytest.mark.parametrize(
    ("command", "error", "exit_code"),
    [
        ("send", SendNetworkFailed(), 1),
        ("verify", WrongVerificationCode(), 2),
        ("finishChangeNumber", WrongVerificationCode(), 1),
        ("send", FileUnreadable(), 1),
    ],
)
def test_exit_codes_are_signal_clis(command: str, error: SigcliError, exit_code: int) -> None:
    assert manner(THERE).exit_code(error, command) == exit_code


def test_what_is_so_already_is_no_failure() -> None:
    forgives = manner(THERE).forgives
    assert forgives(NoSuchDevice(), "removeDevice", ())
    assert not forgives(NoSuchDevice(), "updateDevice", ())
    assert forgives(LinkedDeviceOnly(), "sendSyncRequest", ())
    assert forgives(UnknownLocalAccount(), "deleteLocalAccountData", ["--ignore-registered"])
    assert not forgives(UnknownLocalAccount(), "deleteLocalAccountData", ())


def test_an_account_that_is_not_here_can_be_deleted(
    as_signal_cli: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["-a", "+15550160", "deleteLocalAccountData"]
    assert app.main([*words, "--ignore-registered"]) == 0
    assert capsys.readouterr().err.startswith("WARN  ")
    assert app.main(words) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["--dbus", "send", "-m", "x", "+15550101"],
        ["--dbus-system", "listGroups"],
        ["--bus-name", "org.x", "listGroups"],
        ["--bus-name=org.x", "listGroups"],
        ["daemon", "--dbus"],
        ["daemon", "--system"],
    ],
)
def test_dbus_has_a_successor(
    as_signal_cli: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(words) == 1
    err = capsys.readouterr().err
    assert "D-Bus" in err
    assert "JSON-RPC" in err


# --- a data directory of signal-cli ---------------------------------------------------------------


@pytest.mark.parametrize("words", [["listAccounts"], ["-a", "+15550100", "listGroups"], ["send"]])
@pytest.mark.parametrize("kind", ["named", "default"])
def test_a_directory_of_signal_cli_is_called_one(
    as_signal_cli: Path,
    words: list[str],
    kind: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs = as_signal_cli
    if kind == "default":
        monkeypatch.delenv("SIGCLI_DATA_DIR")
        theirs = as_signal_cli.parent / ".local/share/signal-cli"
    (theirs / "data").mkdir(mode=0o700, parents=True)
    (theirs / "data" / "accounts.json").write_text('{"accounts":[],"version":2}')
    if words == ["send"]:
        words = ["send", "-m", "x", "+15550101"]
    assert app.main(words) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{theirs} is a data directory of signal-cli" in err
    assert "import signal-cli" in err


# --- signal-cli's configuration files -------------------------------------------------------------


def test_its_configuration_files_are_read(tmp_path: Path) -> None:
    system, users = tmp_path / "system.json", tmp_path / ".config/signal-cli/config.json"
    users.parent.mkdir(parents=True)
    system.write_text('{"account": "+15550199", "disableSendLog": true, "somethingNew": [1]}')
    users.write_text(
        json.dumps(
            {
                "account": "+15550100",
                "dataDir": "/data",
                "output": "JSON",
                "trustNewIdentities": "ON_FIRST_USE",
                "serviceEnvironment": "staging",
                "verbose": 2,
                "logFile": None,
                "dbus": False,
            }
        )
    )
    environ = {"HOME": str(tmp_path)}
    expected = {
        "account": "+15550100",
        "data_dir": "/data",
        "disable_send_log": True,
        "output": "json",
        "service_environment": "staging",
        "trust_new_identities": "on-first-use",
        "verbose": 2,
    }
    assert read_signal_cli_config(environ, str(system)) == expected
    named = tmp_path / "named.json"
    named.write_text('{"output": "plain-text"}')
    assert read_signal_cli_config({**environ, "SIGNAL_CLI_CONFIG": str(named)}, "/nowhere") == {
        "output": "plain-text"
    }


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"account": 5}', '{"output": "xml"}', '{"scrubLog": "yes"}', '{"verbose": "x"}'],
)
def test_what_is_wrong_in_them_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.json"
    file.write_text(text)
    with pytest.raises(ConfigFileInvalid, match=r"config\.json"):
        read_signal_cli_config({"SIGNAL_CLI_CONFIG": str(file)}, "/nowhere")


def test_they_hold_under_that_name_alone_and_below_all_else(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text('{"account": "+15550100", "output": "json"}')
    environ = {"HOME": str(tmp_path), "SIGNAL_CLI_CONFIG": str(file), "SIGCLI_ACCOUNT": "+15550101"}
    assert settle(GlobalOptions(), environ).settled == {"account": "+15550101"}
    under_its_name = settle(GlobalOptions(), {**environ, **THERE})
    assert under_its_name.json
    assert under_its_name.get("account") == "+15550101"
    given = GlobalOptions({"output": "plain-text"})
    assert not settle(given, {**environ, **THERE}).json


def test_a_bus_in_them_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text('{"dbus": true}')
    with pytest.raises(UsageError, match="D-Bus"):
        read_signal_cli_config({"SIGNAL_CLI_CONFIG": str(file)}, "/nowhere")


def test_details_are_lines_of_information(
    as_signal_cli: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from sigcli.cli.details import details_writer

    log = tmp_path / "log"
    for options in (GlobalOptions({"verbose": 1}), GlobalOptions({"log_file": str(log)})):
        write = details_writer(options)
        assert write is not None
        write("GET /v1/x: 200")
    assert capfd.readouterr().err == "INFO  GET /v1/x: 200\n"
    assert log.read_text().endswith("Z sigcli: GET /v1/x: 200\n")
