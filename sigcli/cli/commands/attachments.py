"""``sigcli getAttachment``, ``listAttachments`` and ``removeAttachment``."""

from __future__ import annotations

import base64
from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import opened
from sigcli.errors import NoSuchFile, UsageError


def get_attachment(
    ctx: typer.Context,
    attachment_id: Annotated[
        str, typer.Option("--id", metavar="ID", help="as receive and listAttachments print it")
    ],
    recipient: Annotated[
        str | None,
        typer.Option("--recipient", help="taken for compatibility: the id alone counts"),
    ] = None,
    group_id: Annotated[
        str | None,
        typer.Option("-g", "--group-id", help="taken for compatibility: the id alone counts"),
    ] = None,
) -> None:
    """Print an attachment in base64.

    What receive --ignore-attachments left at the service, and what a stranger sent, is fetched now.
    """
    del recipient, group_id
    from sigcli.cli.stopping import StopRequest
    from sigcli.client.applying.stored_attachments import attachment_path

    with opened(ctx.obj) as account, StopRequest() as stop:
        path = attachment_path(account, attachment_id, stop)
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise NoSuchFile("the attachment was removed meanwhile") from error
    print_data(data, as_json=ctx.obj.json)


def list_attachments(ctx: typer.Context) -> None:
    """List the attachments on this device; needs neither network nor lock."""
    from sigcli.client.applying.stored_attachments import list_attachments as attachments_of

    with opened(ctx.obj) as account:
        attachments = attachments_of(account)
    if ctx.obj.json:
        terminal.print_json(
            [
                {
                    "id": one.id,
                    "contentType": one.content_type,
                    "size": one.size,
                    "storedTimestamp": one.stored_ms,
                    "localPath": one.path,
                }
                for one in attachments
            ]
        )
        return
    for one in attachments:
        terminal.print_line(
            f"{one.id} {one.content_type or 'unknown type'} {one.size} bytes"
            f" stored {terminal.timestamp_text(one.stored_ms)}"
        )


def remove_attachment(
    ctx: typer.Context,
    attachment_ids: Annotated[
        list[str] | None, typer.Argument(help="attachments, by their ids")
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="DURATION", help="all that came before 12h, 30d, 8w"),
    ] = None,
) -> None:
    """Delete attachments from this device.

    With keep_attachments = "90d" in config.toml receive deletes old ones by itself.
    """
    if not attachment_ids and older_than is None:
        raise UsageError("name attachments by their ids, or give --older-than")
    from sigcli.client.applying.stored_attachments import remove_attachments

    with opened(ctx.obj) as account:
        count = remove_attachments(account, attachment_ids or [], older_than)
    if ctx.obj.json:
        terminal.print_json({"removed": count})


def print_data(data: bytes, *, as_json: bool) -> None:
    """Print the contents of a file as signal-cli does: base64, in JSON as ``data``."""
    text = base64.b64encode(data).decode()
    if as_json:
        terminal.print_json({"data": text})
    else:
        terminal.print_line(text)


COMMANDS = {
    "getAttachment": get_attachment,
    "listAttachments": list_attachments,
    "removeAttachment": remove_attachment,
}
