"""The grammar around a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigcli.cli.app import main
from sigcli.cli.arguments import (
    CommandShape,
    OptionShape,
    arrange,
    split_at_command,
)
from sigcli.cli.command_names import canonical_command
from sigcli.cli.declared_commands import declaration_of
from sigcli.cli.options import GlobalOptions, settle
from sigcli.cli.plain_words import shape_of
from sigcli.errors import UsageError
from sigcli.operations.table import OPERATIONS

VALUE = OptionShape(takes_value=True, greedy=False)
FLAG = OptionShape(takes_value=False, greedy=False)
MANY = OptionShape(takes_value=True, greedy=True)
SEND = CommandShape(
    {
        "-m": VALUE,
        "--message": VALUE,
        "--message-from-stdin": FLAG,
        "-a": MANY,
        "--attachment": MANY,
        "-u": MANY,
        "--username": MANY,
    },
    takes_recipients=True,
)


def arranged(*words: str) -> tuple[GlobalOptions, list[str]]:
    found = arrange(split_at_command(list(words)), SEND)
    return found.options, found.words


def test_global_options_stand_on_either_side() -> None:
    before, rest_before = arranged("--json", "-a", "+15550100", "send", "-m", "x", "+15550101")
    after, rest_after = arranged("send", "-m", "x", "--account", "+15550100", "--json", "+15550101")
    assert before == after == GlobalOptions({"account": "+15550100", "output": "json"})
    assert rest_before == rest_after == ["-m", "x", "+15550101"]


def test_a_commands_own_short_option_wins_after_it() -> None:
    options, rest = arranged("send", "-a", "picture.png")
    assert options.get("account") is None
    assert rest == ["-a", "picture.png"]
    options, _ = arranged("send", "-o", "json")
    assert options.json


def test_a_commands_own_long_option_wins_after_it() -> None:
    options, rest = arranged("send", "--username", "ops.01")
    assert options.get("account") is None
    assert rest == ["--username", "ops.01"]


def test_greedy_options_stop_at_options_dashes_and_recipients() -> None:
    _, rest = arranged("send", "-a", "one", "two", "-m", "x")
    assert rest == ["-a", "one", "-a", "two", "-m", "x"]
    _, rest = arranged("send", "-a", "one", "two", "+15550101", "+15550102")
    assert rest == ["-a", "one", "-a", "two", "+15550101", "+15550102"]
    _, rest = arranged("send", "--attachment=one", "two", "--", "three")
    assert rest == ["--attachment=one", "--attachment", "two", "--", "three"]
    recipient = "5d9a7f43-2d1b-4c9d-8d5e-2a0b8b4e5a11"
    _, rest = arranged("send", "-a", "one", f"PNI:{recipient}")
    assert rest == ["-a", "one", f"PNI:{recipient}"]


def test_values_of_username_options_may_look_like_recipients() -> None:
    link = "https://signal.me/#eu/abc"
    _, rest = arranged("send", "-u", "one.42", "u:two.42", link, "+15550101")
    assert rest == ["-u", "one.42", "-u", "u:two.42", "-u", link, "+15550101"]
    _, rest = arranged("send", "-a", "one", link)
    assert rest == ["-a", "one", link]


def test_a_file_named_like_a_recipient_is_an_attachment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "+15550101").touch()
    _, rest = arranged("send", "-a", "one", "+15550101", "+15550102")
    assert rest == ["-a", "one", "-a", "+15550101", "+15550102"]


def test_values_are_never_read_as_options() -> None:
    options, rest = arranged("send", "-m", "--json", "+15550101")
    assert not options.json
    assert rest == ["-m", "--json", "+15550101"]


def test_an_options_value_may_be_left_out_where_it_says_so() -> None:
    replay = OptionShape(takes_value=True, greedy=False, value_if_bare="0")
    shape = CommandShape({"--replay": replay, "--json": FLAG}, takes_recipients=False)
    for words, expected in (
        (["--replay"], ["--replay", "0"]),
        (["--replay", "--json"], ["--replay", "0", "--json"]),
        (["--replay", "24h"], ["--replay", "24h"]),
        (["--replay=24h"], ["--replay=24h"]),
    ):
        assert arrange(split_at_command(["receive", *words]), shape).words == expected


def test_camel_case_options_are_understood() -> None:
    options, rest = arranged(
        "send", "--messageFromStdin", "--dataDir", "/x", "--serviceEnvironment=mock.toml"
    )
    assert rest == ["--message-from-stdin"]
    assert options.get("data_dir") == "/x"
    assert options.get("service_environment") == "mock.toml"


def test_command_names_in_both_spellings() -> None:
    known: dict[str, object] = dict(OPERATIONS)
    assert canonical_command("list-contacts", known) == "listContacts"
    assert canonical_command("listContacts", known) == "listContacts"
    assert canonical_command("list-nothing", known) is None


@pytest.mark.parametrize(
    "words",
    [
        ["--nope", "send"],
        ["--account"],
        ["--output", "xml", "send"],
        ["--lock-timeout", "soon", "send"],
        ["--trust-new-identities", "maybe", "send"],
        ["--json=yes", "send"],
    ],
)
def test_what_is_not_understood_is_refused(words: list[str]) -> None:
    with pytest.raises(UsageError):
        split_at_command(words)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "sigcli").mkdir()
    (tmp_path / "sigcli" / "config.toml").write_text(
        'account = "+15550108"\ndata_dir = "/file"\nverbose = 2\n'
    )
    environ = {
        "SIGCLI_ACCOUNT": "+15550109",
        "SIGCLI_OUTPUT": "json",
        "SIGCLI_DATA_DIR": "/env",
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    options = settle(GlobalOptions({"account": "+15550100"}), environ)
    found = [options.get(name) for name in ("account", "output", "data_dir", "verbose")]
    assert found == ["+15550100", "json", "/env", 2]


# --- abbreviations --------------------------------------------------------------------------------


def typed(command: str, *words: str) -> tuple[GlobalOptions, list[str]]:
    found = arrange(split_at_command([command, *words]), shape_of(declaration_of(command)))
    return found.options, found.words


def test_a_long_option_may_be_abbreviated_as_far_as_it_is_unique() -> None:
    assert typed("updateGroup", "--n", "Team", "--desc=x") == (
        GlobalOptions(),
        ["--name", "Team", "--description=x"],
    )
    # Two spellings of one option are one.
    _, rest = typed("updateGroup", "--remove-m", "+15550101", "+15550102")
    assert rest == ["--remove-member", "+15550101", "--remove-member", "+15550102"]
    shape = shape_of(declaration_of("listGroups"))
    for words, meant in (
        (["--acc", "+15550100", "listGroups"], {"account": "+15550100"}),
        (["listGroups", "--out", "json"], {"output": "json"}),
        (["--service", "live", "listGroups"], {"service_environment": "live"}),
    ):
        assert arrange(split_at_command(words), shape).options == GlobalOptions(meant)


@pytest.mark.parametrize("word", ["--re", "--set", "--set-permission=only-admins"])
def test_an_abbreviation_that_is_not_unique_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="may be") as refused:
        typed("updateGroup", word, "x")
    assert "in full" in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("command", "word", "meant"),
    [
        ("send", "--endsession", "--end-session"),
        ("send", "--endSession", "--end-session"),
        ("updateProfile", "--mobilecoin-address", "--mobile-coin-address"),
        ("updateProfile", "--aboutemoji", "--about-emoji"),
        ("removeDevice", "--deviceid", "--device-id"),
    ],
)
def test_hyphens_and_capitals_do_not_count(command: str, word: str, meant: str) -> None:
    _, rest = typed(command, word, "x")
    assert rest[0].replace("deviceId", "device-id") == meant


def test_an_exact_name_wins_over_a_longer_one() -> None:
    words = ["--member-label", "x", "--link", "enabled"]
    assert typed("updateGroup", *words)[1] == words


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("jsonEventLoop", "receive --json"),
        ("startCall", "does not make calls"),
        ("+15550100", "-a +15550100"),
        ("sned", "send"),
    ],
)
def test_what_is_no_command_is_explained(
    word: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word]) == 1
    assert hint in capsys.readouterr().err
