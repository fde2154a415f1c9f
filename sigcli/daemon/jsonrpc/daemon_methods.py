"""Methods of the daemon itself: its version, its methods, and linking in two steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from sigcli.daemon.jsonrpc.context import Method
from sigcli.daemon.signal_cli import VERSION
from sigcli.operations.declaring import operation, option
from sigcli.operations.table import ADMIN, ANY

if TYPE_CHECKING:
    from sigcli.daemon.jsonrpc.context import Context


class VersionShape(TypedDict):
    """The version of signal-cli whose interface this is."""

    version: str


class LinkBegun(TypedDict):
    """What a phone scans."""

    deviceLinkUri: str


class LinkDone(TypedDict):
    """The account that this machine belongs to now."""

    number: str | None
    uuid: str


@operation
class Version(Method):
    """The version of signal-cli whose interface this is."""

    name = "version"
    scope = ANY

    def call(self, context: Context) -> VersionShape:
        del context
        return {"version": VERSION}


@operation
class StartLink(Method):
    """Begin to link this machine to the account of a phone; returns at once what the phone scans."""

    name = "startLink"
    scope = ADMIN
    several_only = True

    def call(self, context: Context) -> LinkBegun:
        context.caller.require(ADMIN)
        return {"deviceLinkUri": context.core.links.start()}


@operation
class FinishLink(Method):
    """Wait until the phone has scanned the URI, and become its linked device."""

    refuses_unknown = True
    name = "finishLink"
    scope = ADMIN
    several_only = True

    uri: str = option(json="deviceLinkUri", help="the URI that startLink returned")
    device_name: str = option(
        default="cli", json="deviceName", help="the name under which the phone lists it"
    )

    def call(self, context: Context) -> LinkDone:
        context.caller.require(ADMIN)
        linked = context.core.links.finish(self.uri, self.device_name)
        # Later requests can name it.
        context.core.account(str(linked.aci))
        return {"number": linked.number, "uuid": str(linked.aci)}


@operation
class Discover(Method):
    """Describe all methods, as OpenRPC does."""

    name = "rpc.discover"
    scope = ANY

    def call(self, context: Context) -> dict[str, Any]:
        from sigcli.daemon.jsonrpc.openrpc import document

        return document(is_single=context.core.is_single)


METHODS: tuple[type[Method], ...] = (Version, StartLink, FinishLink, Discover)
