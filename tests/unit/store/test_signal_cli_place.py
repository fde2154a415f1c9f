"""Whether a folder is one in which signal-cli keeps accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigcli.errors import NoLocalAccount, OnlySignalCliAccounts
from sigcli.store.accounts import DataDirectory
from sigcli.store.signal_cli.place import default_signal_cli_dir, holds_signal_cli_accounts

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "is_theirs"),
    [("accounts.json", True), ("+15550100", True), ("notes.txt", False), ("+15550100.d", False)],
)
def test_it_is_known_by_its_files(tmp_path: Path, name: str, is_theirs: bool) -> None:
    assert not holds_signal_cli_accounts(str(tmp_path))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / name).write_text("{}")
    assert holds_signal_cli_accounts(str(tmp_path)) is is_theirs


def test_a_directory_without_accounts_says_whose_it_is(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    with pytest.raises(NoLocalAccount):
        directory.choose(None)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "accounts.json").write_text("{}")
    for name in (None, "+15550100"):
        with pytest.raises(OnlySignalCliAccounts) as caught:
            directory.choose(name)
        assert f"--source '{tmp_path}'" in (caught.value.hint or "")


def test_where_signal_cli_keeps_them() -> None:
    assert default_signal_cli_dir({"HOME": "/h"}) == "/h/.local/share/signal-cli"
    assert default_signal_cli_dir({"HOME": "/h", "XDG_DATA_HOME": "/d"}) == "/d/signal-cli"
