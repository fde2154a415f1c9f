"""What a group costs beside libsignal: credentials, endorsements, fan-out of one message."""

from __future__ import annotations

from tests.bench.comparison import compare_all
from tests.bench.operations import groups
from tests.interop.oracle import Oracle

ROUNDS = 7


def run(rounds: int) -> None:
    """Print the table."""
    with Oracle(timeout_s=600) as oracle:
        compare_all("Groups", groups.OPERATIONS, oracle, rounds)
