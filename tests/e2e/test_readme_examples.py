"""The `jq` examples of the README and of sigcli-json(5), run in a shell on what the command prints."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.jq import make_jq
from tests.support.requirements import needs_node
from tests.support.sandbox_process import SandboxProcess
from tests.support.shell import child_environment, shell
from tests.support.sigcli_process import Sigcli

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 60


def examples_of_readme() -> list[str]:
    """Each line of the README and the recipes that pipes something into `jq`, as it would be typed."""
    pages = [ROOT / "README.md", ROOT / "docs" / "recipes.md"]
    lines = [line for page in pages for line in page.read_text().splitlines()]
    return list(dict.fromkeys(line.removeprefix("$ ") for line in lines if "| jq " in line))


def examples_of_man_page() -> list[str]:
    page = (ROOT / "man" / "sigcli-json.5").read_text()
    lines = [line for line in page.splitlines() if "| jq " in line]
    return [line.replace("\\-", "-").replace("\\(aq", "'") for line in lines]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
def jq_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with needs_node():
        return make_jq(tmp_path_factory.mktemp("jq") / "bin")


@pytest.fixture(scope="module")
def alice(sandbox: SandboxProcess) -> Sigcli:
    return sandbox.account()


@pytest.fixture(scope="module")
def bob(sandbox: SandboxProcess, alice: Sigcli) -> Sigcli:
    """Somebody whom Alice knows, by the name that he gave himself."""
    bob = sandbox.account()
    bob.run("updateProfile", "--given-name", "Bob")
    bob.run("send", "-m", "hello", number(alice))
    alice.run("receive")
    alice.run("send", "-m", "hello", number(bob))
    bob.run("receive")
    alice.run("receive")
    return bob


def number(device: Sigcli) -> str:
    assert device.account is not None
    return device.account


Run = Callable[[str], str]


@pytest.fixture
def run(alice: Sigcli, bob: Sigcli, jq_folder: Path) -> Run:
    """Runs one of Alice's lines in a shell, nothing old being in her queue, and gives what it prints."""
    alice.run("receive")

    def run_line(line: str) -> str:
        assert line in examples_of_readme() + examples_of_man_page()
        finished = shell(alice, f"PATH={jq_folder}:$PATH; {line}", timeout_s=TIMEOUT_S)
        assert (finished.returncode, finished.stderr) == (0, "")
        return finished.stdout

    return run_line


TO_TSV = (
    "sigcli receive --json | jq -r 'select(.envelope.dataMessage)"
    r""" | [.envelope.sourceName, .envelope.dataMessage.message] | map(. // "" | gsub("\\p{C}"; "?")) | @tsv'"""
)
TO_PATHS = "sigcli receive --json | jq -r '.envelope.dataMessage.attachments[]?.localPath'"
KNOWN_PEOPLE = (
    "sigcli receive -t -1 --json | jq --unbuffered -c 'select(.envelope.messageRequest | not)'"
)
CONTACTS = (
    "sigcli listContacts --json | jq -r '.[] | [.number, .name]"
    r""" | map(. // "" | gsub("\\p{C}"; "?")) | @tsv'"""
)
TEXTS = "sigcli receive --json | jq -ac '.envelope.dataMessage.message // empty'"
FAILURES = "sigcli receive --json | jq -c 'select(.exception)'"


def test_no_example_is_left_out() -> None:
    assert examples_of_readme() == [TO_TSV, TO_PATHS, CONTACTS, KNOWN_PEOPLE]
    assert examples_of_man_page() == [TEXTS, FAILURES]


def test_the_first_example_prints_what_the_readme_says(alice: Sigcli, bob: Sigcli) -> None:
    readme = (ROOT / "README.md").read_text()
    promised = re.search(r"\$ sigcli receive --brief\n[0-9]{2}:[0-9]{2} (.+)\n```", readme)
    assert promised
    alice.run("send", "-m", "disk full", number(bob))
    bob.run("receive")  # which sends a receipt
    bob.run("send", "-m", "got it", number(alice))
    (line,) = alice.run("receive", "--brief").lines
    assert re.fullmatch(r"[0-9]{2}:[0-9]{2} " + re.escape(promised[1]), line)


