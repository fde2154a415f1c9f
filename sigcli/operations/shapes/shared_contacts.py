"""Contacts from an address book; fields without anything to see in them are null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.operations.shapes.scalars import label, unless_blank

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory
    from sigcli.wire.content.shared_contacts import (
        SharedContact,
        SharedContactAddress,
        SharedContactAvatar,
        SharedContactField,
        SharedContactName,
    )

NAME_PARTS = ("nickname", "given", "family", "prefix", "suffix", "middle")
ADDRESS_PARTS = (
    "label",
    "street",
    "pobox",
    "neighborhood",
    "city",
    "region",
    "postcode",
    "country",
)


def shared_contact_json(contact: SharedContact, directory: Directory) -> dict[str, Any]:
    """One element of ``contacts``."""
    shape: dict[str, Any] = {"name": _name(contact.name)}
    if contact.avatar is not None:
        shape["avatar"] = _avatar(contact.avatar, directory)
    if contact.phones:
        shape["phone"] = [_field(one) for one in contact.phones]
    if contact.emails:
        shape["email"] = [_field(one) for one in contact.emails]
    if contact.addresses:
        shape["address"] = [_address(one) for one in contact.addresses]
    shape["organization"] = contact.organization
    return shape


def _name(name: SharedContactName | None) -> dict[str, Any]:
    if name is None:
        return dict.fromkeys(NAME_PARTS)
    return {part: unless_blank(getattr(name, part)) for part in NAME_PARTS}


def _avatar(avatar: SharedContactAvatar, directory: Directory) -> dict[str, Any]:
    from sigcli.operations.shapes.attachments import attachment_json

    pointer = avatar.attachment
    return {
        "attachment": None if pointer is None else attachment_json(pointer, directory),
        "isProfile": avatar.is_profile,
    }


def _field(field: SharedContactField) -> dict[str, Any]:
    return {"value": field.value, "type": label(field.type), "label": unless_blank(field.label)}


def _address(address: SharedContactAddress) -> dict[str, Any]:
    shape: dict[str, Any] = {"type": label(address.type)}
    for part in ADDRESS_PARTS:
        shape[part] = unless_blank(getattr(address, part))
    return shape
