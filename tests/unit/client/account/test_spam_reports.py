from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.account.spam_reports import report
from sigcli.client.applying.envelope_intake import EnvelopeIntake
from sigcli.errors import NothingToReport, UnknownRecipient, UsageError
from sigcli.store.identity_keys import TrustLevel, find_identity, set_trust_level
from sigcli.store.reportable_messages import (
    RETENTION_MS,
    ReportableMessage,
    prune_reportable,
    remember_reportable,
    reportable_messages,
)
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import Content
from sigcli.wire.content.receipts import TypingAction, TypingMessage
from tests.support.loopback_server import Answer, LoopbackServer
from tests.unit.client.world import NOW_MS, PEER_ACI, Peer, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigcli.client.base.account import Account

GUID, OTHER_GUID = str(UUID(int=0x51)), str(UUID(int=0x52))
TOKEN = b"token \xff"
_PATH = f"/v1/messages/report/{PEER_ACI}/"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        yield world


@pytest.fixture
def bob(world: World) -> Peer:
    return world.peer()


def kept(account: Account, source: ServiceId = PEER_ACI) -> list[tuple[int, str, bytes | None]]:
    found = reportable_messages(account.database, source, 100)
    return [(message.timestamp_ms, message.server_guid, message.token) for message in found]


def remember(account: Account, timestamp_ms: int, guid: str, token: bytes | None) -> None:
    with account.database.transaction() as database:
        message = ReportableMessage(PEER_ACI, timestamp_ms, guid, token)
        remember_reportable(database, message, NOW_MS)


def test_a_received_message_can_be_reported_after_it_was_printed(world: World, bob: Peer) -> None:
    plain = replace(bob.plain("buy", guid=GUID), report_spam_token=TOKEN)
    sealed = bob.sealed("buy more", timestamp_ms=NOW_MS + 1)
    typing = Content(typing_message=TypingMessage(timestamp_ms=NOW_MS, action=TypingAction.STARTED))
    world.take(plain, sealed, bob.plain(typing, timestamp_ms=NOW_MS + 2))
    assert kept(world.account) == [
        (NOW_MS + 1, sealed.server_guid, None),
        (NOW_MS, GUID, TOKEN),
    ]
    world.take(replace(plain, content=b"again"))
    assert len(kept(world.account)) == 2


def test_what_an_own_device_says_is_not_kept(world: World) -> None:
    world.take(world.own_phone().plain("note"))
    assert kept(world.account, world.account.aci) == []


def test_a_message_that_was_kept_back_can_be_reported_once_it_is_released(tmp_path: Path) -> None:
    world = World.create(tmp_path, "never")
    with world.account:
        bob = world.peer()
        held = replace(bob.plain("buy", guid=GUID), report_spam_token=TOKEN)
        world.take(held)
        assert kept(world.account) == []
        known = find_identity(world.database, PEER_ACI)
        assert known is not None
        intake = EnvelopeIntake(world.account)
        with intake.batch() as transaction:
            level = TrustLevel.TRUSTED_UNVERIFIED
            set_trust_level(transaction, PEER_ACI, known.identity_key, level)
            intake.release(PEER_ACI)
        assert kept(world.account) == [(NOW_MS, GUID, TOKEN)]


def test_they_are_forgotten_after_a_month(account: Account) -> None:
    remember(account, 1, GUID, None)
    with account.database.transaction() as database:
        prune_reportable(database, NOW_MS + RETENTION_MS - 1)
        assert len(kept(account)) == 1
        prune_reportable(database, NOW_MS + RETENTION_MS)
    assert kept(account) == []


def reports(
    account: Account, **options: tuple[int, ...] | tuple[str, ...]
) -> list[tuple[str, str]]:
    """The paths and tokens of the reports that are made."""
    with LoopbackServer(lambda _: Answer(202)) as server:
        account.__dict__["environment"] = server.environment()
        try:
            report(account, str(PEER_ACI), **options)  # type: ignore[arg-type]
        finally:
            account.chat.close()
            account.__dict__.pop("network", None)
            account._chat = None
            made = [
                (got.path.removeprefix(_PATH), json.loads(got.body).get("token", ""))
                for got in server.received
                if got.method == "POST" and got.path.startswith(_PATH)
            ]
    return made


def test_reports_name_the_message_and_its_token(account: Account) -> None:
    remember(account, 1, GUID, b"\xff\xfe")
    remember(account, 2, OTHER_GUID, None)
    both = [(OTHER_GUID, ""), (GUID, "//4=")]
    assert reports(account) == both
    assert reports(account, timestamps_ms=(1,)) == [(GUID, "//4=")]
    assert reports(account, timestamps_ms=(2, 1)) == both
    assert reports(account, server_guids=(GUID.upper(),)) == [(GUID, "//4=")]
    unknown = str(UUID(int=0x99))
    assert reports(account, server_guids=(unknown,)) == [(unknown, "")]


def test_who_is_known_by_a_pni_alone_is_not_reported(account: Account) -> None:
    # The service breaks over such a report.
    pni = f"PNI:{UUID(int=0x77)}"
    with LoopbackServer(lambda _: Answer(202)) as server:
        account.__dict__["environment"] = server.environment()
        with pytest.raises(UnknownRecipient):
            report(account, pni, server_guids=(GUID,))
        assert server.received == []


def test_nothing_is_reported_unless_every_message_is_known(account: Account) -> None:
    with pytest.raises(NothingToReport):
        reports(account)
    remember(account, 1, GUID, None)
    with LoopbackServer(lambda _: Answer(202)) as server:
        account.__dict__["environment"] = server.environment()
        with pytest.raises(NothingToReport):
            report(account, str(PEER_ACI), timestamps_ms=(1, 5))
        with pytest.raises(UsageError):
            report(account, str(PEER_ACI), server_guids=("../x",))
        with pytest.raises(UsageError):
            report(account, str(account.aci))
        assert server.received == []
