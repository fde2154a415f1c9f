"""Reporting received messages as spam: only on the user's order, with what was kept of the envelopes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.client.account.people.request_responses import (
    resolve_others,
    tell_other_devices_of_answers,
)
from sigcli.errors import NothingToReport, UnknownRecipient, UsageError
from sigcli.service.resources.messages import report_spam
from sigcli.store.reportable_messages import ReportableMessage, reportable_messages
from sigcli.wire.content.sync_state import MessageRequestResponseType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.store.database import Database
    from sigcli.wire.addresses import ServiceId

MAX_REPORTS = 100
"""Of one sender at a time; the official apps report as many."""


def report(
    account: Account,
    word: str,
    *,
    timestamps_ms: Sequence[int] = (),
    server_guids: Sequence[str] = (),
) -> list[tuple[str, int | None]]:
    """Report messages of somebody, and tell the account's other devices; gives GUID and timestamp of each message.

    Without timestamps and GUIDs all that are remembered are reported, at most 100. Every message meant is settled
    before the first is reported. Raises NothingToReport, UnknownRecipient, AmbiguousRecipient, UsageError,
    ServiceError.
    """
    (person,) = resolve_others(account, [word])
    if person.aci is None:
        raise UnknownRecipient("only somebody whose ACI is known can be reported")
    wanted = _wanted(account.database, person.aci, timestamps_ms, server_guids)
    for guid, (_, token) in wanted.items():
        report_spam(account.identified, person.aci, guid, token)
    error = tell_other_devices_of_answers(account, MessageRequestResponseType.SPAM, [person], [])
    if error is not None:
        account.warn(f"your other devices were not told: {error.message}")
    return [(guid, timestamp_ms) for guid, (timestamp_ms, _) in wanted.items()]


def _wanted(
    database: Database,
    sender: ServiceId,
    timestamps_ms: Sequence[int],
    server_guids: Sequence[str],
) -> dict[str, tuple[int | None, bytes | None]]:
    """By GUID: the timestamp, if it is known, and the token."""
    if not timestamps_ms and not server_guids:
        kept = reportable_messages(database, sender, MAX_REPORTS)
        if not kept:
            raise NothingToReport
        return _by_guid(kept)
    wanted: dict[str, tuple[int | None, bytes | None]] = {}
    for timestamp_ms in timestamps_ms:
        kept = reportable_messages(database, sender, MAX_REPORTS, timestamp_ms)
        if not kept:
            raise NothingToReport(f"no message {timestamp_ms} of this person is remembered")
        wanted |= _by_guid(kept)
    known = _by_guid(reportable_messages(database, sender, MAX_REPORTS)) if server_guids else {}
    for text in server_guids:
        guid = _guid(text)
        wanted[guid] = known.get(guid, (None, None))
    return wanted


def _by_guid(kept: list[ReportableMessage]) -> dict[str, tuple[int | None, bytes | None]]:
    return {message.server_guid: (message.timestamp_ms, message.token) for message in kept}


def _guid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise UsageError(
            "a server GUID is the UUID that receive --json prints as serverGuid"
        ) from None
