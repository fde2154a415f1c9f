"""An account without a service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from sigcli.client.base.account import Account
from sigcli.client.base.settings import Settings
from sigcli.client.sending.outgoing import Outgoing
from sigcli.crypto.curve import KeyPair
from sigcli.store.account_data import AccountKeys, store_account_keys
from sigcli.store.database import Database
from sigcli.store.files import AccountFiles
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import ProfileKeyBytes
from tests.support.android_rules import by_name, refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW_MS = 1_750_000_000_000


@dataclass
class Clock:
    now_ms: int = NOW_MS

    def __call__(self) -> int:
        return self.now_ms


@dataclass
class Warnings:
    texts: list[str] = field(default_factory=list)

    def __call__(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture(autouse=True)
def sent_contents(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Outgoing]]:
    """Everything that the client wants to send, which at the end is held against the rules of Android."""
    contents: list[Outgoing] = []
    Outgoing(b"", 0)  # its methods are made when they are first called
    make: Any = Outgoing.__init__

    def noted(outgoing: Outgoing, *arguments: Any, **named: Any) -> None:
        make(outgoing, *arguments, **named)
        contents.append(outgoing)

    monkeypatch.setattr(Outgoing, "__init__", noted)
    yield contents
    for one in contents:
        if one.content and not one.plaintext:
            content = by_name(one.content)
            own = "syncMessage" in content
            time_ms = one.timestamp_ms
            assert refused(content, timestamp_ms=time_ms, story=one.story, to_own_device=own) == []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def warnings() -> Warnings:
    return Warnings()


@pytest.fixture
def account(tmp_path: Path, clock: Clock, warnings: Warnings) -> Iterator[Account]:
    """A linked account with a clock that stands still; its environment is the test's to set."""
    folder = tmp_path / "data" / "one"
    folder.mkdir(parents=True)
    database = Database.create(folder / "account.db", lock_timeout_s=0.2)
    with database.transaction() as transaction:
        store_account_keys(
            transaction,
            AccountKeys(
                aci=ServiceId.aci(UUID(int=1)),
                device_id=2,
                password="secret",
                aci_identity=KeyPair.generate(),
                registration_id=4711,
                profile_key=ProfileKeyBytes(bytes(32)),
                number="+15550100",
                pni=ServiceId.pni(UUID(int=2)),
                pni_identity=KeyPair.generate(),
                pni_registration_id=4712,
            ),
        )
    settings = Settings(
        tmp_path / "data", warnings, lock_timeout_s=0.2, aliases={"boss": "+1 555 0101"}
    )
    with Account(settings, database, AccountFiles(folder), "none", clock=clock) as account:
        # Neither this clock nor that of the tests' servers is the time.
        account.clock_was_compared = True
        yield account
