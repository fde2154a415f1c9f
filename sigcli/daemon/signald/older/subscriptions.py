"""v0 requests that begin and end a subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.declaring import V0, served
from sigcli.daemon.signald.older.answers import answer
from sigcli.daemon.signald.older.fields import ACCOUNT
from sigcli.daemon.signald.requests.subscriptions import GREETING

if TYPE_CHECKING:
    from sigcli.daemon.signald.call import Call


@served("version", version=V0)
def version(call: Call) -> Any:
    """The version that the greeting names."""
    return answer("version", GREETING)


@served("subscribe", [ACCOUNT], version=V0)
def subscribe(call: Call) -> Any:
    """Receive the account's messages."""
    call.client.subscribe(call.live, call.account_name, V0)
    return answer("subscribed")


@served("unsubscribe", [ACCOUNT], version=V0)
def unsubscribe(call: Call) -> Any:
    """Stop receiving the account's messages."""
    call.client.unsubscribe(call.live)
    return answer("unsubscribed")
