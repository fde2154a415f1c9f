"""Attachments, pictures and stickers from signal-cli's folder: copied, so that only this user can read them."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from sigcli.errors import InvalidServiceId, NoSuchFile
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sigcli.client.moving.report import Tally
    from sigcli.store.files import AccountFiles
    from sigcli.store.signal_cli.folder import SignalCliFolder

_STEP = 1024 * 1024
_STICKER = re.compile("[0-9]{1,9}")
_GROUP_ID_LENGTH = 32


def copy_files(
    source: SignalCliFolder, files: AccountFiles, numbers: Mapping[str, ServiceId], tally: Tally
) -> None:
    """Copy everything; ``numbers``: whose they are, as they name pictures. Raises DiskFull, StorageUnwritable."""
    for name, path in source.media("attachments"):
        try:
            with files.attachment_writer(name) as writer:
                for piece in _pieces(path):
                    writer.write(piece)
        except NoSuchFile:
            tally.leave_out("attachments", "their names are not those of attachments")
            continue
        tally.take("attachments")
    for name, path in source.media("avatars"):
        write = _avatar(files, name, numbers)
        if write is None:
            tally.leave_out("pictures", "nobody here has such a name; they are fetched again")
            continue
        write(_pieces(path))
        tally.take("avatars")
    for pack_id, stickers in source.sticker_packs():
        for name, path in stickers:
            if name == "manifest.json":
                files.write_sticker_manifest(pack_id, b"".join(_pieces(path)))
            elif _STICKER.fullmatch(name):
                files.write_sticker(pack_id, int(name), _pieces(path))
                tally.take("stickers")


def _avatar(
    files: AccountFiles, name: str, numbers: Mapping[str, ServiceId]
) -> Callable[[Iterable[bytes]], None] | None:
    """What writes a picture; names are contact-ID, profile-ID (a number or a service id) and group-BASE64."""
    kind, _, word = name.partition("-")
    if kind == "group":
        try:
            group_id = base64.b64decode(word.replace("_", "/"), validate=True)
        except (ValueError, binascii.Error):
            return None
        if len(group_id) != _GROUP_ID_LENGTH:
            return None
        return lambda pieces: files.write_group_avatar(group_id, pieces)
    service_id = numbers.get(word)
    if service_id is None:
        try:
            service_id = ServiceId.parse(word)
        except InvalidServiceId:
            return None
    if kind == "contact":
        return lambda pieces: files.write_contact_avatar(service_id, pieces)
    if kind == "profile":
        return lambda pieces: files.write_profile_avatar(service_id, pieces)
    return None


def _pieces(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while piece := file.read(_STEP):
            yield piece
