"""ARCHITECTURE.md and CONTRIBUTING.md name files and folders that exist."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`([\w*.-]+(?:/[\w*.-]+)*(?:\.(?:py|proto|toml|md)|/))`|`([\w-]+(?:/[\w-]+)+)`")
"""A file with its ending, or a folder with a slash at its end or inside."""


def _tails() -> set[str]:
    """Every path of the checkout in all its shorter forms: a page may leave out the folders in front."""
    paths = [path for path in ROOT.iterdir() if not path.name.startswith(".")]
    for folder in ("contrib", "sigcli", "tests", "tools"):
        paths += (ROOT / folder).rglob("*")
    parts = [path.relative_to(ROOT).parts for path in paths]
    return {"/".join(one[start:]) for one in parts for start in range(len(one))}


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_named_file_exists(page: str) -> None:
    tails = _tails()
    found = NAMED.findall((ROOT / page).read_text())
    names = {(first or second).rstrip("/") for first, second in found}
    assert len(names) > 20
    missing = {
        name
        for name in names - tails
        if "*" not in name or not any(fnmatchcase(tail, name) for tail in tails)
    }
    assert not missing
