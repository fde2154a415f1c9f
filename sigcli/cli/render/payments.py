"""Payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.shapes.scalars import label

if TYPE_CHECKING:
    from sigcli.cli.render.lines import Lines
    from sigcli.wire.content.payments import Payment


def print_payment(lines: Lines, payment: Payment) -> None:
    """A payment that was made, or a request to activate payments."""
    made = payment.notification
    if made is not None:
        lines.line("Payment:")
        lines.deeper().fields([("Note", made.note)])
        if made.mobile_coin is not None:
            lines.deeper().line(f"Receipt: {len(made.mobile_coin.receipt)} bytes")
    if payment.activation is not None:
        lines.line(f"Payment activation: {label(payment.activation.type)}")
