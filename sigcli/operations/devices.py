"""``listDevices``, ``updateDevice``, ``addDevice`` and ``removeDevice``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.declaring import Operation, operation, option
from sigcli.operations.results import Nothing
from sigcli.operations.shapes.devices import DeviceAdded, Devices

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class ListDevices(Operation):
    """List the account's devices."""

    def run(self, account: Account) -> Devices:
        from sigcli.client.account.devices.devices import list_devices

        return Devices(list_devices(account))


@operation
class UpdateDevice(Operation):
    """Rename a device."""

    device_id: int = option("-d", "--device-id", help="its number in listDevices")
    device_name: str = option("-n", "--device-name", help="the new name")

    def run(self, account: Account) -> Nothing:
        from sigcli.client.account.devices.devices import rename_device

        rename_device(account, self.device_id, self.device_name)
        return Nothing()


@operation
class AddDevice(Operation):
    """Link another device to the account, as its primary device.

    Waits until the new device has finished. It then asks for contacts and settings: sigcli receive
    answers.
    """

    uri: str = option("--uri", metavar="URI", help="what the new device shows (sgnl://…)")

    def run(self, account: Account) -> DeviceAdded:
        from sigcli.client.account.devices.provisioning_out import add_device

        return DeviceAdded(add_device(account, self.uri))


@operation
class RemoveDevice(Operation):
    """Remove a linked device from the account, as its primary device."""

    device_id: int = option("-d", "--device-id", "--deviceId", help="its number in listDevices")

    def run(self, account: Account) -> Nothing:
        from sigcli.client.account.devices.devices import remove_device

        remove_device(account, self.device_id)
        return Nothing()
