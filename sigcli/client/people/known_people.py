"""The people that the messages of one transaction meet: looked up once, made where they are new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.recipient_merging import recipient_id_of
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import find_by_service_id, load_recipient, update_recipient

if TYPE_CHECKING:
    from sigcli.store.database import Transaction
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId


def is_accepted(person: Recipient) -> bool:
    """Whether the account has agreed to talk to somebody: wrote to them, or accepted their request."""
    contact = person.contact
    return contact.profile_sharing or contact.request_state is RequestState.ACCEPTED


def accept(transaction: Transaction, person: Recipient, *, wrote: bool = False) -> bool:
    """Agree to talk to somebody: their request is accepted, the profile shared, they are no longer hidden.

    ``wrote``: by writing to them here, which makes them a contact as well. Somebody who is blocked stays so. True if
    anything has changed.
    """
    contact = person.contact
    if contact.blocked or (
        contact.profile_sharing
        and not contact.hidden
        and contact.request_state is not RequestState.PENDING
        and (contact.is_contact or not wrote)
    ):
        return False
    update_recipient(
        transaction,
        person.id,
        is_contact=contact.is_contact or wrote,
        profile_sharing=True,
        hidden=False,
        request_state=RequestState.ACCEPTED,
    )
    return True


class KnownPeople:
    """Rows by service id; every change goes through here or is followed by ``forget``."""

    __slots__ = ("_people", "_transaction")

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._people: dict[ServiceId, Recipient] = {}

    def get(self, service_id: ServiceId) -> Recipient:
        """The person with this id; somebody new gets a row."""
        person = self._people.get(service_id)
        if person is None:
            person = find_by_service_id(self._transaction, service_id)
            if person is None:
                row_id = recipient_id_of(self._transaction, service_id)
                person = load_recipient(self._transaction, row_id)
                assert person is not None  # it was made a moment ago
            self._people[service_id] = person
        return person

    def accept(self, person: Recipient) -> None:
        """Agree to talk to somebody."""
        if accept(self._transaction, person):
            self.forget()

    def forget(self) -> None:
        """Look everybody up anew."""
        self._people.clear()
