from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigcli.crypto.curve import KeyPair
from sigcli.errors import InvalidMessage, InvalidPrekeyId
from sigcli.protocol.limits import MAX_PREKEY_ID
from sigcli.protocol.prekeys import (
    generate_kyber_prekeys,
    generate_prekeys,
    generate_signed_prekey,
)
from sigcli.store import prekeys
from sigcli.store.prekeys import PreKeyKind
from sigcli.wire.addresses import ServiceIdKind
from tests.support import stored
from tests.unit.store.children import Child
from tests.unit.store.conftest import NOW_MS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigcli.crypto.randomness import RandomSource
    from sigcli.store.database import Database, Transaction

ACI, PNI = ServiceIdKind.ACI, ServiceIdKind.PNI
IDENTITY = KeyPair.generate()
DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def transaction(database: Database) -> Iterator[Database]:
    with database.transaction() as transaction:
        yield transaction


def _starting_at(id: int) -> RandomSource:
    return lambda count: (id - 1).to_bytes(count, "big")


def test_ids_start_anywhere_and_go_on(transaction: Transaction) -> None:
    def allocate(own: ServiceIdKind, kind: PreKeyKind, count: int, start: int = 500) -> int:
        return prekeys.allocate_prekey_ids(transaction, own, kind, count, _starting_at(start))

    assert allocate(ACI, PreKeyKind.ONE_TIME, 100) == 500
    assert allocate(ACI, PreKeyKind.ONE_TIME, 100) == 600
    assert allocate(PNI, PreKeyKind.ONE_TIME, 1, 7) == 7
    assert allocate(ACI, PreKeyKind.SIGNED, 1, 8) == 8
    assert allocate(ACI, PreKeyKind.KYBER, 10, 20) == 20
    assert allocate(ACI, PreKeyKind.KYBER_LAST_RESORT, 1) == 30  # the kinds share a table


def test_ids_wrap_and_pass_over_those_in_use(transaction: Transaction) -> None:
    top = MAX_PREKEY_ID - 1

    def allocate(count: int, start: int = top) -> int:
        random = _starting_at(start)
        return prekeys.allocate_prekey_ids(transaction, ACI, PreKeyKind.ONE_TIME, count, random)

    records = generate_prekeys(allocate(4), 4)
    assert [record.id for record in records] == [top, MAX_PREKEY_ID, 1, 2]
    prekeys.add_prekeys(transaction, ACI, records, NOW_MS)
    transaction.write("UPDATE key_value SET value = ?", (top - 3,))
    assert allocate(3) == top - 3
    transaction.write("UPDATE key_value SET value = ?", (top - 3,))
    assert allocate(4) == 3  # no room before those in use: it goes on behind them
    assert allocate(1) == 7
    transaction.write("DELETE FROM key_value")
    assert allocate(1, 2**24) == 3  # random bytes beyond the range are folded into it


_ALLOCATE = """
from sigcli.store.prekeys import PreKeyKind, allocate_prekey_ids
from sigcli.wire.addresses import ServiceIdKind
import os
with Database.open(arguments[0]) as database:
    say("ready")
    wait()
    for _ in range(20):
        with database.transaction():
            say(allocate_prekey_ids(database, ServiceIdKind.ACI, PreKeyKind.ONE_TIME, 2, os.urandom))
"""


def test_processes_never_share_an_id(database: Database, database_path: Path) -> None:
    children = [Child(_ALLOCATE, database_path) for _ in range(3)]
    for child in children:
        assert child.hear() == "ready"
    for child in children:
        child.go()
    taken = [int(word) for child in children for word in child.rest()]
    assert len(set(taken)) == 60


def test_keys_are_stored_first_and_count_once_the_service_has_them(
    transaction: Transaction,
) -> None:
    records = generate_prekeys(1, 3)
    prekeys.add_prekeys(transaction, ACI, records, NOW_MS)
    assert stored.count_prekeys(transaction, ACI, PreKeyKind.ONE_TIME) == 0
    assert prekeys.load_prekey(transaction, ACI, 2) == records[1]
    prekeys.confirm_upload(transaction, ACI, PreKeyKind.ONE_TIME, [1, 2, 3], NOW_MS)
    assert stored.count_prekeys(transaction, ACI, PreKeyKind.ONE_TIME) == 3
    assert stored.count_prekeys(transaction, PNI, PreKeyKind.ONE_TIME) == 0
    prekeys.remove_prekey(transaction, ACI, 2)
    assert stored.count_prekeys(transaction, ACI, PreKeyKind.ONE_TIME) == 2
    for own, id in ((ACI, 2), (PNI, 1)):
        with pytest.raises(InvalidPrekeyId):
            prekeys.load_prekey(transaction, own, id)


