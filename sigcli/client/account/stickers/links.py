"""Links to sticker packs: ``https://signal.art/addstickers/#pack_id=<hex>&pack_key=<hex>``."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.errors import InvalidStickerPackLink
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.sticker_cipher import PACK_ID_LENGTH, PACK_KEY_LENGTH
from sigcli.wire.key_types import StickerPackId

if TYPE_CHECKING:
    from urllib.parse import SplitResult


@dataclass(frozen=True, slots=True)
class PackLink:
    """A pack by its id (16 bytes), and the key that opens it (32 bytes)."""

    pack_id: StickerPackId
    pack_key: bytes = field(repr=False)

    @property
    def url(self) -> str:
        """The link that others add the pack with."""
        fragment = f"pack_id={self.pack_id.hex()}&pack_key={self.pack_key.hex()}"
        return f"https://signal.art/addstickers/#{fragment}"


def parse_pack_link(text: str) -> PackLink:
    """Read a link, of the web or of the apps (``sgnl://addstickers?…``); raises InvalidStickerPackLink."""
    from urllib.parse import parse_qs, urlsplit

    try:
        parts = urlsplit(text.strip())
        values = parse_qs(_parameters(parts))
        (pack_id,) = values.get("pack_id", [])
        (pack_key,) = values.get("pack_key", [])
        link = PackLink(StickerPackId(bytes.fromhex(pack_id)), bytes.fromhex(pack_key))
    except ValueError:
        raise InvalidStickerPackLink from None
    if len(link.pack_id) != PACK_ID_LENGTH or len(link.pack_key) != PACK_KEY_LENGTH:
        raise InvalidStickerPackLink
    return link


def parse_pack_id(text: str) -> StickerPackId:
    """Read a pack's id in hexadecimal; raises UsageError."""
    from sigcli.errors import UsageError

    try:
        pack_id = bytes.fromhex(text)
    except ValueError:
        pack_id = b""
    if len(pack_id) != PACK_ID_LENGTH:
        raise UsageError(
            f"{text!r} is not the id of a sticker pack",
            hint="an id has 32 hexadecimal digits; sigcli listStickerPacks shows those that are known",
        )
    return StickerPackId(pack_id)


def _parameters(parts: SplitResult) -> str:
    """What follows the # of a web link, or the ? of one for the apps; ValueError for other links."""
    place = (parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"))
    if place == ("https", "signal.art", "/addstickers"):
        return parts.fragment
    if place == ("sgnl", "addstickers", ""):
        return parts.query
    raise ValueError
