"""What authorises a request: a device's login, or the access key or group send token of an unidentified request."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.wire.addresses import ServiceId

ACCESS_HEADERS = frozenset({"unidentified-access-key", "group-send-token"})


def basic_authorization(user: str, password: str) -> str:
    """The value of an ``Authorization`` header."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The login of one device: user ``<aci>.<device id>`` and the password chosen at registration or link."""

    aci: ServiceId
    device_id: int
    password: str = field(repr=False)

    @property
    def user(self) -> str:
        return f"{self.aci}.{self.device_id}"

    @property
    def authorization(self) -> str:
        return basic_authorization(self.user, self.password)


@dataclass(frozen=True, slots=True)
class AccessKey:
    """The 16 bytes derived from a recipient's profile key; also the exclusive-or of several in a multi-recipient send.

    For an account with unrestricted access any 16 bytes do.
    """

    raw: bytes = field(repr=False)

    @classmethod
    def of(cls, profile_key: bytes) -> AccessKey:
        """The access key of the owner of this profile key; raises InvalidKey."""
        from sigcli.protocol.access_keys import derive_access_key

        return cls(derive_access_key(profile_key))

    @property
    def header(self) -> tuple[str, str]:
        return "Unidentified-Access-Key", b64encode(self.raw).decode("ascii")


@dataclass(frozen=True, slots=True)
class GroupSendToken:
    """A full group send token, which covers exactly the recipients of a request."""

    raw: bytes = field(repr=False)

    @property
    def header(self) -> tuple[str, str]:
        return "Group-Send-Token", b64encode(self.raw).decode("ascii")


Access = AccessKey | GroupSendToken
