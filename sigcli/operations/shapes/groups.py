"""Groups: named by the identifier that follows from their master key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.client.groups.identifiers import group_identifier
from sigcli.operations.shapes.people import address_fields
from sigcli.operations.shapes.scalars import base64_text

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory
    from sigcli.client.groups.explain import Explanation
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content.message_parts import GroupContext


def group_info_json(group: GroupContext, directory: Directory) -> dict[str, Any]:
    """``groupInfo``; the name is null for a group that is not known here.

    With a change of the group ``editor`` and ``changes`` are added: who did what.
    """
    identifier = group_identifier(group)
    shape: dict[str, Any] = {
        "groupId": base64_text(identifier),
        "groupName": None if identifier is None else directory.group_name(identifier),
        "revision": group.revision,
        "type": "UPDATE" if group.group_change else "DELIVER",
    }
    change = directory.group_change(group) if group.group_change else None
    if change is not None:
        from sigcli.client.groups.explain import explain

        shape["editor"] = _person_json(change.editor, directory)
        shape["changes"] = [_change_json(one, directory) for one in explain(change)]
    return shape


def _change_json(explanation: Explanation, directory: Directory) -> dict[str, Any]:
    shape: dict[str, Any] = {"type": explanation.type}
    if explanation.person is not None:
        shape["member"] = _person_json(explanation.person, directory)
    return {**shape, **explanation.details}


def _person_json(service_id: ServiceId | None, directory: Directory) -> dict[str, Any] | None:
    return None if service_id is None else address_fields(directory.person(service_id))
