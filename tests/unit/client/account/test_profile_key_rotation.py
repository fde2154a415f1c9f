from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from sigcli.client.account.profile_key_rotation import rotate_profile_key
from sigcli.client.base.task_items import account_target
from sigcli.client.people.profile_key_loss import is_key_lost_to
from sigcli.client.people.profiles import profile_version
from sigcli.errors import ServerUnavailable
from sigcli.protocol import profile_fields
from sigcli.protocol.access_keys import derive_access_key
from sigcli.protocol.profile_fields import ProfileName
from sigcli.store import account_data
from sigcli.store.recipient_merging import recipient_id_of
from sigcli.store.recipients import update_recipient
from sigcli.store.settings import write_setting
from sigcli.store.tasks import TaskKind, count_tasks, find_items
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import ProfileKeyBytes
from tests.support.loopback_server import Answer, LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.base.account import Account
    from tests.support.loopback_server import Received

FRIEND, STRANGER, BLOCKED = (ServiceId.aci(UUID(int=n)) for n in (101, 102, 103))


@dataclass
class Service:
    """Keeps the profile and the attributes of one account; ``failing`` is a path that does not work."""

    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    attributes: dict[str, Any] | None = None
    failing: str = ""
    order: list[str] = field(default_factory=list)

    def __call__(self, request: Received) -> Answer:
        self.order.append(f"{request.method} {request.path.split('/')[2]}")
        if self.failing and request.path.startswith(self.failing):
            return Answer(503)
        if request.method == "PUT":
            body = json.loads(request.body)
            if request.path == "/v1/profile":
                self.versions[body["version"]] = body
            else:
                self.attributes = body
            return Answer(200, body=b"{}")
        known = self.versions.get(request.path.rsplit("/", 1)[1], {})
        names = ("name", "about", "aboutEmoji", "phoneNumberSharing")
        shown = {name: known[name] for name in names if name in known}
        return Answer(body=json.dumps(shown).encode())


@pytest.fixture
def service(account: Account) -> Iterator[Service]:
    """The service of an account that is a primary device and has a profile."""
    with account.database.transaction() as database:
        write_setting(database, account_data.DEVICE_ID, 1)
        for aci, blocked in ((FRIEND, False), (BLOCKED, True)):
            row = recipient_id_of(database, aci)
            update_recipient(database, row, profile_sharing=True, blocked=blocked)
        recipient_id_of(database, STRANGER)
    account.reload_keys()
    key, service = bytes(32), Service()
    service.versions[profile_version(ProfileKeyBytes(key), account.aci)] = {
        "name": encoded(profile_fields.encrypt_name(key, ProfileName("Ann", "Lee"))),
        "about": encoded(profile_fields.encrypt_about(key, "busy")),
        "phoneNumberSharing": encoded(profile_fields.encrypt_boolean(key, True)),
    }
    with LoopbackServer(service) as server:
        account.environment = server.environment()
        yield service


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_profile_then_access_key_then_everybody_else(account: Account, service: Service) -> None:
    rotate_profile_key(account)
    key = account.keys.profile_key
    assert key != bytes(32)
    assert service.order == ["GET profile", "PUT profile", "PUT accounts"]
    written = service.versions[profile_version(key, account.aci)]
    name = profile_fields.decrypt_name(key, base64.b64decode(written["name"]))
    assert (name.given, name.family) == ("Ann", "Lee")
    assert profile_fields.decrypt_text(key, base64.b64decode(written["about"])) == "busy"
    assert profile_fields.decrypt_boolean(key, base64.b64decode(written["phoneNumberSharing"]))
    assert service.attributes is not None
    assert bytes(service.attributes["unidentifiedAccessKey"]) == derive_access_key(key)
    kind = TaskKind.PROFILE_KEY_UPDATE
    assert count_tasks(account.database, kind) == 1
    assert find_items(account.database, kind, account_target(FRIEND))


def test_a_failure_on_the_way_goes_on_with_the_same_key(account: Account, service: Service) -> None:
    service.failing = "/v1/accounts"
    with pytest.raises(ServerUnavailable):
        rotate_profile_key(account)
    assert account.keys.profile_key == bytes(32)
    service.failing = ""
    rotate_profile_key(account)
    # The profile was written the first time.
    assert service.order.count("PUT profile") == 1
    assert set(service.versions) == {
        profile_version(ProfileKeyBytes(key), account.aci)
        for key in (bytes(32), account.keys.profile_key)
    }


def test_who_shares_a_group_would_learn_a_new_key(account: Account) -> None:
    database = account.database
    assert is_key_lost_to(database, account.aci, FRIEND)
    with database.transaction() as transaction:
        transaction.write(
            "INSERT INTO signal_group (id, group_id, master_key) VALUES (1, ?, ?)",
            (b"g" * 32, bytes(32)),
        )
        for aci in (account.aci, FRIEND):
            transaction.write(
                "INSERT INTO group_person (group_row, standing, service_id) VALUES (1, 0, ?)",
                (aci.to_fixed_width(),),
            )
    assert not is_key_lost_to(database, account.aci, FRIEND)
