"""Contacts as signal-cli prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.terminal import neutral_line, print_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.operations.shapes.contacts import Contacts
    from sigcli.store.recipient_values import Recipient


def show_contacts(result: Contacts) -> None:
    """A line for each, or more in detail."""
    for contact in result.contacts:
        for line in contact_lines(contact, detailed=result.detailed, internal=result.internal):
            print_line(line)


def contact_lines(recipient: Recipient, *, detailed: bool, internal: bool) -> Iterator[str]:
    """The lines of ``listContacts`` in text."""
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
