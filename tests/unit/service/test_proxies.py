from __future__ import annotations

import pytest

from sigcli.errors import UnsupportedProxy
from sigcli.service.proxies import Proxy, proxy_for


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, Proxy("proxy", 3128)),
        ({"https_proxy": "proxy:3128"}, Proxy("proxy", 3128)),
        ({"ALL_PROXY": "http://proxy"}, Proxy("proxy", 8080)),
        ({"HTTPS_PROXY": "http://a:1", "ALL_PROXY": "http://b:2"}, Proxy("a", 1)),
        ({"HTTP_PROXY": "http://proxy:1"}, None),
        ({"ALL_PROXY": "http://u%40:p%3a@proxy:1"}, Proxy("proxy", 1, "u@", "p:")),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "chat.signal.org"}, None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": ".signal.org, other"}, None),
        ({"ALL_PROXY": "http://p:1", "no_proxy": "*"}, None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "signal.or"}, Proxy("p", 1)),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "notsignal.org"}, Proxy("p", 1)),
    ],
)
def test_the_usual_variables_choose_the_proxy(
    variables: dict[str, str], expected: Proxy | None
) -> None:
    assert proxy_for("chat.signal.org", variables) == expected


@pytest.mark.parametrize(
    "value", ["socks5://host:1", "https://host:1", "http://host:port", "http://"]
)
def test_other_proxies_are_refused_by_name(value: str) -> None:
    with pytest.raises(UnsupportedProxy):
        proxy_for("chat.signal.org", {"ALL_PROXY": value})
