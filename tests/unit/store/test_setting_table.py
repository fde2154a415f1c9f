"""The table of settings: each row is whole, and wherever settings are told of it is there."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from sigcli.cli.options import LONG, SHORT, GlobalOptions, with_option
from sigcli.cli.top_level_help import top_level_help
from sigcli.client.base.settings import DEFAULT_TRUST_POLICY, Settings, resolve_settings
from sigcli.errors import UsageError
from sigcli.store.identity_keys import TrustPolicy
from sigcli.store.setting_table import COUNT, FLAG, SETTINGS

ROOT = Path(__file__).resolve().parents[3]
OF_THE_COMMAND_LINE = {
    *("no_daemon", "output", "verbose", "log_file", "scrub_log", "help", "version"),
    *("quiet", "color"),
}
"""Fields that the settings do not have."""
RENAMED = {"disable_send_log": "send_log"}


def test_no_two_rows_share_a_name() -> None:
    spellings = [one for row in SETTINGS for one in (*row.spellings, *row.aliases)]
    variables = [row.environment for row in SETTINGS if row.environment]
    keys = [row.key for row in SETTINGS if row.key]
    for names in (spellings, variables, keys):
        assert [name for name, count in Counter(names).items() if count > 1] == []
    assert {*LONG, *SHORT} == set(spellings)


def test_every_option_is_told_of() -> None:
    page = (ROOT / "man" / "sigcli.1").read_text()
    completions = [path.read_text() for path in (ROOT / "completions").iterdir()]
    shown = " ".join(top_level_help(200).split())
    for row in SETTINGS:
        assert bool(row.help) == bool(row.spellings)
        for spelling in row.spellings:
            assert spelling in shown
            assert spelling.replace("-", "\\-") in page
            assert all(spelling.lstrip("-") in text for text in completions)
        for name in filter(None, (row.environment, row.key)):
            assert name in page


def test_every_field_is_held_somewhere() -> None:
    held = {field.name for field in fields(Settings)} | OF_THE_COMMAND_LINE
    assert {RENAMED.get(row.field, row.field) for row in SETTINGS} <= held


@pytest.mark.parametrize(
    ("name", "word", "value"),
    [
        ("--json", None, "json"),
        ("--output", "text", "plain-text"),
        ("--lock-timeout", "2.5", 2.5),
        ("--scrub-log", None, True),
        ("--config", "/x", "/x"),
    ],
)
def test_an_option_is_read(name: str, word: str | None, value: object) -> None:
    assert with_option(GlobalOptions(), name, word).get(LONG[name].field) == value


def test_a_count_grows_and_a_flag_takes_no_value() -> None:
    twice = with_option(with_option(GlobalOptions(), "--verbose", None), "--verbose", None)
    assert twice.verbose == 2
    assert {row.field for row in SETTINGS if row.kind == COUNT} == {"verbose"}
    assert all(not row.takes_value for row in SETTINGS if row.kind == FLAG)


@pytest.mark.parametrize(
    ("name", "word"),
    [("--output", "xml"), ("--lock-timeout", "soon"), ("--trust-new-identities", "maybe")],
)
def test_a_value_that_does_not_fit_is_refused(name: str, word: str) -> None:
    with pytest.raises(UsageError, match=name):
        with_option(GlobalOptions(), name, word)


def test_settings_are_what_was_said_and_defaults(tmp_path: Path) -> None:
    (tmp_path / "sigcli").mkdir()
    (tmp_path / "sigcli" / "config.toml").write_text(
        'disable_send_log = true\nlock_timeout = 5\noutput = "json"\n[aliases]\na = "+15550101"\n'
    )
    environ = {
        "XDG_CONFIG_HOME": str(tmp_path),
        "HOME": "/home/a",
        "LANG": "de_AT.UTF-8",
        "SIGCLI_ACCOUNT": "+15550100",
    }
    settings = resolve_settings(warn=print, environ=environ, lock_timeout_s=7.0, account=None)
    assert (settings.account, settings.lock_timeout_s, settings.send_log) == ("+15550100", 7, False)
    assert (settings.aliases, settings.language) == ({"a": "+15550101"}, "de-AT")
    assert settings.data_dir == Path("/home/a/.local/share/sigcli")
    assert settings.trust_new_identities == "on-first-use"


def test_the_trust_policies_are_those_that_the_store_knows() -> None:
    (row,) = (row for row in SETTINGS if row.field == "trust_new_identities")
    assert list(row.choices) == [policy.value for policy in TrustPolicy]
    assert TrustPolicy.ON_FIRST_USE.value == DEFAULT_TRUST_POLICY
