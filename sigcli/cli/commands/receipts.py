"""``sigcli sendReceipt``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli.opening import opened
from sigcli.cli.outcome_report import report_outcome
from sigcli.errors import UsageError


def send_receipt(
    ctx: typer.Context,
    recipient: Annotated[str, typer.Argument(help="who sent the messages")],
    target_timestamps: Annotated[
        list[int],
        typer.Option("-t", "--target-timestamp", min=0, help="the timestamps of the messages"),
    ],
    kind: Annotated[
        str, typer.Option("--type", metavar="read|viewed", help="what to tell")
    ] = "read",
) -> int:
    """Tell a sender, and the own devices, that messages were read or viewed.

    If the account's read receipts are off, only the own devices are told.
    """
    from sigcli.client.account.read_marks import send_marks
    from sigcli.client.people.recipients import resolve
    from sigcli.client.sending.receipts import ReceiptType

    kinds = {"read": ReceiptType.READ, "viewed": ReceiptType.VIEWED}
    if kind not in kinds:
        raise UsageError("--type takes read or viewed")
    with opened(ctx.obj) as account:
        sender = resolve(account, recipient)
        outcome = send_marks(account, sender, kinds[kind], target_timestamps)
    return report_outcome(outcome, as_json=ctx.obj.json, strict=False)


COMMANDS = {"sendReceipt": send_receipt}
