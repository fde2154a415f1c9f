"""``-O FILE``: writing an operation's result to a file of the user."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.errors import FileUnwritable

if TYPE_CHECKING:
    from sigcli.operations.shapes.data import Data

STDOUT = "-"


def write(result: Data, path: str, *, as_json: bool) -> int:
    """Write the bytes; an existing file is replaced only by a complete one. Raises FileUnwritable."""
    if path == STDOUT:
        terminal.print_bytes(result.data)
        return 0
    try:
        _write(path, result.data)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "this is not the name of a file"
        raise FileUnwritable(f"{path} cannot be written: {reason.lower()}") from error
    if as_json:
        terminal.print_json({"file": path, "size": len(result.data)})
    return 0


def _write(path: str, data: bytes) -> None:
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as device:  # a pipe or a device is written to as it is
            device.write(data)
        return
    path = os.path.realpath(path)
    partial = f"{path}.{os.getpid()}.part"
    try:
        with open(partial, "xb") as file:
            file.write(data)
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(partial)
        raise
