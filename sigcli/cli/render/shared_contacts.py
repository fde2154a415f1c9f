"""Contacts from an address book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.shapes.scalars import label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.cli.render.lines import Lines
    from sigcli.client.base.events import Directory
    from sigcli.wire.content.shared_contacts import SharedContact, SharedContactField


def print_shared_contact(lines: Lines, contact: SharedContact, directory: Directory) -> None:
    """One entry of an address book."""
    lines.line("Name:")
    name = contact.name
    if name is not None:
        lines.deeper().fields(
            [
                ("First name", name.given),
                ("Middle name", name.middle),
                ("Family name", name.family),
                ("Prefix name", name.prefix),
                ("Suffix name", name.suffix),
                ("Display name", name.nickname),
            ]
        )
    avatar = contact.avatar
    if avatar is not None:
        lines.line(f"Avatar: (profile: {str(avatar.is_profile).lower()})")
        if avatar.attachment is not None:
            from sigcli.cli.render.attachments import print_attachment

            print_attachment(lines.deeper(), avatar.attachment, directory)
    if contact.organization is not None:
        lines.line(f"Organisation: {contact.organization}")
    _print_fields(lines, "Phone", "Number", contact.phones)
    _print_fields(lines, "Email", "Address", contact.emails)
    if contact.addresses:
        lines.line("Address details:")
    for address in contact.addresses:
        lines.line("- Address:")
        inner = lines.deeper()
        inner.line(f"Type: {label(address.type)}")
        inner.fields(
            [
                ("Label", address.label),
                ("Street", address.street),
                ("Pobox", address.pobox),
                ("Neighbourhood", address.neighborhood),
                ("City", address.city),
                ("Region", address.region),
                ("Postcode", address.postcode),
                ("Country", address.country),
            ]
        )


def _print_fields(
    lines: Lines, kind: str, value_name: str, fields: Iterable[SharedContactField]
) -> None:
    for number, field in enumerate(fields):
        if not number:
            lines.line(f"{kind} details:")
        lines.line(f"- {kind}:")
        inner = lines.deeper()
        inner.line(f"{value_name}: {field.value}")
        inner.line(f"Type: {label(field.type)}")
        inner.fields([("Label", field.label)])
