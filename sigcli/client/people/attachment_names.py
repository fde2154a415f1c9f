"""The local name of an attachment: a sender chooses at most a known extension of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.files import attachment_name

if TYPE_CHECKING:
    from sigcli.wire.content import AttachmentPointer


def attachment_id(pointer: AttachmentPointer) -> str | None:
    """The name under which an attachment is kept, with its extension; None if the pointer names no blob.

    The same for the same file, different for any other: from where it lies, and from its digest.
    """
    key = pointer.cdn_key or (str(pointer.cdn_id) if pointer.cdn_id else None)
    if key is None:
        return None
    place = f"{pointer.cdn_number}/{key}"
    return attachment_name(place, pointer.digest or b"", pointer.content_type, pointer.file_name)
