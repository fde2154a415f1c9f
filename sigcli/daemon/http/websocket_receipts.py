"""Websockets that tell when the client has read what was sent: a ping after it is answered by a pong.

Client libraries read frames in order and answer pings as they reach them, so a pong says more than the kernel's
acknowledgement of bytes, which also comes for a client that was killed.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, cast

from sigcli.daemon.http.connections import WatchedWebSocket

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.frames import Frame
    from websockets.http11 import Request

CONFIRM = "sigcli.confirm"
"""The extension in the scope: ``confirm(id, callback)``."""
_PAYLOAD = struct.Struct(">Q")
"""Differs from the payload of the server's keep-alive pings, which has four bytes."""


class ReceiptedWebSocket(WatchedWebSocket):
    """Offers ``confirm(id, callback)``: the callback gets the id once the client has read all sent before."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._wanted: tuple[int, Callable[[int], object]] | None = None
        self._asked: tuple[int, Callable[[int], object]] | None = None

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            cast("dict[str, Any]", scope["extensions"])[CONFIRM] = self.confirm

    def confirm(self, id: int, callback: Callable[[int], object]) -> None:
        """One ping is under way at a time; the next one covers everything sent meanwhile."""
        self._wanted = (id, callback)
        self._ask()

    def handle_pong(self, event: Frame) -> None:
        asked = self._asked
        if asked is None or bytes(event.data) != _PAYLOAD.pack(asked[0]):
            super().handle_pong(event)
            return
        self._asked = None
        id, callback = asked
        callback(id)
        self._ask()

    def _ask(self) -> None:
        if self._wanted is None or self._asked is not None:
            return
        if self.close_sent or self.transport.is_closing():
            return
        self._asked, self._wanted = self._wanted, None
        self.conn.send_ping(_PAYLOAD.pack(self._asked[0]))
        self.transport.write(b"".join(self.conn.data_to_send()))
