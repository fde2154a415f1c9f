"""Base64 files in requests: bare, as ``data:TYPE;base64,…``, or with ``filename=NAME`` in the URI."""

from __future__ import annotations

import base64
import binascii

from sigcli.client.base.data_uris import is_data_uri, parse_data_uri
from sigcli.client.content.file_signatures import HEAD_LENGTH, content_type_of
from sigcli.daemon.routes.refusing import Refused
from sigcli.errors import AttachmentUnreadable
from sigcli.store.content_types import OCTETS, PLAIN_TEXT, extension_for

_TEXT_LETTERS = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D, 0x0C, 0x1B}


def as_data_uri(text: str, stem: str = "attachment") -> str:
    """A file as a data URI; its first bytes give the type if the request gives none, and it gets a name.

    Raises Refused for anything that is not base64: it is never taken for the path of a file.
    """
    if is_data_uri(text):
        try:
            content = parse_data_uri(text)
        except AttachmentUnreadable as error:
            raise Refused(f"Couldn't decode the attachment: {error.message}") from None
        if content.file_name is not None:
            return text
        return _uri(content.data, content.content_type, stem)
    data = decoded(text)
    return _uri(data, sniffed(data), stem)


def decoded(text: str) -> bytes:
    """The bytes of bare base64, with or without padding and line breaks; raises Refused."""
    packed = "".join(text.split()).rstrip("=")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("Couldn't decode the attachment: it is not base64") from None


def sniffed(data: bytes) -> str:
    """The content type that the first bytes indicate."""
    head = data[:HEAD_LENGTH]
    found = content_type_of(head)
    if found is not None:
        return found
    start = head[:512]
    try:
        text = start.decode()
    except UnicodeDecodeError as error:
        # Text may be cut off inside a character.
        if error.start + 4 <= len(start):
            return OCTETS
        text = start[: error.start].decode()
    is_text = bool(text) and all(ord(one) >= 0x80 or ord(one) in _TEXT_LETTERS for one in text)
    return PLAIN_TEXT if is_text else OCTETS


def _uri(data: bytes, content_type: str, stem: str) -> str:
    name = stem + (extension_for(content_type) or "")
    packed = base64.b64encode(data).decode("ascii")
    return f"data:{content_type};filename={name};base64,{packed}"
