"""``sendSyncRequest`` and ``sendContacts``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import LinkedDeviceOnly, PrimaryOnly
from sigcli.operations.declaring import Operation, operation
from sigcli.operations.editing import editing
from sigcli.operations.results import Nothing

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class SendSyncRequest(Operation):
    """Ask the primary device for contacts, blocked people, settings and keys, and read the storage service.

    The primary device's answers come as messages: sigcli receive takes them.
    """

    def run(self, account: Account) -> Nothing:
        from sigcli.client.sending.sync_requests import request_sync

        with editing(account):
            if account.keys.is_primary:
                raise LinkedDeviceOnly
            request_sync(account)
        return Nothing()


@operation
class SendContacts(Operation):
    """Send all contacts to the linked devices, as the primary device."""

    def run(self, account: Account) -> Nothing:
        from sigcli.client.sending.sync_requests import answer_sync_request
        from sigcli.wire.content.sync_state import SyncRequestType

        if not account.keys.is_primary:
            raise PrimaryOnly(
                "only the primary device sends the contacts",
                hint="sigcli sendSyncRequest asks it for them",
            )
        answer_sync_request(account, SyncRequestType.CONTACTS)
        return Nothing()
