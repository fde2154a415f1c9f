"""``sigcli listContacts``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import opened


def list_contacts(
    ctx: typer.Context,
    recipients: Annotated[list[str] | None, typer.Argument(help="only these")] = None,
    all_recipients: Annotated[
        bool, typer.Option("-a", "--all-recipients", help="also those who are no contacts")
    ] = False,
    blocked: Annotated[
        str | None, typer.Option("--blocked", metavar="true|false", help="only (not) blocked ones")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="only those with this name")] = None,
    detailed: Annotated[bool, typer.Option("--detailed", help="print more in text mode")] = False,
    internal: Annotated[bool, typer.Option("--internal", help="add what the service told")] = False,
) -> None:
    """List contacts; needs neither network nor lock."""
    # As signal-cli takes it: whatever is not true is false.
    only_blocked = None if blocked is None else blocked.lower() == "true"
    from sigcli.cli.render.contacts import contact_json, contact_lines
    from sigcli.client.people.contacts import list_contacts as contacts_of

    with opened(ctx.obj) as account:
        contacts = contacts_of(
            account,
            recipients=recipients or [],
            all_recipients=all_recipients,
            blocked=only_blocked,
            name=name,
        )
    if ctx.obj.json:
        terminal.print_json([contact_json(contact, internal=internal) for contact in contacts])
        return
    for contact in contacts:
        for line in contact_lines(contact, detailed=detailed, internal=internal):
            terminal.print_line(line)


COMMANDS = {"listContacts": list_contacts}
