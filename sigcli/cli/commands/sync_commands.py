"""``sigcli sendSyncRequest`` and ``sendContacts``."""

from __future__ import annotations

import typer

from sigcli.cli.opening import editing, opened
from sigcli.errors import LinkedDeviceOnly, PrimaryOnly


def send_sync_request(ctx: typer.Context) -> None:
    """Ask the primary device for contacts, blocked people, settings and keys, and read the storage service.

    The primary device's answers come as messages: sigcli receive takes them.
    """
    from sigcli.client.sending.sync_transcripts import request_sync

    with editing(ctx.obj) as account:
        if account.keys.is_primary:
            raise LinkedDeviceOnly
        request_sync(account)


def send_contacts(ctx: typer.Context) -> None:
    """Send all contacts to the linked devices, as the primary device."""
    from sigcli.client.sending.sync_answers import answer_sync_request
    from sigcli.wire.content.sync_state import SyncRequestType

    with opened(ctx.obj) as account:
        if not account.keys.is_primary:
            raise PrimaryOnly(
                "only the primary device sends the contacts",
                hint="sigcli sendSyncRequest asks it for them",
            )
        answer_sync_request(account, SyncRequestType.CONTACTS)


COMMANDS = {"sendSyncRequest": send_sync_request, "sendContacts": send_contacts}
