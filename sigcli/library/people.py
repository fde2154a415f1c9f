"""People as a program meets them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sigcli import operations
from sigcli.library.conversations import Conversation, Correspondent

if TYPE_CHECKING:
    from sigcli.client.base import events as client
    from sigcli.library.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class Person(Correspondent):
    """Somebody, as far as the account knows them; two are equal if they are the same account.

    ``contact_name``: the name that the user gave, else the one in the profile, which is theirs to choose.
    """

    _session: Session = field(repr=False)
    aci: str | None
    pni: str | None = field(default=None, repr=False)
    number: str | None = field(default=None, repr=False)
    username: str | None = field(default=None, repr=False)
    contact_name: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What to call them, for people to read: their name, else what identifies them."""
        return self.contact_name or self.number or self.username or self.address

    @property
    def address(self) -> str:
        """What operations take for them: never a name, which others may choose as well."""
        if self.aci is not None or self.pni is not None:
            return self.aci or self.pni or ""
        return self.number or f"u:{self.username}"

    @property
    def is_own(self) -> bool:
        """Whether it is the account itself."""
        return self.aci == self._session.aci

    @property
    def conversation(self) -> Conversation:
        return Conversation((self.address,))

    def accept(self) -> None:
        """Accept their message request."""
        self._session.run(
            operations.SendMessageRequestResponse(recipients=(self.address,), type="accept")
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Person) and self.address == other.address

    def __hash__(self) -> int:
        return hash(self.address)

    def __str__(self) -> str:
        return self.name


def person_of(session: Session, person: client.Person) -> Person:
    """A person as the client has looked them up."""
    return Person(
        session,
        person.uuid,
        None if person.pni is None else str(person.pni),
        person.number,
        person.username,
        person.name or None,
    )