def test_who_has_no_name_is_told_by_what_is_known(
    alice: Sigcli, bob: Sigcli, sandbox: SandboxProcess
) -> None:
    nameless = sandbox.account()
    nameless.run(
        "send", "-m", "one", "-a", "data:image/png;filename=a.png;base64,iVBO", "--", number(alice)
    )
    told = alice.run("receive", "--brief", "--color", "always").stdout
    plain = re.sub("\x1b\\[[0-9;]*m", "", told)
    assert plain != told
    assert re.fullmatch(
        r"[0-9:]{5} [0-9a-f-]{36} \(message request\): one \[a.png, 3 bytes\]\n", plain
    )
    assert "\x1b" not in alice.run("receive", "--replay", "--brief").stdout


def test_messages_as_a_table(run: Run, alice: Sigcli, bob: Sigcli) -> None:
    bob.run("send", "-m", "two\tcolumns\nof \x1b[31mtext", number(alice))
    bob.run("send", "-m", 'and "quotes"', number(alice))
    bob.run("sendTyping", number(alice))
    assert run(TO_TSV) == 'Bob\ttwo?columns?of ?[31mtext\nBob\tand "quotes"\n'


def test_paths_of_attachments(run: Run, alice: Sigcli, bob: Sigcli, tmp_path: Path) -> None:
    picture = tmp_path / "a picture.png"
    picture.write_bytes(b"\x89PNG")
    bob.run("send", "-m", "no picture", number(alice))
    bob.run("send", "-a", str(picture), "-a", str(picture), "--", number(alice))
    paths = run(TO_PATHS).splitlines()
    assert paths
    assert all(Path(path).read_bytes() == b"\x89PNG" for path in paths)


def test_what_strangers_send_is_left_out_as_it_comes(
    alice: Sigcli, bob: Sigcli, sandbox: SandboxProcess, jq_folder: Path
) -> None:
    assert KNOWN_PEOPLE in examples_of_readme()
    stranger = sandbox.account()
    alice.run("receive")
    running = subprocess.Popen(
        ["sh", "-c", KNOWN_PEOPLE],
        env=child_environment(alice, jq_folder),
        cwd=alice.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        stranger.run("send", "-m", "buy now", number(alice))
        bob.run("send", "-m", "hello again", number(alice))
        assert running.stdout is not None
        line = json.loads(running.stdout.readline())
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.communicate(timeout=TIMEOUT_S)
    assert line["envelope"]["dataMessage"]["message"] == "hello again"
    assert "messageRequest" not in line["envelope"]


def test_contacts_as_a_table(run: Run, alice: Sigcli, bob: Sigcli) -> None:
    alice.run("updateContact", "-n", "Robert", number(bob))
    assert f"{number(bob)}\tRobert" in run(CONTACTS).splitlines()
    alice.run("updateContact", "-n", "Bob", number(bob))


def test_nothing_but_texts(run: Run, alice: Sigcli, bob: Sigcli) -> None:
    bob.run("send", "-m", "one\ntwo\x9b", number(alice))
    bob.run("sendTyping", number(alice))
    assert run(TEXTS) == '"one\\ntwo\\u009b"\n'


def test_nothing_but_failures(run: Run, alice: Sigcli, sandbox: SandboxProcess) -> None:
    carol = sandbox.account()
    alice.run("send", "-m", "hello", number(carol))
    carol.run("receive")
    carol.run("send", "-m", "readable", number(alice))
    again = sandbox.account_of(number(carol))  # with another identity key
    again.run("send", "-m", "from a new phone", number(alice))
    (line,) = run(FAILURES).splitlines()
    shape = json.loads(line)
    assert shape["exception"]["type"] == "UntrustedIdentityException"
    assert shape["envelope"]["sourceNumber"] == number(carol)
