"""Prekeys at the service: uploading and counting this account's, fetching other people's.

A non-empty list replaces all stored keys of its kind, so whole batches are uploaded, after the private keys have been
stored. Each fetch takes one one-time key of every device that it names. Fields: ``KeysController`` of the public
Signal-Server.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from sigcli.errors import MalformedAnswer
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.limits import (
    MAX_DEVICE_ID,
    MAX_KEY_ID,
    MAX_PREKEYS_AT_ONCE,
    MAX_REGISTRATION_ID,
)
from sigcli.service.answers import JsonObject, encode_base64
from sigcli.service.exchange import Request, json_request
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.protocol.prekeys import PreKeyBundle
    from sigcli.service.chat import IdentifiedChat, UnidentifiedChat
    from sigcli.service.credentials import Access
    from sigcli.service.exchange import Response
    from sigcli.wire.addresses import ServiceId

ALL_DEVICES = "*"
_CURVE_KEY_LENGTH = 33
_KYBER_KEY_LENGTH = 1569
_SIGNATURE_LENGTH = 64


@dataclass(frozen=True, slots=True)
class PublicPreKey:
    """A public prekey in transit: its id, the serialized key (33 or 1569 bytes) and, if signed, the signature."""

    key_id: int
    public_key: bytes = field(repr=False)
    signature: bytes | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, Any]:
        fields: dict[str, Any] = {"keyId": self.key_id, "publicKey": encode_base64(self.public_key)}
        if self.signature is not None:
            fields["signature"] = encode_base64(self.signature)
        return fields


@dataclass(frozen=True, slots=True)
class DevicePreKeys:
    """The prekeys for a session with one device of an account; ``one_time`` None if none were left."""

    device_id: int
    registration_id: int
    signed: PublicPreKey
    kyber: PublicPreKey
    one_time: PublicPreKey | None


@dataclass(frozen=True, slots=True)
class PreKeyResponse:
    """The prekeys of an account's devices, all under one identity key (33 bytes)."""

    identity_key: bytes = field(repr=False)
    devices: tuple[DevicePreKeys, ...]

    def bundles(self) -> list[PreKeyBundle]:
        """The bundles to process into sessions, which verifies their signatures; raises InvalidKey."""
        from sigcli.crypto.curve import PublicKey
        from sigcli.crypto.kem import KyberPublicKey
        from sigcli.protocol.prekeys import PreKeyBundle

        identity_key = PublicKey.deserialize(self.identity_key)
        return [
            PreKeyBundle(
                registration_id=device.registration_id,
                device_id=device.device_id,
                prekey_id=device.one_time.key_id if device.one_time else None,
                prekey=PublicKey.deserialize(device.one_time.public_key)
                if device.one_time
                else None,
                signed_prekey_id=device.signed.key_id,
                signed_prekey=PublicKey.deserialize(device.signed.public_key),
                signed_prekey_signature=device.signed.signature or b"",
                kyber_prekey_id=device.kyber.key_id,
                kyber_prekey=KyberPublicKey.deserialize(device.kyber.public_key),
                kyber_prekey_signature=device.kyber.signature or b"",
                identity_key=identity_key,
            )
            for device in self.devices
        ]


@dataclass(frozen=True, slots=True)
class PreKeyCounts:
    """How many one-time keys of each kind the service still holds for this device."""

    curve: int
    kyber: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreKeyUpload:
    """Keys to upload: non-empty lists replace all stored keys of their kind; None leaves them unchanged."""

    one_time: Sequence[PublicPreKey] = ()
    kyber: Sequence[PublicPreKey] = ()
    signed: PublicPreKey | None = None
    kyber_last_resort: PublicPreKey | None = None

    def to_json(self) -> dict[str, Any]:
        assert len(self.one_time) <= MAX_PREKEYS_AT_ONCE
        assert len(self.kyber) <= MAX_PREKEYS_AT_ONCE
        fields: dict[str, Any] = {
            "preKeys": [key.to_json() for key in self.one_time],
            "pqPreKeys": [key.to_json() for key in self.kyber],
        }
        if self.signed is not None:
            fields["signedPreKey"] = self.signed.to_json()
        if self.kyber_last_resort is not None:
            fields["pqLastResortPreKey"] = self.kyber_last_resort.to_json()
        return fields


