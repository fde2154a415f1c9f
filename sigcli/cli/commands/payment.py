"""``sigcli sendPaymentNotification``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli.audience_options import ToWhom, send_composed_message
from sigcli.errors import UsageError


def send_payment_notification(
    ctx: typer.Context,
    recipient: Annotated[str, typer.Argument(help="who was paid")],
    receipt: Annotated[str, typer.Option("--receipt", help="the receipt, in base64")],
    note: Annotated[str | None, typer.Option("--note", help="a word with it")] = None,
) -> int:
    """Tell somebody of a payment that was made with another program."""
    import base64
    import binascii

    from sigcli.client.sending.message_kinds import payment_notification

    try:
        raw = base64.b64decode(receipt, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError("the receipt is not base64") from None
    return send_composed_message(
        ctx.obj, ToWhom([recipient]), lambda _: payment_notification(raw, note)
    )


COMMANDS = {"sendPaymentNotification": send_payment_notification}
