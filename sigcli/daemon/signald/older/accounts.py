"""v0 requests that register accounts and list them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli import errors
from sigcli.daemon.signald.declaring import V0, flag, served, text
from sigcli.daemon.signald.older.answers import answer, status
from sigcli.daemon.signald.older.fields import ACCOUNT
from sigcli.daemon.signald.shapes.people import older_account_shape

if TYPE_CHECKING:
    from sigcli.daemon.signald.call import Call


@served("list_accounts", version=V0)
def list_accounts(call: Call) -> Any:
    """List the accounts."""
    shapes = []
    for live in call.core.all_accounts():
        with live.opened() as account:
            shapes.append(
                older_account_shape(
                    live.entry,
                    account.device_id,
                    is_subscribed=call.core.handing_out.is_wanted(live),
                )
            )
    return answer("account_list", {"accounts": shapes})


@served("register", [ACCOUNT, text("captcha"), flag("voice")], version=V0)
def register(call: Call) -> Any:
    """Request a verification code for a number."""
    try:
        call.run_on_settings("register", voice=call.get("voice"), captcha=call.get("captcha"))
    except (errors.CaptchaRequired, errors.CaptchaRejected) as error:
        return answer("captcha_required", error.message)
    return answer(
        "verification_required",
        {
            "username": call.account_name,
            "registered": False,
            "has_keys": False,
            "subscribed": False,
        },
    )


@served("verify", [ACCOUNT, text("code", required=True)], version=V0)
def verify(call: Call) -> Any:
    """Enter the code and become the primary device."""
    call.run_on_settings("verify", code=call["code"])
    live = call.live
    return answer("verification_succeeded", older_account_shape(live.entry, 1, is_subscribed=False))


@served("refresh_account", [ACCOUNT], version=V0)
def refresh_account(call: Call) -> Any:
    """Do nothing: the daemon maintains accounts by itself."""
    return answer("account_refreshed", status(0, "nothing to do", error=False))
