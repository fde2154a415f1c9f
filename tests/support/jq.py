"""A `jq` for shells of the tests: the program itself, compiled to WebAssembly, from the npm packages."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.support.node import NODE_DIRECTORY, node_with_packages


def make_jq(folder: Path) -> Path:
    """Puts the command into a folder, for PATH; raises NodeUnavailable."""
    folder.mkdir()
    words = [str(node_with_packages().node), str(NODE_DIRECTORY / "jq.mjs")]
    command = folder / "jq"
    command.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    command.chmod(0o755)
    return folder
