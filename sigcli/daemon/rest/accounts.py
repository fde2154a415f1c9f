"""Accounts: registration, unregistering, username, PIN, what other people can find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from sigcli.daemon.routes.call import as_number
from sigcli.daemon.routes.declaring import Family

if TYPE_CHECKING:
    from sigcli.daemon.routes.call import Call

routes = Family("Accounts")


class RegisterBody(TypedDict):
    """How to register."""

    captcha: NotRequired[str]
    use_voice: NotRequired[bool]


class VerifyBody(TypedDict):
    """The PIN of a registration lock."""

    pin: NotRequired[str]


class UnregisterBody(TypedDict):
    """What else is deleted."""

    delete_account: NotRequired[bool]
    delete_local_data: NotRequired[bool]


class ChallengeBody(TypedDict):
    """A challenge of the service and its answer."""

    challenge_token: str
    captcha: str


class SettingsBody(TypedDict):
    """What other people can see and find."""

    discoverable_by_number: NotRequired[bool]
    share_number: NotRequired[bool]


class UsernameBody(TypedDict):
    """The username to set."""

    username: str


class UsernameAnswer(TypedDict):
    """The name and the link to it."""

    username: str
    username_link: str


class PinBody(TypedDict):
    """A PIN."""

    pin: str


@routes.add("GET", "/v1/accounts", answer=list[str])
def accounts(call: Call) -> list[str]:
    """List the accounts that are here."""
    return [live.entry.number or str(live.entry.aci) for live in call.accounts()]


@routes.add("POST", "/v1/register/{number}", body=RegisterBody, is_body_required=False, status=201)
def register(call: Call) -> None:
    """Request a verification code for a number."""
    call.run_without_account(
        "register",
        call.path["number"],
        voice=call.body.get("use_voice"),
        captcha=call.body.get("captcha"),
    )


@routes.add(
    "POST",
    "/v1/register/{number}/verify/{token}",
    body=VerifyBody,
    is_body_required=False,
    status=201,
)
def verify(call: Call) -> None:
    """Enter the code that arrived."""
    call.run_without_account(
        "verify",
        call.path["number"],
        verificationCode=call.path["token"],
        pin=call.body.get("pin"),
    )


@routes.add(
    "POST", "/v1/unregister/{number}", body=UnregisterBody, is_body_required=False, status=204
)
def unregister(call: Call) -> None:
    """Unregister, and delete what is asked for."""
    call.run("unregister", deleteAccount=call.body.get("delete_account"))
    if call.body.get("delete_local_data"):
        delete_local_data(call, ignore_registered=True)


@routes.add("POST", "/v1/accounts/{number}/rate-limit-challenge", body=ChallengeBody, status=204)
def answer_challenge(call: Call) -> None:
    """Answer a challenge of the service, so that it accepts messages again."""
    call.run(
        "submitRateLimitChallenge",
        challenge=call.body["challenge_token"],
        captcha=call.body["captcha"],
    )


@routes.add(
    "PUT",
    "/v1/accounts/{number}/settings",
    body=SettingsBody,
    is_body_required=False,
    status=201,
)
def update_settings(call: Call) -> None:
    """Change what other people can see and find."""
    call.run(
        "updateAccount",
        discoverableByNumber=call.body.get("discoverable_by_number"),
        numberSharing=call.body.get("share_number"),
    )


@routes.add(
    "POST",
    "/v1/accounts/{number}/username",
    body=UsernameBody,
    status=201,
    answer=UsernameAnswer,
)
def set_username(call: Call) -> dict[str, Any]:
    """Set the username."""
    named = call.run("updateAccount", username=call.body["username"])
    return {
        "username": named.get("username") or "",
        "username_link": named.get("usernameLink") or "",
    }


@routes.add("DELETE", "/v1/accounts/{number}/username", status=204)
def remove_username(call: Call) -> None:
    """Remove the username."""
    call.run("updateAccount", deleteUsername=True)


@routes.add("POST", "/v1/accounts/{number}/pin", body=PinBody, status=201)
def set_pin(call: Call) -> None:
    """Set the PIN."""
    call.run("setPin", pin=call.body["pin"])


@routes.add("DELETE", "/v1/accounts/{number}/pin", status=204)
def remove_pin(call: Call) -> None:
    """Remove the PIN."""
    call.run("removePin")


def delete_local_data(call: Call, *, ignore_registered: bool) -> None:
    """Delete the local data of the account in the path, which is closed first."""
    live = call.account()
    number = live.entry.number or str(live.entry.aci)
    call.run_without_account(
        "deleteLocalAccountData", as_number(number), ignoreRegistered=ignore_registered
    )
