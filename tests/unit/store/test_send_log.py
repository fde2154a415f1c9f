from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.store.send_log import (
    RETENTION_MS,
    SentMessage,
    clear_send_log,
    find_sent,
    forget_received,
    forget_recipient,
    has_old_entries,
    log_device,
    log_sent,
    prune_send_log,
)
from sigcli.wire.addresses import ProtocolAddress, ServiceId
from sigcli.wire.key_types import GroupIdentifier
from tests.unit.store.conftest import NOW_MS

if TYPE_CHECKING:
    from sigcli.store.database import Database

ALICE = ServiceId.aci(UUID(int=10))
BOB = ServiceId.aci(UUID(int=11))
OWN = ServiceId.aci(UUID(int=1))
ALICE_1, ALICE_2 = ProtocolAddress(ALICE, 1), ProtocolAddress(ALICE, 2)
BOB_1, OWN_3 = ProtocolAddress(BOB, 1), ProtocolAddress(OWN, 3)
KEY, NEW_KEY = b"\x05" + b"k" * 32, b"\x05" + b"n" * 32
MESSAGE = SentMessage(NOW_MS, b"message", 1, urgent=True, group_id=GroupIdentifier(b"g" * 32))
TRANSCRIPT = SentMessage(NOW_MS, b"transcript", 0, urgent=False)


def _entries(database: Database) -> object:
    return database.row("SELECT count(*) FROM send_log")


def test_a_device_gets_what_it_was_sent_and_nothing_else(database: Database) -> None:
    with database.transaction() as transaction:
        log_id = log_sent(transaction, MESSAGE, {ALICE_1: KEY, ALICE_2: KEY}, NOW_MS)
        log_device(transaction, log_id, {BOB_1: KEY, ALICE_1: KEY})
        log_sent(transaction, TRANSCRIPT, {OWN_3: KEY}, NOW_MS)
    assert find_sent(database, NOW_MS, ALICE_2, KEY, NOW_MS) == MESSAGE
    assert find_sent(database, NOW_MS, OWN_3, KEY, NOW_MS) == TRANSCRIPT
    assert find_sent(database, NOW_MS, ProtocolAddress(BOB, 2), KEY, NOW_MS) is None
    assert find_sent(database, NOW_MS + 1, BOB_1, KEY, NOW_MS) is None


def test_what_was_encrypted_for_another_key_is_not_found(database: Database) -> None:
    with database.transaction() as transaction:
        log_id = log_sent(transaction, MESSAGE, {ALICE_1: KEY, ALICE_2: KEY}, NOW_MS)
        assert find_sent(transaction, NOW_MS, ALICE_1, NEW_KEY, NOW_MS) is None
        # The next round of the same message met the new key, and was encrypted for it.
        log_device(transaction, log_id, {ALICE_1: NEW_KEY})
    assert find_sent(database, NOW_MS, ALICE_1, NEW_KEY, NOW_MS) == MESSAGE
    assert find_sent(database, NOW_MS, ALICE_1, KEY, NOW_MS) is None
    assert find_sent(database, NOW_MS, ALICE_2, KEY, NOW_MS) == MESSAGE


def test_a_day_later_nothing_is_known(database: Database) -> None:
    with database.transaction() as transaction:
        log_sent(transaction, MESSAGE, {ALICE_1: KEY}, NOW_MS)
        assert find_sent(transaction, NOW_MS, ALICE_1, KEY, NOW_MS + RETENTION_MS) is None
        assert prune_send_log(transaction, NOW_MS + RETENTION_MS - 1) == 0
        assert prune_send_log(transaction, NOW_MS + RETENTION_MS) == 1
    assert database.row("SELECT count(*) FROM send_log_device") == (0,)


def test_what_expires_is_kept_no_longer_than_that(database: Database) -> None:
    with database.transaction() as transaction:
        log_sent(transaction, MESSAGE, {ALICE_1: KEY}, NOW_MS, kept_ms=5_000)
        log_sent(transaction, TRANSCRIPT, {OWN_3: KEY}, NOW_MS, kept_ms=2 * RETENTION_MS)
        assert find_sent(transaction, NOW_MS, ALICE_1, KEY, NOW_MS + 4_999) == MESSAGE
        assert not has_old_entries(transaction, NOW_MS + 4_999)
        assert find_sent(transaction, NOW_MS, ALICE_1, KEY, NOW_MS + 5_000) is None
        assert has_old_entries(transaction, NOW_MS + 5_000)
        assert prune_send_log(transaction, NOW_MS + 5_000) == 1
        assert prune_send_log(transaction, NOW_MS + RETENTION_MS) == 1


def test_receipts_take_devices_out_and_the_content_with_the_last(database: Database) -> None:
    with database.transaction() as transaction:
        log_sent(transaction, MESSAGE, {ALICE_1: KEY, ALICE_2: KEY, BOB_1: KEY}, NOW_MS)
        forget_received(transaction, [NOW_MS, NOW_MS + 1], ALICE_1)
        assert find_sent(transaction, NOW_MS, ALICE_1, KEY, NOW_MS) is None
        assert find_sent(transaction, NOW_MS, ALICE_2, KEY, NOW_MS) == MESSAGE
        forget_recipient(transaction, NOW_MS, ALICE)
        assert find_sent(transaction, NOW_MS, ALICE_2, KEY, NOW_MS) is None
        assert _entries(transaction) == (1,)
        forget_received(transaction, [NOW_MS], BOB_1)
    assert _entries(database) == (0,)
    with database.transaction() as transaction:
        log_sent(transaction, MESSAGE, {BOB_1: KEY}, NOW_MS)
        assert clear_send_log(transaction) == 1