def test_replaced_keys_are_kept_for_a_while(transaction: Transaction) -> None:
    later_ms = NOW_MS + DAY_MS
    prekeys.add_prekeys(transaction, ACI, generate_prekeys(1, 2), NOW_MS)
    prekeys.confirm_upload(transaction, ACI, PreKeyKind.ONE_TIME, [1, 2], NOW_MS)
    prekeys.add_prekeys(transaction, ACI, generate_prekeys(3, 2), later_ms)
    prekeys.add_prekeys(transaction, ACI, generate_prekeys(9, 1), later_ms)  # answer was lost
    prekeys.confirm_upload(transaction, ACI, PreKeyKind.ONE_TIME, [3, 4], later_ms)
    assert stored.count_prekeys(transaction, ACI, PreKeyKind.ONE_TIME) == 2
    assert prekeys.delete_stale_prekeys(transaction, later_ms + 89 * DAY_MS) == 0
    assert prekeys.load_prekey(transaction, ACI, 1).id == 1
    assert prekeys.delete_stale_prekeys(transaction, later_ms + 90 * DAY_MS) == 3
    assert prekeys.delete_stale_prekeys(transaction, later_ms + 900 * DAY_MS) == 0
    assert prekeys.load_prekey(transaction, ACI, 4).id == 4


def test_the_active_lasting_keys_are_those_the_service_took_last(transaction: Transaction) -> None:
    assert prekeys.active_signed_prekey(transaction, ACI) is None
    assert prekeys.active_last_resort_prekey(transaction, ACI) is None
    signed = [generate_signed_prekey(IDENTITY, id, NOW_MS) for id in (1, 2, 3)]
    lasting = generate_kyber_prekeys(IDENTITY, 10, 2, NOW_MS)
    one_time = generate_kyber_prekeys(IDENTITY, 20, 1, NOW_MS)
    for record in signed:
        prekeys.add_signed_prekey(transaction, ACI, record, NOW_MS)
    prekeys.add_kyber_prekeys(transaction, ACI, lasting, NOW_MS, last_resort=True)
    prekeys.add_kyber_prekeys(transaction, ACI, one_time, NOW_MS)
    for number in (0, 1):
        at_ms = NOW_MS + number
        prekeys.confirm_upload(transaction, ACI, PreKeyKind.SIGNED, [number + 1], at_ms)
        prekeys.confirm_upload(transaction, ACI, PreKeyKind.KYBER_LAST_RESORT, [number + 10], at_ms)
    prekeys.confirm_upload(transaction, ACI, PreKeyKind.KYBER, [20], NOW_MS)
    assert prekeys.active_signed_prekey(transaction, ACI) == (signed[1], NOW_MS + 1)
    assert prekeys.active_last_resort_prekey(transaction, ACI) == (lasting[1], NOW_MS + 1)
    assert stored.count_prekeys(transaction, ACI, PreKeyKind.KYBER) == 1
    assert prekeys.load_signed_prekey(transaction, ACI, 1) == signed[0]
    # The first of each was replaced a month ago, the third signed one never taken.
    assert prekeys.delete_stale_prekeys(transaction, NOW_MS + 1 + 30 * DAY_MS) == 3
    assert prekeys.load_signed_prekey(transaction, ACI, 2) == signed[1]
    prekeys.delete_all_prekeys(transaction, ACI)
    assert prekeys.active_signed_prekey(transaction, ACI) is None


def test_a_kyber_key_serves_a_first_message_once(transaction: Transaction) -> None:
    one_time, lasting = generate_kyber_prekeys(IDENTITY, 1, 2, NOW_MS)
    prekeys.add_kyber_prekeys(transaction, ACI, [one_time], NOW_MS)
    prekeys.add_kyber_prekeys(transaction, ACI, [lasting], NOW_MS, last_resort=True)
    first, second = KeyPair.generate().public_key, KeyPair.generate().public_key
    prekeys.use_kyber_prekey(transaction, ACI, 1, 5, first)
    with pytest.raises(InvalidPrekeyId):
        prekeys.load_kyber_prekey(transaction, ACI, 1)
    prekeys.use_kyber_prekey(transaction, ACI, 2, 5, first)
    prekeys.use_kyber_prekey(transaction, ACI, 2, 5, second)
    prekeys.use_kyber_prekey(transaction, ACI, 2, 6, first)
    with pytest.raises(InvalidMessage):
        prekeys.use_kyber_prekey(transaction, ACI, 2, 5, first)
    assert prekeys.load_kyber_prekey(transaction, ACI, 2) == lasting
    transaction.write("DELETE FROM kyber_prekey")
    assert transaction.row("SELECT count(*) FROM kyber_prekey_use") == (0,)
