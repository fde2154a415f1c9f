"""All operations: whatever is declared is whole, and every front door has it."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import sigcli.operations
from sigcli.cli.declared_commands import declaration_of
from sigcli.cli.plain_words import shape_of
from sigcli.cli.render import results as rendered
from sigcli.operations.declaring import Operation, Parameter, load
from sigcli.operations.groups import LINK_STATES, PERMISSIONS
from sigcli.operations.reading import json_names
from sigcli.operations.results import Result
from sigcli.operations.table import (
    ACCOUNT,
    ADMIN,
    ANY,
    OPERATIONS,
    RECEIVE,
    SEND,
    SETTINGS,
    class_name,
)

ROOT = Path(__file__).resolve().parents[3]
FOR_PROGRAMS = [name for name, entry in OPERATIONS.items() if entry.programs]
_NAMES_A_FILE = re.compile(r"attachment|avatar|image|path|(?<!pro)file")
_NO_FILES = {("removeAttachment", "attachment_ids")}
"""Ids."""


def parameters(name: str) -> tuple[Parameter, ...]:
    return declaration_of(name).parameters


@pytest.mark.parametrize("name", OPERATIONS)
def test_everything_is_documented(name: str) -> None:
    entry, declared = OPERATIONS[name], declaration_of(name)
    assert declared.__name__ == class_name(name)
    assert entry.summary
    assert entry.family
    assert not entry.summary.endswith(".")
    assert (declared.__doc__ or "").strip().endswith(".")
    assert entry.scope in {ANY, SEND, RECEIVE, ADMIN}
    assert entry.needs in {ACCOUNT, SETTINGS}
    for parameter in declared.parameters:
        assert parameter.help, parameter.name
        assert parameter.is_argument or parameter.long_name.startswith("--")
    assert shape_of(declared).options.keys() == {
        spelling for one in declared.parameters for spelling in one.spellings
    }


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_two_parameters_share_a_name(name: str) -> None:
    spellings = Counter(spelling for one in parameters(name) for spelling in one.spellings)
    in_json = Counter(
        alias for one in parameters(name) if not one.cli_only for alias in json_names(one)
    )
    assert [spelling for spelling, count in (spellings + in_json).items() if count > 1] == []


@pytest.mark.parametrize("name", FOR_PROGRAMS)
def test_an_operation_runs_on_what_its_entry_says(name: str) -> None:
    declared = load(name)
    assert issubclass(declared, Operation)
    on = list(inspect.signature(declared.run).parameters)[1]
    assert on == OPERATIONS[name].needs


@pytest.mark.parametrize("name", FOR_PROGRAMS)
def test_an_operation_has_schemas(name: str) -> None:
    declared = load(name)
    for schema in (declared.parameters_schema(), declared.result_schema()):
        jsonschema.Draft202012Validator.check_schema(schema)
    properties = declared.parameters_schema()["properties"]
    assert properties.keys() == {one.json_name for one in declared.parameters if not one.cli_only}
    assert all(one["description"] for one in properties.values())


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_parameter_that_names_a_file_says_so(name: str) -> None:
    for parameter in parameters(name):
        guessed = _NAMES_A_FILE.search(parameter.name) is not None and parameter.takes_value
        # What the command line alone has is no program's to name.
        is_for_programs = OPERATIONS[name].programs and not parameter.cli_only
        if is_for_programs and (name, parameter.name) not in _NO_FILES:
            assert parameter.reads_path == guessed, parameter.name


def test_the_library_offers_every_operation() -> None:
    assert sorted(sigcli.operations.__all__) == sorted(map(class_name, FOR_PROGRAMS))
    for name in FOR_PROGRAMS:
        assert getattr(sigcli.operations, class_name(name)) is load(name)
    with pytest.raises(AttributeError):
        _ = sigcli.operations.Sandbox
    for unknown in ("sandbox", "nothing"):
        with pytest.raises(KeyError):
            load(unknown)


def test_every_result_has_a_text_or_is_known_to_have_none() -> None:
    def kinds(result: type[Result]) -> set[str]:
        return {result.__name__}.union(*map(kinds, result.__subclasses__()))

    for name in FOR_PROGRAMS:
        load(name)
    not_printed_at_the_end = {"Result", "Examination", "Received"}
    assert kinds(Result) - not_printed_at_the_end == rendered.SHOWN.keys()
    places = {*rendered.SHOWN.values(), *rendered.TOLD.values()} - {None}
    for place in places:
        module, _, function = str(place).partition(":")
        found = __import__(f"sigcli.cli.render.{module}", fromlist=[function])
        assert callable(getattr(found, function))


def test_choices_are_those_of_the_client() -> None:
    from sigcli.client.groups.group_options import LinkState, Permission

    assert tuple(one.value for one in LinkState) == LINK_STATES
    assert tuple(one.value for one in Permission) == PERMISSIONS


def test_man_page_and_completions_list_everything() -> None:
    page = (ROOT / "man" / "sigcli.1").read_text()
    completion = (ROOT / "completions" / "sigcli.bash").read_text()
    for name in OPERATIONS:
        section = page[page.index(f"\\fB{name}\\fR") :]
        assert f"'{name} " in completion or not any(one.spellings for one in parameters(name))
        for parameter in parameters(name):
            for spelling in parameter.spellings:
                assert spelling.replace("-", "\\-") in section
                assert spelling in completion


def test_secrets_and_texts_are_not_shown() -> None:
    shown: list[Any] = [
        sigcli.operations.Verify(code="123456", pin="0000"),
        sigcli.operations.Send(recipients=["+15550101"], message="hello"),
    ]
    assert [repr(one) for one in shown] == [
        "Verify(code=…, pin=…)",
        "Send(message=…, recipients=…)",
    ]
    for name in OPERATIONS:
        for parameter in parameters(name):
            assert parameter.secret == (parameter.name in {"pin", "code", "captcha"})
