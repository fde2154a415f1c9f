"""Queueing messages and notifying devices."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.envelopes import Envelope, EnvelopeType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sigcli.sandbox.accounts import Account
    from sigcli.sandbox.queues import Receipt
    from sigcli.sandbox.state import State
    from sigcli.wire.addresses import ServiceId

MAX_CONTENT = 96 * 1024


@dataclass(frozen=True, slots=True)
class DeviceProblems:
    """What is wrong with the set of devices that a message is addressed to."""

    missing: list[int] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)
    stale: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.stale)

    @property
    def mismatched_json(self) -> dict[str, list[int]]:
        return {"missingDevices": self.missing, "extraDevices": self.extra}

    @property
    def stale_json(self) -> dict[str, list[int]]:
        return {"staleDevices": self.stale}


def check_devices(
    account: Account,
    destination: ServiceId,
    registration_ids: Mapping[int, int],
    sender_device: int | None = None,
) -> DeviceProblems:
    """Compare the addressed devices with the account's; ``sender_device`` is not expected in a sync message."""
    wanted = account.devices.keys() - {sender_device}
    addressed = registration_ids.keys()
    return DeviceProblems(
        missing=sorted(wanted - addressed),
        extra=sorted(addressed - wanted),
        stale=sorted(
            id
            for id in addressed & wanted
            if account.registration_id(destination, id) != registration_ids[id]
        ),
    )


def deliver(state: State, account: Account, device_id: int, envelope: Envelope) -> None:
    """Queue an envelope for one device; one for online devices only is dropped if the device is offline."""
    device = account.devices.get(device_id)
    if device is None or not device.fetches_messages:
        return
    present = state.presence.reads(account.aci, device_id)
    if not present and envelope.ephemeral:
        return
    state.queues.append(account.aci, device_id, envelope, state.clock.now_ms())
    if present:
        state.presence.wake(account.aci, device_id)
        return
    push(state, account, (device_id,), "message", urgent=envelope.urgent)


def push(
    state: State, account: Account, devices: Iterable[int], reason: str, *, urgent: bool = True
) -> None:
    """Tell the operator that a phone would now get a push notification."""
    for device_id in devices:
        state.emit(
            {
                "event": "push",
                "account": str(account.aci),
                "number": account.number,
                "device": device_id,
                "reason": reason,
                "urgent": urgent,
            }
        )


def send_receipt(state: State, receipt: Receipt, device_id: int) -> None:
    """Tell all devices of a sender that a device has received its message."""
    sender = state.accounts.by_service_id(receipt.sender)
    if sender is None or receipt.sender == receipt.recipient:
        return
    envelope = Envelope(
        type=EnvelopeType.SERVER_DELIVERY_RECEIPT,
        timestamp_ms=receipt.timestamp_ms,
        source=receipt.recipient,
        source_device_id=device_id,
        destination=receipt.sender,
        server_timestamp_ms=state.clock.now_ms(),
        urgent=False,
    )
    for sender_device in sender.devices:
        deliver(state, sender, sender_device, envelope)
