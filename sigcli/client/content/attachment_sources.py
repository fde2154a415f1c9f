"""What the user wants attached: files, and ``data:`` URIs (RFC 2397, with ``filename=`` among the parameters)."""

from __future__ import annotations

import base64
import binascii
import io
import os
import stat
from dataclasses import field
from typing import TYPE_CHECKING, BinaryIO

from sigcli.client.content.file_signatures import HEAD_LENGTH, content_type_of, picture_size
from sigcli.errors import AttachmentRefused, AttachmentUnreadable
from sigcli.store.files import content_type_for
from sigcli.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sigcli.client.base.account import Account

CHUNK = 256 * 1024
OCTETS = "application/octet-stream"
_SCHEME = "data:"
_DEFAULT_TYPE = "text/plain"


@dataclass(frozen=True, slots=True)
class Source:
    """Something to attach: its bytes still to be read, and what is known of them."""

    stream: BinaryIO = field(repr=False)
    size: int
    content_type: str
    file_name: str | None = None
    width: int | None = None
    height: int | None = None

    def chunks(self) -> Iterator[bytes]:
        """The bytes in pieces; raises AttachmentUnreadable."""
        try:
            while chunk := self.stream.read(CHUNK):
                yield chunk
        except OSError as error:
            raise _unreadable(self.file_name or "an attachment", error) from error

    def close(self) -> None:
        self.stream.close()


def open_sources(account: Account, words: Iterable[str]) -> list[Source]:
    """Everything that is to be attached, opened.

    Raises AttachmentUnreadable, naming the file, or AttachmentRefused for one of the data directory.
    """
    sources: list[Source] = []
    try:
        for word in words:
            is_uri = word[: len(_SCHEME)].lower() == _SCHEME
            sources.append(from_data_uri(word) if is_uri else _from_file(account, word))
    except BaseException:
        for source in sources:
            source.close()
        raise
    return sources


def from_bytes(data: bytes, content_type: str, file_name: str | None = None) -> Source:
    """Something that is in memory already."""
    size = picture_size(data[:HEAD_LENGTH])
    width, height = size or (None, None)
    return Source(io.BytesIO(data), len(data), content_type, file_name, width, height)


def from_data_uri(uri: str) -> Source:
    """The content of a data URI; raises AttachmentUnreadable."""
    from urllib.parse import unquote, unquote_to_bytes

    header, comma, text = uri[len(_SCHEME) :].partition(",")
    if not comma:
        raise AttachmentUnreadable("the data URI has no comma before its data")
    content_type, *parameters = header.split(";")
    file_name = None
    encoded = False
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "filename":
            file_name = _bare_name(unquote(value.strip().strip('"')))
        elif name.strip().lower() == "base64":
            encoded = True
    data = unquote_to_bytes(text)
    if encoded:
        try:
            data = base64.b64decode(b"".join(data.split()), validate=True)
        except (binascii.Error, ValueError):
            raise AttachmentUnreadable("the data URI is not base64") from None
    return from_bytes(data, content_type.strip().lower() or _DEFAULT_TYPE, file_name)


def _from_file(account: Account, path: str) -> Source:
    if "\0" in path:
        raise AttachmentUnreadable("the name of an attachment holds a zero byte")
    if account.files.contains(path) or _lies_in(path, account.settings.data_dir):
        raise AttachmentRefused(
            f"{path} is a file of the data directory: it is not sent to anybody"
        )
    try:
        # Without blocking: opening a pipe that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise _unreadable(path, error) from error
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise AttachmentUnreadable(f"the attachment {path} is no regular file")
    stream = os.fdopen(descriptor, "rb")
    try:
        head = stream.read(HEAD_LENGTH)
        stream.seek(0)
    except OSError as error:
        stream.close()
        raise _unreadable(path, error) from error
    extension = os.path.splitext(path)[1]
    content_type = content_type_of(head) or content_type_for(extension) or OCTETS
    width, height = picture_size(head) or (None, None)
    return Source(stream, facts.st_size, content_type, _bare_name(path), width, height)


def _lies_in(path: str, folder: str | os.PathLike[str]) -> bool:
    return os.path.realpath(path).startswith(os.path.join(os.path.realpath(folder), ""))


def _bare_name(path: str) -> str | None:
    """The last part of a path, as text that every device can read."""
    name = os.path.basename(path.replace("\\", "/"))
    return name.encode("utf-8", "replace").decode() or None


def _unreadable(name: str, error: OSError) -> AttachmentUnreadable:
    reason = (error.strerror or type(error).__name__).lower()
    return AttachmentUnreadable(f"the attachment {name} cannot be read: {reason}")
