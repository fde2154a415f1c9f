"""Groups in signal-cli's format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.presentation import on_terminal, width
from sigcli.cli.render.colours import paint, plain
from sigcli.cli.render.table import table
from sigcli.cli.terminal import neutral_line, print_line, print_unchanged
from sigcli.operations.shapes.scalars import base64_text
from sigcli.store.group_values import GroupDetails

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sigcli.cli.render.colours import Paint
    from sigcli.client.base.events import Person
    from sigcli.client.groups.listing import ListedGroup
    from sigcli.operations.shapes.group_list import Groups, Look
    from sigcli.store.group_values import Member
    from sigcli.wire.addresses import ServiceId


def show_groups(result: Groups) -> None:
    """A table on a terminal, otherwise a line each."""
    if on_terminal() and result.groups and not result.detailed:
        for line in group_table(result.groups, result.people.__getitem__, width(), paint()):
            print_unchanged(line)
        return
    for group in result.groups:
        print_line(group_line(group, result.people.__getitem__, detailed=result.detailed))


def group_table(
    groups: Sequence[ListedGroup], person: Look, width: int, paint: Paint = plain
) -> Iterator[str]:
    """Names of groups and members, and ids."""
    rows = [
        (_title(listed), _people(listed, person), base64_text(listed.group.group_id))
        for listed in groups
    ]
    return table(("NAME", "MEMBERS", "ID"), rows, width, whole=(2,), paint=paint)


def _title(listed: ListedGroup) -> str:
    details = listed.group.details
    name = "<Unknown group>" if details is None else neutral_line(details.title)
    if listed.is_blocked:
        return f"{name} (blocked)"
    return name if listed.is_member else f"{name} (not a member)"


def _people(listed: ListedGroup, person: Look) -> str:
    details = listed.group.details
    if details is None:
        return ""
    names = [_name(person(member.aci)) for member in details.members]
    names += [f"{_name(person(one.service_id))} (invited)" for one in details.invitations]
    return ", ".join(names)


def _name(one: Person) -> str:
    return neutral_line(one.name or one.identifier or "someone")


def group_line(listed: ListedGroup, person: Look, *, detailed: bool) -> str:
    """The text line of ``listGroups``."""
    group = listed.group
    details = group.details or GroupDetails(revision=-1)
    name = "<Unknown group>" if group.details is None else neutral_line(details.title)
    line = f"Id: {base64_text(group.group_id)} Name: {name}"
    if detailed:
        line += f" Description: {neutral_line(details.description)}"
    blanks = " " if detailed else "  "
    line += f"{blanks}Active: {_word(listed.is_member)} Blocked: {_word(listed.is_blocked)}"
    if not detailed:
        return line
    members = ", ".join(_named(member, person) for member in details.members)
    invited = _identifiers((one.service_id for one in details.invitations), person)
    asking = _identifiers((one.aci for one in details.requests), person)
    administrators = _identifiers((one.aci for one in details.administrators), person)
    banned = _identifiers((one.service_id for one in details.bans), person)
    timer = f"{details.timer_s}s" if details.timer_s else "disabled"
    return (
        f"{line} Members: [{members}] Pending members: [{invited}] Requesting members: [{asking}]"
        f" Admins: [{administrators}] Banned: [{banned}] Message expiration: {timer}"
        f" Link: {listed.invite_link or '-'}"
    )


def _named(member: Member, person: Look) -> str:
    text = _identifier(member.aci, person)
    if member.is_administrator:
        text += "{ADMIN}"
    if member.label_text or member.label_emoji:
        text += f"({neutral_line(f'{member.label_emoji} {member.label_text}'.strip())})"
    return text


def _identifiers(service_ids: Iterable[ServiceId], person: Look) -> str:
    return ", ".join(_identifier(service_id, person) for service_id in service_ids)


def _identifier(service_id: ServiceId, person: Look) -> str:
    return neutral_line(person(service_id).identifier or str(service_id))


def _word(value: bool) -> str:
    return str(value).lower()
