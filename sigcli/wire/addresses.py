"""Service ids of senders and recipients in their string, binary and fixed-width forms.

Formats: libsignal ``rust/core/src/address.rs``. An ACI is written as a bare lower-case UUID and as 16 bytes; a PNI as
``PNI:<uuid>`` and as 0x01 followed by 16 bytes. The fixed-width form always has 17 bytes, type byte first.
"""

from __future__ import annotations

import enum
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from sigcli.errors import InvalidServiceId
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from uuid import UUID

UUID_LENGTH = 16
FIXED_WIDTH_LENGTH = 17
MAX_DEVICE_ID = 127
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_PNI_PREFIX = "PNI:"
_ACI, _PNI = 0x00, 0x01
E164_PATTERN = r"\+[1-9][0-9]{4,14}"
_E164 = re.compile(E164_PATTERN)


def is_e164(text: str) -> bool:
    """Whether this is a phone number in international form: +, country code, number."""
    return _E164.fullmatch(text) is not None


class ServiceIdKind(enum.Enum):
    """The type byte of a fixed-width service id."""

    ACI = _ACI
    PNI = _PNI


@dataclass(frozen=True, slots=True, order=True)
class ServiceId:
    """An account's public name: its ACI, or the PNI that stands for its phone number."""

    kind_byte: int
    uuid_bytes: bytes

    def __post_init__(self) -> None:
        if len(self.uuid_bytes) != UUID_LENGTH or self.kind_byte not in (0, 1):
            raise InvalidServiceId

    @property
    def kind(self) -> ServiceIdKind:
        return ServiceIdKind(self.kind_byte)

    @property
    def is_aci(self) -> bool:
        return self.kind_byte == _ACI

    @property
    def is_pni(self) -> bool:
        return self.kind_byte == _PNI

    @property
    def uuid(self) -> UUID:
        from uuid import UUID

        return UUID(bytes=self.uuid_bytes)

    @classmethod
    def aci(cls, uuid: UUID | bytes | str) -> ServiceId:
        """Build an ACI from a UUID in any form; raises InvalidServiceId."""
        return cls(_ACI, _uuid_bytes(uuid))

    @classmethod
    def pni(cls, uuid: UUID | bytes | str) -> ServiceId:
        """Build a PNI from a UUID in any form, with or without the ``PNI:`` prefix; raises InvalidServiceId."""
        if isinstance(uuid, str) and uuid[:4].upper() == _PNI_PREFIX:
            uuid = uuid[4:]
        return cls(_PNI, _uuid_bytes(uuid))

    @classmethod
    def parse(cls, text: str) -> ServiceId:
        """Read the string form; raises InvalidServiceId."""
        if text[:4].upper() == _PNI_PREFIX:
            return cls.pni(text[4:])
        return cls.aci(text)

    @classmethod
    def from_binary(cls, data: bytes) -> ServiceId:
        """Read 16 bytes (an ACI) or 17 bytes (type byte first); raises InvalidServiceId."""
        return _from_binary(bytes(data))

    @classmethod
    def from_fixed_width(cls, data: bytes) -> ServiceId:
        """Read the 17-byte form; raises InvalidServiceId."""
        if len(data) != FIXED_WIDTH_LENGTH:
            raise InvalidServiceId
        return cls(data[0], bytes(data[1:]))

    def to_binary(self) -> bytes:
        """16 bytes for an ACI, 17 for a PNI."""
        return self.uuid_bytes if self.is_aci else bytes([self.kind_byte]) + self.uuid_bytes

    def to_fixed_width(self) -> bytes:
        """17 bytes, type byte first."""
        return bytes([self.kind_byte]) + self.uuid_bytes

    def __hash__(self) -> int:
        return hash(self.uuid_bytes)

    def __str__(self) -> str:
        return _text(self.kind_byte, self.uuid_bytes)


@lru_cache(1_024)
def _text(kind_byte: int, uuid_bytes: bytes) -> str:
    digits = uuid_bytes.hex()
    text = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return text if kind_byte == _ACI else _PNI_PREFIX + text


@lru_cache(1_024)
def _from_binary(data: bytes) -> ServiceId:
    """As ``ServiceId.from_binary``: one message names the same few people many times."""
    if len(data) == UUID_LENGTH:
        return ServiceId(_ACI, data)
    # A 17-byte ACI is not canonical: libsignal refuses it in the variable-width form.
    if len(data) == FIXED_WIDTH_LENGTH and data[0] == _PNI:
        return ServiceId(_PNI, data[1:])
    raise InvalidServiceId


@dataclass(frozen=True, slots=True, order=True)
class ProtocolAddress:
    """One device of an account: the other end of a session."""

    service_id: ServiceId
    device_id: int

    def __str__(self) -> str:
        return f"{self.service_id}.{self.device_id}"


def _uuid_bytes(uuid: UUID | bytes | str) -> bytes:
    if isinstance(uuid, str):
        if not _UUID.fullmatch(uuid):
            raise InvalidServiceId
        return bytes.fromhex(uuid.replace("-", ""))
    # A UUID is recognised by its attributes: importing the class for this would cost more than parsing a command.
    return uuid.bytes if hasattr(uuid, "bytes") else bytes(uuid)
