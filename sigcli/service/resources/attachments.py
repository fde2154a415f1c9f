"""Where to upload an attachment, and where to download it."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.errors import MalformedAnswer
from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import JsonObject
from sigcli.service.exchange import Request, quote
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from sigcli.service.chat import IdentifiedChat


@dataclass(frozen=True, slots=True)
class UploadForm:
    """Permission to upload one file: the number of the CDN, the file's key, and how to begin."""

    cdn: int
    key: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    location: str = field(repr=False)


def request_upload(chat: IdentifiedChat, ciphertext_length: int) -> UploadForm:
    """Request an upload of this many bytes; raises PayloadTooLarge, RateLimited."""
    response = chat.request(
        Request("GET", f"/v4/attachments/form/upload?uploadLength={ciphertext_length}")
    )
    body = JsonObject.from_response(require_success(response, "accept the attachment"))
    headers = body.optional_object("headers")
    pairs: list[tuple[str, str]] = []
    for name, value in headers.items() if headers else ():
        if not isinstance(value, str):
            raise MalformedAnswer("the answer's headers are not strings")
        pairs.append((name, value))
    return UploadForm(
        body.integer("cdn"), body.text("key"), tuple(pairs), body.text("signedUploadLocation")
    )


def download_path(cdn_key: str | None, cdn_id: int) -> str:
    """The path on its CDN of an attachment that a pointer names by key, or by number in old pointers."""
    return f"/attachments/{quote(cdn_key) if cdn_key else cdn_id}"
