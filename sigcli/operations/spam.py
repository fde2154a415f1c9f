"""``reportSpam``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.declaring import RECIPIENTS, Many, Operation, argument, operation, option
from sigcli.operations.shapes.spam import Reported

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class ReportSpam(Operation):
    """Report messages of somebody to the service as spam.

    Without a timestamp all of theirs that came in the last 30 days are reported, at most 100. The
    service learns which messages, not what they say. It does not block them: see block.
    """

    recipient: str = argument(completes=RECIPIENTS, help="who sent it: a number, an ACI, an alias")
    timestamps: Many[int] = option(
        "-t", "--timestamp", default=(), help="only these messages, by their timestamps"
    )
    server_guids: Many[str] = option(
        "--server-guid",
        default=(),
        metavar="GUID",
        help="these messages, by envelope.serverGuid",
    )

    def run(self, account: Account) -> Reported:
        from sigcli.client.account.spam_reports import report

        reported = report(
            account,
            self.recipient,
            timestamps_ms=self.timestamps,
            server_guids=self.server_guids,
        )
        return Reported(reported)
