from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sigcli.errors import ConfigFileInvalid
from sigcli.store.config import read_config
from sigcli.store.standard_places import config_path, default_data_dir

if TYPE_CHECKING:
    from pathlib import Path


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read_config(tmp_path / "config.toml") == {}


def test_every_key_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        """
account = "+15550100"
output = "json"
data_dir = "/srv/sigcli"
service_environment = "staging"
trust_new_identities = "unless-verified"
verbose = 2
log_file = "/var/log/sigcli"
scrub_log = true
disable_send_log = false
lock_timeout = 2.5
keep_messages = "30d"
keep_attachments = "12w"
max_attachment_size = "25M"
[aliases]
boss = "+15550101"
""",
        encoding="utf-8",
    )
    assert read_config(path) == {
        "account": "+15550100",
        "output": "json",
        "data_dir": "/srv/sigcli",
        "service_environment": "staging",
        "trust_new_identities": "unless-verified",
        "verbose": 2,
        "log_file": "/var/log/sigcli",
        "scrub_log": True,
        "disable_send_log": False,
        "lock_timeout_s": 2.5,
        "keep_messages_ms": 30 * 24 * 3600 * 1000,
        "keep_attachments_ms": 12 * 7 * 24 * 3600 * 1000,
        "max_attachment_bytes": 25 << 20,
        "aliases": {"boss": "+15550101"},
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("keep_mesages = '1d'", "keep_mesages"),
        ("keep_messages = 30", "keep_messages"),
        ("keep_messages = 'soon'", "keep_messages"),
        ("max_attachment_size = '5 parsecs'", "max_attachment_size"),
        ("max_attachment_size = -1", "max_attachment_size"),
        ("max_attachment_size = true", "max_attachment_size"),
        ("lock_timeout = true", "lock_timeout"),
        ("lock_timeout = -1", "lock_timeout"),
        ("output = 'xml'", "output"),
        ("trust_new_identities = 'yes'", "trust_new_identities"),
        ("disable_send_log = 1", "disable_send_log"),
        ("account = 15550100", "account"),
        ("aliases = 'x'", "aliases"),
        ("[aliases]\nboss = 5", "aliases.boss"),
        ("no toml", "config.toml"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigFileInvalid, match=named) as caught:
        read_config(path)
    assert caught.value.exit_code == 1


@pytest.mark.skipif(os.name != "posix", reason="NOT PROVEN: files have no modes here")
@pytest.mark.parametrize(("mode", "is_refused"), [(0o600, False), (0o664, False), (0o666, True)])
def test_a_file_that_anybody_may_write_to_is_refused(
    tmp_path: Path, mode: int, is_refused: bool
) -> None:
    path = tmp_path / "config.toml"
    path.write_text('account = "+15550100"', encoding="utf-8")
    path.chmod(mode)
    if not is_refused:
        assert read_config(path)["account"] == "+15550100"
        return
    with pytest.raises(ConfigFileInvalid) as caught:
        read_config(path)
    assert "chmod" in (caught.value.hint or "")


def test_places_follow_the_environment() -> None:
    home = {"HOME": "/home/a"}
    assert config_path(home) == "/home/a/.config/sigcli/config.toml"
    assert default_data_dir(home) == "/home/a/.local/share/sigcli"
    elsewhere = {**home, "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "relative"}
    assert config_path(elsewhere) == "/c/sigcli/config.toml"
    assert default_data_dir(elsewhere) == "/home/a/.local/share/sigcli"
