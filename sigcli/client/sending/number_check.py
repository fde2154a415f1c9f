"""Asks again who has the numbers that a message is addressed to, while it is being prepared.

The answer is waited for before anything is encrypted for the former owner of the number. A number that nobody was known
by is looked up earlier, with the audience.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sigcli.client.people.claimed_addresses import require_undisputed
from sigcli.client.people.contact_discovery import discovery
from sigcli.client.people.recipients import hold_known
from sigcli.client.sending.delivery import Elsewhere
from sigcli.errors import ServiceError
from sigcli.store.address_claims import AddressKind
from sigcli.store.recipients import find_by_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.client.base.account import Account
    from sigcli.client.base.steps import Steps
    from sigcli.wire.addresses import ServiceId

_LONGEST_WAIT_S = 60.0
"""Longer than a lookup may take."""


class NumberCheck:
    """One lookup for all recipients of a message; ``numbers`` by their rows. It is asked beside the deliveries."""

    def __init__(self, account: Account, numbers: Mapping[int, str]) -> None:
        self._account = account
        self._numbers = numbers
        self._answered = threading.Event()

    def ask(self) -> Steps[None]:
        """Look the numbers up; where that fails, what is known holds, with a warning."""
        numbers = list(self._numbers.values())
        try:
            yield from discovery(self._account, numbers)
        except ServiceError as failure:
            hold_known(self._account, numbers, failure)
        finally:
            self._answered.set()

    def wait(self, row_id: int, service_id: ServiceId) -> Steps[None]:
        """Wait for the answer about one recipient; raises AddressMoved, and Elsewhere where the message goes on."""
        number = self._numbers.get(row_id)
        if number is None:
            return
        if not self._answered.is_set():
            yield lambda: self._answered.wait(_LONGEST_WAIT_S)
        require_undisputed(self._account, AddressKind.NUMBER, number)
        person = find_by_number(self._account.database, number)
        if person is not None and person.service_id not in (None, service_id):
            raise Elsewhere(person)
