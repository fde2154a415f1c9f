"""Call messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.shapes.scalars import label, unsigned

if TYPE_CHECKING:
    from sigcli.cli.render.lines import Lines
    from sigcli.wire.content.call_message import CallMessage


def print_call_message(lines: Lines, call: CallMessage) -> None:
    """The messages of a call; their contents are for programs."""
    answer, hangup, offer = call.answer, call.hangup, call.offer
    if call.destination_device_id is not None:
        lines.line(f"Destination device id: {call.destination_device_id}")
    if answer is not None:
        lines.line(f"Answer message: {_id_and_length(answer.id, answer.opaque)}")
    if call.busy is not None:
        lines.line(f"Busy message: {unsigned(call.busy.id)}")
    if hangup is not None:
        lines.line(f"Hangup message: {unsigned(hangup.id)}")
        lines.line(f"- type: {label(hangup.type)}")
        lines.line(f"- device id: {hangup.device_id or 0}")
    if call.ice_updates:
        lines.line("Ice update messages:")
    for one in call.ice_updates:
        lines.line(f"- {_id_and_length(one.id, one.opaque)}")
    if offer is not None:
        lines.line(f"Offer message: {_id_and_length(offer.id, offer.opaque)}")
    if call.opaque is not None:
        size = len(call.opaque.data or b"")
        lines.line(f"Opaque message: size {size}, urgency: {label(call.opaque.urgency)}")


def _id_and_length(id: int, opaque: bytes | None) -> str:
    return f"{unsigned(id)}, opaque length: {len(opaque or b'')}"
