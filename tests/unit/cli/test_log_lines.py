"""A daemon's log as JSON: one object a line, whatever is in the text."""

from __future__ import annotations

import json
import os
import re

from sigcli.cli.log_lines import WARNING, line_writer


def test_a_line_is_one_object_that_collectors_read() -> None:
    reader, writer = os.pipe()
    line_writer(writer, WARNING)("two\nlines, \x1b[31m ü")
    line_writer(writer, WARNING, scrubs=True)("number +15550100")
    os.close(writer)
    with open(reader, encoding="ascii") as lines:
        first, second = [json.loads(line) for line in lines]
    assert first.keys() == {"time", "level", "message"}
    assert first["level"] == "warning"
    assert first["message"] == "two\nlines, \x1b[31m ü"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["time"])
    assert second["message"] == "number ******00"


def test_nobody_listening_is_no_failure() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    line_writer(writer, WARNING)("unheard")
    os.close(writer)
