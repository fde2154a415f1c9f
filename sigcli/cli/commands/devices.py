"""``sigcli listDevices`` and ``updateDevice``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import opened


def list_devices(ctx: typer.Context) -> None:
    """List the account's devices."""
    from sigcli.client.devices import list_devices as devices_of

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
    from sigcli.client.devices import rename_device

    with opened(ctx.obj) as account:
        rename_device(account, device_id, device_name)


COMMANDS = {"listDevices": list_devices, "updateDevice": update_device}
