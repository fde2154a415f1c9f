"""Files of the CDNs: finished ones under their key, unfinished ones under the name of their upload."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from sigcli.sandbox.state import State

_KIND = "upload"
_SAFE = re.compile(r"[A-Za-z0-9_=-]{1,80}(?:/[A-Za-z0-9_=-]{1,80}){0,3}(?:\.[a-z]{1,8})?")


@dataclass(frozen=True, slots=True)
class Upload:
    """An unfinished file: its destination, and its exact or greatest length."""

    name: str
    cdn: int
    key: str
    length: int | None
    max_length: int


class Uploads:
    """The folders of the CDNs."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._finished = state.folder / "cdn"
        self._partial = state.folder / "uploads"
        for folder in (self._finished, self._partial):
            folder.mkdir(mode=0o700, exist_ok=True)

    def begin(self, cdn: int, key: str, length: int | None, max_length: int) -> Upload:
        """A new upload, still empty."""
        upload = Upload(secrets.token_hex(16), cdn, key, length, max_length)
        self._save(upload)
        self._partial_path(upload.name).touch(mode=0o600)
        return upload

    def find(self, name: str) -> Upload | None:
        """An unfinished upload; None if it is unknown or finished."""
        held = self._state.database.get(_KIND, name)
        return None if held is None else Upload(**held)

    def with_length(self, upload: Upload, length: int) -> Upload:
        """The upload with its total length, once that is known."""
        known = Upload(upload.name, upload.cdn, upload.key, length, upload.max_length)
        self._save(known)
        return known

    def received(self, upload: Upload) -> int:
        """How many bytes are there."""
        return self._partial_path(upload.name).stat().st_size

    def append(self, upload: Upload, data: bytes) -> None:
        with open(self._partial_path(upload.name), "ab") as stream:
            stream.write(data)

    def finish(self, upload: Upload) -> None:
        """Move the file to where downloads find it."""
        path = self.path(upload.cdn, upload.key)
        assert path is not None
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.replace(self._partial_path(upload.name), path)
        self._state.database.delete(_KIND, upload.name)
        self._state.database.commit()

    def store(self, cdn: int, key: str, content: bytes) -> None:
        """Store a complete file at once."""
        upload = self.begin(cdn, key, len(content), len(content))
        self.append(upload, content)
        self.finish(upload)

    def path(self, cdn: int, key: str) -> Path | None:
        """The path of a key's file, whether it exists or not; None for an invalid key."""
        return self._finished / str(cdn) / key if _SAFE.fullmatch(key) else None

    def _partial_path(self, name: str) -> Path:
        return self._partial / name

    def _save(self, upload: Upload) -> None:
        self._state.database.put(_KIND, upload.name, asdict(upload))
        self._state.database.commit()


def upload_permission(state: State, cdn: int, key: str, length: int) -> str:
    """A tag that permits uploading one file of a certain length to a CDN."""
    return state.keys.tag(f"upload-{cdn}", f"{key}:{length}")


def is_permission(state: State, tag: str, cdn: int, key: str, length: int) -> bool:
    return state.keys.is_tag(tag, f"upload-{cdn}", f"{key}:{length}")
