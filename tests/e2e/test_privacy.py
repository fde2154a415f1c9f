"""What lies on the disk is the owner's alone from its first moment, and no secret is where others can read it."""

from __future__ import annotations

import base64
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from sigcli.store.account_data import load_account_keys
from tests.support.account_state import database_path, in_store, know
from tests.support.arrived import next_message
from tests.support.linking import link_device
from tests.support.mock_server import Attachment, MockDevice, MockPrimary, MockServer
from tests.support.printed import next_text, receive, receive_texts
from tests.support.scanning import Scan
from tests.support.sigcli_process import Sigcli

TEXT = "the-text-of-this-message-is-nobodys-business"
BIG = 2_500_000
_T = TypeVar("_T")


@pytest.fixture(autouse=True)
def _careless_umask() -> Iterator[None]:
    """Whatever is created gets exactly the permissions that it was created with."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def device(mock_server: MockServer, sigcli: Sigcli, linked: MockDevice) -> MockDevice:
    """The linked device; what the phone sent for a start has been read."""
    mock_server.wait_for_sync(linked)
    sigcli.run("receive")
    return linked


@pytest.fixture
def bob(mock_server: MockServer, sigcli: Sigcli, device: MockDevice) -> MockPrimary:
    """A contact."""
    bob = mock_server.create_primary("Bob")
    know(sigcli, bob)
    return bob


def until(condition: Callable[[], _T], *, timeout_s: float = 60) -> _T:
    """Waits for something that announces itself nowhere; gives what it was."""
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)
    return found


def assert_private(sigcli: Sigcli) -> list[Path]:
    """Every folder is 0700 and every file 0600; gives the files."""
    files = []
    assert stat.S_IMODE(sigcli.data_dir.stat().st_mode) == 0o700
    for folder, names, file_names in os.walk(sigcli.data_dir):
        for name in (*names, *file_names):
            path = Path(folder, name)
            try:
                mode = path.lstat().st_mode
            except FileNotFoundError:
                continue  # a file of the moment
            wanted = 0o700 if stat.S_ISDIR(mode) else 0o600
            assert stat.S_IMODE(mode) == wanted, f"{path} has {stat.S_IMODE(mode):o}"
            if stat.S_ISREG(mode):
                files.append(path)
    assert files
    # And nothing lies anywhere else.
    elsewhere = [path for path in sigcli.home.rglob("*") if not path.is_dir()]
    assert elsewhere == []
    return files


def secrets_of(sigcli: Sigcli) -> dict[str, bytes]:
    keys = in_store(sigcli, load_account_keys)
    assert keys.pni_identity is not None
    found = {
        "password": keys.password.encode(),
        "ACI identity": keys.aci_identity.private_key.serialize(),
        "PNI identity": keys.pni_identity.private_key.serialize(),
        "profile key": keys.profile_key,
        "text": TEXT.encode(),
    }
    if keys.account_entropy_pool is not None:
        found["entropy pool"] = str(keys.account_entropy_pool).encode()
    return found


def leaked(data: bytes, secrets: dict[str, bytes]) -> list[str]:
    """The names of the secrets that stand in the data, in any of the usual spellings."""
    names = []
    for name, secret in secrets.items():
        plain = base64.b64encode(secret).rstrip(b"=")
        spellings = {
            secret,
            secret.hex().encode(),
            secret.hex().upper().encode(),
            plain[:-1],
            base64.urlsafe_b64encode(secret).rstrip(b"=")[:-1],
            repr(secret).encode()[2:-1],
        }
        if any(spelling in data for spelling in spellings):
            names.append(name)
    return names


def test_while_linking_and_after(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary
) -> None:
    mock_server.delay_next("PUT", "^/v1/devices/link", 700)
    linking = sigcli.start("link")
    scan = Scan(mock_server, linking.read_line(), primary)
    until(lambda: sigcli.data_dir.exists() and list(sigcli.data_dir.rglob("account.db")))
    assert_private(sigcli)
    linking.wait().expect(0)
    scan.result()
    sigcli.account = primary.number
    assert {path.name for path in assert_private(sigcli)} >= {"accounts.toml", "account.db"}


def test_a_folder_that_is_there_already_and_a_killed_link(
    mock_server: MockServer, new_sigcli: Callable[[str], Sigcli], primary: MockPrimary
) -> None:
    runner = new_sigcli("deep")
    runner.environment["SIGCLI_DATA_DIR"] = str(runner.data_dir / "not" / "there" / "yet")
    mock_server.ignore_next("PUT", "^/v1/devices/link")
    linking = runner.start("link")
    Scan(mock_server, linking.read_line(), primary)
    mock_server.wait_for_request("^/v1/devices/link")
    linking.kill()
    linking.wait()
    assert_private(runner)


@pytest.mark.parametrize("cdn", [2, 3])
def test_receiving_attachments(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary, cdn: int
) -> None:
    # The first attempt breaks in the middle, the second begins late: there is time to look.
    attachment = Attachment(os.urandom(BIG), "image/jpeg", "secret.jpg", cdn=cdn)
    mock_server.break_transfer("GET", "/attachments/", after_bytes=BIG // 2)
    late = mock_server.delay_next("GET", "/attachments/", 1500)
    mock_server.send_text(bob, device, TEXT, attachments=[attachment], sealed=True)
    receiving = sigcli.start("receive", "--json", "-t", "-1")
    until(lambda: mock_server.fault_hits(late))
    partial = [path for path in assert_private(sigcli) if path.parent.name == ".partial"]
    assert len(partial) == 1
    # Killed in the middle: the rest comes at the next attempt.
    receiving.kill()
    receiving.wait()
    assert_private(sigcli)
    (line,) = [line for line in receive(sigcli) if "dataMessage" in line["envelope"]]
    (shown,) = line["envelope"]["dataMessage"]["attachments"]
    assert Path(shown["localPath"]).read_bytes() == attachment.data
    assert Path(shown["localPath"]) in assert_private(sigcli)


def test_sending_attachments(
    mock_server: MockServer,
    sigcli: Sigcli,
    device: MockDevice,
    bob: MockPrimary,
    tmp_path: Path,
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    sigcli.environment["TMPDIR"] = str(temporary)
    outside = tmp_path / "report.pdf"
    outside.write_bytes(os.urandom(BIG))
    for kill in (False, True):
        slow = mock_server.delay_next(None, "/cdn3/", 700)
        sending = sigcli.start("send", "--message-from-stdin", "-a", str(outside), "--", bob.aci)
        sending.write(TEXT)
        sending.close_stdin()
        until(lambda slow=slow: mock_server.fault_hits(slow))  # type: ignore[misc]
        assert_private(sigcli)
        command_line = Path(f"/proc/{sending.pid}/cmdline").read_bytes()
        assert leaked(command_line, secrets_of(sigcli)) == []
        children = Path(f"/proc/{sending.pid}/task/{sending.pid}/children").read_text()
        assert children == ""
        if kill:
            sending.kill()
            sending.wait()
        else:
            sending.wait().expect(0)
        files = assert_private(sigcli)
        # Neither the blob nor the plaintext stays.
        assert not [path for path in files if path.stat().st_size > BIG // 2]
        assert list(temporary.iterdir()) == []
    message = next_message(mock_server, bob)
    assert message.text == TEXT
    assert mock_server.attachment(message.data["attachments"][0]) == outside.read_bytes()


def test_a_crash_of_every_command(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    receiving = sigcli.start("receive", "--json", "-t", "-1")
    mock_server.wait_for_reader(device)
    mock_server.send_text(bob, device, TEXT, count=5)
    next_text(receiving)
    receiving.kill()
    receiving.wait()
    assert_private(sigcli)
    mock_server.delay_next("PUT", "^/v1/messages/", 2000)
    sending = sigcli.start("send", "-m", TEXT, bob.aci)
    until(lambda: sending.running)
    sending.kill()
    sending.wait()
    files = assert_private(sigcli)
    assert database_path(sigcli) in files


def test_details_hold_neither_texts_nor_keys(
    mock_server: MockServer,
    sigcli: Sigcli,
    primary: MockPrimary,
    new_sigcli: Callable[[str], Sigcli],
    tmp_path: Path,
) -> None:
    logs: list[Path] = []
    stderr = ""

    def details(name: str) -> list[str]:
        logs.append(tmp_path / f"{name}.log")
        return ["-v", "-v", "--log-file", str(logs[-1])]

    linking = sigcli.start(*details("link"), "link")
    url = linking.read_line()
    Scan(mock_server, url, primary)
    stderr += linking.wait().expect(0).stderr
    sigcli.account = primary.number
    device = MockDevice(primary.aci, primary.pni, primary.number, 2, 0, None)
    mock_server.wait_for_sync(device)
    bob = mock_server.create_primary("Bob")
    know(sigcli, bob)
    picture = Attachment(TEXT.encode() * 3, "text/plain", "note.txt")
    mock_server.send_text(bob, device, TEXT, sealed=True, attachments=[picture])
    mock_server.send_text(bob, device, TEXT, with_profile_key=True)
    stderr += sigcli.run("receive", *details("receive")).stderr
    stderr += sigcli.run("send", "-m", TEXT, bob.aci, *details("send")).stderr
    uri = f"data:text/plain,{TEXT}"
    stderr += sigcli.run(*details("attach"), "send", "-a", uri, "--", bob.aci).stderr
    # When something goes wrong as well, with the details on stderr.
    mock_server.fail_next("PUT", "^/v1/messages/", 500, times=None)
    stderr += sigcli.run("-v", "-v", "-v", "send", "-m", TEXT, bob.aci, exit_code=3).stderr
    mock_server.fail_next("GET", "^/v1/devices", 500, body="x")
    stderr += sigcli.run("-v", "-v", "listDevices", exit_code=3).stderr
    mock_server.cut_next("GET", "^/v1/devices", times=None)
    stderr += sigcli.run("-v", "-v", "listDevices", exit_code=None).stderr
    mock_server.corrupt_next(device, "content")
    mock_server.send_text(bob, device, TEXT)
    stderr += sigcli.run("-v", "-v", "receive", "--json", exit_code=None).stderr

    secrets = secrets_of(sigcli)
    secrets["access key"] = bob.access_key
    secrets["their profile key"] = bob.profile_key
    secrets["name"] = b"Basic "
    for log in logs:
        data = log.read_bytes()
        assert data, f"{log.name} is empty"
        assert leaked(data, secrets) == [], log.name
        assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert len(stderr) > 200
    assert leaked(stderr.encode(), secrets) == []
    # The detector is no good if it finds nothing anywhere.
    stored = b"".join(
        path.read_bytes() for path in database_path(sigcli).parent.glob("account.db*")
    )
    assert {"password", "profile key", "ACI identity"} <= set(leaked(stored, secrets))


def test_delivered_messages_do_not_stay_in_the_database(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    secret = TEXT + "-received"
    mock_server.send_text(bob, device, secret)
    assert receive_texts(sigcli) == [secret]
    assert receive(sigcli) == []
    folder = database_path(sigcli).parent
    assert secret.encode() not in (folder / "account.db").read_bytes()


def test_deleting_an_account_leaves_nothing(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary
) -> None:
    device = link_device(mock_server, sigcli, primary)
    mock_server.remove_device(device)
    refused = sigcli.run("--json", "deleteLocalAccountData", exit_code=None)
    if refused.exit_code != 0:
        assert refused.json_error["hint"]
        sigcli.run("deleteLocalAccountData", "--ignore-registered")
    assert [path for path in sigcli.data_dir.iterdir() if path.is_dir()] == []
    assert sigcli.run("--json", "listAccounts").json == []
