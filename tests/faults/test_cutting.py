"""That connections are cut where they are to be, and that no way of going on is missed."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.cutting import Place, seen_in
from tests.faults.troubles import at_borders
from tests.faults.ways import Way, shape_of
from tests.faults.world import World

_PROGRAM = """
import socket, sys
from sigcli.errors import ConnectionLost
from sigcli.service.exchange import Request
from sigcli.service.network import Network
from sigcli.service.rest import RestClient
from tests.faults.cutting import Cut, Place
from tests.support.loopback_server import Answer, LoopbackServer

journal, response, offset, once = sys.argv[1:]
Cut(journal, Place(response, int(offset)) if response else None, once=once == "once")
ended = []
with LoopbackServer(lambda got: Answer(body=b"answer")) as server:
    network = Network(server.environment(), variables={})
    for login in ("Basic x", None):
        rest = RestClient(network, server.url, authorization=login)
        for number in range(2):
            try:
                ended.append(rest.request(Request("POST", "/v1/kind?n=1"), 10).body.decode())
            except ConnectionLost:
                ended.append("lost")
        rest.close()
print(*ended)
"""
_NAMES = (
    *("POST /v1/kind with the login 1", "POST /v1/kind with the login 2"),
    *("POST /v1/kind 1", "POST /v1/kind 2"),
)


def _run(tmp_path: Path, response: str, offset: int, once: bool) -> tuple[list[str], Path]:
    journal = tmp_path / "journal"
    words = (str(journal), response, str(offset), "once" if once else "for good")
    finished = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return finished.stdout.split(), journal


def test_each_response_is_known_by_its_request(tmp_path: Path) -> None:
    ended, journal = _run(tmp_path, "", 0, once=True)
    assert ended == ["answer"] * 4
    seen = seen_in(str(journal))
    assert not seen.was_cut
    assert seen.requests == tuple(sorted(_NAMES))
    assert len(set(seen.lengths.values())) == 1


@pytest.mark.parametrize(("once", "after"), [(True, "answer"), (False, "lost")])
@pytest.mark.parametrize("offset", [0, 1, 40])
def test_it_ends_there_and_once_or_for_good(
    tmp_path: Path, offset: int, once: bool, after: str
) -> None:
    ended, journal = _run(tmp_path, _NAMES[1], offset, once)
    assert ended == ["answer", "lost", after, after]
    seen = seen_in(str(journal))
    assert seen.was_cut
    assert seen.lengths[_NAMES[1]] == offset


def _way(number: int) -> Way:
    return Way("one", 0, str(number), (), "")


@pytest.mark.parametrize("borders", [(), (1,), (99,), (7, 8), (10, 50, 51, 90)])
def test_all_borders_are_found(borders: tuple[int, ...]) -> None:
    ways: dict[Place, Way] = {}
    for place in at_borders("one", 100, ways, random.Random(1)):
        ways[place] = _way(sum(place.offset >= border for border in borders))
    offsets = {place.offset for place in ways}
    assert all({border - 1, border} <= offsets for border in borders)
    assert len(offsets) <= 3 + 8 * (2 * len(borders))


def test_what_was_left_is_alike_but_for_keys_and_times(tmp_path: Path) -> None:
    world = World(tmp_path)

    def left(*rows: tuple[object, ...]) -> str:
        path = world.root / "one.db"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE one (state, at, key)")
            database.executemany("INSERT INTO one VALUES (?, ?, ?)", rows)
            database.commit()
        return shape_of(world, "nothing")

    found = left(("sent", 1_700_000_000_000, b"one"), (2, None, b""))
    assert left((2, None, b"x"), ("sent", 1_800_000_000_000, b"two")) == found
    assert left(("unsent", 1_700_000_000_000, b"one"), (2, None, b"")) != found
    assert left(("sent", 1_700_000_000_000, b"one"), (3, None, b"")) != found
    assert left(("sent", 1_700_000_000_000, b"one")) != found
    (world.root / "more").write_bytes(b"")
    assert left(("sent", 1_700_000_000_000, b"one"), (2, None, b"")) != found
