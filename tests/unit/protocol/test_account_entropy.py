"""The account entropy pool and what comes from it."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from sigcli.errors import InvalidAccountEntropyPool
from sigcli.protocol import account_entropy
from sigcli.protocol.account_entropy import AccountEntropyPool

# The pool of libsignal's vector (account-keys/src/backup.rs); tests/interop compares the keys.
POOL = AccountEntropyPool("dtjs858asj6tv0jzsqrsmj0ubp335pisj98e9ssnss8myoc08drhtcktyawvx45l")
MASTER_KEY = "cdfecb856b148ca1c7f7557904f1ec698d0ccc4d4d68ed4c58c74a21e5c1c6c1"


def test_the_master_key_of_a_pool_stays() -> None:
    assert POOL.master_key().hex() == MASTER_KEY


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
