"""zsh and fish: what a TAB press offers, in the real shells."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.local_account import account_with_contacts
from tests.support.requirements import needs_program

ROOT = Path(__file__).resolve().parents[2]

# Each line is completed by zsh in a terminal of its own; what compadd gets is written down instead of shown.
_ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
say() { zpty -w shell "$@" }
say "PROMPT=; unsetopt zle_bracketed_paste; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D"
say "autoload -Uz _sigcli; compdef _sigcli sigcli; cd $2; export PATH=$4"
say 'compadd() {
    local -a matches given
    given=("$@")
    builtin compadd -O matches "$@" 2>/dev/null
    print -rl -- "${matches[@]}" >> '$3'
    builtin compadd "$@"
}'
say 'ended() { zle complete-word; print -r -- END >> '$3'; zle send-break }'
say 'zle -N ended; bindkey "^I" ended'
say 'print -r -- END >> '$3
zpty -w -n shell "$5"$'\t'
while ! grep -c END $3 2>/dev/null | grep -q 2; do zpty -r -t shell line >/dev/null; sleep 0.02; done
zpty -d shell
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some files, and an account with contacts and an alias."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "holiday picture.jpg").touch()
    (folder / "small.txt").touch()
    account_with_contacts(folder / "data", 2)
    config = folder / "config" / "sigcli"
    config.mkdir(parents=True)
    (config / "config.toml").write_text('quiet = true\n[aliases]\nops = "+15550101"\n')
    return folder


def environment(folder: Path) -> dict[str, str]:
    programs = Path(sys.executable).parent
    return {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(folder),
        "TERM": "xterm",
        "LANG": "C.UTF-8",
        "SIGCLI_DATA_DIR": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }


def fish(folder: Path, line: str) -> set[str]:
    script = f"source {ROOT}/completions/sigcli.fish; complete -C {line!r}"
    done = subprocess.run(
        [needs_program("fish", "fish"), "--no-config", "-c", script],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return {offered.partition("\t")[0] for offered in done.stdout.splitlines()}


def zsh(folder: Path, line: str) -> set[str]:
    program, noted = needs_program("zsh", "zsh"), folder / "noted"
    noted.unlink(missing_ok=True)
    own = environment(folder)
    subprocess.run(
        [program, "-f", "-c", _ZSH, "zsh", ROOT / "completions", folder, noted, own["PATH"], line],
        env=own,
        timeout=60,
        check=True,
        capture_output=True,
    )
    return set(noted.read_text().splitlines()) - {"END", ""}


CASES = [
    ("sigcli listDev", {"listDevices"}),
    ("sigcli send -a hol", {"holiday picture.jpg"}),
    ("sigcli send -a small.txt hol", {"holiday picture.jpg"}),
    ("sigcli send --attachment=hol", {"holiday picture.jpg"}),
    ("sigcli --output=js", {"json"}),
    ("sigcli updateGroup --link=enabled-", {"enabled-with-approval"}),
    ("sigcli api P", {"PUT", "POST", "PATCH"}),
    ("sigcli sandbox fault st", {"status", "stale"}),
    ("sigcli send -m hello -a small.txt --note-to", {"--note-to-self"}),
    ("sigcli send op", {"ops"}),
    ("sigcli send +1555", {"+15550000200", "+15550000201"}),
    ("sigcli -a +1555", {"+15550100"}),
]


@pytest.mark.parametrize(("line", "expected"), CASES[1:])
def test_fish(folder: Path, line: str, expected: set[str]) -> None:
    prefix = line.rpartition(" ")[2].rpartition("=")[0]
    offered = {one.removeprefix(f"{prefix}=") for one in fish(folder, line)}
    assert offered == expected


@pytest.mark.parametrize(("line", "expected"), CASES[1:10:2])
def test_zsh(folder: Path, line: str, expected: set[str]) -> None:
    assert zsh(folder, line) >= expected
