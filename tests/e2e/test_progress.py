"""How far an upload, a download or a long receive has come: on a terminal alone, and nothing of it is left there.

A line that breaks makes them last: the next attempt begins half a second later.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.support.mock_server import Attachment, MockDevice, MockPrimary, MockServer
from tests.support.screens import Screen, left_on_screen
from tests.support.sigcli_process import Sigcli, installed_command

SIZE = 1_500_000
CTRL_C = "\x03"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.bin"
    path.write_bytes(os.urandom(SIZE))
    return path


def command(*words: str) -> list[str]:
    return [str(installed_command()), *words]


def test_an_upload_shows_how_far_it_is_and_leaves_nothing(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary, picture: Path
) -> None:
    words = ("send", "-m", "look", bob.aci, "-a", str(picture))
    mock_server.break_transfer("PATCH", "/cdn3/", after_bytes=600_000)
    mock_server.break_transfer("POST", "/cdn3/", after_bytes=600_000)
    with Screen().running(command(*words), sigcli.environment, sigcli.home) as running:
        running.shows("sending picture.bin: ")
        shown = running.rest()
        assert running.exit_code() == 0
    assert " % of 1.5 MB" in shown
    (timestamp,) = filter(None, left_on_screen(shown))
    assert timestamp.isdecimal()
    # Into a pipe goes the result alone, and what is written over is for no log.
    mock_server.break_transfer("POST", "/cdn3/", after_bytes=600_000)
    piped = sigcli.run(*words)
    assert piped.lines[0].isdecimal()
    assert piped.stderr == ""


def test_an_upload_that_fails_says_so_on_a_clean_line(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary, picture: Path
) -> None:
    words = ("send", "-m", "look", bob.aci, "-a", str(picture))
    for verb in ("PATCH", "POST"):
        mock_server.break_transfer(verb, "/cdn3/", after_bytes=1000, times=20)
    with Screen().running(command(*words), sigcli.environment, sigcli.home) as running:
        running.shows("sending picture.bin: ")
        shown = running.rest()
        assert running.exit_code() == 3
    told = left_on_screen(shown)
    assert told[0].startswith("sigcli: error: ")
    assert all(line.startswith("sigcli: ") for line in told if line)


@pytest.mark.parametrize("beside_a_daemon", [False, True], ids=["alone", "daemon"])
def test_an_interrupted_upload_leaves_a_clean_line(
    mock_server: MockServer,
    sigcli: Sigcli,
    bob: MockPrimary,
    picture: Path,
    beside_a_daemon: bool,
) -> None:
    daemon = sigcli.start("daemon") if beside_a_daemon else None
    if daemon is not None:
        daemon.wait_for_complaint("the daemon is ready", timeout_s=60)
    words = ("send", "-m", "look", bob.aci, "-a", str(picture))
    for verb in ("PATCH", "POST"):
        mock_server.break_transfer(verb, "/cdn3/", after_bytes=1000, times=20)
    with Screen().running(command(*words), sigcli.environment, sigcli.home) as running:
        running.shows("sending picture.bin: ")
        running.press(CTRL_C)
        assert running.exit_code() == 130
        if daemon is not None:
            # It has given up by then, and has not gone on to write where somebody else does now.
            daemon.terminate()
            daemon.wait().expect(0)
        shown = running.rest()
    assert left_on_screen(shown) == [""]


@pytest.mark.parametrize("way", ["receive", "getAttachment"])
def test_a_download_shows_how_far_it_is_and_leaves_nothing(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary, way: str
) -> None:
    attachment = Attachment(os.urandom(SIZE), "image/png", "picture.png")
    mock_server.send_text(bob, device, "look", attachments=[attachment])
    words: tuple[str, ...] = ("receive", "--brief")
    if way == "getAttachment":
        (line,) = sigcli.run("--json", "receive", "--ignore-attachments").json_lines
        (pointer,) = line["envelope"]["dataMessage"]["attachments"]
        words = ("getAttachment", "--id", pointer["id"], "-O", "here.png")
    mock_server.break_transfer("GET", "/attachments/", after_bytes=700_000)
    with Screen().running(command(*words), sigcli.environment, sigcli.home) as running:
        running.shows("fetching picture.png: ")
        shown = running.rest()
        assert running.exit_code() == 0
    assert " % of 1.5 MB" in shown
    told = [line for line in left_on_screen(shown) if line]
    if way == "receive":
        assert [line.partition(": ")[2] for line in told] == ["look [picture.png, 1.5 MB]"]
    else:
        assert told == []
        assert (sigcli.home / "here.png").read_bytes() == attachment.data


def test_an_interrupted_download_leaves_a_clean_line_and_comes_later(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    attachment = Attachment(os.urandom(SIZE), "image/png", "picture.png")
    mock_server.send_text(bob, device, "look", attachments=[attachment])
    mock_server.break_transfer("GET", "/attachments/", after_bytes=100_000, times=20)
    words = command("receive", "--brief")
    with Screen().running(words, sigcli.environment, sigcli.home) as running:
        running.shows("fetching picture.png: ")
        running.press(CTRL_C)
        shown = running.rest()
        assert running.exit_code() == 0  # the message is here
    assert left_on_screen(shown) == [""]
    (line,) = sigcli.run("--json", "receive", "--ignore-attachments").json_lines
    assert line["envelope"]["dataMessage"]["message"] == "look"


def test_a_long_receive_into_a_file_counts_on_the_terminal(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary, tmp_path: Path
) -> None:
    words = command("receive", "--json", "-t", "-1")
    printed = tmp_path / "printed"
    with (
        printed.open("wb") as file,
        Screen().running(words, sigcli.environment, sigcli.home, stdout=file.fileno()) as running,
    ):
        mock_server.wait_for_reader(device)
        # How far it is is shown from half a second on: it takes some messages until then.
        for number in range(200):
            mock_server.send_text(bob, device, f"n {number}")
            if running.has_shown("receiving: "):
                break
            time.sleep(0.05)
        running.press(CTRL_C)
        shown = running.rest()
        assert running.exit_code() == 0
    assert left_on_screen(shown) == [""]
    assert len(printed.read_text().splitlines()) >= 2
