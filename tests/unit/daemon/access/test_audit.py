"""The audit log."""

from __future__ import annotations

import json
from pathlib import Path

from sigcli.daemon.access.audit import Audit
from tests.support.file_size_limit import file_size_limit


def test_a_line_that_was_cut_stands_alone(tmp_path: Path) -> None:
    path, warnings = tmp_path / "audit.log", list[str]()
    audit = Audit(path, lambda: 7, warnings.append)
    audit.note("monitor", "send", "ok")
    with file_size_limit(path.stat().st_size + 20):
        audit.note("monitor", "receive", "ok")
        audit.note("monitor", "receive", "ok")
    audit.note("monitor", "version", "ok")
    audit.note("monitor", "listGroups", "ok")
    audit.close()

    first, cut, *rest = path.read_bytes().splitlines()
    assert json.loads(first)["operation"] == "send"
    assert len(cut) == 20
    assert [json.loads(line)["operation"] for line in rest] == ["version", "listGroups"]
    assert len(warnings) == 2
    assert warnings[1] == "the audit log is written again"
