"""Accounts, devices and other things of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.standing_in import manner
from sigcli.cli.terminal import neutral_line, print_line, tell, timestamp_text

if TYPE_CHECKING:
    from sigcli.operations.shapes.account_changes import (
        ConfigurationTold,
        Named,
        PinRemoved,
        PinSet,
    )
    from sigcli.operations.shapes.accounts import Accounts
    from sigcli.operations.shapes.devices import DeviceAdded, Devices
    from sigcli.operations.shapes.version import VersionTold


def show_accounts(result: Accounts) -> None:
    """One line each."""
    for account in result.accounts:
        print_line(f"Number: {account.number or account.aci}")


def show_devices(result: Devices) -> None:
    """Some lines each."""
    for device in result.devices:
        mark = " (this device)" if device.is_this_device else ""
        print_line(f"- Device {device.id}{mark}:")
        print_line(f"  Name: {neutral_line(device.name or '')}")
        created = timestamp_text(device.created_ms) if device.created_ms else "unknown"
        print_line(f"  Created: {created}")
        print_line(f"  Last seen: {timestamp_text(device.last_seen_ms)}")


def show_username(result: Named) -> None:
    """The name and its link."""
    print_line(f"Your new username: {result.name.username} ({result.link or '-'})")


def show_configuration(result: ConfigurationTold) -> None:
    """One line a setting."""
    words = {True: "true", False: "false", None: "not set"}
    for name, value in result.to_json().items():
        print_line(f"{name}: {words[value]}")  # type: ignore[index]


def show_version(result: VersionTold) -> None:
    """The same as ``--version`` prints."""
    print_line(f"{manner().program} {result.version}")


def tell_device_added(result: DeviceAdded) -> None:
    """Say which device was linked and what it needs next."""
    device = result.device
    who = "the new device" if device is None else f"device {device.id}"
    if device is not None and device.name:
        who += f" ({device.name})"
    tell(f"{who} is linked; run sigcli receive to answer its requests")


def tell_pin_set(_: PinSet) -> None:
    """Say what the PIN does."""
    tell("the PIN is set: nobody can register the number without it")


def tell_pin_removed(_: PinRemoved) -> None:
    """Say what it means to have no PIN."""
    tell("the account no longer has a PIN: anyone who gets hold of the number can register it")
