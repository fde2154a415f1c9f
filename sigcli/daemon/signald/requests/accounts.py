"""Local accounts: listing, registering, deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.declaring import flag, served, text
from sigcli.daemon.signald.shapes.people import account_shape
from sigcli.daemon.signald.structures import ACCOUNT, ACCOUNTS, REMOTE_CONFIG, SERVERS

if TYPE_CHECKING:
    from sigcli.daemon.signald.call import Call

_ACCOUNT = text("account", required=True)


@served("list_accounts", answer=ACCOUNTS)
def list_accounts(call: Call) -> Any:
    """List the accounts."""
    shapes = []
    for live in call.core.all_accounts():
        with live.opened() as account:
            shapes.append(account_shape(account))
    return {"accounts": shapes}


@served(
    "register",
    [
        _ACCOUNT,
        flag("voice", doc="have the code read out in a call"),
        text("captcha"),
        text("server", doc="ignored"),
    ],
    answer=ACCOUNT,
)
def register(call: Call) -> Any:
    """Request a verification code for a number."""
    call.run_on_settings("register", voice=call.get("voice"), captcha=call.get("captcha"))
    return {
        "account_id": call.account_name,
        "address": {"number": call.account_name},
        "device_id": 1,
        "pending": True,
    }


@served("verify", [_ACCOUNT, text("code", required=True)], answer=ACCOUNT)
def verify(call: Call) -> Any:
    """Enter the code and become the primary device."""
    call.run_on_settings("verify", code=call["code"])
    with call.opened() as account:
        return account_shape(account)


@served("delete_account", [_ACCOUNT, flag("server", doc="at the service as well")])
def delete_account(call: Call) -> Any:
    """Delete an account's data here, and the account itself if asked to."""
    live = call.live
    if call.get("server"):
        call.run("unregister", delete_account=True)
    call.core.stop_receiving(live)
    call.run_on_settings("deleteLocalAccountData", ignore_registered=True)
    call.core.refresh()
    return {}


@served(
    "submit_challenge",
    [_ACCOUNT, text("challenge", required=True), text("captcha_token")],
)
def submit_challenge(call: Call) -> Any:
    """Answer a challenge of the service with a solved captcha."""
    call.run(
        "submitRateLimitChallenge",
        challenge=call["challenge"],
        captcha=call.get("captcha_token", ""),
    )
    return {}


@served("get_servers", answer=SERVERS)
def get_servers(call: Call) -> Any:
    """Return an empty list: there are no servers to choose from."""
    return {"servers": []}


@served("get_remote_config", [_ACCOUNT], answer=REMOTE_CONFIG)
def get_remote_config(call: Call) -> Any:
    """Return an empty list: clients need none of it."""
    return {"config": []}
