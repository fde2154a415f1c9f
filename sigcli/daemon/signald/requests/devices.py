"""Devices: linking this one, and the account's linked devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.declaring import flag, number, served, text
from sigcli.daemon.signald.shapes.people import account_shape
from sigcli.daemon.signald.structures import ACCOUNT, DEVICES, LINKING_URI

if TYPE_CHECKING:
    from sigcli.client.account.devices.linking import Linked
    from sigcli.daemon.signald.call import Call

_ACCOUNT = text("account", required=True)
DEVICE_NAME = "signald"


@served("generate_linking_uri", [text("server", doc="ignored")], answer=LINKING_URI)
def generate_linking_uri(call: Call) -> Any:
    """Begin linking: returns a URI for the phone to scan."""
    session, uri = call.links.start()
    return {"uri": uri, "session_id": session}


@served("wait_for_scan", [text("session_id", required=True)])
def wait_for_scan(call: Call) -> Any:
    """Return once the phone has scanned the URI."""
    call.links.wait(call["session_id"])
    return {}


@served(
    "finish_link",
    [
        text("session_id", required=True),
        text("device_name", doc=f'"{DEVICE_NAME}" by default'),
        flag("overwrite", doc="ignored: a link that has ended is always renewed"),
    ],
    answer=ACCOUNT,
)
def finish_link(call: Call) -> Any:
    """Wait for the phone, and become its linked device."""
    return linked_account(
        call, call.links.finish(call["session_id"], call.get("device_name", DEVICE_NAME))
    )


def linked_account(call: Call, linked: Linked) -> dict[str, Any]:
    """The account that was just linked."""
    live = call.core.account(linked.number or str(linked.aci))
    with live.opened() as account:
        return account_shape(account)


@served("add_device", [_ACCOUNT, text("uri", required=True)])
def add_device(call: Call) -> Any:
    """Link another device, as the primary one."""
    call.run("addDevice", uri=call["uri"])
    return {}


@served("get_linked_devices", [_ACCOUNT], answer=DEVICES)
def get_linked_devices(call: Call) -> Any:
    """List the account's devices."""
    return {
        "devices": [
            {
                "id": device["id"],
                "name": device["name"],
                "created": device["createdTimestamp"],
                "lastSeen": device["lastSeenTimestamp"],
            }
            for device in call.run("listDevices").to_json()
        ]
    }


@served("remove_linked_device", [_ACCOUNT, number("deviceId", required=True)])
def remove_linked_device(call: Call) -> Any:
    """Remove a linked device, as the primary one."""
    call.run("removeDevice", device_id=call["deviceId"])
    return {}


@served("set_device_name", [_ACCOUNT, text("device_name", required=True)])
def set_device_name(call: Call) -> Any:
    """Name this device."""
    call.run("updateAccount", device_name=call["device_name"])
    return {}


@served(
    "request_sync",
    [
        _ACCOUNT,
        *(flag(name) for name in ("groups", "configuration", "contacts", "blocked", "keys")),
    ],
)
def request_sync(call: Call) -> Any:
    """Ask the primary device for everything that it shares."""
    call.run("sendSyncRequest")
    return {}
