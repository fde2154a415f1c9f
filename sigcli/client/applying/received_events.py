"""Rows of the inbox as events: the people looked up, what was downloaded put in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.applying import decryption_failures as failures
from sigcli.client.applying.incoming import is_for_group
from sigcli.client.applying.stored_messages import remains_of
from sigcli.client.base.events import Failure, Person, ReceivedEvent
from sigcli.client.groups.people_directory import PeopleDirectory
from sigcli.errors import MalformedMessage, StoreError
from sigcli.lazy_dataclass import replace
from sigcli.store.inbox_values import Withdrawal
from sigcli.wire.content import decode_content
from sigcli.wire.envelopes import EnvelopeType

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.inbox_values import InboxRow
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import Content


class EventBuilder:
    """Makes events; people are looked up anew, and remembered as the account's directory does."""

    def __init__(self, account: Account) -> None:
        account.forget_people()
        self._account = account
        self._people = PeopleDirectory.of(account)

    def event(self, row: InboxRow) -> ReceivedEvent:
        """The event of a row, a failure if nothing can be made of it; raises StoreError only."""
        try:
            return self._event(row)
        except StoreError:
            raise
        except Exception as problem:
            return self.unprintable(row, problem)

    def unprintable(self, row: InboxRow, problem: Exception) -> ReceivedEvent:
        """What is printed in the place of a row that cannot be: one message must not stand before all later ones."""
        kind = type(problem).__name__
        self._account.warn(f"a message cannot be printed ({kind}); there is a failure in its place")
        failure = Failure(failures.INVALID_STRUCTURE, f"the message cannot be printed ({kind})")
        source = row.metadata.source
        return self._without_content(row, None if source is None else Person.of_id(source), failure)

    def _event(self, row: InboxRow) -> ReceivedEvent:
        source = row.metadata.source
        content: Content | None = None
        failure = None
        if row.failure is not None:
            failure = Failure(
                row.failure.code, row.failure.message, row.failure.code == failures.UNTRUSTED
            )
        elif row.content is not None:
            try:
                content = decode_content(row.content)
            except MalformedMessage as error:
                failure = Failure(failures.INVALID_STRUCTURE, error.message)
        withdrawn = row.withdrawn
        if content is not None and withdrawn is None and self._has_expired(row):
            content, withdrawn = remains_of(content), Withdrawal.EXPIRED
        person = None if source is None else self._people.person(source)
        return replace(
            self._without_content(row, person, failure),
            message_request=source is not None
            and content is not None
            and self._is_request(source, content),
            content=content,
            is_delivery_receipt=row.metadata.envelope_type == EnvelopeType.SERVER_DELIVERY_RECEIPT,
            withdrawn=withdrawn,
        )

    def _without_content(
        self, row: InboxRow, source: Person | None, failure: Failure | None
    ) -> ReceivedEvent:
        account, metadata = self._account, row.metadata
        return ReceivedEvent(
            row_id=row.id,
            account=Person(aci=account.aci, pni=account.pni, number=account.number),
            source=source,
            source_device=metadata.source_device,
            timestamp_ms=metadata.timestamp_ms,
            server_received_ms=metadata.server_received_ms,
            server_delivered_ms=metadata.server_delivered_ms,
            server_guid=metadata.server_guid,
            sealed=metadata.sealed,
            failure=failure,
        )

    def is_trusted(self, source: ServiceId | None) -> bool:
        """Whether what somebody sends may be fetched: they are accepted, or it is the account itself."""
        return source is not None and self._people.is_trusted(source)

    def may_fetch(self, source: ServiceId | None, content: Content) -> bool:
        """Whether what belongs to a message may be downloaded: also of a stranger in a group of the user's."""
        if self.is_trusted(source):
            return True
        from sigcli.client.groups.acceptance import group_of, takes_part

        group = group_of(content)
        return group is not None and takes_part(self._account.database, group)

    def _is_request(self, source: ServiceId, content: Content) -> bool:
        """Whether it comes from somebody for whom neither the user nor the group that it is for vouches."""
        if self.is_trusted(source):
            return False
        if not is_for_group(content):
            return True
        from sigcli.client.groups.acceptance import NOBODYS, group_id_of
        from sigcli.client.groups.contexts import vouches

        return not vouches(self._account, group_id_of(content) or NOBODYS, source)

    def _has_expired(self, row: InboxRow) -> bool:
        expires_ms = None if row.message is None else row.message.expires_ms
        return expires_ms is not None and expires_ms <= self._account.now_ms()


def is_story(content: Content) -> bool:
    """Whether it is a story, of somebody else or sent by another linked device."""
    if content.story_message is not None:
        return True
    sync = content.sync_message
    return sync is not None and sync.sent is not None and sync.sent.story_message is not None
