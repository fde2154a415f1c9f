"""The account entropy pool and what comes from it."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from sigcli.errors import InvalidAccountEntropyPool
from sigcli.protocol import account_entropy
from sigcli.protocol.account_entropy import AccountEntropyPool
from sigcli.wire.addresses import ServiceId

# libsignal's vector (account-keys/src/backup.rs).
POOL = AccountEntropyPool("dtjs858asj6tv0jzsqrsmj0ubp335pisj98e9ssnss8myoc08drhtcktyawvx45l")
ACI = ServiceId.aci(bytes.fromhex("659aa5f4a28dfcc11ea1b997537a3d95"))
BACKUP_KEY = "ea26a2ddb5dba5ef9e34e1b8dea1f5ae7f255306a6d2d883e542306eaa9fe985"


def test_vectors_of_libsignal() -> None:
    assert POOL.backup_key().hex() == BACKUP_KEY


def test_generated_pools_are_uniform() -> None:
    random = Random("entropy").randbytes
    letters = Counter("".join(AccountEntropyPool.generate(random).text for _ in range(600)))
    assert len(letters) == 36
    # 38,400 letters: 1,067 of each on average, standard deviation 32.
    assert all(900 < count < 1_230 for count in letters.values())


def test_reading_what_people_write() -> None:
    text = POOL.text.upper()
    grouped = " ".join(text[at : at + 4] for at in range(0, 64, 4))
    assert AccountEntropyPool.parse(f" {grouped}\n") == POOL
    for bad in ("", POOL.text[:-1], POOL.text + "0", POOL.text[:-1] + "_", POOL.text[:-1] + "é"):
        with pytest.raises(InvalidAccountEntropyPool):
            AccountEntropyPool.parse(bad)
    assert POOL.text not in repr(POOL)


def test_the_lock_is_hexadecimal() -> None:
    lock = account_entropy.registration_lock(POOL.master_key())
    assert len(bytes.fromhex(lock)) == 32
    assert lock == lock.lower()
