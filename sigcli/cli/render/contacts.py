"""Contacts in signal-cli's format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.presentation import on_terminal, width
from sigcli.cli.render.colours import paint, plain
from sigcli.cli.render.table import table
from sigcli.cli.terminal import neutral_line, print_line, print_unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigcli.cli.render.colours import Paint
    from sigcli.operations.shapes.contacts import Contacts
    from sigcli.store.recipient_values import Recipient


def show_contacts(result: Contacts) -> None:
    """A table on a terminal; otherwise a line for each, or more in detail."""
    if on_terminal() and result.contacts and not (result.detailed or result.internal):
        for line in contact_table(result.contacts, width(), paint()):
            print_unchanged(line)
        return
    for contact in result.contacts:
        for line in contact_lines(contact, detailed=result.detailed, internal=result.internal):
            print_line(line)


def contact_table(contacts: Sequence[Recipient], width: int, paint: Paint = plain) -> Iterator[str]:
    """Names, addresses and special settings; ~ marks the names that people chose themselves, as in the apps."""
    rows = [(_name(one), _address(one), ", ".join(_marks(one))) for one in contacts]
    heads = ("NAME", "NUMBER OR ID", "")
    return table(heads, rows, width, whole=(1,), paint=paint)


def _name(recipient: Recipient) -> str:
    if recipient.contact.name:
        return neutral_line(recipient.contact.name)
    return f"~{neutral_line(recipient.profile.name)}" if recipient.profile.name else ""


def _address(recipient: Recipient) -> str:
    known = (recipient.number, recipient.username and f"u:{recipient.username}")
    return next((neutral_line(one) for one in known if one), str(recipient.service_id or ""))


def _marks(recipient: Recipient) -> Iterator[str]:
    contact = recipient.contact
    if contact.blocked:
        yield "blocked"
    if contact.unregistered_ms is not None:
        yield "no account"
    if contact.expire_timer_s:
        yield f"vanishing after {contact.expire_timer_s} s"


def contact_lines(recipient: Recipient, *, detailed: bool, internal: bool) -> Iterator[str]:
    """The text lines of ``listContacts``."""
    contact, profile = recipient.contact, recipient.profile
    timer = f"{contact.expire_timer_s}s" if contact.expire_timer_s else "disabled"
    yield (
        f"Number: {recipient.number or ''} ACI: {recipient.aci or ''}"
        f" Name: {neutral_line(recipient.contact.name)}"
        f" Profile name: {neutral_line(profile.name)}"
        f" Username: {neutral_line(recipient.username or '')}"
        f" Color: {neutral_line(contact.color or '')}"
        f" Blocked: {str(contact.blocked).lower()} Message expiration: {timer}"
    )
    if detailed:
        yield (
            f"    PNI: {recipient.pni or ''}"
            f" Given name: {neutral_line(contact.given_name or '')}"
            f" Family name: {neutral_line(contact.family_name or '')}"
            f" Nickname: {neutral_line(contact.nickname or '')}"
            f" Note: {neutral_line(contact.note or '')}"
            f" Archived: {str(contact.archived).lower()} Hidden: {str(contact.hidden).lower()}"
            f" Profile sharing: {str(contact.profile_sharing).lower()}"
            f" Unregistered: {str(contact.unregistered_ms is not None).lower()}"
        )
    if internal:
        yield (
            f"    Capabilities: {', '.join(sorted(profile.capabilities))}"
            f" Unidentified access mode: {profile.access_mode.name}"
            f" Shares number: {profile.shares_number}"
            f" Discoverable by number: {profile.discoverable}"
        )
