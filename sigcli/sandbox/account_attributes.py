"""Account attributes: what ``PUT /v1/accounts/attributes`` and registration carry, and what they change.

Every field replaces the earlier value; an absent one clears it.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass, replace
from sigcli.sandbox.accounts import SaltedHash
from sigcli.sandbox.fields import invalid
from sigcli.sandbox.uploaded_keys import read_device_attributes

if TYPE_CHECKING:
    from sigcli.sandbox.accounts import Account, Device
    from sigcli.sandbox.fields import Fields
    from sigcli.sandbox.uploaded_keys import DeviceAttributes

ACCESS_KEY_LENGTH = 16
LOCK_LENGTH = 64
RECOVERY_PASSWORD_LENGTH = 32


@dataclass(frozen=True, slots=True)
class AccountAttributes:
    """All attributes, as sent."""

    device: DeviceAttributes
    registration_lock: str = field(repr=False)
    access_key: bytes | None = field(repr=False)
    unrestricted_access: bool
    discoverable: bool
    recovery_password: bytes | None = field(repr=False)

    @classmethod
    def read(cls, fields: Fields) -> AccountAttributes:
        """Raises Refused (422)."""
        device = read_device_attributes(fields)
        lock = fields.optional_text("registrationLock") or ""
        access_key = fields.optional_data("unidentifiedAccessKey", (0, ACCESS_KEY_LENGTH))
        unrestricted = fields.flag("unrestrictedUnidentifiedAccess")
        recovery = fields.optional_data("recoveryPassword", (0, RECOVERY_PASSWORD_LENGTH))
        if len(lock) not in (0, LOCK_LENGTH) or not (unrestricted or access_key):
            raise invalid()
        discoverable = fields.flag("discoverableByPhoneNumber", default=True)
        return cls(device, lock, access_key or None, unrestricted, discoverable, recovery or None)

    def applied_to_account(self, account: Account) -> Account:
        """The account with its part of the attributes; the recovery password stays if it is absent."""
        recovery = self.recovery_password
        return replace(
            account,
            registration_lock=SaltedHash.of(self.registration_lock)
            if self.registration_lock
            else None,
            access_key=self.access_key,
            unrestricted_access=self.unrestricted_access,
            discoverable=self.discoverable,
            recovery_password=SaltedHash.of(recovery) if recovery else account.recovery_password,
        )

    def applied_to_device(self, device: Device, today_ms: int, agent: str) -> Device:
        """The device with its part; registration ids are not changed."""
        return replace(
            device,
            fetches_messages=self.device.fetches_messages,
            name=self.device.name,
            last_seen_ms=today_ms,
            capabilities=self.device.capabilities or frozenset(),
            agent=agent or device.agent,
        )
