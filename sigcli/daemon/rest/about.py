"""What this interface is and how it is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from sigcli.daemon import signal_cli
from sigcli.daemon.rest.shapes import TrustMode
from sigcli.daemon.routes.declaring import Family
from sigcli.operations.table import ADMIN, RECEIVE

if TYPE_CHECKING:
    from sigcli.daemon.routes.call import Call

routes = Family("General")
VERSION = "0.101.0"
"""Clients that insist on a version of signal-cli-rest-api accept this one."""
MODE = "json-rpc"
"""Poll and websocket are served on one route, whatever the mode says."""


class About(TypedDict):
    """What clients require to be here."""

    versions: list[str]
    build: int
    mode: str
    version: str
    capabilities: dict[str, list[str]]
    signal_cli: str


class Logging(TypedDict):
    """How much is logged."""

    Level: NotRequired[str]


class Configuration(TypedDict):
    """The daemon's configuration."""

    logging: NotRequired[Logging]


class TrustSettings(TypedDict):
    """Which new identity keys are trusted."""

    trust_mode: TrustMode


@routes.add("GET", "/v1/about", answer=About)
def about(call: Call) -> dict[str, Any]:
    """Describe this interface."""
    del call
    return {
        "versions": ["v1", "v2"],
        "build": 2,
        "mode": MODE,
        "version": VERSION,
        "capabilities": {"v2/send": ["quotes", "mentions"]},
        "signal_cli": signal_cli.VERSION,
    }


@routes.add("GET", "/v1/health", status=204)
def health(call: Call) -> None:
    """Confirm that the daemon is running."""
    del call


@routes.add("GET", "/v1/configuration", answer=Configuration)
def configuration(call: Call) -> dict[str, Any]:
    """Tell how much is logged."""
    from sigcli.daemon.routes.log_level import level_name

    call.caller.require(RECEIVE, None if call.caller.accounts is None else call.any_account().entry)
    return {"logging": {"Level": level_name()}}


@routes.add("POST", "/v1/configuration", body=Configuration, status=204)
def configure(call: Call) -> None:
    """Set how much is logged."""
    from sigcli.daemon.routes.log_level import set_level

    call.caller.require(ADMIN)
    level = call.body.get("logging", {}).get("Level")
    if level is not None:
        set_level(level)


@routes.add("GET", "/v1/configuration/{number}/settings", answer=TrustSettings)
def trust_mode(call: Call) -> dict[str, Any]:
    """Tell which new identity keys are trusted."""
    live = call.account()
    call.caller.require(RECEIVE, live.entry)
    with live.opened() as account:
        return {"trust_mode": account.trust_policy.value.replace("unless-verified", "on-first-use")}


@routes.add("POST", "/v1/configuration/{number}/settings", body=TrustSettings, status=204)
def set_trust_mode(call: Call) -> None:
    """Set which new identity keys are trusted."""
    from sigcli.client.account.trust_setting import set_trust_policy

    live = call.account()
    call.caller.require(ADMIN, live.entry)
    with live.opened() as account:
        set_trust_policy(account, call.body["trust_mode"])
