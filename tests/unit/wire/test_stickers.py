"""Manifests of sticker packs."""

from __future__ import annotations

import pytest

from sigcli.errors import MalformedMessage
from sigcli.wire.stickers import PackSticker, StickerPack, decode_sticker_pack, encode_sticker_pack
from tests.support.wire_fields import encode_fields


def test_both_ways() -> None:
    cover = PackSticker(id=0, emoji="🐈", content_type="image/webp")
    pack = StickerPack(title="Cats", author="Ada", cover=cover, stickers=(cover, PackSticker(id=1)))
    serialised = encode_sticker_pack(pack)
    assert decode_sticker_pack(serialised) == pack
    one = encode_fields((1, 0), (2, "🐈"), (3, "image/webp"))
    other = encode_fields((1, 1))
    assert serialised == encode_fields((1, "Cats"), (2, "Ada"), (3, one), (4, one), (4, other))


def test_broken_bytes() -> None:
    with pytest.raises(MalformedMessage):
        decode_sticker_pack(b"\xff")
