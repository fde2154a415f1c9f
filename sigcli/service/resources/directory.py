"""Contact discovery on this machine: a stand-in for the enclave service, for loopback hosts only.

``GET {url}/v1/directory/{number}`` answers ``{"aci": …, "pni": …}``, or 404 for a number that is not registered.
"""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING

from sigcli.errors import MalformedAnswer, NotOffered
from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import JsonObject
from sigcli.service.exchange import REQUEST_TIMEOUT_S, Response, quote
from sigcli.service.network import network_errors
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from sigcli.service.network import Network
    from sigcli.wire.addresses import ServiceId

_MAX_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """Who has a number."""

    aci: ServiceId | None
    pni: ServiceId | None


def is_available(network: Network) -> bool:
    """Whether numbers can be looked up in this environment."""
    directory = network.environment.directory
    return directory is not None and directory.kind == "loopback" and directory.url.is_loopback


def look_up(
    network: Network, number: str, timeout_s: float = REQUEST_TIMEOUT_S
) -> DirectoryEntry | None:
    """Who has this number (E.164), None if nobody has; raises NotOffered if there is no such directory.

    The request carries no login and no cookie, and its connection serves nothing else.
    """
    directory = network.environment.directory
    if directory is None or not is_available(network):
        raise NotOffered("the environment has no directory on this machine")
    url = directory.url
    headers = {"Host": url.authority, "User-Agent": network.user_agent}
    connection = HTTPConnection(url.host, url.port)
    with network_errors(url.host):
        try:
            connection.sock = network.connect(url, timeout_s)
            path = f"{url.path}/v1/directory/{quote(number)}"
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            response = Response(answer.status, body=answer.read(_MAX_ANSWER))
        except HTTPException:
            raise MalformedAnswer(f"{url.host} does not answer with HTTP") from None
        finally:
            connection.close()
    if response.status == 404:
        return None
    body = JsonObject.from_response(require_success(response, "look up the number"))
    entry = DirectoryEntry(body.optional_aci("aci"), body.optional_pni("pni"))
    if entry.aci is None and entry.pni is None:
        raise MalformedAnswer("the directory has nobody with this number")
    return entry
