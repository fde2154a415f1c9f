"""``sigcli token``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sigcli.cli.app import main
from sigcli.store.tokens import Tokens

if TYPE_CHECKING:
    from pathlib import Path


def test_a_token_is_made_listed_and_removed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    here = ["-d", str(tmp_path / "data")]
    assert main([*here, "token", "create", "bot", "--per-minute", "60"]) == 0
    secret = capfd.readouterr().out.strip()
    found = Tokens(tmp_path / "data").find(secret)
    assert found is not None
    assert (found.name, found.per_minute, found.accounts) == ("bot", 60, None)
    assert found.scopes == frozenset({"send", "receive"})
    assert main([*here, "--json", "token", "create", "other", "--scope", "admin"]) == 0
    assert json.loads(capfd.readouterr().out)["name"] == "other"
    assert main([*here, "token", "list"]) == 0
    listed = capfd.readouterr().out
    assert listed.splitlines() == [
        "bot: scopes receive,send; accounts all; 60 requests a minute",
        "other: scopes admin; accounts all",
    ]
    assert secret not in listed
    assert main([*here, "token", "remove", "bot"]) == 0
    assert Tokens(tmp_path / "data").find(secret) is None


@pytest.mark.parametrize(
    "words",
    [
        ["create"],
        ["create", "a b"],
        ["create", "x", "--scope", "all"],
        ["create", "x", "--account", "+15550199"],
        ["list", "x"],
        ["remove", "nobody"],
        ["remove", "x", "--scope", "send"],
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(["-d", str(tmp_path), "token", *words]) == 1
    assert capfd.readouterr().err.startswith("sigcli: error: ")
    assert not Tokens(tmp_path).all()
