"""People in an object: a legacy identifier under one name, number and ACI under two more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory, Person
    from sigcli.wire.addresses import ServiceId


def look_up(
    service_id: ServiceId | None, directory: Directory, number: str | None = None
) -> Person | None:
    """The person with this service id, else with this number; None if neither names anybody."""
    if service_id is not None:
        person = directory.person(service_id)
        if number and not person.number:
            from sigcli.lazy_dataclass import replace

            return replace(person, number=number)
        return person
    return directory.person_by_number(number) if number else None


def person_fields(name: str, service_id: ServiceId | None, directory: Directory) -> dict[str, Any]:
    """``name``, ``nameNumber`` and ``nameUuid``; all null for an id that could not be read."""
    return fields_of(name, look_up(service_id, directory))


def fields_of(name: str, person: Person | None) -> dict[str, Any]:
    """The same for somebody already looked up."""
    if person is None:
        return {name: None, f"{name}Number": None, f"{name}Uuid": None}
    return {name: person.identifier, f"{name}Number": person.number, f"{name}Uuid": person.uuid}


def address_fields(person: Person | None) -> dict[str, Any]:
    """Somebody as an object of their own: ``number``, ``uuid``, ``pni``."""
    if person is None:
        return {"number": None, "uuid": None, "pni": None}
    return {
        "number": person.number,
        "uuid": person.uuid,
        "pni": str(person.pni) if person.pni else None,
    }
