"""A merge of three sides, by field: a record as it was last seen, the database, and the record as it is now.

A kind of record says, by names of its own, what it shares with the database (``Shared``). What the database says
differently from the record last seen is an edit of this device: it stays, and is written. Everything else follows the
record. What the database leaves out is not known to this device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    Shared = Mapping[str, object]

_EMPTY: tuple[object, ...] = (None, "", b"")


def incoming(
    last_seen: Shared | None, local: Shared, remote: Shared, *, sticky: Collection[str] = ()
) -> dict[str, object]:
    """What the database is to take over from a record.

    Where the record was never seen before, its texts fill in and replace, and its numbers and flags hold; a flag
    among ``sticky`` that is set here stays set.
    """
    if last_seen is None:
        taken = {
            name: value
            for name, value in remote.items()
            if value not in _EMPTY and not (name in sticky and local.get(name))
        }
    else:
        taken = {
            name: value
            for name, value in remote.items()
            if value != last_seen[name] and (name not in local or local[name] == last_seen[name])
        }
    return {
        name: value for name, value in taken.items() if name not in local or local[name] != value
    }


def outgoing(last_seen: Shared, local: Shared) -> dict[str, object]:
    """What the record is to take over from the database: the edits of this device."""
    return {name: value for name, value in local.items() if value != last_seen[name]}
