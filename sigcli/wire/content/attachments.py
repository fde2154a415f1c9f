"""Pointers to attachments in the service's blob stores."""

from __future__ import annotations

import enum

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.mapping import Codec, Value, data, number, text


class AttachmentFlag(enum.IntFlag):
    """How an attachment is meant to be shown."""

    VOICE_MESSAGE = 1
    BORDERLESS = 2
    GIF = 8


_VOICE_MESSAGE, _BORDERLESS, _GIF = map(int, AttachmentFlag)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AttachmentPointer(Value):
    """Where the encrypted bytes of an attachment are, how to decrypt them and what they are.

    Either ``cdn_id`` or ``cdn_key`` names the blob.
    """

    cdn_id: int | None = None
    cdn_key: str | None = None
    cdn_number: int = 0
    content_type: str | None = None
    key: bytes | None = None
    """64 bytes: AES key, then MAC key."""
    size: int | None = None
    """Bytes of the plaintext, without padding."""
    thumbnail: bytes | None = None
    digest: bytes | None = None
    """SHA-256 of the encrypted bytes."""
    incremental_mac: bytes | None = None
    chunk_size: int | None = None
    file_name: str | None = None
    flags: int = 0
    width: int | None = None
    height: int | None = None
    caption: str | None = None
    blur_hash: str | None = None
    upload_timestamp_ms: int | None = None
    client_uuid: bytes | None = None

    @property
    def is_voice_message(self) -> bool:
        return bool(self.flags & _VOICE_MESSAGE)

    @property
    def is_borderless(self) -> bool:
        return bool(self.flags & _BORDERLESS)

    @property
    def is_gif(self) -> bool:
        return bool(self.flags & _GIF)


ATTACHMENT_POINTER = Codec(
    AttachmentPointer,
    {
        "cdn_id": number("cdnId"),
        "cdn_key": text("cdnKey"),
        "cdn_number": number("cdnNumber"),
        "content_type": text("contentType"),
        "key": data("key"),
        "size": number("size"),
        "thumbnail": data("thumbnail"),
        "digest": data("digest"),
        "incremental_mac": data("incrementalMac"),
        "chunk_size": number("chunkSize"),
        "file_name": text("fileName"),
        "flags": number("flags"),
        "width": number("width"),
        "height": number("height"),
        "caption": text("caption"),
        "blur_hash": text("blurHash"),
        "upload_timestamp_ms": number("uploadTimestamp"),
        "client_uuid": data("clientUuid"),
    },
)
