"""``sigcli updateContact`` and ``removeContact``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli.opening import editing
from sigcli.errors import UsageError


def update_contact(
    ctx: typer.Context,
    recipient: Annotated[str, typer.Argument(help="number, ACI, PNI:…, alias or contact name")],
    name: Annotated[
        str | None, typer.Option("-n", "--name", "--given-name", help='the given name ("": none)')
    ] = None,
    family_name: Annotated[
        str | None, typer.Option("--family-name", help='the family name ("": none)')
    ] = None,
    nick_given_name: Annotated[
        str | None, typer.Option("--nick-given-name", help='the nickname ("": none)')
    ] = None,
    nick_family_name: Annotated[
        str | None, typer.Option("--nick-family-name", help="the nickname's second part")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", help='a note ("": none)')] = None,
    expiration_s: Annotated[
        int | None,
        typer.Option(
            "-e",
            "--expiration",
            metavar="SECONDS",
            help="messages vanish after that (0: never); tells the contact",
        ),
    ] = None,
) -> None:
    """Change what is noted about somebody, or when messages vanish.

    The other own devices get names, nicknames and notes through the storage service. A phone gives
    people the names of its address book; nicknames and notes hold everywhere. A new expiration is
    sent to the contact and the own devices.
    """
    from sigcli.client.account.people.contact_changes import ContactChange
    from sigcli.client.account.people.contact_changes import update_contact as update

    change = ContactChange(
        given_name=name,
        family_name=family_name,
        nickname_given=nick_given_name,
        nickname_family=nick_family_name,
        note=note,
        expiration_s=expiration_s,
    )
    with editing(ctx.obj) as account:
        update(account, recipient, change)


def remove_contact(
    ctx: typer.Context,
    recipient: Annotated[str, typer.Argument(help="number, ACI, PNI:…, alias or contact name")],
    hide: Annotated[
        bool, typer.Option("--hide", help="keep what is noted, but list them no more")
    ] = False,
    forget: Annotated[
        bool,
        typer.Option("--forget", help="forget their identity keys, sessions and pictures as well"),
    ] = False,
) -> None:
    """Forget what is noted about somebody.

    They count as a stranger again: what they write is a message request. Local to this device; the
    linked devices of a primary sigcli get the list of contacts.
    """
    if hide and forget:
        raise UsageError("--hide and --forget exclude each other")
    from sigcli.client.account.people.contact_changes import remove_contact as remove

    with editing(ctx.obj) as account:
        remove(account, recipient, hide=hide, forget=forget)


COMMANDS = {"updateContact": update_contact, "removeContact": remove_contact}
