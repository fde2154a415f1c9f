"""Linking over the socket: a session for each URI, until a phone has scanned it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from uuid import uuid4

from sigcli.errors import SignaldRefusal

if TYPE_CHECKING:
    from sigcli.client.account.devices.linking import Linked
    from sigcli.daemon.links import Links

_MOST_REMEMBERED = 64


class LinkSessions:
    """Safe from several threads."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._lock = threading.Lock()
        self._uris: dict[str, str] = {}

    def start(self) -> tuple[str, str]:
        """A session and its URI; raises Unreachable or another ServiceError."""
        uri = self._links.start()
        session = str(uuid4())
        with self._lock:
            while len(self._uris) >= _MOST_REMEMBERED:
                del self._uris[next(iter(self._uris))]
            self._uris[session] = uri
        return session, uri

    def wait(self, session: str) -> None:
        """Return once a phone has scanned it; raises LinkTimedOut."""
        self._links.wait_for_phone(self._uri(session))

    def finish(self, session: str, device_name: str) -> Linked:
        """Become the phone's linked device; raises UnknownLinkUri, LinkTimedOut, AccountExists."""
        linked = self._links.finish(self._uri(session), device_name)
        with self._lock:
            self._uris.pop(session, None)
        return linked

    def _uri(self, session: str) -> str:
        with self._lock:
            uri = self._uris.get(session)
        if uri is None:
            raise SignaldRefusal("NoSuchSessionError", "there is no linking session of this id")
        return uri
