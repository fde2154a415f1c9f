"""Completions and man pages: what a TAB press offers and costs, and that all is up to date and well-formed."""

from __future__ import annotations

import os
import pty
import re
import resource
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sigcli.operations.table import OPERATIONS
from tests.bench.local_account import account_with_contacts
from tests.support.requirements import needs_program

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "completions" / "sigcli.bash"
PAGES = sorted((ROOT / "man").glob("*.[0-9]"))
BUDGET_MS = 5

# Calls the completion as bash does on TAB; `compopt` outside of bash's own call only notes what it was told.
_ONE_PRESS = f"""
source {SCRIPT}
compopt() {{ told="$told$*"; }}
press() {{
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); told=
    _sigcli sigcli "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD - 1]}}"
}}
"""


def bash(script: str) -> str:
    return subprocess.run(
        ["bash", "--norc", "-c", _ONE_PRESS + script],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout


def press(*words: str) -> tuple[list[str], str]:
    """What is offered after these words, the last one being typed, and what readline is told."""
    quoted = " ".join(f"'{word}'" for word in words)
    out = bash(f'press sigcli {quoted}; printf "%s\\n" "$told" "${{COMPREPLY[@]}}"')
    told, *offered = out.splitlines()
    return [word for word in offered if word], told


def test_commands_are_offered() -> None:
    assert press("") == (list(OPERATIONS), "")
    assert press("listD") == (["listDevices"], "")
    # Also behind global options and their values.
    assert press("-a", "+15550100", "--output=json", "listD") == (["listDevices"], "")
    assert press("--json", "-o", "json", "listD") == (["listDevices"], "")
    assert press("--output", "=", "json", "listD") == (["listDevices"], "")


def test_options_are_offered() -> None:
    offered, told = press("send", "-")
    assert told == ""
    assert {"-m", "--message", "-a", "--attachment", "--note-to-self", "--json"} <= set(offered)
    assert "--captcha" not in offered
    assert press("send", "--note-to")[0] == ["--note-to-self"]
    # A list of values ends at the next option.
    assert press("send", "-m", "hello", "-a", "one", "two", "--note-to")[0] == ["--note-to-self"]
    # A value is no command, and no option either.
    assert press("send", "-m", "receive", "--note-to")[0] == ["--note-to-self"]
    assert press("receive", "-t", "-1", "--max")[0] == ["--max-messages"]
    assert press("send", "--", "--note")[0] == []
    assert press("--serv")[0] == ["--service-environment"]


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        (("-o", ""), ["plain-text", "json"]),
        (("send", "--output", "="), ["plain-text", "json"]),
        (("--trust-new-identities", "un"), ["unless-verified"]),
        (("listContacts", "--blocked", ""), ["true", "false"]),
        (("updateGroup", "--link", "enabled-"), ["enabled-with-approval"]),
        (("sandbox", ""), ["run", "stop", "code", "age", "fault"]),
        (("sandbox", "run", "--requests", "w"), ["websocket"]),
        (("sandbox", "fault", "sm"), ["sms-transport", "sms-provider"]),
        (("sandbox", "fault", "switch", "--set", "cl"), ["clockShift="]),
        (("api", "P"), ["PUT", "POST", "PATCH"]),
    ],
)
def test_choices_are_offered(words: tuple[str, ...], choices: list[str]) -> None:
    assert press(*words) == (choices, "")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("send", "-a", ""), "-o default"),
        (("send", "-a", "one", ""), "-o default"),
        (("updateProfile", "--avatar", ""), "-o default"),
        (("sandbox", "run", "--environment-file", ""), "-o default"),
        (("--log-file", ""), "-o default"),
        (("receive", ">", ""), "-o default"),
        (("-d", ""), "-o dirnames"),
        (("send", "-m", ""), ""),
        (("send", ""), ""),
        (("updateGroup", "--set-permission-edit-details", "x"), ""),
    ],
)
def test_files_are_offered_where_they_are_expected(words: tuple[str, ...], told: str) -> None:
    assert press(*words) == ([], told)


