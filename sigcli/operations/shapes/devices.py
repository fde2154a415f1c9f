"""The account's devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Nothing, Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.account.devices.devices import Device


class DeviceShape(TypedDict):
    """A device."""

    id: int
    name: str | None
    createdTimestamp: int | None
    lastSeenTimestamp: int
    isThisDevice: bool


@dataclass(frozen=True, slots=True)
class Devices(Result):
    """All devices of the account."""

    devices: Sequence[Device]

    def to_json(self) -> list[DeviceShape]:
        return [
            {
                "id": device.id,
                "name": device.name,
                "createdTimestamp": device.created_ms,
                "lastSeenTimestamp": device.last_seen_ms,
                "isThisDevice": device.is_this_device,
            }
            for device in self.devices
        ]


@dataclass(frozen=True, slots=True)
class DeviceAdded(Nothing):
    """A device was linked; None if the service has not told which."""

    device: Device | None
