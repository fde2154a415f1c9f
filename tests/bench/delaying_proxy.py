"""A proxy on loopback behind which everything is as far away as one likes, the making of a connection included.

Loopback makes connections at once, and a proxy cannot hold that up. So a client's first bytes are held back for the
round trip that its connection would have cost.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Self, cast

if TYPE_CHECKING:
    from collections.abc import Callable

_TICK_S = 1e-6
"""What is due at the same time would leave in any order."""


class DelayingProxy:
    """Forwards connections to a port of this machine; a round trip takes ``round_trip_s``, which may change."""

    def __init__(self, port: int) -> None:
        self.round_trip_s = 0.0
        self.port = 0
        self._target = port
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="delaying-proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        server = self._loop.run_until_complete(
            self._loop.create_server(self._accept, "127.0.0.1", 0)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.close()

    def _accept(self) -> _End:
        near = _End(self._loop, self.round_trip_s)
        near.begin = lambda: self._loop.create_task(self._connect(near))
        return near

    async def _connect(self, near: _End) -> None:
        far = _End(self._loop, self.round_trip_s)
        near.other, far.other = far, near
        await self._loop.create_connection(lambda: far, "127.0.0.1", self._target)
        near.transport.resume_reading()


class _End(asyncio.Protocol):
    """One of a connection's two ends; what it reads leaves at the other one, later."""

    def __init__(self, loop: asyncio.AbstractEventLoop, round_trip_s: float) -> None:
        self.other: _End
        self.transport: asyncio.Transport
        self.begin: Callable[[], object] | None = None
        self._loop = loop
        self._way_s = round_trip_s / 2
        # Nothing is under way before the connection would have been made.
        self._due_s = loop.time() + round_trip_s + self._way_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if self.begin is not None:
            self.transport.pause_reading()
            self.begin()

    def data_received(self, data: bytes) -> None:
        self._later(lambda: self.other.transport.write(data))

    def eof_received(self) -> bool:
        self._later(lambda: self.other.transport.write_eof())
        return True

    def connection_lost(self, problem: Exception | None) -> None:
        self._later(lambda: self.other.transport.close())

    def _later(self, act: Callable[[], object]) -> None:
        self._due_s = max(self._due_s + _TICK_S, self._loop.time() + self._way_s)
        self._loop.call_at(self._due_s, self._act, act)

    def _act(self, act: Callable[[], object]) -> None:
        if not self.other.transport.is_closing():
            try:
                act()
            except OSError:
                self.other.transport.close()
