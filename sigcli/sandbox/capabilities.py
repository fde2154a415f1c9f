"""What devices can do, and what follows for their account.

Source: ``DeviceCapability`` of the public Signal-Server. Names that are not in the table are ignored.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.sandbox.accounts import Account


class Mode(enum.Enum):
    """How the capabilities of the devices make up the account's."""

    PRIMARY = "primary"
    ANY = "any"
    ALL = "all"


class Visibility(enum.Enum):
    """Whose profile answer shows it."""

    SERVER = "server"
    SELF = "self"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Capability:
    """The rules of one capability."""

    mode: Mode
    visibility: Visibility
    prevents_downgrade: bool = False
    required_for_new_devices: bool = False


CAPABILITIES: Mapping[str, Capability] = {
    "storage": Capability(Mode.ANY, Visibility.SERVER),
    "transfer": Capability(Mode.PRIMARY, Visibility.SERVER),
    "attachmentBackfill": Capability(Mode.PRIMARY, Visibility.SELF),
    "spqr": Capability(Mode.ALL, Visibility.PUBLIC, True, True),
    "profiles_v2": Capability(Mode.ALL, Visibility.SELF),
    "usernameChangeSyncMessage": Capability(Mode.ALL, Visibility.SELF, True),
    "optionalPhoneNumber": Capability(Mode.ALL, Visibility.SERVER),
}
REQUIRED = frozenset(name for name, rule in CAPABILITIES.items() if rule.required_for_new_devices)


def known(names: frozenset[str]) -> frozenset[str]:
    """Those that the server knows."""
    return names.intersection(CAPABILITIES)


def has_capability(account: Account, name: str) -> bool:
    """Whether the account as a whole has it."""
    held = [name in device.capabilities for device in account.devices.values()]
    mode = CAPABILITIES[name].mode
    if mode is Mode.PRIMARY:
        return name in account.primary.capabilities
    return any(held) if mode is Mode.ANY else all(held)


def is_downgrade(account: Account, offered: frozenset[str]) -> bool:
    """Whether a new device with these capabilities would take one away from the account."""
    wanted = {
        name
        for name, rule in CAPABILITIES.items()
        if rule.prevents_downgrade and has_capability(account, name)
    }
    return not offered >= (wanted | REQUIRED)


def shown_capabilities(account: Account) -> dict[str, bool]:
    """What a profile answer shows: all except those for the server's own use."""
    return {
        name: has_capability(account, name)
        for name, rule in CAPABILITIES.items()
        if rule.visibility is not Visibility.SERVER
    }
