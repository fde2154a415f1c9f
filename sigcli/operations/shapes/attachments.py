"""Attachments, and the texts that came as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory
    from sigcli.wire.content import AttachmentPointer

UNKNOWN_CONTENT_TYPE = "application/octet-stream"
_LONGEST_TEXT = 1 << 20  # the apps cut a text at 64 KiB


def attachment_json(pointer: AttachmentPointer, directory: Directory) -> dict[str, Any]:
    """``attachment``: what the sender says of it, its local id, and where it is if it was downloaded."""
    identifier, path = directory.attachment(pointer)
    shape: dict[str, Any] = {
        "contentType": pointer.content_type or UNKNOWN_CONTENT_TYPE,
        "filename": pointer.file_name,
        "id": identifier,
        "size": pointer.size,
        "width": pointer.width or None,
        "height": pointer.height or None,
        "caption": pointer.caption or None,
        "uploadTimestamp": pointer.upload_timestamp_ms or None,
        "localPath": None if path is None else str(path),
        "isVoiceNote": pointer.is_voice_message,
    }
    if pointer.is_voice_message:
        shape["voiceNote"] = True
    if pointer.is_borderless:
        shape["borderless"] = True
    if pointer.is_gif:
        shape["gif"] = True
    if pointer.thumbnail:
        from sigcli.operations.shapes.scalars import base64_text

        shape["preview"] = base64_text(pointer.thumbnail)
    return shape


def stored_text(pointer: AttachmentPointer, directory: Directory) -> str | None:
    """The text in a downloaded attachment; None if it is not here or longer than any text is."""
    _, path = directory.attachment(pointer)
    if path is None:
        return None
    from sigcli.store.files import read_small_file

    data = read_small_file(path, _LONGEST_TEXT)
    return None if data is None else data.decode("utf-8", "replace")
