"""``sigcli link``."""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import settings
from sigcli.errors import UsageError


def link(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Option("-n", "--name", help="how the phone lists this device (default: cli)")
    ] = "cli",
) -> None:
    """Link this machine to the account of a phone.

    Shows a code to scan with the phone (Settings, Linked devices) and its URI on a line of its own;
    waits until the phone has confirmed.
    """
    if ctx.obj.account:
        raise UsageError("link takes no --account: the phone says which account it is")
    from sigcli.client.account.devices.linking import link_device

    as_json = ctx.obj.json
    # SIGTERM ends it as Ctrl-C does, so that no half of an account is left.
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    def show(uri: str) -> None:
        if as_json:
            terminal.print_json({"deviceLinkUri": uri})
            return
        if sys.stdout.isatty():
            from sigcli.cli.render.qr import qr_text

            terminal.print_unchanged(qr_text(uri, blocks=terminal.takes_every_letter()))
        terminal.print_line(uri)

    linked = link_device(settings(ctx.obj), device_name=name, show=show)
    if as_json:
        terminal.print_json({"number": linked.number, "deviceId": linked.device_id})
    else:
        terminal.print_line(f"Associated with: {linked.number or linked.aci}")
        terminal.tell("run sigcli receive regularly: a link that is not used ends after 45 days")


COMMANDS = {"link": link}
