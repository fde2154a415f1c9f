"""What `python -m tools.currency` finds in packages, and what it says about it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tools.currency.constants import (
    Comparison,
    compare,
    facts_of,
    native_library,
    shipped_constants,
    shipped_environments,
    shipped_groups,
)
from tools.currency.schemas import (
    NoSchema,
    changes,
    conflicts,
    own_schema,
    schema_of_javascript,
    schema_of_package,
    unknown_fields,
)
from tools.currency.suites import read_report

ENCLAVE, OTHER = b"E" * 32, b"O" * 32
CONSTANTS = {"live: the enclave": ENCLAVE, "live: another": OTHER}
JAVASCRIPT = """
const signalservice_Envelope$SPEC = [33,0,96];
  Envelope: {
   decode(data, start, end) {
    const res = {};
    $decode(data, signalservice_Envelope$SPEC, (id, value) => {
      switch (id) {
        case 1:
          res.type = value;
          break;
        case 3:
          res.kind = {
            guid: value,
          };
          break;
        case 4:
          res.parts.push(signalservice.Envelope.Part.decode(data, value.start, value.end));
          break;
        default:
          res.$unknown.push(value);
          break;
      }
    }, start, end);
    return res;
   },
    $decode(data, signaling_Envelope_Part$SPEC, (id, value) => {
      switch (id) {
        case 1:
          res.id = value;
          break;
      }
    }, start, end);
"""


def raft(group: int) -> bytes:
    return b"x" * 5 + struct.pack("<QIIIII", group, 3, 9, 0, 2, 604_800) + b"y" * 5


def test_a_library_is_searched_for_what_is_shipped() -> None:
    library = (
        b"..." + ENCLAVE + raft(77) + b"\x00chat.signal.org\x00https://svr2.staging.signal.org/"
    )
    found = facts_of(library, CONSTANTS)
    assert found.known == {"live: the enclave"}
    assert found.groups == {77}
    no_group = struct.pack("<QIIIII", 5, 0, 9, 0, 2, 604_800)
    assert facts_of(struct.pack("<I", 604_800) + no_group, CONSTANTS).groups == set()


def test_what_has_vanished_or_is_not_shipped_has_to_be_looked_at() -> None:
    before = facts_of(ENCLAVE + raft(1), CONSTANTS)
    after = facts_of(OTHER + raft(2) + raft(3), CONSTANTS)
    assert compare(before, before, frozenset({1})) == Comparison()
    found = compare(before, after, frozenset({1, 3}))
    assert found.problems == [
        "no longer in the newest library: live: the enclave",
        "a group of replicas that is not shipped, of a newer enclave: 2",
    ]
    assert found.notes == [
        "now in the library as well: live: another",
        "no longer in the library: the group of replicas 1",
    ]


def test_all_that_an_environment_fixes_is_looked_for(tmp_path: Path) -> None:
    environments = shipped_environments()
    constants = shipped_constants(environments)
    live = environments["live"]
    assert live.svr2 is not None
    assert {enclave.mrenclave for enclave in live.svr2.enclaves} <= set(constants.values())
    assert sum("TLS root" in name for name in constants) == 4
    assert len(shipped_groups(environments)) == 7
    with pytest.raises(FileNotFoundError):
        native_library(tmp_path)


def test_the_fields_of_a_compiled_schema_are_read() -> None:
    assert schema_of_javascript(JAVASCRIPT) == {
        "Envelope": {1: "type", 3: "guid", 4: "parts"},
        "signaling_Envelope_Part": {1: "id"},
    }


def test_a_package_s_own_files_are_preferred(tmp_path: Path) -> None:
    with pytest.raises(NoSchema):
        schema_of_package(tmp_path)
    (tmp_path / "protos").mkdir()
    (tmp_path / "protos" / "compiled.js").write_text("// nothing")
    with pytest.raises(NoSchema):
        schema_of_package(tmp_path)
    (tmp_path / "protos" / "compiled.js").write_text(JAVASCRIPT)
    assert "Envelope" in schema_of_package(tmp_path)
    proto = tmp_path / "protos" / "Service.proto"
    proto.write_text(
        'syntax = "proto3"; package signalservice;'
        " message Content { message Part { int32 id = 2; } Part part = 1; }"
    )
    assert schema_of_package(tmp_path) == {"Content": {1: "part"}, "Content_Part": {2: "id"}}
    proto.write_text("no schema")
    with pytest.raises(NoSchema, match=r"Service\.proto"):
        schema_of_package(tmp_path)


def test_schemas_are_compared_by_number() -> None:
    before = {"A": {1: "one", 2: "two"}, "Gone": {1: "x"}}
    after = {"A": {1: "One", 2: "second", 3: "three"}, "New": {1: "x"}}
    assert list(changes(before, after)) == [
        "another field: A 2 two is now second",
        "a new field: A 3 three",
        "no longer there: the message Gone",
        "a new message: New",
    ]
    assert list(changes(after, after)) == []
    assert list(conflicts(before, after)) == ["A 2 is two here, second there"]
    assert list(unknown_fields(before, after)) == ["A 3 three"]
    assert own_schema()["Envelope"][1] == "type"


def test_a_report_says_what_became_of_each_test() -> None:
    outcome = read_report(
        """<testsuites><testsuite>
        <testcase file="tests/a.py" classname="tests.a" name="good[1]"/>
        <testcase file="tests/a.py" classname="tests.a" name="bad"><failure/></testcase>
        <testcase classname="tests.b" name="ugly"><error/></testcase>
        <testcase classname="tests.b" name="ugly"/>
        <testcase file="tests/a.py" classname="tests.a" name="left"><skipped/></testcase>
        </testsuite></testsuites>"""
    )
    assert outcome.passed == {"tests/a.py::good[1]"}
    assert outcome.failed == {"tests/a.py::bad", "tests/b.py::ugly"}
    assert str(outcome) == "1 passed, 2 failed, 1 skipped"
