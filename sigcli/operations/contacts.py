"""``listContacts``, ``updateContact``, ``removeContact``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import UsageError
from sigcli.operations.declaring import RECIPIENTS, Many, Operation, argument, operation, option
from sigcli.operations.editing import editing
from sigcli.operations.results import Nothing
from sigcli.operations.shapes.contacts import Contacts

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class ListContacts(Operation):
    """List contacts; needs neither network nor lock."""

    recipients: Many[str] = argument(
        default=(), json="recipient", completes=RECIPIENTS, help="only these"
    )
    all_recipients: bool = option(
        "-a", "--all-recipients", default=False, help="also people who are not contacts"
    )
    blocked: bool | None = option(
        "--blocked", default=None, any_word=True, help="only blocked people; false: only the others"
    )
    name: str | None = option("--name", default=None, help="only people with this name")
    detailed: bool = option("--detailed", default=False, help="print more in text mode")
    internal: bool = option("--internal", default=False, help="add what the service has told")

    def run(self, account: Account) -> Contacts:
        from sigcli.client.people.contacts import list_contacts

        contacts = list_contacts(
            account,
            recipients=self.recipients,
            all_recipients=self.all_recipients,
            blocked=self.blocked,
            name=self.name,
        )
        return Contacts(contacts, detailed=self.detailed, internal=self.internal)


@operation
class UpdateContact(Operation):
    """Change what is noted about somebody, or when messages vanish.

    Your other devices get names, nicknames and notes through the storage service. A phone gives
    people the names of its address book; nicknames and notes hold everywhere. A new expiration is
    sent to the contact and your other devices.
    """

    recipient: str = argument(
        completes=RECIPIENTS, help="number, ACI, PNI:…, alias or contact name"
    )
    name: str | None = option(
        "-n", "--name", "--given-name", default=None, help='the given name ("": none)'
    )
    family_name: str | None = option(
        "--family-name", default=None, help='the family name ("": none)'
    )
    nick_given_name: str | None = option(
        "--nick-given-name", default=None, help='the nickname ("": none)'
    )
    nick_family_name: str | None = option(
        "--nick-family-name", default=None, help="the family name of the nickname"
    )
    note: str | None = option("--note", default=None, help='a note ("": none)')
    expiration: int | None = option(
        "-e",
        "--expiration",
        default=None,
        metavar="SECONDS",
        help="messages disappear after this time (0: never); tells the contact",
    )

    def run(self, account: Account) -> Nothing:
        from sigcli.client.account.people.contact_changes import ContactChange, update_contact

        change = ContactChange(
            given_name=self.name,
            family_name=self.family_name,
            nickname_given=self.nick_given_name,
            nickname_family=self.nick_family_name,
            note=self.note,
            expiration_s=self.expiration,
        )
        with editing(account):
            update_contact(account, self.recipient, change)
        return Nothing()


@operation
class RemoveContact(Operation):
    """Forget what is noted about somebody.

    They count as a stranger again: what they write is a message request. Local to this device; the
    linked devices of a primary sigcli get the list of contacts.
    """

    recipient: str = argument(
        completes=RECIPIENTS, help="number, ACI, PNI:…, alias or contact name"
    )
    hide: bool = option(
        "--hide", default=False, help="keep their details, but hide them from lists"
    )
    forget: bool = option(
        "--forget",
        default=False,
        help="also forget their identity keys, sessions and pictures",
    )

    def check(self) -> None:
        if self.hide and self.forget:
            raise UsageError("--hide and --forget cannot be used together")

    def run(self, account: Account) -> Nothing:
        from sigcli.client.account.people.contact_changes import remove_contact

        with editing(account):
            remove_contact(account, self.recipient, hide=self.hide, forget=self.forget)
        return Nothing()
