"""What the targets and items of follow-up tasks consist of (see ``store.tasks``)."""

from __future__ import annotations

from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import FIXED_WIDTH_LENGTH, ProtocolAddress, ServiceId
from sigcli.wire.key_types import GroupIdentifier

_TIMESTAMP_LENGTH = 8

CONTACTS_TARGET = b"contacts"
"""Target of the download task whose item points at the contacts that the primary device sent."""
BLOCKED_LIST_TARGET = b"blocked"
"""Target of the job that sends the account's blocked list to the other devices without being asked."""
USERNAME_TARGET = b"username"
"""Target of the sync task that tells the other devices of another username."""
NEW_PROFILE_KEY_TARGET = b"profile key"
"""Target of the attributes task that gives the account a new profile key."""


def account_target(service_id: ServiceId) -> bytes:
    """The target of work that concerns an account."""
    return service_id.to_fixed_width()


def read_account(target: bytes) -> ServiceId:
    """The account of such a target; raises InvalidServiceId."""
    return ServiceId.from_fixed_width(target)


def device_target(device: ProtocolAddress) -> bytes:
    """The target of work that concerns one device."""
    return device.service_id.to_fixed_width() + bytes([device.device_id])


def read_device(target: bytes) -> ProtocolAddress:
    """The device of such a target; raises InvalidServiceId or MalformedMessage."""
    if len(target) != FIXED_WIDTH_LENGTH + 1:
        raise MalformedMessage("this is not a device")
    service_id = ServiceId.from_fixed_width(target[:FIXED_WIDTH_LENGTH])
    return ProtocolAddress(service_id, target[-1])


def timestamp_item(timestamp_ms: int) -> bytes:
    """A message by its timestamp."""
    return timestamp_ms.to_bytes(_TIMESTAMP_LENGTH, "big")


def read_timestamp(item: bytes) -> int:
    """The timestamp of such an item."""
    return int.from_bytes(item, "big")


@dataclass(frozen=True, slots=True)
class RetryItem:
    """A message to ask for again: the serialised DecryptionErrorMessage, and the group it was for."""

    error_message: bytes
    group_id: GroupIdentifier | None = None

    def serialize(self) -> bytes:
        group_id = self.group_id or b""
        return bytes([len(group_id)]) + group_id + self.error_message

    @classmethod
    def deserialize(cls, item: bytes) -> RetryItem:
        """Raises MalformedMessage."""
        if not item or len(item) < 1 + item[0]:
            raise MalformedMessage("this is not a retry request")
        end = 1 + item[0]
        return cls(item[end:], GroupIdentifier(item[1:end]) if end > 1 else None)
