"""The protocol's operations beside native libsignal, and attachments in constant memory."""

from __future__ import annotations

from tests.bench import attachment_memory
from tests.bench.comparison import compare_all
from tests.bench.operations import content, keys, sealed, sessions
from tests.interop.oracle import Oracle

ROUNDS = 7
_NOTES = """\
Medians of batches, both sides in turns. libsignal is called as its Node package offers it: asynchronous functions
and stores in JavaScript are part of its figures. Beside content stands the mock server's protobuf code, beside
attachments node:crypto with libsignal's incremental MAC. –: the package has no such call.
"""


def run(rounds: int) -> None:
    """Print all tables."""
    with Oracle(timeout_s=600) as oracle:
        compare_all("Keys", keys.OPERATIONS, oracle, rounds)
        compare_all("Sessions", sessions.OPERATIONS, oracle, rounds)
        compare_all("Sealed sender and sender keys", sealed.OPERATIONS, oracle, rounds)
        compare_all("Content and attachments", content.OPERATIONS, oracle, rounds)
    print(_NOTES, flush=True)
    attachment_memory.run()
