"""What cannot be done is refused with a sentence, a hint and its exit code, and leaves everything as it was."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.account_state import account_folders, database_path, know
from tests.support.arrived import next_message
from tests.support.linking import link_device
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.printed import receive_texts
from tests.support.sigcli_process import Finished, Sigcli

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def device(mock_server: MockServer, sigcli: Sigcli, linked: MockDevice) -> MockDevice:
    """The linked device; what the phone sent for a start has been read."""
    mock_server.wait_for_sync(linked)
    sigcli.run("receive")
    return linked


@pytest.fixture
def bob(mock_server: MockServer, sigcli: Sigcli, device: MockDevice) -> MockPrimary:
    """A contact, from whom a message waits at the server."""
    bob = mock_server.create_primary("Bob")
    know(sigcli, bob)
    mock_server.send_text(bob, device, "waiting")
    return bob


def refuse(sigcli: Sigcli, *arguments: str, code: str, exit_code: int, hint: bool = True) -> str:
    """Runs it with text and with JSON output, checks the form of the refusal, and gives the sentence."""
    text = sigcli.run(*arguments, exit_code=exit_code)
    as_json = sigcli.run("--json", *arguments, exit_code=exit_code)
    for run in (text, as_json):
        assert run.stdout == ""
        assert "Traceback" not in run.stderr
    lines = text.stderr.splitlines()
    assert len(lines) == (2 if hint else 1), text.stderr
    sentence = lines[0].removeprefix("sigcli: error: ")
    assert sentence != lines[0]
    assert sentence.strip()
    if hint:
        assert lines[1].removeprefix("sigcli: hint: ") != lines[1]
        assert len(lines[1]) > len("sigcli: hint: ")
    error = as_json.json_error
    assert set(error) == {"code", "message", "hint", "exitCode"}
    assert (error["code"], error["exitCode"]) == (code, exit_code)
    assert as_json.stderr.splitlines()[:-1] == lines
    assert (error["hint"] is not None) == hint
    return sentence


def assert_all_is_well(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary, texts: tuple[str, ...] = ("waiting",)
) -> None:
    mock_server.all_received()
    assert receive_texts(sigcli) == list(texts)
    sigcli.run("send", "-m", "well", bob.aci)
    assert next_message(mock_server, bob).text == "well"


def test_words_that_are_not_understood(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary, tmp_path: Path
) -> None:
    before = mock_server.opened_sockets()

    def usage(*arguments: str) -> str:
        return refuse(sigcli, *arguments, code="usage", exit_code=1)

    assert "receiv" in usage("receiv")
    for asking in (["-o", "json"], ["--output=json"]):
        assert sigcli.run("receiv", *asking, exit_code=1).json_error["code"] == "usage"
    failed = sigcli.run("receiv", env={"SIGCLI_OUTPUT": "json"}, exit_code=1)
    assert failed.json_error["code"] == "usage"
    assert "--no-such-option" in usage("send", "--no-such-option", "-m", "x", bob.aci)
    usage("--no-such-option", "send", "-m", "x", bob.aci)
    usage("send", "-m")
    usage("send", "-m", "x", "--message-from-stdin", bob.aci)
    usage("receive", "--timeout", "soon")
    usage("-o", "xml", "listAccounts")
    usage("--lock-timeout", "-1", "listAccounts")
    usage("--trust-new-identities", "sometimes", "listAccounts")
    usage("trust", bob.aci)
    usage("submitRateLimitChallenge", "--challenge", "token")
    refuse(sigcli, "send", "-m", "x", code="noRecipients", exit_code=1)
    refuse(sigcli, "send", bob.aci, code="nothingToSend", exit_code=1)
    refuse(sigcli, "send", "--message-from-stdin", bob.aci, code="nothingToSend", exit_code=1)
    refuse(sigcli, "send", "-m", "", bob.aci, code="nothingToSend", exit_code=1)
    # Nobody was asked anything.
    assert mock_server.opened_sockets() == before
    assert_all_is_well(mock_server, sigcli, bob)


def test_people_and_files_that_are_not_there(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary, tmp_path: Path
) -> None:
    before = len(mock_server.requests())

    def unknown(word: str, code: str = "unknownRecipient") -> str:
        # The message must not go to the one who is known, either.
        return refuse(sigcli, "send", "-m", "x", bob.aci, word, code=code, exit_code=1)

    assert "Nobody Here" in unknown("Nobody Here")
    unknown("0155501000")
    unknown("")
    unknown("u:9lives.42", "usernameStartsWithDigit")
    # A whole number is in no message.
    assert "ending in 3456" in unknown("+15550123456", "discoveryUnavailable")

    def attachment(path: Path, code: str) -> str:
        return refuse(sigcli, "send", "-m", "x", bob.aci, "-a", str(path), code=code, exit_code=1)

    assert "missing.jpg" in attachment(tmp_path / "missing.jpg", "attachmentUnreadable")
    attachment(tmp_path, "attachmentUnreadable")
    # A file of the account must not leave with a message, whatever way leads to it.
    for inside in (database_path(sigcli), sigcli.data_dir / "accounts.toml"):
        attachment(inside, "attachmentRefused")
        link = tmp_path / f"link-{inside.name}"
        link.symlink_to(inside)
        attachment(link, "attachmentRefused")
    refuse(
        sigcli,
        *("send", "-m", "x", bob.aci, "-a", "data:no comma"),
        code="attachmentUnreadable",
        exit_code=1,
    )
    sent = [entry for entry in mock_server.requests()[before:] if entry.verb in ("PUT", "POST")]
    assert sent == []
    assert_all_is_well(mock_server, sigcli, bob)


def test_nobody_has_this_id(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    failed = sigcli.run("send", "-m", "x", NOBODY, exit_code=1)
    assert failed.stdout == ""
    assert "sigcli: error: " in failed.stderr
    assert "sigcli: hint: " in failed.stderr
    # With JSON the result object is printed, as signal-cli does.
    failed = sigcli.run("--json", "send", "-m", "x", NOBODY, exit_code=1)
    (result,) = failed.json["results"]
    assert result["type"] == "UNREGISTERED_FAILURE"
    assert result["recipientAddress"]["uuid"] == NOBODY
    assert failed.json_error["code"] == "unregistered"
    assert failed.json_error["exitCode"] == 1
    assert_all_is_well(mock_server, sigcli, bob)


def test_no_account_and_several(
    mock_server: MockServer, sigcli: Sigcli, new_sigcli: Callable[[str], Sigcli]
) -> None:
    empty = new_sigcli("empty")
    for command in (["send", "-m", "x", NOBODY], ["receive"], ["listContacts"], ["listDevices"]):
        refuse(empty, *command, code="noLocalAccount", exit_code=1)
    assert empty.run("--json", "listAccounts").json == []
    # Looking for an account makes none.
    assert account_folders(empty) == []
    devices = []
    for name in ("One", "Two"):
        devices.append(link_device(mock_server, sigcli, mock_server.create_primary(name)))
        sigcli.account = None
    for command in (["send", "-m", "x", NOBODY], ["receive"], ["listContacts"]):
        refuse(sigcli, *command, code="severalLocalAccounts", exit_code=1)
        for name in ("+15550100", NOBODY, "not an account"):
            refuse(sigcli, "-a", name, *command, code="unknownLocalAccount", exit_code=1)
    for one in devices:
        assert one.number is not None
        sigcli.run("-a", one.number, "listContacts")


def test_damaged_files_of_the_user(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    accounts = sigcli.data_dir / "accounts.toml"
    good = accounts.read_bytes()
    commands = (["receive"], ["listAccounts"])
    for damage in (b"\xff\x00", good[: len(good) // 2], b"version = 1\naccounts = 7\n", b"x"):
        accounts.write_bytes(damage)
        for command in commands:
            refuse(sigcli, *command, code="accountsFileDamaged", exit_code=1)
        assert accounts.read_bytes() == damage
    accounts.write_bytes(good.replace(b"version = 1", b"version = 2"))
    assert b"version = 2" in accounts.read_bytes()
    refuse(sigcli, "receive", code="accountsFileDamaged", exit_code=1)
    accounts.write_bytes(good)

    config = sigcli.home / ".config" / "sigcli" / "config.toml"
    config.parent.mkdir(parents=True)
    for damage, named in (
        (b"\xff", "config.toml"),
        (b"account = ", "config.toml"),
        (b"acount = '+1'", "acount"),
        (b"lock_timeout = true", "lock_timeout"),
        (b"trust_new_identities = 'sometimes'", "trust_new_identities"),
        (b"aliases = 3", "aliases"),
    ):
        config.write_bytes(damage)
        for command in commands:
            sentence = refuse(sigcli, *command, code="configFileInvalid", exit_code=1)
            assert named in sentence
    config.unlink()
    assert_all_is_well(mock_server, sigcli, bob)


def test_what_the_config_file_says_holds_unless_something_else_is_said(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary, tmp_path: Path
) -> None:
    config = sigcli.home / ".config" / "sigcli" / "config.toml"
    config.parent.mkdir(parents=True)
    log = tmp_path / "sigcli.log"
    number, environment = sigcli.account, sigcli.environment.pop("SIGCLI_SERVICE_ENVIRONMENT")
    directory = sigcli.environment.pop("SIGCLI_DATA_DIR")
    config.write_text(
        f'account = "{number}"\ndata_dir = "{directory}"\nservice_environment = "{environment}"\n'
        f'output = "json"\nverbose = 2\nlog_file = "{log}"\nscrub_log = true\n'
    )
    sigcli.account = None
    finished = sigcli.run("listDevices")
    assert len(finished.json) == 2
    assert finished.stderr == ""
    logged = log.read_text()
    assert logged
    assert bob.aci not in logged
    assert sigcli.run("-o", "plain-text", "listAccounts").stdout.startswith("Number: ")
    assert sigcli.run("listAccounts", env={"SIGCLI_OUTPUT": "plain-text"}).stdout.startswith("Num")
    assert len(receive_texts(sigcli)) == 1
    sigcli.account = "+15550100"
    sigcli.run("receive", exit_code=1)


def test_a_database_of_a_newer_version_is_left_alone(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    path = database_path(sigcli)
    with sqlite3.connect(path) as database:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        database.execute("PRAGMA user_version = 1000")
    database.close()
    before = {file.name: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    stat = path.stat()
    for command in (["receive"], ["send", "-m", "x", bob.aci], ["listContacts"]):
        refuse(sigcli, *command, code="databaseTooNew", exit_code=1)
    after = {file.name: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    assert after[path.name] == before[path.name]
    assert {name for name in after if after[name]} == {name for name in before if before[name]}
    assert path.stat().st_mtime_ns == stat.st_mtime_ns
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {version}")
    database.close()
    assert_all_is_well(mock_server, sigcli, bob)


def test_a_damaged_or_missing_database(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    path = database_path(sigcli)
    away = path.with_name("away")
    shutil.move(path, away)
    for rest in path.parent.glob("account.db-*"):
        rest.unlink()
    refuse(sigcli, "receive", code="databaseMissing", exit_code=1)
    assert not path.exists()
    path.write_bytes(b"this is no database" * 1000)
    refuse(sigcli, "receive", code="databaseDamaged", exit_code=2)
    assert path.read_bytes() == b"this is no database" * 1000
    path.write_bytes(b"")
    text = sigcli.run("receive", exit_code=None)
    assert text.exit_code in (1, 2)
    assert text.stderr.startswith("sigcli: error: ")
    path.unlink()
    shutil.move(away, path)
    assert_all_is_well(mock_server, sigcli, bob)


def test_a_folder_that_cannot_be_used(new_sigcli: Callable[[str], Sigcli], tmp_path: Path) -> None:
    runner = new_sigcli("odd")
    runner.data_dir.write_text("a file where the folder should be")
    finished = runner.run("--json", "listAccounts", exit_code=1)
    assert finished.json_error["code"] == "storageUnwritable"
    assert finished.json_error["hint"]


def test_the_wrong_server(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary, tmp_path: Path
) -> None:
    environment = Path(sigcli.environment["SIGCLI_SERVICE_ENVIRONMENT"])
    good = environment.read_text()
    ca = environment.with_name("ca.pem")
    good_ca = ca.read_text()
    commands = (["receive"], ["send", "-m", "x", bob.aci, NOBODY], ["listDevices"])

    def every(code: str, exit_code: int) -> None:
        for command in commands:
            refuse(sigcli, *command, code=code, exit_code=exit_code)

    # Somebody else's certificate authority.
    ca.write_text(foreign_ca())
    for command in commands:
        run = sigcli.run(*command, "--json", exit_code=3)
        assert "certificate" in run.json_error["message"]
        assert "intercept" in run.json_error["hint"]
        assert "Traceback" not in run.stderr
        if command[0] == "send":
            assert {each["type"] for each in run.json["results"]} == {"NETWORK_FAILURE"}
        else:
            assert run.json_error["code"] == "tlsRejected"
            assert run.stdout == ""
    ca.write_text("no certificate")
    every("invalidEnvironment", 1)
    ca.unlink()
    every("invalidEnvironment", 1)
    ca.write_text(good_ca)

    # Nobody is there.
    environment.write_text(good.replace(str(mock_server.port), "9"))
    for command in commands:
        run = sigcli.run(*command, "--json", exit_code=3)
        assert "Traceback" not in run.stderr
        expected = "networkFailure" if command[0] == "send" else "unreachable"
        assert run.json_error["code"] == expected
        assert run.json_error["hint"]

    # The file says nothing of use.
    for damage in ("", "name = ", good.replace("https://", "http://example.com:"), "[chat]\n"):
        environment.write_text(damage)
        every("invalidEnvironment", 1)
    environment.write_text(good)
    assert_all_is_well(mock_server, sigcli, bob)


def test_an_environment_that_is_not_there(
    mock_server: MockServer, sigcli: Sigcli, new_sigcli: Callable[[str], Sigcli], tmp_path: Path
) -> None:
    for word, code in (
        (str(tmp_path / "none.toml"), "unknownEnvironment"),
        ("no-such-name", "unknownEnvironment"),
    ):
        sigcli.environment["SIGCLI_SERVICE_ENVIRONMENT"] = word
        refuse(sigcli, "link", code=code, exit_code=1)
    assert account_folders(sigcli) == []


def test_text_of_others_in_an_error_is_harmless(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    run = sigcli.run("send", "-m", "x", "\x1b[31mred\x1b]0;title\x07\nsecond line", exit_code=1)
    assert set(run.stderr) & set("\x1b\x07\r") == set()
    assert len(run.stderr.splitlines()) <= 2
    mock_server.fail_next(
        "PUT", f"/v1/messages/{bob.aci}", 400, body="\x1b[31mserver\x1b]0;x\x07\n", times=None
    )
    run = sigcli.run("send", "-m", "x", bob.aci, exit_code=None)
    assert run.exit_code != 0
    assert set(run.stderr) & set("\x1b\x07\r") == set()


@pytest.mark.parametrize("status", [400, 413, 422, 499, 500, 503, 508])
def test_statuses_have_names(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary, status: int
) -> None:
    mock_server.fail_next("GET", "^/v1/devices", status, times=None)
    run: Finished = sigcli.run("--json", "listDevices", exit_code=None)
    error = run.json_error
    assert error["code"] != "unexpected"
    assert error["exitCode"] == run.exit_code == 3
    assert run.stdout == ""
    assert json.loads(run.stderr.splitlines()[-1])


def foreign_ca() -> str:
    """A certificate authority that has signed nothing here."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding

    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Signal Mock CA")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode()
