"""Any call of the service, as its user writes it: the login, the way and the TLS are the account's, the rest is theirs.

What a call changes at the service is not noted here: the account's database learns of it as of any other change.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.errors import NoLocalAccount, UsageError
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.client.base.account import Account
    from sigcli.client.base.settings import Settings
    from sigcli.errors import SigcliError
    from sigcli.service.exchange import Request, Response
    from sigcli.service.network import Network

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CHAT, STORAGE = "chat", "storage"
CDNS = {"cdn0": 0, "cdn2": 2, "cdn3": 3}
HOSTS = (CHAT, STORAGE, *CDNS)
_HARMLESS = ("GET", "HEAD", "OPTIONS")
# What RFC 3986 lets stand in a path and its query, percent-encoding included.
_PATH = re.compile(r"/(?!/)[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*")
_HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([\x20-\x7e]*?)[ \t]*")
_FRAMING = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade"})
JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class RawCall:
    """One call; ``unidentified`` leaves the account's login out."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    host: str = CHAT
    unidentified: bool = False


def raw_call(
    method: str,
    path: str,
    *,
    headers: tuple[str, ...] = (),
    body: bytes | None = None,
    host: str = CHAT,
    unidentified: bool = False,
) -> RawCall:
    """A call from the user's words; ``headers`` are lines ``Name: value``.

    A body is JSON unless a header says what else. Raises UsageError.
    """
    method = method.upper()
    if method not in METHODS:
        raise UsageError(f"the method is one of {', '.join(METHODS)}")
    if host not in HOSTS:
        raise UsageError(f"the host is one of {', '.join(HOSTS)}")
    if not _PATH.fullmatch(path):
        raise UsageError(
            "a path begins with one slash and is percent-encoded, such as /v1/accounts/whoami"
        )
    fields = dict(map(_read_header, headers))
    anonymous = unidentified or host in CDNS
    if not anonymous:
        _refuse_other_logins(fields)
    names = {name.lower() for name in fields}
    if body is not None and "content-type" not in names:
        fields["Content-Type"] = JSON_TYPE
    return RawCall(method, path, fields, body, host, anonymous)


def send_raw_call(settings: Settings, call: RawCall) -> Response:
    """Make the call and return the answer, whatever its status.

    One without the login needs no account, only an environment. Raises NoLocalAccount, NotOffered, NotTheService,
    ServiceError.
    """
    if call.unidentified:
        return call_without_login(_network(settings), call)
    from sigcli.client.base.account import open_account

    with open_account(settings) as account:
        return call_with_login(account, call)


def call_with_login(account: Account, call: RawCall) -> Response:
    """The call with the account's login, or the one that the service gives it for its storage. Raises ServiceError."""
    if call.host == CHAT:
        return account.identified.request(_request(call))
    from sigcli.service.credentials import basic_authorization
    from sigcli.service.resources.certificates import STORAGE as STORAGE_LOGIN
    from sigcli.service.resources.certificates import service_login

    login = service_login(account.identified, STORAGE_LOGIN)
    authorization = basic_authorization(login.username, login.password)
    return _elsewhere(account.network, call, authorization)


def call_without_login(network: Network, call: RawCall) -> Response:
    """The call over a connection of its own. Raises ServiceError."""
    if call.host != CHAT:
        return _elsewhere(network, call, None)
    from sigcli.service.chat import UnlinkedChat

    with UnlinkedChat(network) as chat:
        return chat.request(_request(call))


def failure_of(response: Response) -> SigcliError:
    """The error that stands for an answer that is no success."""
    from sigcli.service.status_errors import error_for

    return error_for(response, "carry out the call")


def _read_header(line: str) -> tuple[str, str]:
    match = _HEADER.fullmatch(line)
    if match is None:
        raise UsageError("a header is written -H 'Name: value', in ASCII")
    if match[1].lower() in _FRAMING:
        raise UsageError(f"the header {match[1]} belongs to the connection")
    return match[1], match[2]


def _refuse_other_logins(headers: Mapping[str, str]) -> None:
    """Raise UsageError for what lets an anonymous request in: it must not travel beside the account's login."""
    from sigcli.service.credentials import ACCESS_HEADERS

    for name in headers:
        if name.lower() in ACCESS_HEADERS or name.lower() == "authorization":
            raise UsageError(
                f"the header {name} cannot go beside the account's login",
                hint="--unidentified makes the call without the login",
            )


def _request(call: RawCall) -> Request:
    from sigcli.service.exchange import Request

    # What the call does is not known here: only what changes nothing is sent a second time.
    return Request(call.method, call.path, call.headers, call.body, call.method in _HARMLESS)


def _network(settings: Settings) -> Network:
    """The way to the account's environment, or to the one that the settings name."""
    from sigcli.client.base.settings import DEFAULT_ENVIRONMENT
    from sigcli.service.environments import load_environment
    from sigcli.service.network import Network

    name = settings.stored_environment
    if name is None:
        try:
            name = settings.data_directory.choose(settings.account, None).environment
        except NoLocalAccount:
            name = DEFAULT_ENVIRONMENT
    return Network(load_environment(name, settings.data_dir), trace=settings.trace)


def _elsewhere(network: Network, call: RawCall, authorization: str | None) -> Response:
    from sigcli.service.http import HttpClient

    environment = network.environment
    number = CDNS.get(call.host)
    url = environment.require_storage_url() if number is None else environment.cdn_url(number)
    with HttpClient(network, url, authorization=authorization) as client:
        return client.request(
            call.method, url.path + call.path, headers=call.headers, body=call.body
        )
