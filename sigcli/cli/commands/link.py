"""``sigcli link``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.declared_commands import Command
from sigcli.cli.surroundings import here
from sigcli.errors import UsageError
from sigcli.operations.declaring import operation, option

if TYPE_CHECKING:
    from sigcli.cli.options import GlobalOptions


@operation
class Link(Command):
    """Link this machine to the account of a phone.

    Shows a code to scan with the phone (Settings, Linked devices) and its URI on a line of its own;
    waits until the phone has confirmed.
    """

    name: str = option(
        "-n",
        "--name",
        default="cli",
        help="the name under which the phone lists this device (default: cli)",
    )

    def run(self, options: GlobalOptions) -> int:
        from sigcli.cli.opening import settings
        from sigcli.cli.stopping import end_like_interrupted

        if options.get("account"):
            raise UsageError("link takes no --account: the phone decides which account it is")
        from sigcli.client.account.devices.linking import link_device

        as_json = options.json
        # No half-made account is left.
        end_like_interrupted()

        def show(uri: str) -> None:
            if as_json:
                terminal.print_json({"deviceLinkUri": uri})
                return
            # The code is printed last: if not all fits on the screen, the beginning of the URI is missed least.
            terminal.print_line(uri)
            if here().stdout.isatty():
                _draw(uri)

        linked = link_device(settings(options), device_name=self.name, show=show)
        if as_json:
            terminal.print_json({"number": linked.number, "deviceId": linked.device_id})
        else:
            terminal.print_line(f"Associated with: {linked.number or linked.aci}")
            terminal.tell(
                "run sigcli receive regularly: a device that is not used is unlinked after 45 days"
            )
        return 0


def _draw(uri: str) -> None:
    """The code to scan, in the best form that this terminal can show."""
    from sigcli.cli.presentation import size, wants_colours
    from sigcli.cli.render.qr import qr_text

    columns, rows = size()
    text = qr_text(
        uri,
        blocks=terminal.takes_every_letter(),
        colours=wants_colours(),
        columns=columns,
        rows=rows,
    )
    if text is None:
        terminal.tell(
            f"{columns} columns are too few for the code: widen the terminal, or use the URI"
        )
    else:
        terminal.print_unchanged(text)
