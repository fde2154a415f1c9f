"""``version``, ``protocol``, ``subscribe``, ``unsubscribe``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.declaring import V1, served, text
from sigcli.daemon.signald.structures import PROTOCOL, VERSION

if TYPE_CHECKING:
    from sigcli.daemon.signald.call import Call

# Clients build objects from these four keys, and compare the version with signald's last ones.
GREETING = {"name": "signald", "version": "0.23.2", "branch": "sigcli", "commit": "sigcli"}


@served("version", answer=VERSION)
def version(call: Call) -> Any:
    """The version that the greeting names."""
    return GREETING


@served("protocol", answer=PROTOCOL)
def protocol(call: Call) -> Any:
    """Describe every request that is served, with its fields and answers."""
    from sigcli.daemon.signald.protocol_document import protocol_document

    return protocol_document()


@served("subscribe", [text("account", required=True)])
def subscribe(call: Call) -> Any:
    """Receive the account's messages from now on, and those that were not taken yet."""
    call.client.subscribe(call.live, call.account_name, V1)
    return {}


@served("unsubscribe", [text("account", required=True)])
def unsubscribe(call: Call) -> Any:
    """Stop receiving the account's messages over this connection."""
    call.client.unsubscribe(call.live)
    return {}
