"""Usernames at the service: only hashes and links, the name itself never leaves the client.

These endpoints write base64 with the URL alphabet and without padding (``ByteArrayBase64UrlAdapter``).
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import JsonObject, encode_base64url, without_none
from sigcli.service.exchange import Request, json_request, quote
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.service.chat import IdentifiedChat, UnidentifiedChat
    from sigcli.wire.addresses import ServiceId

_HASH_LENGTH = 32
_PATH = "/v1/accounts/username_hash"
_LINK_PATH = "/v1/accounts/username_link"


@dataclass(frozen=True, slots=True)
class ConfirmedUsername:
    """The username that now belongs to the account, and the handle of its link if one was stored."""

    username_hash: bytes
    link_handle: str | None = field(repr=False)


def reserve(chat: IdentifiedChat, hashes: Sequence[bytes]) -> bytes:
    """Reserve the first free one of 1 to 20 hashes (32 bytes) for five minutes; raises Conflict if none is free."""
    body = {"usernameHashes": [encode_base64url(username_hash) for username_hash in hashes]}
    response = require_success(
        chat.request(json_request("PUT", f"{_PATH}/reserve", body)), "reserve the username"
    )
    return JsonObject.from_response(response).data("usernameHash", _HASH_LENGTH)


def confirm(
    chat: IdentifiedChat,
    username_hash: bytes,
    proof: bytes,
    encrypted_username: bytes | None = None,
) -> ConfirmedUsername:
    """Take the reserved username; raises Conflict if it is not the reserved one, Gone if it is no longer free."""
    body = without_none(
        {
            "usernameHash": encode_base64url(username_hash),
            "zkProof": encode_base64url(proof),
            "encryptedUsername": None
            if encrypted_username is None
            else encode_base64url(encrypted_username),
        }
    )
    response = require_success(
        chat.request(json_request("PUT", f"{_PATH}/confirm", body)), "confirm the username"
    )
    answer = JsonObject.from_response(response)
    # Some servers do not repeat the hash.
    confirmed = answer.optional_data("usernameHash", _HASH_LENGTH) or username_hash
    return ConfirmedUsername(confirmed, answer.optional_text("usernameLinkHandle"))


def delete(chat: IdentifiedChat) -> None:
    """Delete the account's username."""
    require_success(chat.request(Request("DELETE", _PATH)), "delete the username")


def look_up(chat: UnidentifiedChat, username_hash: bytes) -> ServiceId:
    """Who has this username; raises NotFound."""
    response = chat.request(Request("GET", f"{_PATH}/{encode_base64url(username_hash)}"))
    return JsonObject.from_response(require_success(response, "look up the username")).aci("uuid")


def put_link(chat: IdentifiedChat, encrypted_username: bytes, *, keep_handle: bool) -> str:
    """Store what the username link leads to (at most 128 bytes); returns its handle. Raises Conflict."""
    body = {
        "usernameLinkEncryptedValue": encode_base64url(encrypted_username),
        "keepLinkHandle": keep_handle,
    }
    response = require_success(
        chat.request(json_request("PUT", _LINK_PATH, body)), "store the username link"
    )
    return JsonObject.from_response(response).text("usernameLinkHandle")


def follow_link(chat: UnidentifiedChat, handle: str) -> bytes:
    """The encrypted username behind a link's handle; raises NotFound."""
    response = chat.request(Request("GET", f"{_LINK_PATH}/{quote(handle)}"))
    answer = JsonObject.from_response(require_success(response, "follow the username link"))
    return answer.data("usernameLinkEncryptedValue")
