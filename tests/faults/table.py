"""All operations that are struck, and the states from which they begin."""

from __future__ import annotations

from collections.abc import Callable

from tests.faults.accounts import ACCOUNTS
from tests.faults.daemon import DAEMON
from tests.faults.importing import ARCHIVE, IMPORT, make_archive
from tests.faults.messages import MESSAGES
from tests.faults.operations import TALKED, Operation, make_talked
from tests.faults.shared_state import SHARED_STATE
from tests.faults.world import World

OPERATIONS: dict[str, Operation] = {
    one.name: one for one in (*MESSAGES, *ACCOUNTS, *SHARED_STATE, *IMPORT, *DAEMON)
}
BASES: dict[str, Callable[[World], None]] = {TALKED: make_talked, ARCHIVE: make_archive}


def chosen(words: list[str]) -> list[Operation]:
    """Those that the words name, with their variants: ``send`` is also ``send-file``. All without a word."""
    if not words:
        return list(OPERATIONS.values())
    found = [
        one
        for one in OPERATIONS.values()
        if any(one.name == word or one.name.startswith(f"{word}-") for word in words)
    ]
    for word in words:
        if word not in OPERATIONS:
            raise ValueError(f"no operation {word}; there are {', '.join(OPERATIONS)}")
    return found
