"""The signalling of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.operations.shapes.scalars import base64_text, label, unsigned

if TYPE_CHECKING:
    from sigcli.wire.content.call_message import CallMessage


def call_message_json(call: CallMessage) -> dict[str, Any]:
    """``callMessage``; ids have 64 bits, which some readers of JSON round."""
    shape: dict[str, Any] = {}
    offer, answer, hangup = call.offer, call.answer, call.hangup
    if offer is not None:
        shape["offerMessage"] = {
            "id": unsigned(offer.id),
            "type": label(offer.type),
            "opaque": base64_text(offer.opaque),
        }
    if answer is not None:
        shape["answerMessage"] = {"id": unsigned(answer.id), "opaque": base64_text(answer.opaque)}
    if call.busy is not None:
        shape["busyMessage"] = {"id": unsigned(call.busy.id)}
    if hangup is not None:
        shape["hangupMessage"] = {
            "id": unsigned(hangup.id),
            "type": label(hangup.type),
            "deviceId": hangup.device_id or 0,
        }
    if call.ice_updates:
        shape["iceUpdateMessages"] = [
            {"id": unsigned(one.id), "opaque": base64_text(one.opaque)} for one in call.ice_updates
        ]
    if call.opaque is not None:
        shape["opaqueMessage"] = {
            "opaque": base64_text(call.opaque.data),
            "urgency": label(call.opaque.urgency),
        }
    if call.destination_device_id is not None:
        shape["destinationDeviceId"] = call.destination_device_id
    return shape
