"""Reading a ``multipart/form-data`` body with a file after its fields, as browsers post to S3.

Fields come in any order, then the file; what follows the file is ignored (Amazon S3, POST Object).
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

_BOUNDARY = re.compile(r'boundary="?([^";,]{1,70})"?', re.IGNORECASE)
_NAME = re.compile(rb'[; ]name="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Form:
    """The fields before the file, and the file."""

    fields: Mapping[str, str] = field(repr=False)
    file: bytes = field(repr=False)


def parse_multipart(content_type: str, body: bytes) -> Form | None:
    """Read a form; None for a body that is not a form or has no file."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        return None
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary.group(1).encode())
    # What is before the first delimiter and after the last one is ignored.
    fields: dict[str, str] = {}
    for part in parts[1:-1]:
        head, separator, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not separator or name is None:
            return None
        if name.group(1) == b"file":
            return Form(fields, content)
        fields[name.group(1).decode(errors="replace")] = content.decode(errors="replace")
    return None
