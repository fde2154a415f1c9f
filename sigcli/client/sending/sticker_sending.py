"""A sticker as a message carries it: pack, key and number, the emoji it stands for, its picture as an attachment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.content.attachments_out import upload_data
from sigcli.client.content.file_signatures import content_type_of
from sigcli.client.people.sticker_fetching import PackFiles, require_pack
from sigcli.wire.content.message_parts import Sticker

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.wire.key_types import StickerPackId

_USUAL_TYPE = "image/webp"


def sticker_to_send(account: Account, pack_id: StickerPackId, sticker_id: int) -> Sticker:
    """A sticker of a known pack, its picture uploaded.

    Raises UnknownStickerPack, AttachmentRefused, ServiceError.
    """
    pack = require_pack(account, pack_id)
    with PackFiles(account) as files:
        sticker = files.sticker(pack, sticker_id)
        picture = files.picture(pack, sticker)
    named = sticker.content_type if sticker.content_type.startswith("image/") else None
    content_type = named or content_type_of(picture) or _USUAL_TYPE
    return Sticker(
        pack_id=pack.id,
        pack_key=pack.key,
        sticker_id=sticker.id,
        data=upload_data(account, picture, content_type),
        emoji=sticker.emoji or None,
    )
