"""Ending the sessions with people: the next message to them starts new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.sessions import archive_sessions

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.sending.audience import Audience


def end_sessions(account: Account, audience: Audience) -> None:
    """Send no more with the present sessions, still decrypt with them; nothing is sent. Opens a transaction."""
    with account.database.transaction() as database:
        for person in audience.people:
            for service_id in (person.aci, person.pni):
                if service_id is not None and not account.is_own(service_id):
                    archive_sessions(database, service_id)
