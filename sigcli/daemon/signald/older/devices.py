"""v0 requests about linked devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.declaring import V0, served, text
from sigcli.daemon.signald.older.answers import answer, done
from sigcli.daemon.signald.older.fields import ACCOUNT
from sigcli.daemon.signald.requests.devices import DEVICE_NAME
from sigcli.daemon.signald.shapes.people import older_account_shape

if TYPE_CHECKING:
    from sigcli.daemon.signald.call import Call


@served("link", [text("deviceName")], version=V0)
def link(call: Call) -> Any:
    """Become a linked device: first the URI to scan, then the account."""
    session, uri = call.links.start()
    call.client.answer_early("linking_uri", {"uri": uri})
    linked = call.links.finish(session, call.get("deviceName", DEVICE_NAME))
    live = call.core.account(linked.number or str(linked.aci))
    return answer(
        "linking_successful",
        older_account_shape(live.entry, linked.device_id, is_subscribed=False),
    )


@served("add_device", [ACCOUNT, text("uri", required=True)], version=V0)
def add_device(call: Call) -> Any:
    """Link another device, as the primary one."""
    call.run("addDevice", uri=call["uri"])
    return done("device_added", 4, "Successfully linked device")


def _sync(type: str) -> None:
    def ask(call: Call) -> Any:
        call.run("sendSyncRequest")
        return answer("sync_requested")

    ask.__doc__ = "Ask the primary device for what it shares."
    served(type, [ACCOUNT], version=V0)(ask)


for _type in ("sync_contacts", "sync_groups", "sync_configuration"):
    _sync(_type)
