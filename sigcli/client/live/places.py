"""Where one consumer stands in one account: what its connections have read, what they have taken, and what follows.

Each connection covers a span of ids, from where it began to what it has taken last. The consumer's place moves over
all spans that join on to it; it is stored no further than its connections have read, so that a slow one misses nothing.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sigcli.client.receiving.taking import take_stored
from sigcli.lazy_dataclass import dataclass
from sigcli.store.consumers import id_before, meet_consumer, newest_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.live.live_account import LiveAccount

_NEVER = 2**63
"""Larger than any id."""


@dataclass(slots=True, eq=False)
class Reader:
    """One connection's part: everything after ``start``, read up to ``read_id``, taken up to ``taken_id``.

    ``takes_turn``: what another connection leaves untaken falls to it; it then begins anew there, ``wake`` tells it,
    and ``round`` counts how often that was.
    """

    start: int
    read_id: int
    taken_id: int
    takes_turn: bool = False
    round: int = 0
    wake: Callable[[], None] = lambda: None

    def begin_at(self, id: int) -> None:
        """Read everything after an id, whatever was read or taken before."""
        self.start = self.read_id = self.taken_id = id
        self.round += 1


class Place:
    """Safe from several threads."""

    def __init__(self, live: LiveAccount, consumer: str) -> None:
        """Registers the consumer if it is new; raises StoreError."""
        self.live = live
        self.consumer = consumer
        self._lock = threading.Lock()
        self._storing = threading.Lock()
        self._readers: list[Reader] = []
        self._left: list[tuple[int, int]] = []
        """Spans of connections that have ended, ahead of the place."""
        with live.opened() as account, account.database.transaction() as database:
            self._taken_id = meet_consumer(database, consumer, account.now_ms()).taken_id
        self._stored_id = self._taken_id

    def join(self, after_id: int | None = None, since_ms: int | None = None) -> Reader:
        """A new connection: continues after an id (which counts as taken), or begins at a time, or takes its turn.

        Its turn is what nobody has taken yet, unless another connection is at it: then what comes from now on, until
        that one ends.
        """
        with self.live.opened() as account:
            newest = newest_id(account.database)
            since_id = None if since_ms is None else id_before(account.database, since_ms)
        with self._lock:
            if after_id is not None:
                start = min(after_id, newest)
                self._taken_id = max(self._taken_id, start)
            elif since_id is not None:
                start = since_id
            elif any(reader.start <= self._taken_id for reader in self._readers):
                start = newest
            else:
                start = self._taken_id
            takes_turn = after_id is None and since_id is None
            reader = Reader(start, start, start, takes_turn)
            self._readers.append(reader)
            return reader

    def read(self, reader: Reader, id: int, round: int) -> bool:
        """A connection was handed everything up to an id; false if it has begun anew since that round."""
        with self._lock:
            if reader.round != round:
                return False
            reader.read_id = max(reader.read_id, id)
            return True

    def take(self, reader: Reader, id: int) -> None:
        """A connection has taken everything that it has read up to an id."""
        with self._lock:
            reader.taken_id = max(reader.taken_id, min(id, reader.read_id))
            self._move()

    def leave(self, reader: Reader) -> None:
        """A connection has ended; what it has not taken is for another that is here, else for the next."""
        heir = None
        with self._lock:
            if reader in self._readers:
                self._readers.remove(reader)
                self._left.append((reader.start, reader.taken_id))
                self._move()
                heir = self._heir()
                if heir is not None:
                    self._left.append((heir.start, heir.taken_id))
                    heir.begin_at(self._taken_id)
        if heir is not None:
            heir.wake()

    def store(self) -> None:
        """Store the place if it has moved; raises StoreError."""
        with self._storing:
            with self._lock:
                reach = min((reader.read_id for reader in self._readers), default=self._taken_id)
                wanted = min(self._taken_id, reach)
                if wanted <= self._stored_id:
                    return
            with self.live.opened() as account:
                take_stored(account, self.consumer, wanted)
            self._stored_id = wanted

    def forget(self) -> None:
        """Store nothing any more: the consumer is removed."""
        with self._storing, self._lock:
            self._stored_id = _NEVER

    def touch(self) -> None:
        """Note that the consumer is here; raises StoreError."""
        with self._lock:
            if not self._readers:
                return
        with self.live.opened() as account, account.database.transaction() as database:
            meet_consumer(database, self.consumer, account.now_ms())

    @property
    def is_connected(self) -> bool:
        return bool(self._readers)

    @property
    def is_stored(self) -> bool:
        """Whether the store knows everything that was taken."""
        return self._stored_id >= self._taken_id

    @property
    def taken_id(self) -> int:
        return self._taken_id

    def _heir(self) -> Reader | None:
        """Whose turn it is now, if no connection is at what has not been taken."""
        if any(one.start <= self._taken_id for one in self._readers):
            return None
        waiting = [one for one in self._readers if one.takes_turn]
        return min(waiting, key=lambda one: one.start, default=None)

    def _move(self) -> None:
        spans = [(one.start, one.taken_id) for one in self._readers] + self._left
        moved = True
        while moved:
            moved = False
            for start, taken in spans:
                if start <= self._taken_id < taken:
                    self._taken_id = taken
                    moved = True
        self._left = [span for span in self._left if span[1] > self._taken_id]
