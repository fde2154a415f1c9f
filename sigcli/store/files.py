"""Files of an account: attachments, avatars, stickers.

No name comes from a stranger. An attachment's name is a hash of what identifies it (place and
digest), so that nobody can point at a file of somebody else's; its extension comes from a table.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from sigcli.errors import NoSuchFile
from sigcli.store.content_types import extension_for
from sigcli.store.private_files import (
    PrivateWriter,
    make_private_folder,
    remove_file,
    remove_temporaries,
)
from sigcli.store.shared_attachments import drop_broken_links, link_attachment, share_attachments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from sigcli.wire.addresses import ServiceId

ATTACHMENTS = "attachments"
# A folder of their own: looking for what was left half written does not read the names of all attachments.
_PARTIAL = os.path.join(ATTACHMENTS, ".partial")
AVATARS = "avatars"
STICKERS = "stickers"
MEDIA_FOLDERS = (ATTACHMENTS, AVATARS, STICKERS)
_NAME = r"[A-Za-z0-9_-]{1,128}(\.[a-z0-9]{1,8})?"
"""Compiled by the first look at a file."""


# A message asks for the name of each of its attachments several times.
@lru_cache(256)
def attachment_name(
    place: str, digest: bytes, content_type: str | None, file_name: str | None = None
) -> str:
    """The file name of an attachment: the same for the same file, different for any other.

    ``place`` is where the service keeps it (CDN number and key); ``digest`` the sender's digest. The extension is one
    that is known, as ``extension_for`` says.
    """
    identity = f"{len(place.encode())}:{place}".encode() + digest
    return sha256(identity).hexdigest()[:32] + extension_for(content_type, file_name)


class AccountFiles:
    """The folders beside an account's database."""

    __slots__ = ("folder",)

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = os.fspath(folder)

    # --- attachments -------------------------------------------------------------------------

    def find_attachment(self, name: str) -> str | None:
        """The path of an attachment that is here; None also for what is no name of one."""
        path = self._existing(ATTACHMENTS, name)
        if path is None and "." in name:
            # One that came when its type was not known yet has no extension.
            path = self._existing(ATTACHMENTS, name.partition(".")[0])
        return path

    def attachment_path(self, name: str) -> str:
        """The path of an attachment that is here; raises NoSuchFile."""
        path = self.find_attachment(name)
        if path is None:
            raise NoSuchFile("there is no such attachment")
        return path

    def attachment_writer(self, name: str) -> AbstractContextManager[PrivateWriter]:
        """A writer (a ``with`` block) for an attachment; the file is there once the block ends well."""
        return self._attachment_writer(name, self._place(ATTACHMENTS, name))

    @contextmanager
    def _attachment_writer(self, name: str, path: str) -> Iterator[PrivateWriter]:
        partial = os.path.join(self.folder, _PARTIAL)
        make_private_folder(partial)
        with PrivateWriter(path, partial) as writer:
            yield writer
        link_attachment(self._data_dir, name, path)

    def share_attachments(self) -> None:
        """Have the attachments in the data directory's common folder as well, from now on.

        Raises DiskFull or StorageUnwritable.
        """
        share_attachments(self._data_dir, os.path.join(self.folder, ATTACHMENTS))

    def list_attachments(self) -> Iterator[tuple[str, int, float]]:
        """Name, length in bytes and modification time (seconds) of each attachment."""
        try:
            entries = sorted(os.scandir(os.path.join(self.folder, ATTACHMENTS)), key=_name_of)
        except FileNotFoundError:
            return
        for entry in entries:
            if re.fullmatch(_NAME, entry.name) and entry.is_file(follow_symlinks=False):
                status = entry.stat(follow_symlinks=False)
                yield entry.name, status.st_size, status.st_mtime

    def remove_attachment(self, name: str) -> None:
        """Delete an attachment; raises NoSuchFile or StorageUnwritable."""
        remove_file(self.attachment_path(name))
        drop_broken_links(self._data_dir)

    def prune_attachments(self, now_ms: int, keep_ms: int) -> list[str]:
        """Delete the attachments that came longer ago than ``keep_ms``; gives their names."""
        old = [
            name
            for name, _, modified_s in self.list_attachments()
            if modified_s * 1000 < now_ms - keep_ms
        ]
        for name in old:
            with suppress(FileNotFoundError):  # another process was faster
                remove_file(os.path.join(self.folder, ATTACHMENTS, name))
        if old:
            drop_broken_links(self._data_dir)
        return old

    # --- avatars -----------------------------------------------------------------------------

    def profile_avatar(self, service_id: ServiceId) -> str | None:
        """The path of the picture in somebody's profile."""
        return self._existing(AVATARS, _avatar_name("profile", service_id))

    def contact_avatar(self, service_id: ServiceId) -> str | None:
        """The path of the picture in the user's own address book."""
        return self._existing(AVATARS, _avatar_name("contact", service_id))

    def group_avatar(self, group_id: bytes) -> str | None:
        """The path of a group's picture."""
        return self._existing(AVATARS, f"group-{group_id.hex()}")

    def write_profile_avatar(self, service_id: ServiceId, chunks: Iterable[bytes] | None) -> None:
        """Replace the picture of a profile; None removes it."""
        self._write(AVATARS, _avatar_name("profile", service_id), chunks)

    def write_contact_avatar(self, service_id: ServiceId, chunks: Iterable[bytes] | None) -> None:
        """Replace the picture in the address book; None removes it."""
        self._write(AVATARS, _avatar_name("contact", service_id), chunks)

    def write_group_avatar(self, group_id: bytes, chunks: Iterable[bytes] | None) -> None:
        """Replace a group's picture; None removes it."""
        self._write(AVATARS, f"group-{group_id.hex()}", chunks)

    # --- stickers ----------------------------------------------------------------------------

    def sticker(self, pack_id: bytes, sticker_id: int) -> str | None:
        """The path of a sticker."""
        return self._existing(os.path.join(STICKERS, pack_id.hex()), str(sticker_id))

    def sticker_manifest(self, pack_id: bytes) -> str | None:
        """The path of a pack's manifest."""
        return self._existing(os.path.join(STICKERS, pack_id.hex()), "manifest.json")

    def write_sticker(self, pack_id: bytes, sticker_id: int, chunks: Iterable[bytes]) -> None:
        """Keep a sticker."""
        self._write(os.path.join(STICKERS, pack_id.hex()), str(sticker_id), chunks)

    def write_sticker_manifest(self, pack_id: bytes, manifest: bytes) -> None:
        """Keep a pack's manifest."""
        self._write(os.path.join(STICKERS, pack_id.hex()), "manifest.json", (manifest,))

    @property
    def _data_dir(self) -> str:
        return os.path.dirname(os.path.abspath(self.folder))

    # --- all of them -------------------------------------------------------------------------

    def clean_up(self, now_ms: int, keep_attachments_ms: int | None = None) -> list[str]:
        """Remove what killed processes left half written more than a day ago, and attachments that are too old.

        ``keep_attachments_ms`` is the configuration's, None for as long as they are not removed. Gives the names of
        the attachments that have gone.
        """
        gone: list[str] = []
        if keep_attachments_ms is not None:
            gone = self.prune_attachments(now_ms, keep_attachments_ms)
        for name in ("", _PARTIAL, AVATARS, *self._pack_folders()):
            remove_temporaries(os.path.join(self.folder, name), now_ms)
        return gone

    def _pack_folders(self) -> list[str]:
        try:
            names = os.listdir(os.path.join(self.folder, STICKERS))
        except OSError:
            return []
        return [os.path.join(STICKERS, name) for name in names]

    def _existing(self, folder: str, name: str) -> str | None:
        if not re.fullmatch(_NAME, name):
            return None
        path = f"{self.folder}/{folder}/{name}"
        try:
            status = os.lstat(path)
        except OSError:
            return None
        # A picture or a manifest without a byte is a damaged one, to be had again; an attachment may be empty.
        is_there = stat.S_ISREG(status.st_mode) and (status.st_size > 0 or folder == ATTACHMENTS)
        return path if is_there else None

    def _place(self, folder: str, name: str) -> str:
        if not re.fullmatch(_NAME, name):
            raise NoSuchFile("this is not the name of a file of an account")
        path = os.path.join(self.folder, folder)
        make_private_folder(path)
        return os.path.join(path, name)

    def _write(self, folder: str, name: str, chunks: Iterable[bytes] | None) -> None:
        if chunks is None:
            with suppress(FileNotFoundError):
                remove_file(self._place(folder, name))
            return
        with PrivateWriter(self._place(folder, name)) as writer:
            for chunk in chunks:
                writer.write(chunk)


def _avatar_name(kind: str, service_id: ServiceId) -> str:
    return f"{kind}-{service_id.to_fixed_width().hex()}"


def _name_of(entry: os.DirEntry[str]) -> str:
    return entry.name


def read_small_file(path: str | os.PathLike[str], max_bytes: int) -> bytes | None:
    """All of a file; None if it cannot be read or is longer."""
    try:
        with open(path, "rb") as file:
            data = file.read(max_bytes + 1)
    except OSError:
        return None
    return data if len(data) <= max_bytes else None
