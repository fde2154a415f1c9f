"""Profiles at the service: ciphertexts, checksums and credentials in transit.

The profile key determines the version (64 hex characters) under which the ciphertexts are stored. A write replaces the
whole profile of that version. Sizes: ``CreateProfileRequest`` of the public Signal-Server.
"""

from __future__ import annotations

from dataclasses import field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import JsonObject, encode_base64, lenient_object, without_none
from sigcli.service.exchange import Request, json_request
from sigcli.service.resources.post_forms import read_post_form
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.service.chat import IdentifiedChat, UnidentifiedChat
    from sigcli.service.credentials import Access
    from sigcli.service.exchange import Response
    from sigcli.service.resources.post_forms import PostForm
    from sigcli.wire.addresses import ServiceId

_IDENTITY_KEY_LENGTH = 33
_CHECKSUM_LENGTH = 32
_CHECK_TIMEOUT_S = 10.0
_CREDENTIAL_QUERY = "?credentialType=expiringProfileKey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the service tells about an account; ciphertexts and checksums are bytes, None if it has none.

    ``access_checksum`` tells whether an access key is right. ``avatar`` is a path on CDN 0. ``credential`` is present
    only if one was asked for and the version is the current one.
    """

    service_id: ServiceId | None
    identity_key: bytes | None = field(repr=False)
    access_checksum: bytes | None = field(default=None, repr=False)
    unrestricted_access: bool = False
    capabilities: frozenset[str] = frozenset()
    name: bytes | None = field(default=None, repr=False)
    about: bytes | None = field(default=None, repr=False)
    about_emoji: bytes | None = field(default=None, repr=False)
    payment_address: bytes | None = field(default=None, repr=False)
    phone_number_sharing: bytes | None = field(default=None, repr=False)
    avatar: str | None = None
    credential: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileWrite:
    """A whole profile to store: what is None is cleared.

    Sizes in bytes: commitment 97; name 81 or 285; about 156, 282 or 540; emoji 60; payment address 582; number sharing
    29. ``avatar``: "clear", "keep" or "replace".
    """

    version: str
    commitment: bytes = field(repr=False)
    name: bytes | None = field(repr=False)
    about: bytes | None = field(default=None, repr=False)
    about_emoji: bytes | None = field(default=None, repr=False)
    payment_address: bytes | None = field(default=None, repr=False)
    phone_number_sharing: bytes | None = field(default=None, repr=False)
    avatar: str = "keep"
    badge_ids: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        assert self.avatar in ("clear", "keep", "replace")
        return without_none(
            {
                "version": self.version,
                "commitment": encode_base64(self.commitment),
                "name": _encoded(self.name),
                "about": _encoded(self.about),
                "aboutEmoji": _encoded(self.about_emoji),
                "paymentAddress": _encoded(self.payment_address),
                "phoneNumberSharing": _encoded(self.phone_number_sharing),
                "avatar": self.avatar != "clear",
                "sameAvatar": self.avatar == "keep",
                "badgeIds": None if self.badge_ids is None else list(self.badge_ids),
            }
        )


def get(
    chat: IdentifiedChat,
    service_id: ServiceId,
    version: str | None = None,
    credential_request: bytes | None = None,
) -> Profile:
    """A profile with the login of this device.

    ``version`` None asks for what is public; an unknown one has no ciphertexts. Raises NotFound, RateLimited.
    """
    return _read(chat.request(_request(service_id, version, credential_request)))


def get_anonymously(
    chat: UnidentifiedChat,
    service_id: ServiceId,
    access: Access | None,
    version: str | None = None,
    credential_request: bytes | None = None,
) -> Profile:
    """Like ``get``, without a login; raises Unauthorized if the access does not fit or the account is unknown."""
    return _read(chat.request(_request(service_id, version, credential_request), access))


def put(chat: IdentifiedChat, profile: ProfileWrite) -> PostForm | None:
    """Store the account's profile; returns the form for uploading the avatar if it is to be replaced.

    Raises PreconditionFailed if the account has switched to the newer kind of profile, InvalidRequest for wrong sizes.
    """
    response = require_success(
        chat.request(json_request("PUT", "/v1/profile", profile.to_json())), "store the profile"
    )
    if profile.avatar != "replace":
        return None
    body = lenient_object(response)
    return None if body is None else read_post_form(body)


def differing_identity_keys(
    chat: UnidentifiedChat, known: Mapping[ServiceId, bytes]
) -> dict[ServiceId, bytes]:
    """Those of at most 1,000 accounts whose identity key (33 bytes) differs at the service, with that key.

    The service learns the first four bytes of each key's SHA-256. Raises NotFound, RateLimited.
    """
    elements = [
        {"uuid": str(service_id), "fingerprint": encode_base64(sha256(key).digest()[:4])}
        for service_id, key in known.items()
    ]
    request = json_request("POST", "/v1/profile/identity_check/batch", {"elements": elements})
    response = require_success(chat.request(request, None, _CHECK_TIMEOUT_S), "compare the keys")
    differing = {
        element.service_id("uuid"): element.data("identityKey", _IDENTITY_KEY_LENGTH)
        for element in JsonObject.from_response(response).objects("elements")
    }
    return {
        service_id: key
        for service_id, key in differing.items()
        if known.get(service_id) not in (None, key)
    }


def _request(
    service_id: ServiceId, version: str | None, credential_request: bytes | None
) -> Request:
    path = f"/v1/profile/{service_id}"
    if version is not None:
        path += f"/{version}"
        if credential_request is not None:
            path += f"/{credential_request.hex()}{_CREDENTIAL_QUERY}"
    return Request("GET", path)


def _read(response: Response) -> Profile:
    body = JsonObject.from_response(require_success(response, "show the profile"))
    capabilities = body.optional_object("capabilities")
    uuid = body.optional_text("uuid")
    return Profile(
        service_id=body.service_id("uuid") if uuid else None,
        identity_key=body.optional_data("identityKey", _IDENTITY_KEY_LENGTH),
        access_checksum=body.optional_data("unidentifiedAccess", _CHECKSUM_LENGTH),
        unrestricted_access=body.flag("unrestrictedUnidentifiedAccess"),
        capabilities=frozenset(name for name, value in capabilities.items() if value is True)
        if capabilities
        else frozenset(),
        name=body.optional_data("name"),
        about=body.optional_data("about"),
        about_emoji=body.optional_data("aboutEmoji"),
        payment_address=body.optional_data("paymentAddress"),
        phone_number_sharing=body.optional_data("phoneNumberSharing"),
        avatar=body.optional_text("avatar") or None,
        credential=body.optional_data("credential"),
    )


def _encoded(data: bytes | None) -> str | None:
    return None if data is None else encode_base64(data)
