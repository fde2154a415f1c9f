"""Linking in two steps, for programs: a URI at once, and the account once a phone has scanned it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sigcli.errors import TooManyLinks, UnknownLinkUri

if TYPE_CHECKING:
    from sigcli.client.account.devices.link_attempt import LinkAttempt
    from sigcli.client.account.devices.linking import Linked
    from sigcli.client.base.settings import Settings

MOST_AT_ONCE = 8


class Links:
    """The links under way; safe from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._attempts: dict[str, LinkAttempt] = {}

    def start(self) -> str:
        """Start one and return its URI; raises TooManyLinks or a ServiceError."""
        from sigcli.client.account.devices.link_attempt import LinkAttempt

        with self._lock:
            for uri in [uri for uri, one in self._attempts.items() if one.has_ended]:
                self._attempts.pop(uri).close()
            if len(self._attempts) >= MOST_AT_ONCE:
                raise TooManyLinks
        attempt = LinkAttempt(self._settings)
        with self._lock:
            self._attempts[attempt.uri] = attempt
        return attempt.uri

    def wait_for_phone(self, uri: str) -> None:
        """Return once a phone has scanned a URI; raises UnknownLinkUri, LinkTimedOut."""
        with self._lock:
            attempt = self._attempts.get(uri)
        if attempt is None:
            raise UnknownLinkUri
        attempt.wait_for_phone()

    def finish(self, uri: str, device_name: str) -> Linked:
        """Wait until a phone has scanned the URI, and become its linked device.

        Raises UnknownLinkUri, LinkTimedOut, AccountExists, or a ServiceError.
        """
        with self._lock:
            attempt = self._attempts.pop(uri, None)
        if attempt is None:
            raise UnknownLinkUri
        try:
            return attempt.finish(device_name)
        finally:
            attempt.close()

    def close(self) -> None:
        """Cancel all of them."""
        with self._lock:
            attempts, self._attempts = list(self._attempts.values()), {}
        for attempt in attempts:
            attempt.close()
