"""``sigcli listDevices``, ``updateDevice``, ``addDevice`` and ``removeDevice``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import opened


def list_devices(ctx: typer.Context) -> None:
    """List the account's devices."""
    from sigcli.client.account.devices.devices import list_devices as devices_of

    with opened(ctx.obj) as account:
        devices = devices_of(account)
    if ctx.obj.json:
        terminal.print_json(
            [
                {
                    "id": device.id,
                    "name": device.name,
                    "createdTimestamp": device.created_ms,
                    "lastSeenTimestamp": device.last_seen_ms,
                    "isThisDevice": device.is_this_device,
                }
                for device in devices
            ]
        )
        return
    for device in devices:
        mark = " (this device)" if device.is_this_device else ""
        terminal.print_line(f"- Device {device.id}{mark}:")
        terminal.print_line(f"  Name: {terminal.neutral_line(device.name or '')}")
        created = terminal.timestamp_text(device.created_ms) if device.created_ms else "unknown"
        terminal.print_line(f"  Created: {created}")
        terminal.print_line(f"  Last seen: {terminal.timestamp_text(device.last_seen_ms)}")


def update_device(
    ctx: typer.Context,
    device_id: Annotated[int, typer.Option("-d", "--device-id", help="its number in listDevices")],
    device_name: Annotated[str, typer.Option("-n", "--device-name", help="the new name")],
) -> None:
    """Rename a device."""
    from sigcli.client.account.devices.devices import rename_device

    with opened(ctx.obj) as account:
        rename_device(account, device_id, device_name)


def add_device(
    ctx: typer.Context,
    uri: Annotated[
        str, typer.Option("--uri", metavar="URI", help="what the new device shows (sgnl://…)")
    ],
) -> None:
    """Link another device to the account, as its primary device.

    Waits until the new device has finished. It then asks for contacts and settings: sigcli receive
    answers.
    """
    from sigcli.client.account.devices.provisioning_out import add_device as add

    with opened(ctx.obj) as account:
        device = add(account, uri)
    who = "the new device" if device is None else f"device {device.id}"
    if device is not None and device.name:
        who += f" ({device.name})"
    terminal.tell(f"{who} is linked; sigcli receive answers what it asks for")


def remove_device(
    ctx: typer.Context,
    device_id: Annotated[
        int,
        typer.Option("-d", "--device-id", "--deviceId", help="its number in listDevices"),
    ],
) -> None:
    """Remove a linked device from the account, as its primary device."""
    from sigcli.client.account.devices.devices import remove_device as remove

    with opened(ctx.obj) as account:
        remove(account, device_id)


COMMANDS = {
    "listDevices": list_devices,
    "updateDevice": update_device,
    "addDevice": add_device,
    "removeDevice": remove_device,
}
