"""Tokens in the data directory."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from sigcli.errors import InvalidTokenName, TokenExists, TokensDamaged, UnknownToken
from sigcli.store.tokens import FIRST_TOKEN_FILE, TOKENS_FILE, Tokens

if TYPE_CHECKING:
    from pathlib import Path

SEND = frozenset({"send"})


def _random(count: int) -> bytes:
    return bytes(range(count))


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path)


def test_only_the_hash_is_stored(tokens: Tokens, tmp_path: Path) -> None:
    secret = tokens.create("bot", os.urandom, 5, scopes=SEND, per_minute=3)
    text = (tmp_path / TOKENS_FILE).read_text()
    assert secret not in text
    assert (tmp_path / TOKENS_FILE).stat().st_mode & 0o777 == 0o600
    found = tokens.find(secret)
    assert found is not None
    assert (found.name, found.scopes, found.per_minute, found.created_ms) == ("bot", SEND, 3, 5)
    assert found.hash in text
    for wrong in ("", "bot", secret[:-1], secret + "x", found.hash, "\udcff"):
        assert tokens.find(wrong) is None


def test_what_another_process_changes_counts_at_once(tokens: Tokens, tmp_path: Path) -> None:
    secret = tokens.create("bot", os.urandom, 0, scopes=SEND, accounts=frozenset({"a"}))
    other = Tokens(tmp_path)
    assert other.find(secret) is not None
    tokens.remove("bot")
    assert other.find(secret) is None
    assert other.all() == ()


def test_names_are_those_of_consumers_and_once_each(tokens: Tokens) -> None:
    tokens.create("bot", _random, 0, scopes=SEND)
    with pytest.raises(TokenExists):
        tokens.create("bot", os.urandom, 0, scopes=SEND)
    for name in ("", "a b", "command-line", "é", "x" * 65, "../x"):
        with pytest.raises(InvalidTokenName):
            tokens.create(name, os.urandom, 0, scopes=SEND)
    with pytest.raises(UnknownToken):
        tokens.remove("nobody")


def test_the_first_token_stands_in_a_file_of_the_owner(tokens: Tokens, tmp_path: Path) -> None:
    path = tokens.create_first(os.urandom, 0, SEND)
    assert path == str(tmp_path / FIRST_TOKEN_FILE)
    assert (tmp_path / FIRST_TOKEN_FILE).stat().st_mode & 0o777 == 0o600
    found = tokens.find((tmp_path / FIRST_TOKEN_FILE).read_text().strip())
    assert found is not None
    assert found.name == "default"
    assert tokens.create_first(os.urandom, 0, SEND) is None
    tokens.remove("default")
    assert not (tmp_path / FIRST_TOKEN_FILE).exists()
    # A user who takes it back does not get another one with the next start.
    assert tokens.create_first(os.urandom, 0, SEND) is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version":1}', '{"version":9,"tokens":[]}'])
def test_a_damaged_list_lets_nobody_in(tokens: Tokens, tmp_path: Path, text: str) -> None:
    (tmp_path / TOKENS_FILE).write_text(text)
    with pytest.raises(TokensDamaged):
        tokens.find("x")
    with pytest.raises(TokensDamaged):
        tokens.create("bot", os.urandom, 0, scopes=SEND)


def test_tokens_are_secrets_of_the_data_directory(tokens: Tokens, tmp_path: Path) -> None:
    from sigcli.store.accounts import DataDirectory

    tokens.create_first(os.urandom, 0, SEND)
    directory = DataDirectory(tmp_path)
    assert directory.is_secret(tmp_path / FIRST_TOKEN_FILE)
    assert directory.is_secret(tmp_path / TOKENS_FILE)
    assert json.loads((tmp_path / TOKENS_FILE).read_text())["version"] == 1
