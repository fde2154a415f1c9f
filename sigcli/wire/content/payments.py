"""Payments: notifications to the other side and to the account's devices."""

from __future__ import annotations

import enum

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId
from sigcli.wire.mapping import (
    Codec,
    Value,
    blobs,
    data,
    enumeration,
    message,
    number,
    service_id_text,
    text,
)


class PaymentActivationType(enum.IntEnum):
    """Whether a contact asks to activate payments, or has activated them."""

    REQUEST = 0
    ACTIVATED = 1


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MobileCoinReceipt(Value):
    """The proof of a MobileCoin payment."""

    receipt: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PaymentNotification(Value):
    """A payment was made."""

    mobile_coin: MobileCoinReceipt | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PaymentActivation(Value):
    """Payments were requested or activated."""

    type: PaymentActivationType | int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Payment(Value):
    """The payment part of a data message: one of the two."""

    notification: PaymentNotification | None = None
    activation: PaymentActivation | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MobileCoinPayment(Value):
    """A MobileCoin payment as the device that made it knows it."""

    recipient_address: bytes | None = None
    amount_pico_mob: int | None = None
    fee_pico_mob: int | None = None
    receipt: bytes | None = None
    ledger_block_timestamp_ms: int | None = None
    ledger_block_index: int | None = None
    spent_key_images: tuple[bytes, ...] = ()
    output_public_keys: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncOutgoingPayment(Value):
    """Another of the account's devices made a payment."""

    recipient: ServiceId | None = None
    note: str | None = None
    mobile_coin: MobileCoinPayment | None = None


MOBILE_COIN_RECEIPT = Codec(MobileCoinReceipt, {"receipt": data("receipt")})
PAYMENT_NOTIFICATION = Codec(
    PaymentNotification,
    {"mobile_coin": message("mobileCoin", MOBILE_COIN_RECEIPT), "note": text("note")},
)
PAYMENT_ACTIVATION = Codec(PaymentActivation, {"type": enumeration("type", PaymentActivationType)})
PAYMENT = Codec(
    Payment,
    {
        "notification": message("notification", PAYMENT_NOTIFICATION),
        "activation": message("activation", PAYMENT_ACTIVATION),
    },
)
MOBILE_COIN_PAYMENT = Codec(
    MobileCoinPayment,
    {
        "recipient_address": data("recipientAddress"),
        "amount_pico_mob": number("amountPicoMob"),
        "fee_pico_mob": number("feePicoMob"),
        "receipt": data("receipt"),
        "ledger_block_timestamp_ms": number("ledgerBlockTimestamp"),
        "ledger_block_index": number("ledgerBlockIndex"),
        "spent_key_images": blobs("spentKeyImages"),
        "output_public_keys": blobs("outputPublicKeys"),
    },
)
SYNC_OUTGOING_PAYMENT = Codec(
    SyncOutgoingPayment,
    {
        "recipient": service_id_text("recipientServiceId"),
        "note": text("note"),
        "mobile_coin": message("mobileCoin", MOBILE_COIN_PAYMENT),
    },
)
