"""``[daemon]`` in config.toml."""

from __future__ import annotations

from typing import Any

import pytest

from sigcli.daemon.configured import with_configured
from sigcli.errors import ConfigFileInvalid

SAID_NOTHING: dict[str, Any] = {"http": None, "no_auth": False, "host_names": (), "tcp": None}


def test_the_file_says_what_the_options_do_not() -> None:
    section = {"http": "localhost:1", "no_auth": True, "host_names": ["a"], "tcp": True}
    assert with_configured(SAID_NOTHING, {**section, "webhook": [{}]}) == {
        "http": "localhost:1",
        "no_auth": True,
        "host_names": ("a",),
        "tcp": "localhost:7583",
    }
    given = {**SAID_NOTHING, "http": "localhost:2"}
    assert with_configured(given, section)["http"] == "localhost:2"
    assert with_configured(SAID_NOTHING, {"http": True})["http"] == ""
    assert with_configured(SAID_NOTHING, {"http": False})["http"] is None


def test_what_programs_elsewhere_set_by_variables_has_keys() -> None:
    section = {"ignore_stories": True, "rest_text_mode": "styled", "rest_send_answer": "array"}
    read = with_configured({**SAID_NOTHING, "ignore_stories": False}, section)
    assert section.items() <= read.items()


def test_standard_input_is_the_only_way_in_where_it_is_one() -> None:
    given = {**SAID_NOTHING, "stdio": True}
    assert with_configured(given, {"http": True, "audit_log": "x"})["http"] is None


@pytest.mark.parametrize(
    "section",
    [
        {"rest_send_answer": "list"},
        {"htpp": "x"},
        {"no_auth": "yes"},
        {"http": 8080},
        {"host_names": "a"},
        {"audit_log": True},
    ],
)
def test_what_makes_no_sense_is_named(section: dict[str, Any]) -> None:
    with pytest.raises(ConfigFileInvalid, match=f"daemon.{next(iter(section))}"):
        with_configured(SAID_NOTHING, section)
