"""An account database in a temporary folder, and people to fill it with."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.crypto.curve import KeyPair
from sigcli.store.account_data import AccountKeys
from sigcli.store.database import Database
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import ProfileKeyBytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW_MS = 1_750_000_000_000
OWN_ACI = ServiceId.aci(UUID(int=1))
OWN_PNI = ServiceId.pni(UUID(int=2))


@pytest.fixture
def database_path(tmp_path: Path) -> Path:
    return tmp_path / "account.db"


@pytest.fixture
def database(database_path: Path) -> Iterator[Database]:
    with Database.create(database_path) as database:
        yield database


@pytest.fixture
def account_keys() -> AccountKeys:
    return AccountKeys(
        aci=OWN_ACI,
        device_id=2,
        password="secret",
        aci_identity=KeyPair.generate(),
        registration_id=4711,
        profile_key=ProfileKeyBytes(bytes(32)),
        number="+15550100",
        pni=OWN_PNI,
        pni_identity=KeyPair.generate(),
        pni_registration_id=4712,
    )
