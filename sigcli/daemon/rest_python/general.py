"""About, configuration, lookups of numbers, registration, the account's profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon import signal_cli
from sigcli.daemon.rest import accounts
from sigcli.daemon.rest.base64_files import as_data_uri
from sigcli.daemon.rest_python import shapes
from sigcli.daemon.routes.call import as_number
from sigcli.daemon.routes.declaring import Family, Query
from sigcli.daemon.routes.log_level import level_name, set_level
from sigcli.errors import SigcliError
from sigcli.operations.table import ADMIN

if TYPE_CHECKING:
    from sigcli.daemon.routes.call import Call

routes = Family("General")


@routes.add("GET", "/v1/about", answer=shapes.About)
def about(call: Call) -> dict[str, Any]:
    """Describe this interface."""
    del call
    return {"mode": "json-rpc", "versions": ["v1", "v2"], "signal_cli": signal_cli.VERSION}


@routes.add("POST", "/v1/configuration", body=shapes.Configuration, answer=shapes.Configuration)
def configure(call: Call) -> dict[str, Any]:
    """Set how much is logged."""
    call.caller.require(ADMIN)
    set_level(call.body["logging"]["level"])
    return {"logging": {"level": level_name().upper()}}


@routes.add(
    "GET",
    "/v1/search",
    query=(Query("numbers", required=True, many=True, help="the parameter repeated"),),
    answer=list[shapes.Found],
)
def search(call: Call) -> list[dict[str, Any]]:
    """Look up which numbers are on the service, trying one account after the other."""
    numbers = [as_number(one.replace(" ", "")) for one in call.query["numbers"]]
    failure: SigcliError | None = None
    for live in call.accounts():
        try:
            statuses = call.run("getUserStatus", live, recipient=numbers)
        except SigcliError as error:
            failure = error
            continue
        return [
            {"number": one["recipient"], "registered": True}
            for one in statuses
            if one["isRegistered"]
        ]
    if failure is not None:
        raise failure
    return []


routes.add(
    "POST",
    "/v1/register/{number}",
    body=accounts.RegisterBody,
    is_body_required=False,
    status=201,
    answer=type(None),
)(accounts.register)
routes.add(
    "POST",
    "/v1/register/{number}/verify/{token}",
    body=accounts.VerifyBody,
    is_body_required=False,
    status=201,
    answer=type(None),
)(accounts.verify)


@routes.add("PUT", "/v1/profiles/{number}", body=shapes.ProfileBody, status=204)
def update_profile(call: Call) -> None:
    """Change the profile that other people see."""
    picture = call.body.get("base64_avatar")
    call.run(
        "updateProfile",
        givenName=call.body["name"],
        familyName=call.body.get("family_name"),
        about=call.body.get("about"),
        avatar=as_data_uri(picture, "avatar") if picture else None,
    )
