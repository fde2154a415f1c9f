"""Which function prints which result, as ``module:function`` of this package."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigcli.operations.results import Result

SHOWN = {
    "AccountRegistered": None,
    "Accounts": "account:show_accounts",
    "ConfigurationTold": "account:show_configuration",
    "Contacts": "contacts:show_contacts",
    "Data": "stored_files:show_data",
    "DeviceAdded": None,
    "Devices": "account:show_devices",
    "GroupChanged": "sent:show_group_changed",
    "Groups": "group_list:show_groups",
    "Identities": "people:show_identities",
    "Named": "account:show_username",
    "Nothing": None,
    "Located": None,
    "NumberChangeBegun": None,
    "NumberChanged": None,
    "PackUploaded": "sticker_packs:show_uploaded_pack",
    "PinRemoved": None,
    "PinSet": None,
    "RegistrationBegun": None,
    "Removed": None,
    "Reported": "people:show_reported",
    "Sent": "sent:show_sent",
    "StickerPacks": "sticker_packs:show_packs",
    "StoredAttachments": "stored_files:show_attachments",
    "UserStatuses": "people:show_user_statuses",
    "VersionTold": "account:show_version",
}
"""The text of a result; None if it has none."""
TOLD = {
    "AccountRegistered": "registering:tell_registered",
    "DeviceAdded": "account:tell_device_added",
    "GroupChanged": "sent:tell_invited",
    "NumberChangeBegun": "registering:tell_number_change_begun",
    "NumberChanged": "registering:tell_number_changed",
    "PinRemoved": "account:tell_pin_removed",
    "PinSet": "account:tell_pin_set",
    "RegistrationBegun": "registering:tell_registration_begun",
}
"""What is printed about it on stderr in any case."""


def show(result: Result) -> None:
    """Print a result as text."""
    _call(SHOWN[type(result).__name__], result)


def tell(result: Result) -> None:
    """Print what is said regardless of the output format."""
    _call(TOLD.get(type(result).__name__), result)


def _call(place: str | None, result: Result) -> None:
    if place is not None:
        module, _, name = place.partition(":")
        getattr(import_module(f"sigcli.cli.render.{module}"), name)(result)
