"""A group's encrypted attributes and ids: what each ciphertext holds, and how it is made.

Titles, descriptions and timers are a GroupAttributeBlob in an encrypted blob; labels are bare text. As the phone apps
do, an attribute that cannot be read counts as empty, since any member can write one; an id that cannot be read is an
error. Source: libsignal-service-rs ``groups_v2/operations.rs``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import InvalidGroupChange, MalformedMessage, ProtocolError, ZkProofFailed
from sigcli.wire.addresses import ServiceId
from sigcli.wire.group_state import GroupAttribute, decode_attribute, encode_attribute
from sigcli.zkgroup.groups import UuidCiphertext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.crypto.randomness import RandomSource
    from sigcli.wire.key_types import ProfileKeyBytes
    from sigcli.zkgroup.groups import GroupSecretParams


def decrypt_service_id(params: GroupSecretParams, ciphertext: bytes) -> ServiceId:
    """The ACI or PNI in a ciphertext (65 bytes); raises InvalidGroupChange."""
    try:
        return params.decrypt_service_id(UuidCiphertext.deserialize(ciphertext))
    except ProtocolError as error:
        raise InvalidGroupChange("an id in the group cannot be read") from error


def decrypt_acis(params: GroupSecretParams, ciphertexts: Sequence[bytes]) -> list[ServiceId]:
    """The ACI in each ciphertext (65 bytes), cheaper than one by one; raises InvalidGroupChange."""
    acis = []
    for service_id in params.decrypt_service_ids(ciphertexts):
        if service_id is None:
            raise InvalidGroupChange("an id in the group cannot be read")
        if not service_id.is_aci:
            raise InvalidGroupChange("a member of the group is not an account")
        acis.append(service_id)
    return acis


def decrypt_aci(params: GroupSecretParams, ciphertext: bytes) -> ServiceId:
    """The ACI in a ciphertext (65 bytes); raises InvalidGroupChange."""
    return decrypt_acis(params, [ciphertext])[0]


def decrypt_profile_keys(
    params: GroupSecretParams, ciphertexts: Sequence[bytes], acis: Sequence[ServiceId]
) -> list[ProfileKeyBytes | None]:
    """The profile key in each ciphertext (65 bytes), cheaper than one by one; None if it is not this person's."""
    keys = params.decrypt_profile_keys(ciphertexts, acis)
    return [None if key is None else key.serialize() for key in keys]


def decrypt_profile_key(
    params: GroupSecretParams, ciphertext: bytes, aci: ServiceId
) -> ProfileKeyBytes | None:
    """The profile key in a ciphertext (65 bytes); None if it is not this person's."""
    return decrypt_profile_keys(params, [ciphertext], [aci])[0]


def encrypt_service_id(params: GroupSecretParams, service_id: ServiceId) -> bytes:
    """65 bytes, always the same for the same id."""
    return params.encrypt_service_id(service_id).serialize()


def decrypt_title(params: GroupSecretParams, ciphertext: bytes) -> str:
    return _attribute(params, ciphertext).title or ""


def decrypt_description(params: GroupSecretParams, ciphertext: bytes) -> str:
    return _attribute(params, ciphertext).description or ""


def decrypt_timer(params: GroupSecretParams, ciphertext: bytes) -> int:
    """Seconds, 0 for none."""
    return _attribute(params, ciphertext).timer_s or 0


def decrypt_avatar(params: GroupSecretParams, ciphertext: bytes) -> bytes:
    """The picture; empty if there is none."""
    return _attribute(params, ciphertext).avatar or b""


def decrypt_label(params: GroupSecretParams, ciphertext: bytes) -> str:
    if not ciphertext:
        return ""
    try:
        return params.decrypt_blob_with_padding(ciphertext).decode()
    except (ZkProofFailed, UnicodeDecodeError):
        return ""


def encrypt_title(params: GroupSecretParams, title: str, random: RandomSource) -> bytes:
    return _encrypted(params, GroupAttribute(title=title), random)


def encrypt_description(params: GroupSecretParams, text: str, random: RandomSource) -> bytes:
    """Empty for an empty text: there is no description then."""
    return _encrypted(params, GroupAttribute(description=text), random) if text else b""


def encrypt_timer(params: GroupSecretParams, timer_s: int, random: RandomSource) -> bytes:
    return _encrypted(params, GroupAttribute(timer_s=timer_s), random)


def encrypt_avatar(params: GroupSecretParams, picture: bytes, random: RandomSource) -> bytes:
    return _encrypted(params, GroupAttribute(avatar=picture), random)


def encrypt_label(params: GroupSecretParams, text: str, random: RandomSource) -> bytes:
    """Empty for an empty text: there is no label then."""
    return params.encrypt_blob_with_padding(text.encode(), random=random) if text else b""


def _attribute(params: GroupSecretParams, ciphertext: bytes) -> GroupAttribute:
    if not ciphertext:
        return GroupAttribute()
    try:
        return decode_attribute(params.decrypt_blob_with_padding(ciphertext))
    except (ZkProofFailed, MalformedMessage):
        return GroupAttribute()


def _encrypted(params: GroupSecretParams, attribute: GroupAttribute, random: RandomSource) -> bytes:
    return params.encrypt_blob_with_padding(encode_attribute(attribute), random=random)
