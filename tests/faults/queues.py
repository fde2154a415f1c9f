"""A service that hands messages out in another order than they came, and some of them twice."""

from __future__ import annotations

import random
import sqlite3

from tests.faults.world import World

_COLUMNS = "account, device, envelope, story, ephemeral_until_ms, receipt"


def shuffle_queue(seed: int, world: World) -> None:
    """All queues: some messages doubled, all of them in another order. The sandbox is started anew."""
    dice = random.Random(seed)
    world.stop()
    database = sqlite3.connect(world.sandbox_folder / "sandbox.db")
    rows = database.execute(f"SELECT {_COLUMNS} FROM messages ORDER BY position").fetchall()
    rows += [row for row in rows if dice.random() < 0.5]
    dice.shuffle(rows)
    database.execute("DELETE FROM messages")
    marks = ", ".join("?" * len(_COLUMNS.split(",")))
    database.executemany(f"INSERT INTO messages ({_COLUMNS}) VALUES ({marks})", rows)
    database.commit()
    database.close()
    world.start()
