"""The manifest of a sticker pack, decrypted: bytes to a typed value and back.

Format: Signal's ``StickerResources.proto``.
"""

from __future__ import annotations

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.generated import stickers_pb2 as pb
from sigcli.wire.mapping import Codec, Value, message, messages, number, text


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PackSticker(Value):
    """One sticker of a pack; its picture is fetched by ``id``."""

    id: int
    emoji: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StickerPack(Value):
    """The stickers of a pack; without a cover the first sticker is used for it."""

    title: str = ""
    author: str = ""
    cover: PackSticker | None = None
    stickers: tuple[PackSticker, ...] = ()


_STICKER = Codec(
    PackSticker,
    {"id": number("id"), "emoji": text("emoji"), "content_type": text("contentType")},
)
_PACK = Codec(
    StickerPack,
    {
        "title": text("title"),
        "author": text("author"),
        "cover": message("cover", _STICKER),
        "stickers": messages("stickers", _STICKER),
    },
)


def decode_sticker_pack(serialised: bytes) -> StickerPack:
    """Parse a manifest; raises MalformedMessage."""
    return _PACK.decode(pb.Pack, serialised)


def encode_sticker_pack(pack: StickerPack) -> bytes:
    """Serialise a manifest; raises MalformedMessage for what a field cannot hold."""
    return _PACK.encode(pb.Pack, pack)