def test_names_come_from_the_store(tmp_path: Path) -> None:
    account_with_contacts(tmp_path / "data", 2)
    place = f"export SIGCLI_DATA_DIR={tmp_path}/data XDG_CONFIG_HOME={tmp_path}"
    program = Path(sys.executable).parent / "sigcli"

    def offered(*words: str) -> list[str]:
        quoted = " ".join(f"'{word}'" for word in words)
        script = (
            f"{place}; COMP_WORDS=(sigcli {quoted}); COMP_CWORD={len(words)};"
            f" _sigcli {program} '{words[-1]}' ''; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
        return bash(script).splitlines()

    assert offered("send", "Cont") == [r"Contact\ 0", r"Contact\ 1"]
    assert offered("send", "-m", "x", "+15550000201") == ["+15550000201"]
    assert offered("-a", "+1") == ["+15550100"]
    assert offered("send", "-g", "") == [""]  # nothing


def test_an_environment_is_a_name_or_a_file() -> None:
    assert press("--service-environment", "s") == (["staging", "sandbox"], "-o default")


def test_a_terminal_completes(tmp_path: Path) -> None:
    """In a real bash, with TAB."""
    (tmp_path / "holiday picture.jpg").touch()
    (tmp_path / "folder").mkdir()
    assert typed(tmp_path, "sigcli listDev\t").endswith("sigcli listDevices ")
    assert typed(tmp_path, "sigcli send --note-to\t").endswith("--note-to-self ")
    assert typed(tmp_path, "sigcli send -a holi\t").endswith("-a holiday\\ picture.jpg ")
    assert typed(tmp_path, "sigcli --output=js\t").endswith("--output=json ")
    assert typed(tmp_path, "sigcli -d f\t").endswith("-d folder/")


def typed(folder: Path, keys: str) -> str:
    """The command line as an interactive bash shows it after these keys."""
    leader, follower = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb", "PS1": "% "}
    environment["INPUTRC"] = os.devnull
    shell = subprocess.Popen(
        ["bash", "--norc", "--noprofile", "-i"],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    os.close(follower)
    try:
        os.write(
            leader,
            f"PS1='> '; bind 'set bell-style none'; source {SCRIPT}; echo rea''dy\n".encode(),
        )
        _read_until(leader, r"\nready\r?\n.*> $")
        os.write(leader, keys.encode())
        shown = _read_until(leader, None)
    finally:
        shell.kill()
        shell.wait()
        os.close(leader)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x07|\r", "", shown)


def _read_until(descriptor: int, pattern: str | None, quiet_s: float = 0.5) -> str:
    """What a terminal shows: up to a pattern, or until nothing more comes."""
    shown = ""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        ready, _, _ = select.select([descriptor], [], [], quiet_s)
        if ready:
            shown += os.read(descriptor, 4096).decode(errors="replace")
        elif pattern is None and shown:
            return shown
        if pattern is not None and re.search(pattern, shown, re.DOTALL):
            return shown
    raise AssertionError(f"the terminal shows {shown!r}")


def test_a_press_costs_next_to_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    lines = {
        "commands": "''",
        "options": "send --",
        "late option": "updateGroup -g x -m a b c d -r e f g --admin h i --",
        "files": "send -m hello -a one ''",
        "choices": "-a +15550100 receive --output ''",
    }
    presses = 200
    costs_ms = []
    for words in lines.values():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        bash(f"for ((n = 0; n < {presses}; n++)); do press sigcli {words}; done")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        costs_ms.append(seconds * 1000 / presses)
    with capsys.disabled():
        told = ", ".join(f"{name} {ms:.2f}" for name, ms in zip(lines, costs_ms, strict=True))
        print(f"\nms of CPU for a TAB press in bash: {told}")
    # A machine with other work to do may be four times as slow.
    assert max(costs_ms) < 4 * BUDGET_MS


def test_a_press_starts_no_process_but_for_names() -> None:
    """What keeps it cheap also on a small board: no subshell, no pipe, no program."""
    code = re.sub(r"^\s*#.*|'[^']*'", "", SCRIPT.read_text(), flags=re.MULTILINE)
    code, names = re.subn(
        r"^_sigcli_names\(\) \{\n.*?^\}\n", "", code, flags=re.MULTILINE | re.DOTALL
    )
    assert names == 1
    assert not re.search(r"\$\((?!\()|`|<\(|compgen", code)


def test_generated_files_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.generate_docs", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_man_page_is_well_formed(page: Path) -> None:
    text = page.read_text()
    assert "@" not in re.findall(r"^\.TH.*", text)[0]
    # Every list that is moved in is moved out again; every line that starts like a request is a known one.
    requests = re.findall(r"^[.']\s*(\S*)", text, re.MULTILINE)
    known = {
        "TH",
        "SH",
        "SS",
        "TP",
        "PP",
        "IP",
        "RS",
        "RE",
        "B",
        "I",
        "BR",
        "IR",
        "nf",
        "fi",
        '\\"',
    }
    assert set(requests) <= known | {"BI", "RB", "RI", "TQ", "br", "EX", "EE", "IB", "ad", "na"}
    assert requests.count("RS") == requests.count("RE")
    assert requests.count("nf") == requests.count("fi")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_formatters_have_nothing_to_say_of_a_man_page(page: Path) -> None:
    assert complaints(page) == ["", ""]


def test_the_formatters_would_notice(tmp_path: Path) -> None:
    page = tmp_path / "odd.1"
    page.write_text('.TH ODD 1 "" "odd"\n.SH NAME\nodd \\- \u2026 odd\n.NO\n')
    assert all(complaints(page))


def complaints(page: Path) -> list[str]:
    """What mandoc and groff say of a page."""
    commands = (
        [needs_program("mandoc", "mandoc"), "-Tlint"],
        [needs_program("groff", "groff-base"), "-wall", "-man", "-Tutf8", "-z"],
    )
    ran = [
        subprocess.run([*c, page], capture_output=True, text=True, check=False) for c in commands
    ]
    return [one.stdout + one.stderr for one in ran]


def test_the_man_page_tells_of_every_command() -> None:
    text = (ROOT / "man" / "sigcli.1").read_text()
    tags = re.findall(r"^\.TP\n\\fB(\w+)\\fR", text, re.MULTILINE)
    assert tags == list(OPERATIONS)
