"""What the user wants attached, opened: its bytes, and what they are."""

from __future__ import annotations

import io
import os
from dataclasses import field
from typing import TYPE_CHECKING, BinaryIO

from sigcli.client.base.data_uris import LaidDownUri, is_data_uri, parse_data_uri, uri_head
from sigcli.client.base.user_files import open_user_file, unreadable
from sigcli.client.content.file_signatures import HEAD_LENGTH, content_type_of, picture_size
from sigcli.lazy_dataclass import dataclass
from sigcli.store.content_types import OCTETS, content_type_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sigcli.client.base.account import Account

CHUNK = 256 * 1024


class NamedFile(str):
    """A file's path, and what it is called and is for those who get it."""

    __slots__ = ("content_type", "file_name")

    def __new__(
        cls, path: str, file_name: str | None = None, content_type: str | None = None
    ) -> NamedFile:
        made = super().__new__(cls, path)
        made.file_name = file_name
        made.content_type = content_type
        return made

    file_name: str | None
    content_type: str | None


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
            raise unreadable(self.file_name or "an attachment", error) from error

    def close(self) -> None:
        self.stream.close()


def open_sources(account: Account, words: Iterable[str]) -> list[Source]:
    """Everything that is to be attached, opened.

    Raises FileUnreadable.
    """
    sources: list[Source] = []
    try:
        for word in words:
            sources.append(from_data_uri(word) if is_data_uri(word) else _from_file(account, word))
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
    if isinstance(uri, LaidDownUri):
        stream = uri.open()
        head = stream.read(HEAD_LENGTH)
        stream.seek(0)
        width, height = picture_size(head) or (None, None)
        return Source(stream, uri.size, *uri_head(uri), width, height)
    content = parse_data_uri(uri)
    return from_bytes(content.data, content.content_type, content.file_name)


def _from_file(account: Account, path: str) -> Source:
    file = open_user_file(account, path)
    try:
        head = file.stream.read(HEAD_LENGTH)
        file.stream.seek(0)
    except OSError as error:
        file.stream.close()
        raise unreadable(path, error) from error
    name, content_type = file.name, None
    if isinstance(path, NamedFile):
        name, content_type = path.file_name or name, path.content_type
    extension = os.path.splitext(name or "")[1].lower()
    content_type = (
        content_type or content_type_of(head, extension) or content_type_for(extension) or OCTETS
    )
    width, height = picture_size(head) or (None, None)
    return Source(file.stream, file.size, content_type, name, width, height)
