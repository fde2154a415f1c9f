"""The schemas hold for what is really given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

import jsonschema
import pytest

from sigcli.operations import Receive, Send, UpdateGroup, UpdateProfile, Verify
from sigcli.operations.declaring import load
from sigcli.operations.schemas import schema_of
from sigcli.operations.table import OPERATIONS
from tests.unit.cli.golden import cases
from tests.unit.cli.golden.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator


class Inner(TypedDict):
    number: int | None
    word: NotRequired[Literal["a", "b"]]


class Outer(Inner):
    inner: list[Inner]
    either: int | Inner
    anything: dict[str, Any]


def test_a_type_is_written_as_a_schema() -> None:
    inner = {
        "type": "object",
        "properties": {"number": {"type": ["integer", "null"]}, "word": {"enum": ["a", "b"]}},
        "required": ["number"],
    }
    assert schema_of(Inner) == inner
    assert schema_of(Outer) == {
        "type": "object",
        "properties": {
            **inner["properties"],  # type: ignore[dict-item]
            "inner": {"type": "array", "items": inner},
            "either": {"anyOf": [{"type": "integer"}, inner]},
            "anything": {"type": "object", "additionalProperties": {}},
        },
        "required": ["number", "inner", "either", "anything"],
    }
    with pytest.raises(TypeError):
        schema_of(set[int])


def test_parameters_are_written_as_a_schema() -> None:
    send = Send.parameters_schema()["properties"]
    assert send["recipient"]["items"] == {"type": "string"}
    assert send["editTimestamp"]["minimum"] == 0
    assert "messageFromStdin" not in send
    assert UpdateGroup.parameters_schema()["properties"]["link"]["enum"][0] == "enabled"
    assert "required" not in UpdateProfile.parameters_schema()
    verify = Verify.parameters_schema()
    assert (verify["required"], verify["additionalProperties"]) == (["verificationCode"], False)
    assert Receive.parameters_schema()["properties"]["maxMessages"]["default"] == -1


def test_every_result_is_as_its_schema_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    stage = Stage.set(tmp_path, monkeypatch, capfd)
    validators: dict[str, jsonschema.Draft202012Validator] = {}
    looked_at = set()
    for case in cases.outputs():
        name = next((word for word in case.words if word in OPERATIONS), None)
        if case.words[0] != "--json" or name is None or not OPERATIONS[name].programs:
            continue
        if name not in validators:
            schema = load(name).result_schema()
            if name == "receive":
                schema = schema["items"]  # one a line
            jsonschema.Draft202012Validator.check_schema(closed(schema))
            validators[name] = jsonschema.Draft202012Validator(closed(schema))
        for line in printed(stage.play(case)):
            validators[name].validate(line)
            looked_at.add(name)
    told = {
        name
        for name, entry in OPERATIONS.items()
        if entry.programs and load(name).result_schema().get("properties") != {}
    }
    assert looked_at == told


def printed(record: str) -> Iterator[Any]:
    for line in record.splitlines():
        if line.startswith("out  "):
            yield json.loads(line.removeprefix("out  "))


def closed(schema: Any) -> Any:
    """The schema without room for members that it does not name."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    return {"additionalProperties": False, **inner} if "properties" in schema else inner