def count(chat: IdentifiedChat, identity: str) -> PreKeyCounts:
    """The counts of ``identity``, "aci" or "pni"; raises BadRequest for the PNI of an account without one."""
    response = chat.request(Request("GET", f"/v2/keys?identity={identity}"))
    body = JsonObject.from_response(require_success(response, "count the prekeys"))
    return PreKeyCounts(body.integer("count"), body.integer("pqCount"))


def upload(chat: IdentifiedChat, identity: str, keys: PreKeyUpload) -> None:
    """Upload prekeys of ``identity``, "aci" or "pni"; raises InvalidRequest if a signature does not verify."""
    request = json_request("PUT", f"/v2/keys?identity={identity}", keys.to_json())
    require_success(chat.request(request), "accept the prekeys")


def repeated_use_keys_agree(chat: IdentifiedChat, identity: str, digest: bytes) -> bool:
    """Whether the service holds the same signed and last-resort key as this device.

    ``digest``: SHA-256 over identity key ‖ be64 signed id ‖ signed key ‖ be64 last-resort id ‖ last-resort key.
    """
    body = {"identityType": identity.upper(), "digest": encode_base64(digest)}
    response = chat.request(json_request("POST", "/v2/keys/check", body))
    if response.status == 409:
        return False
    require_success(response, "compare the prekeys")
    return True


def fetch(chat: IdentifiedChat, target: ServiceId, device_id: int | None = None) -> PreKeyResponse:
    """Prekeys of one device, or of all; raises NotFound, and RateLimited after a few calls for the same account."""
    return _read(chat.request(_fetch_request(target, device_id)))


def fetch_anonymously(
    chat: UnidentifiedChat, target: ServiceId, access: Access, device_id: int | None = None
) -> PreKeyResponse:
    """Like ``fetch``, without a login; raises Unauthorized if the access does not fit or the account is unknown."""
    return _read(chat.request(_fetch_request(target, device_id), access))


def _fetch_request(target: ServiceId, device_id: int | None) -> Request:
    devices = ALL_DEVICES if device_id is None else str(device_id)
    return Request("GET", f"/v2/keys/{target}/{devices}")


def _read(response: Response) -> PreKeyResponse:
    body = JsonObject.from_response(require_success(response, "hand out the recipient's prekeys"))
    devices = tuple(_read_device(device) for device in body.objects("devices"))
    if not devices:
        raise MalformedAnswer("the service named no device of the recipient")
    return PreKeyResponse(body.data("identityKey", _CURVE_KEY_LENGTH), devices)


def _read_device(device: JsonObject) -> DevicePreKeys:
    one_time = device.optional_object("preKey")
    return DevicePreKeys(
        device_id=device.integer("deviceId", 1, MAX_DEVICE_ID),
        registration_id=device.integer("registrationId", 0, MAX_REGISTRATION_ID),
        signed=_read_key(device.object("signedPreKey"), _CURVE_KEY_LENGTH, signed=True),
        kyber=_read_key(device.object("pqPreKey"), _KYBER_KEY_LENGTH, signed=True),
        one_time=None if one_time is None else _read_key(one_time, _CURVE_KEY_LENGTH, signed=False),
    )


def _read_key(key: JsonObject, length: int, *, signed: bool) -> PublicPreKey:
    return PublicPreKey(
        key.integer("keyId", 0, MAX_KEY_ID),
        key.data("publicKey", length),
        key.data("signature", _SIGNATURE_LENGTH) if signed else None,
    )
