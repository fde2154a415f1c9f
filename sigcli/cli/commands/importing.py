"""``sigcli import``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.declared_commands import Command
from sigcli.operations.declaring import DIRECTORIES, argument, operation, option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.cli.options import GlobalOptions
    from sigcli.client.moving.report import ImportReport


@operation
class Import(Command):
    """Take over accounts from signal-cli, with sessions, groups and contacts.

    All accounts in its data directory, or the one that -a names. signal-cli must not run, and must
    not be started with the account afterwards: disable its service. Its files stay as they are.
    """

    program: str = argument(
        metavar="PROGRAM", choices=("signal-cli",), help="the program to import from: signal-cli"
    )
    source: str | None = option(
        "--source",
        default=None,
        metavar="DIR",
        completes=DIRECTORIES,
        help="its data directory (default: signal-cli's own)",
    )
    offline: bool = option(
        "--offline",
        default=False,
        help="do not contact the service; the next receive does so",
    )
    retire: bool = option(
        "--retire",
        default=False,
        help="rename signal-cli's account file at the end, so that it cannot use the account",
    )

    def run(self, options: GlobalOptions) -> int:
        from sigcli.cli.opening import settings
        from sigcli.cli.stopping import end_like_interrupted
        from sigcli.client.moving.importing import import_accounts
        from sigcli.operations.shapes.moving import imports_json

        # No half-made account is left.
        end_like_interrupted()
        reports = import_accounts(
            settings(options), self.source, offline=self.offline, retire=self.retire
        )
        if options.json:
            terminal.print_json(imports_json(reports))
        else:
            for report in reports:
                for line in _lines(report):
                    terminal.print_line(line)
        if not self.retire:
            terminal.tell(
                "do not start signal-cli with this account again: two programs on the same sessions lose messages;"
                " disable its service"
            )
        return 0


def _lines(report: ImportReport) -> Iterator[str]:
    yield f"Imported: {report.number or report.aci} (device {report.device_id})"
    taken = ", ".join(
        f"{_NAMES.get(what, what)} {count}" for what, count in report.taken.items() if count
    )
    yield f"  imported: {taken or 'only the account'}"
    for one in report.left_out:
        yield f"  left out: {one.what} {one.count} ({one.meaning})"
    if not report.is_registered:
        yield "  not registered: signal-cli's login was no longer valid; run sigcli register, or link"
    if report.retired_to is not None:
        yield terminal.neutral_line(f"  signal-cli's account file is now {report.retired_to}")


_NAMES = {
    "heldMessages": "messages waiting for a trusted key",
    "senderKeys": "sender keys",
    "sentMessages": "messages sent in the last day",
    "stickerPacks": "sticker packs",
    "waitingMessages": "messages not yet handled",
}
