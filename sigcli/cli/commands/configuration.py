"""``sigcli updateConfiguration``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.choices import true_or_false
from sigcli.cli.opening import editing


def update_configuration(
    ctx: typer.Context,
    read_receipts: Annotated[
        str | None,
        typer.Option("--read-receipts", metavar="true|false", help="send read receipts"),
    ] = None,
    unidentified_delivery_indicators: Annotated[
        str | None,
        typer.Option(
            "--unidentified-delivery-indicators",
            metavar="true|false",
            help="show which messages were sealed",
        ),
    ] = None,
    typing_indicators: Annotated[
        str | None,
        typer.Option("--typing-indicators", metavar="true|false", help="tell of typing"),
    ] = None,
    link_previews: Annotated[
        str | None,
        typer.Option("--link-previews", metavar="true|false", help="make previews of links"),
    ] = None,
) -> None:
    """Change the settings that all devices share, as the primary device.

    Without an option: print what holds.
    """
    from sigcli.client.sending.configuration import Configuration
    from sigcli.client.sending.configuration import update_configuration as update

    change = Configuration(
        read_receipts=true_or_false("--read-receipts", read_receipts),
        unidentified_delivery_indicators=true_or_false(
            "--unidentified-delivery-indicators", unidentified_delivery_indicators
        ),
        typing_indicators=true_or_false("--typing-indicators", typing_indicators),
        link_previews=true_or_false("--link-previews", link_previews),
    )
    with editing(ctx.obj) as account:
        present = update(account, change)
    if change != Configuration():
        return
    values = {
        "readReceipts": present.read_receipts,
        "unidentifiedDeliveryIndicators": present.unidentified_delivery_indicators,
        "typingIndicators": present.typing_indicators,
        "linkPreviews": present.link_previews,
    }
    if ctx.obj.json:
        terminal.print_json(values)
        return
    words = {True: "true", False: "false", None: "not set"}
    for name, value in values.items():
        terminal.print_line(f"{name}: {words[value]}")


COMMANDS = {"updateConfiguration": update_configuration}
