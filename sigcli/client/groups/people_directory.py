"""Who is who, for printing: looked up in the store when it is asked for."""

from __future__ import annotations

import os
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from sigcli.client.base.events import Person
from sigcli.client.people.known_people import is_accepted
from sigcli.lazy_dataclass import dataclass
from sigcli.store.recipients import find_by_number, find_by_service_id, find_by_service_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.groups.change_values import Change
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import AttachmentPointer
    from sigcli.wire.content.message_parts import GroupContext
    from sigcli.wire.key_types import GroupIdentifier

_REMEMBERED = 256
_LOOKED_UP_TOGETHER = 4
"""So many at least."""


def person_of(recipient: Recipient) -> Person:
    """What printing needs of a stored person."""
    return Person(
        aci=recipient.aci,
        pni=recipient.pni,
        number=recipient.number,
        username=recipient.username,
        name=recipient.name,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    person: Person = field(repr=False)
    is_trusted: bool


class PeopleDirectory:
    """The lookups of one run; what was found is remembered until ``Account.forget_people``."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._people: dict[ServiceId, _Known] = {}
        self._version = account.people_version

    @classmethod
    def of(cls, account: Account) -> PeopleDirectory:
        """The one of an opened account, for all who ask."""
        found = account.remembered.get(cls)
        if not isinstance(found, PeopleDirectory):
            found = account.remembered[cls] = cls(account)
        return found

    def own(self) -> Person:
        """The account itself, by the name that it shows to others."""
        account = self._account
        row = find_by_service_id(account.database, account.aci)
        name = None if row is None else row.profile.name
        return Person(aci=account.aci, pni=account.pni, number=account.number, name=name)

    def person(self, service_id: ServiceId) -> Person:
        """The person with this service id; at least the id itself."""
        return self._known(service_id).person

    def people(self, service_ids: Sequence[ServiceId]) -> list[Person]:
        """As ``person`` for each of several, in their order: a message may mention hundreds."""
        if len(service_ids) < _LOOKED_UP_TOGETHER:
            return [self.person(one) for one in service_ids]
        account = self._account
        found = find_by_service_ids(account.database, service_ids)
        known = {one: person_of(recipient) for one, recipient in found.items()}
        for own in (account.aci, account.pni):
            if own is not None:
                known[own] = self.person(own)
        return [known.get(one) or Person.of_id(one) for one in service_ids]

    def is_trusted(self, service_id: ServiceId) -> bool:
        """Whether what somebody sends may be fetched: they are accepted, or it is the account itself."""
        return self._known(service_id).is_trusted

    def _known(self, service_id: ServiceId) -> _Known:
        if self._version != self._account.people_version:
            self._version = self._account.people_version
            self._people.clear()
        known = self._people.get(service_id)
        if known is None:
            if len(self._people) >= _REMEMBERED:
                self._people.clear()
            known = self._people[service_id] = self._find(service_id)
        return known

    def person_by_number(self, number: str) -> Person:
        """The person with this number; at least the number itself."""
        recipient = find_by_number(self._account.database, number)
        return person_of(recipient) if recipient else Person(number=number)

    def group_name(self, group_id: GroupIdentifier) -> str | None:
        """The title of a group, if it is known."""
        from sigcli.store.groups import group_title

        return group_title(self._account.database, group_id)

    def group_change(self, group: GroupContext) -> Change | None:
        """The change that a message carries; None if there is none that the service signed."""
        if not group.group_change:
            return None
        from sigcli.client.groups.changes import open_signed_change
        from sigcli.client.groups.credentials import server_params
        from sigcli.errors import ProtocolError, UserError
        from sigcli.zkgroup.groups import GroupSecretParams

        try:
            params = GroupSecretParams.derive_from_master_key(group.master_key)
            return open_signed_change(group.group_change, params, server_params(self._account))
        except (ProtocolError, UserError):
            # A change that cannot be read, perhaps in bytes of a stranger, is not explained.
            return None

    def attachment(self, pointer: AttachmentPointer) -> tuple[str | None, Path | None]:
        """The local id of an attachment, and where its file is if it was downloaded."""
        from sigcli.client.people.attachment_names import attachment_id

        name = attachment_id(pointer)
        if name is None:
            return None, None
        path = self._account.files.find_attachment(name)
        return name, Path(os.path.abspath(path)) if path else None

    def _find(self, service_id: ServiceId) -> _Known:
        if self._account.is_own(service_id):
            return _Known(self.own(), is_trusted=True)
        recipient = find_by_service_id(self._account.database, service_id)
        if recipient is not None:
            return _Known(person_of(recipient), is_accepted(recipient))
        return _Known(Person.of_id(service_id), is_trusted=False)
