"""How new the state is that was last taken from outside, so that older state never takes its place.

A kind of state has a name and a version that only grows: a manifest's number, or the time when another linked device
has written what it says. The user's decisions here count as state of their time.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.store.settings import Setting, read_setting, write_setting

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction


class State(enum.Enum):
    """What is told as a whole, and replaces what was told before."""

    BLOCKED = "blocked"
    CONFIGURATION = "configuration"
    CONTACTS = "contacts"
    KEYS = "keys"
    NUMBER = "number"
    OWN_PROFILE_KEY = "own_profile_key"


def is_older(database: Database, state: State, version: int) -> bool:
    """Whether something newer than this version was taken before."""
    return version < (read_setting(database, _setting(state)) or 0)


def advance(database: Transaction, state: State, version: int) -> bool:
    """Note that a version is taken; false if a newer one was taken before."""
    if is_older(database, state, version):
        return False
    write_setting(database, _setting(state), version)
    return True


def _setting(state: State) -> Setting[int]:
    return Setting(f"version_{state.value}", int)
