"""Which commands look for a daemon, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigcli.cli.handing_over import data_dir_for

ENVIRON = {"HOME": "/home/somebody"}
DEFAULT = "/home/somebody/.local/share/sigcli"


@pytest.mark.parametrize(
    ("words", "data_dir"),
    [
        ("send -m hi +15550100", DEFAULT),
        ("list-contacts", DEFAULT),
        ("-a +15550100 --json listContacts", DEFAULT),
        ("-d /there send", "/there"),
        ("-d/there send", "/there"),
        ("--config=/there send", "/there"),
        ("--data-dir /there -o json send", "/there"),
        ("-a send", None),
        ("send --help", None),
        ("send --no-daemon", None),
        ("--no-daemon send", None),
        ("link", None),
        ("setPin -", None),
        ("daemon", None),
        ("noCommand", None),
        ("--no-option send", None),
        ("--data /there send", None),
        ("-d", None),
        ("", None),
    ],
)
def test_what_looks_for_a_daemon(words: str, data_dir: str | None) -> None:
    assert data_dir_for(words.split(), ENVIRON) == data_dir


def test_environment_and_config_name_the_directory(tmp_path: Path) -> None:
    assert data_dir_for(["send"], {**ENVIRON, "SIGCLI_DATA_DIR": "/there"}) == "/there"
    (tmp_path / "sigcli").mkdir()
    config = tmp_path / "sigcli" / "config.toml"
    environ = {**ENVIRON, "XDG_CONFIG_HOME": str(tmp_path)}
    config.write_text('data_dir = "/configured"')
    assert data_dir_for(["send"], environ) == "/configured"
    assert data_dir_for(["-d", "/there", "send"], environ) == "/there"
    config.write_text("account = 1.5e")
    assert data_dir_for(["send"], environ) is None
