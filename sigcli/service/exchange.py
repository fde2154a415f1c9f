"""A request to a Signal service and its answer, however they travel.

The same values go through HTTPS and through the request framing of the chat websocket. Header names of an answer are
lower-case; libsignal (``rust/net/chat``) trusts a 4xx only with an ``X-Signal-Timestamp``.
"""

from __future__ import annotations

import json as json_module
from dataclasses import field
from typing import TYPE_CHECKING, Any

from sigcli import __version__
from sigcli.lazy_dataclass import dataclass
from sigcli.service.deadlines import MAX_RETRY_AFTER_S

if TYPE_CHECKING:
    from collections.abc import Mapping

USER_AGENT = f"sigcli/{__version__}"
REQUEST_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 15.0
TIMESTAMP_HEADER = "x-signal-timestamp"
_ENCODER = json_module.JSONEncoder(separators=(",", ":"))
_REPEATABLE_METHODS = frozenset({"GET", "HEAD", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class Request:
    """A request. ``path`` starts with a slash and is percent-encoded; ``body`` and headers may hold secrets.

    ``repeatable`` says whether it may be sent again if it is unknown whether the first one arrived; by default this
    depends on the method.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    repeatable: bool | None = None

    @property
    def may_repeat(self) -> bool:
        if self.repeatable is not None:
            return self.repeatable
        return self.method in _REPEATABLE_METHODS


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; ``headers`` has lower-case names."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def retry_after_s(self) -> int | None:
        """The wait that the service asks for, in seconds, at most a day; None if it is missing or unreadable."""
        text = self.headers.get("retry-after", "").strip()
        if not (text.isascii() and text.isdigit()):
            return None
        return MAX_RETRY_AFTER_S if len(text) > 9 else min(int(text), MAX_RETRY_AFTER_S)

    @property
    def timestamp_ms(self) -> int | None:
        """The service's clock, in milliseconds."""
        text = self.headers.get(TIMESTAMP_HEADER, "").strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def json_request(
    method: str,
    path: str,
    json: Any = None,
    *,
    headers: Mapping[str, str] | None = None,
    repeatable: bool | None = None,
) -> Request:
    """A request with a JSON body, or without a body if ``json`` is None."""
    sent = dict(headers or {})
    body = None
    if json is not None:
        body = _ENCODER.encode(json).encode()
        sent["Content-Type"] = "application/json"
    return Request(method, path, sent, body, repeatable)


def quote(text: str) -> str:
    """Percent-encode one path segment or query value."""
    from urllib.parse import quote as percent_encode

    return percent_encode(text, safe="")
