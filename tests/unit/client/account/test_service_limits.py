"""What the service takes at most: read from its settings, kept, and asked before something is made."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from sigcli.client.account.service_limits import refresh_service_limits
from sigcli.client.content.attachments_out import upload_attachments
from sigcli.errors import AttachmentTooLarge, ServerUnavailable
from sigcli.store.service_limits import ServiceLimits, read_service_limits, store_service_limits
from sigcli.store.settings import Setting, write_setting
from tests.support.loopback_server import TIMESTAMP, Answer, LoopbackServer, Received

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigcli.client.base.account import Account

SETTINGS = {
    "global.attachments.maxBytes": "1000",
    "global.groupsv2.groupSizeHardLimit": "1001",
    "desktop.something": "true",
}


@dataclass
class Service:
    """A service with settings; ``status`` other than 200 refuses them."""

    settings: dict[str, str] = field(default_factory=lambda: dict(SETTINGS))
    status: int = 200
    asked: list[Received] = field(default_factory=list)

    def respond(self, request: Received) -> Answer:
        self.asked.append(request)
        if request.path != "/v2/config":
            return Answer(404)
        tag = f'"{hash(json.dumps(self.settings))}"'
        if self.status == 200 and request.headers.get("if-none-match") == tag:
            return Answer(304, b"", {**TIMESTAMP, "ETag": tag})
        body = json.dumps({"config": self.settings}).encode()
        return Answer(self.status, body, {**TIMESTAMP, "ETag": tag})


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def asking(account: Account, service: Service) -> Iterator[Account]:
    with LoopbackServer(service.respond) as server:
        account.environment = server.environment()
        yield account
        account.close()


def limits(account: Account) -> tuple[int | None, int | None]:
    found = read_service_limits(account.database)
    return found.attachment_bytes, found.group_members


def test_limits_are_asked_for_again_only_to_see_whether_they_are_others(
    asking: Account, service: Service
) -> None:
    assert limits(asking) == (None, None)
    refresh_service_limits(asking)
    assert limits(asking) == (1000, 1001)
    refresh_service_limits(asking)
    assert "if-none-match" not in service.asked[0].headers
    assert service.asked[1].headers["if-none-match"]
    assert limits(asking) == (1000, 1001)
    service.settings = {"global.groupsv2.groupSizeHardLimit": "2000"}
    refresh_service_limits(asking)
    assert limits(asking) == (None, 2000)


@pytest.mark.parametrize("text", ["", "-1", "0", "many", "1" * 30, "1.5"])
def test_what_is_no_number_limits_nothing(asking: Account, service: Service, text: str) -> None:
    service.settings = dict.fromkeys(SETTINGS, text)
    refresh_service_limits(asking)
    assert limits(asking) == (None, None)


def test_a_service_without_settings_limits_nothing_and_trouble_changes_nothing(
    asking: Account, service: Service
) -> None:
    service.status = 404
    refresh_service_limits(asking)
    assert limits(asking) == (None, None)
    service.status = 200
    refresh_service_limits(asking)
    service.status = 503
    with pytest.raises(ServerUnavailable):
        refresh_service_limits(asking)
    assert limits(asking) == (1000, 1001)


def test_an_attachment_that_is_too_large_is_refused_before_anything_is_asked(
    asking: Account, service: Service, tmp_path: Path
) -> None:
    with asking.database.transaction() as database:
        store_service_limits(database, ServiceLimits(attachment_bytes=1000))
    small, large = tmp_path / "small.bin", tmp_path / "large.bin"
    small.write_bytes(bytes(1000))
    large.write_bytes(bytes(1001))
    with pytest.raises(AttachmentTooLarge, match=r"large\.bin has 1,001 bytes.* at most 1,000"):
        upload_attachments(asking, [str(small), str(large)])
    assert service.asked == []


@pytest.mark.parametrize("held", ["", "[]", "{", '{"other": 1}'])
def test_what_is_not_readable_limits_nothing(account: Account, held: str) -> None:
    with account.database.transaction() as database:
        write_setting(database, Setting("service_limits", str), held)
    assert read_service_limits(account.database) == ServiceLimits()
