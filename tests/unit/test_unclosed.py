"""What tests/conftest.py adds: a connection that nobody closes fails the run, on every Python."""

from __future__ import annotations

import gc
import sqlite3
import sys

import pytest


def test_a_connection_that_is_left_open_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: reported.append(str(args.exc_value)))
    sqlite3.connect(":memory:").close()
    gc.collect()
    assert reported == []
    sqlite3.connect(":memory:")
    gc.collect()
    (text,) = reported
    assert text.startswith("unclosed database")
