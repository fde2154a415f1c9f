"""What -v and --log-file show."""

from __future__ import annotations

import stat
from pathlib import Path

from sigcli.cli.details import details_writer, scrubbed
from sigcli.cli.options import GlobalOptions


def test_nobody_asked() -> None:
    assert details_writer(GlobalOptions()) is None


def test_a_log_file_is_private_and_grows(tmp_path: Path) -> None:
    path = tmp_path / "log"
    for text in ("one", "two"):
        write = details_writer(GlobalOptions({"log_file": str(path)}))
        assert write is not None
        write(text)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [line.rsplit(" ", 1)[1] for line in path.read_text().splitlines()] == ["one", "two"]


def test_numbers_and_ids_are_masked() -> None:
    text = (
        "GET /v1/profile/5d9a7f43-2d1b-4c9d-8d5e-2a0b8b4e5a11/" + "ab" * 32 + " +15550100123: 200"
    )
    assert scrubbed(text) == "GET /v1/profile/******11/******ab ******23: 200"
