"""What can be attached: files by their paths, and bytes that are in memory."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class File:
    """Something to attach that is in memory; without ``content_type`` it goes by the ending of its name."""

    data: bytes = field(repr=False)
    name: str | None = None
    content_type: str | None = None

    def to_data_uri(self) -> str:
        """As operations take it (RFC 2397, with ``filename=``)."""
        content_type = self.content_type or _type_of(self.name)
        name = "" if self.name is None else f";filename={quote(self.name, safe='')}"
        return f"data:{content_type}{name};base64,{b64encode(self.data).decode()}"


Attachable = str | os.PathLike[str] | File
"""A path, or ``File``."""


def words_for(files: Sequence[Attachable]) -> tuple[str, ...]:
    """What is to be attached, as operations take it."""
    if isinstance(files, str):  # a path is a sequence as well: of letters
        files = (files,)
    return tuple(
        one.to_data_uri() if isinstance(one, File) else _path_of(os.fspath(one)) for one in files
    )


def _path_of(path: str) -> str:
    # A path here is a path and nothing else, also where it reads like a data URI or like standard input.
    return path if os.path.isabs(path) else os.path.join(os.curdir, path)


def _type_of(name: str | None) -> str:
    from sigcli.store.content_types import OCTETS, content_type_for

    extension = os.path.splitext(name or "")[1].lower()
    return content_type_for(extension) or OCTETS
