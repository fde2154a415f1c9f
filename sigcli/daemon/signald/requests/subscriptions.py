"""``version``, ``protocol``, ``subscribe``, ``unsubscribe``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.declaring import V1, served, text
from sigcli.daemon.signald.structures import PROTOCOL, VERSION

if TYPE_CHECKING:
    from sigcli.daemon.signald.call import Call

# Clients build objects of these four keys, and compare the version with signald's last ones.
GREETING = {"name": "signald", "version": "0.23.2", "branch": "sigcli", "commit": "sigcli"}


@served("version", answer=VERSION)
def version(call: Call) -> Any:
    """What the greeting says."""
    return GREETING


@served("protocol", answer=PROTOCOL)
def protocol(call: Call) -> Any:
    """Every request that is served, with its fields and answers."""
    from sigcli.daemon.signald.protocol_document import protocol_document

    return protocol_document()


@served("subscribe", [text("account", required=True)])
def subscribe(call: Call) -> Any:
    """Get what the account receives from now on, and what nobody has taken yet."""
    call.client.subscribe(call.live, call.account_name, V1)
    return {}


@served("unsubscribe", [text("account", required=True)])
def unsubscribe(call: Call) -> Any:
    """Stop getting what the account receives over this connection."""
    call.client.unsubscribe(call.live)
    return {}
