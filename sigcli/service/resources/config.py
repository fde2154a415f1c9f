"""The service's settings for clients: group size limits, attachment sizes and so on."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import JsonObject
from sigcli.service.exchange import Request
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.service.chat import IdentifiedChat


@dataclass(frozen=True, slots=True)
class RemoteConfig:
    """Named settings, all texts; ``etag`` goes with the next request."""

    values: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None

    def number(self, name: str) -> int | None:
        """A setting as a whole number above 0; None if it is absent or not such a number."""
        text = self.values.get(name, "")
        found = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
        return found or None


def fetch(chat: IdentifiedChat, etag: str | None = None) -> RemoteConfig | None:
    """The settings; None if they have not changed since ``etag``."""
    headers = {} if etag is None else {"If-None-Match": etag}
    response = chat.request(Request("GET", "/v2/config", headers))
    if response.status == 304:
        return None
    body = JsonObject.from_response(require_success(response, "give its settings"))
    settings = body.optional_object("config")
    values = (
        {name: value for name, value in settings.items() if isinstance(value, str)}
        if settings
        else {}
    )
    return RemoteConfig(values, response.headers.get("etag"))
