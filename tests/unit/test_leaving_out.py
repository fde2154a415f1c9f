"""A module that is left out is there for everybody else."""

from __future__ import annotations

import importlib
import sys
import threading

import pytest

from sigcli.leaving_out import left_out

NAME = "xml.sax.xmlreader"


@pytest.fixture(autouse=True)
def _not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    importlib.import_module("xml.sax")
    monkeypatch.delitem(sys.modules, NAME, raising=False)


def test_it_is_empty_within_and_can_be_imported_afterwards() -> None:
    with left_out(NAME):
        assert vars(sys.modules[NAME]).get("XMLReader") is None
    assert NAME not in sys.modules
    assert importlib.import_module(NAME).XMLReader


def test_another_thread_that_imports_it_meanwhile_gets_the_module_itself() -> None:
    got: list[object] = []

    def use() -> None:
        from xml.sax.xmlreader import XMLReader

        got.append(XMLReader)

    with left_out(NAME):
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
    assert got == [sys.modules[NAME].__dict__["XMLReader"]]
