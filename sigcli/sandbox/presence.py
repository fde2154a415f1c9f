"""Who is connected: the sockets of devices, and new devices waiting to be linked."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sigcli.wire.addresses import ServiceId

REAUTHENTICATE = (4401, "Reauthentication required")
CONNECTED_ELSEWHERE = (4409, "Connected elsewhere")
Place = tuple["ServiceId", int]


class ConnectedSocket(Protocol):
    """An open socket with a login."""

    reads_messages: bool

    def wake(self) -> None:
        """Check the queue."""

    def close_soon(self, code: int, reason: str) -> None:
        """Close once the current requests are answered."""


class Presence:
    """The open sockets of every device, at most one of which reads its messages."""

    def __init__(self) -> None:
        self._sockets: dict[Place, set[ConnectedSocket]] = defaultdict(set)
        self._waiting: dict[str, Callable[[bytes], None]] = {}

    def enter(self, place: Place, socket: ConnectedSocket) -> None:
        """A socket has opened; an older one that reads messages is closed by one that will."""
        if socket.reads_messages:
            for other in tuple(self._sockets[place]):
                if other.reads_messages:
                    self._sockets[place].discard(other)
                    other.close_soon(*CONNECTED_ELSEWHERE)
        self._sockets[place].add(socket)

    def leave(self, place: Place, socket: ConnectedSocket) -> None:
        self._sockets[place].discard(socket)
        if not self._sockets[place]:
            del self._sockets[place]

    def reads(self, account: ServiceId, device: int) -> bool:
        """Whether a socket of the device reads its messages."""
        return any(s.reads_messages for s in self._sockets.get((account, device), ()))

    def wake(self, account: ServiceId, device: int) -> None:
        for socket in self._sockets.get((account, device), ()):
            if socket.reads_messages:
                socket.wake()

    def disconnect(self, account: ServiceId, devices: Iterable[int]) -> None:
        """Close every socket of these devices: their login must be redone."""
        for device in devices:
            for socket in tuple(self._sockets.get((account, device), ())):
                socket.close_soon(*REAUTHENTICATE)

    def wait_at(self, address: str, deliver: Callable[[bytes], None]) -> None:
        """A new device waits at an address."""
        self._waiting[address] = deliver

    def leave_address(self, address: str) -> None:
        self._waiting.pop(address, None)

    def deliver_at(self, address: str, message: bytes) -> bool:
        """Pass a message to the device that waits at the address; false if none does."""
        deliver = self._waiting.get(address)
        if deliver is None:
            return False
        deliver(message)
        return True
