from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import sigcli

IMPORTED = """
import sys, sigcli
print(sorted(name for name in sys.modules if name.startswith("sigcli")))
"""


def test_what_is_public_is_there() -> None:
    for name in sigcli.__all__:
        assert getattr(sigcli, name) is not None
        assert name in dir(sigcli)
    assert sigcli.operations.SendReaction.__name__ == "SendReaction"
    assert issubclass(sigcli.errors.SendFailed, sigcli.errors.SigcliError)
    with pytest.raises(AttributeError, match="nothing_like_that"):
        _ = sigcli.nothing_like_that


def test_importing_it_loads_nothing_else() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "['sigcli']"


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(str(files("sigcli"))) / "py.typed").is_file()
