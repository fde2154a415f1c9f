"""Being linked, first half: a socket that gives this device an address and then what a primary device sends to it.

The service closes the socket after 90 seconds, so a displayed code must be replaced before that. Paths:
``ProvisioningConnectListener`` of the public Signal-Server.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sigcli.errors import ConnectionLost, MalformedAnswer, MalformedMessage, TimedOut
from sigcli.wire.provisioning import decode_address, decode_envelope

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.service.chat import UnlinkedChat
    from sigcli.wire.provisioning import ProvisionEnvelope

LIFETIME_S = 90.0
ADDRESS_TIMEOUT_S = 30.0
_ADDRESS_PATH = "/v1/address"
_MESSAGE_PATH = "/v1/message"


class ProvisioningSocket:
    """An address at which a primary device can reach this one, for less than 90 seconds. Use it in a ``with``.

    ``address`` is opaque text, to be percent-encoded in a link.
    """

    def __init__(self, chat: UnlinkedChat, clock: Callable[[], float] = time.monotonic) -> None:
        """Connect and wait for the address; raises Unreachable, TimedOut, MalformedAnswer."""
        self._clock = clock
        self._socket = chat.open_provisioning()
        self._expires_at = clock() + LIFETIME_S
        try:
            self.address = self._read_address()
        except BaseException:
            self._socket.close()
            raise

    @property
    def remaining_s(self) -> float:
        """How long the address is still valid, in seconds."""
        return max(0.0, self._expires_at - self._clock())

    def wait_for_message(self, timeout_s: float | None = None) -> ProvisionEnvelope | None:
        """What the primary device sent; None if nothing came in time or the address has expired.

        Raises MalformedAnswer for something unreadable, or ConnectionLost.
        """
        left_s = self.remaining_s if timeout_s is None else min(timeout_s, self.remaining_s)
        try:
            body = self._take(_MESSAGE_PATH, left_s)
        except ConnectionLost as loss:
            if loss.close_code == 1000:
                return None
            raise
        if body is None:
            return None
        try:
            return decode_envelope(body)
        except MalformedMessage as problem:
            raise MalformedAnswer("the other device's message is unreadable") from problem

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> ProvisioningSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_address(self) -> str:
        body = self._take(_ADDRESS_PATH, ADDRESS_TIMEOUT_S)
        if body is None:
            raise TimedOut("the service gave no address for linking")
        try:
            return decode_address(body)
        except MalformedMessage as problem:
            raise MalformedAnswer("the service gave an unreadable address for linking") from problem

    def _take(self, path: str, timeout_s: float) -> bytes | None:
        """The body of the next request to this path, which is answered; other requests are answered and ignored."""
        deadline = self._clock() + timeout_s
        while (left_s := deadline - self._clock()) > 0:
            request = self._socket.next_request(left_s)
            if request is None:
                break
            wanted = (request.verb, request.path) == ("PUT", path)
            try:
                self._socket.respond(request.id)
            except ConnectionLost:
                # The service may close right after the message.
                if not wanted:
                    raise
            if wanted:
                return request.body
        return None
