"""The way to the service: its hosts, their certificates, and whether its clock and this one agree."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sigcli.client.doctor.findings import Check, Finding, failed, ok, skipped, warning
from sigcli.durations import DAY_S, HOUR_S, MINUTE_S
from sigcli.errors import ServiceError, SigcliError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.service.environment_fields import BaseUrl
    from sigcli.service.exchange import Response
    from sigcli.service.network import Network

TIMEOUT_S = 5.0
_NOBODY = "/v1/accounts/account/00000000-0000-4000-8000-000000000000"
_MAX_SKEW_S, _FATAL_SKEW_S = MINUTE_S, HOUR_S
_CLOCK_HINT = "set this machine's clock, preferably with NTP: messages carry its time, and logins depend on it"


def host_checks(network: Network) -> list[Check]:
    """Every host of the environment but the chat service's."""
    environment = network.environment
    vital: dict[str, BaseUrl] = {}
    if environment.storage_url is not None:
        vital["storage"] = environment.storage_url
    vital |= {f"cdn{number}": url for number, url in sorted(environment.cdn_urls.items())}
    optional: dict[str, BaseUrl] = {}
    if environment.directory is not None:
        optional["directory"] = environment.directory.url
    if environment.svr2 is not None:
        optional["svr2"] = environment.svr2.url
    return [
        *(Check(name, partial(check_host, network, name, url)) for name, url in vital.items()),
        *(
            Check(name, partial(check_host, network, name, url, vital=False))
            for name, url in optional.items()
        ),
    ]


def check_host(network: Network, name: str, url: BaseUrl, *, vital: bool = True) -> Finding:
    """Whether a host can be reached, with the certificate that it must have."""
    try:
        network.connect(url, TIMEOUT_S).close()
    except ServiceError as error:
        judge = failed if vital else warning
        return judge(name, error.message, error.hint)
    return ok(
        name, f"{url.authority} can be reached{_way(network, url)}, and its certificate is good"
    )


def check_chat(network: Network, now_ms: Callable[[], int]) -> tuple[Finding, Finding]:
    """Whether the chat service answers, and how far this machine's clock is from its."""
    from sigcli.service.chat import UnlinkedChat
    from sigcli.service.exchange import Request

    url = network.environment.chat_url
    try:
        with UnlinkedChat(network) as chat:
            before_ms = now_ms()
            response = chat.request(Request("HEAD", _NOBODY), TIMEOUT_S)
            middle_ms = (before_ms + now_ms()) // 2
    except SigcliError as error:
        finding = failed("chat", error.message, error.hint)
        return finding, skipped("clock", "the service did not say what time it is")
    return _judge_answer(network, url, response), check_clock(middle_ms, response.timestamp_ms)


def check_clock(now_ms: int, service_ms: int | None) -> Finding:
    """Compare the two clocks, in milliseconds."""
    if service_ms is None:
        return skipped("clock", "the service did not say what time it is")
    off_s = (now_ms - service_ms) / 1000
    way = "ahead of" if off_s > 0 else "behind"
    if abs(off_s) <= _MAX_SKEW_S:
        return ok("clock", f"within {max(1, round(abs(off_s)))} s of the service's")
    judge = failed if abs(off_s) > _FATAL_SKEW_S else warning
    return judge("clock", f"{_span(abs(off_s))} {way} the service's", _CLOCK_HINT)


def _judge_answer(network: Network, url: BaseUrl, response: Response) -> Finding:
    from sigcli.service.status_errors import error_for

    if response.status == 499 or response.status >= 500:
        error = error_for(response, "look up an account")
        judge = failed if response.status == 499 else warning
        return judge("chat", error.message, error.hint)
    return ok("chat", f"{url.authority} answers{_way(network, url)}, and its certificate is good")


def _way(network: Network, url: BaseUrl) -> str:
    proxy = network.proxy_for(url)
    return "" if proxy is None else f" through the proxy {proxy.host}"


def _span(seconds: float) -> str:
    for unit, name in ((DAY_S, "days"), (HOUR_S, "hours"), (MINUTE_S, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} seconds"
