"""The limits that the service sets for clients: read at each account check, and kept.

Names: ``RemoteConfigurationController`` of the public Signal-Server gives what the official apps ask for by these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import NotFound
from sigcli.service.resources import config
from sigcli.store.service_limits import ServiceLimits, read_service_limits, store_service_limits

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

_ATTACHMENT_BYTES = "global.attachments.maxBytes"
_GROUP_MEMBERS = "global.groupsv2.groupSizeHardLimit"


def refresh_service_limits(account: Account) -> None:
    """Ask whether they have changed; nothing for a service that has no settings. Raises ServiceError."""
    known = read_service_limits(account.database)
    try:
        settings = config.fetch(account.identified, known.etag)
    except NotFound:
        return
    if settings is None:
        return
    limits = ServiceLimits(
        settings.number(_ATTACHMENT_BYTES), settings.number(_GROUP_MEMBERS), settings.etag
    )
    with account.database.transaction() as database:
        store_service_limits(database, limits)
