"""What the service said that it takes at most, as it was last read from its settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.store.settings import Setting, read_setting, write_setting

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction

_LIMITS = Setting("service_limits", str)


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """Each is None where the service has not said; ``etag`` tells its settings from other ones."""

    attachment_bytes: int | None = None
    group_members: int | None = None
    etag: str | None = None


def read_service_limits(database: Database) -> ServiceLimits:
    """The limits; none at all where they cannot be read."""
    try:
        held = json.loads(read_setting(database, _LIMITS) or "{}")
        return ServiceLimits(**held)
    except (ValueError, TypeError):
        return ServiceLimits()


def store_service_limits(database: Transaction, limits: ServiceLimits) -> None:
    """Keep them."""
    held = {
        "attachment_bytes": limits.attachment_bytes,
        "group_members": limits.group_members,
        "etag": limits.etag,
    }
    write_setting(database, _LIMITS, json.dumps(held))
