"""Payments and badges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.operations.shapes.scalars import base64_text, label

if TYPE_CHECKING:
    from sigcli.wire.content.message_parts import GiftBadge
    from sigcli.wire.content.payments import Payment


def add_payment(shape: dict[str, Any], payment: Payment) -> None:
    """Add ``payment`` for one that was made, ``paymentActivation`` for what precedes the first one."""
    made = payment.notification
    if made is not None:
        shape["payment"] = {
            "note": made.note or "",
            "receipt": base64_text(made.mobile_coin.receipt) if made.mobile_coin else None,
        }
    if payment.activation is not None:
        shape["paymentActivation"] = label(payment.activation.type)


def gift_badge_json(badge: GiftBadge) -> dict[str, Any]:
    """``giftBadge``."""
    presentation = badge.receipt_credential_presentation
    return {"receiptCredentialPresentation": base64_text(presentation)}
