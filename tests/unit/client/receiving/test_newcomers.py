"""The names of people who write for the first time."""

from __future__ import annotations

import base64
import json
import threading
import time
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.base.task_items import account_target
from sigcli.client.receiving.newcomers import AT_MOST, name_newcomers
from sigcli.protocol import profile_fields
from sigcli.protocol.profile_fields import ProfileName
from sigcli.store.recipient_merging import recipient_id_of
from sigcli.store.recipients import find_by_service_id, set_profile_key
from sigcli.store.tasks import TaskKind, add_task, count_tasks
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import ProfileKeyBytes
from tests.support.loopback_server import Answer, LoopbackServer, Received
from tests.unit.client.world import NOW_MS, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = b"k" * 32


class Profiles:
    """Everybody is called Mallory; ``slow``: those who are answered late."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        self.slow: set[str] = set()
        self.release = threading.Event()

    def __call__(self, got: Received) -> Answer:
        aci = got.path.split("/")[3]
        self.asked.append(aci)
        if aci in self.slow:
            self.release.wait(20)
        name = profile_fields.encrypt_name(
            KEY, ProfileName("Mallory", ""), lambda size: bytes(size)
        )
        body = json.dumps({"name": base64.b64encode(name).decode(), "capabilities": {}})
        return Answer(self.status, body.encode())


@pytest.fixture
def profiles() -> Profiles:
    return Profiles()


@pytest.fixture
def world(tmp_path: Path, profiles: Profiles) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account, LoopbackServer(profiles) as server:
        world.account.__dict__["environment"] = server.environment()
        yield world
        profiles.release.set()


def newcomer(world: World, number: int, key: bytes | None = KEY) -> ServiceId:
    aci = ServiceId.aci(UUID(int=1000 + number))
    with world.database.transaction() as database:
        row = recipient_id_of(database, aci)
        if key is not None:
            set_profile_key(database, row, ProfileKeyBytes(key))
        add_task(database, TaskKind.PROFILE_FETCH, account_target(aci), now_ms=NOW_MS)
    return aci


def name(world: World, aci: ServiceId) -> str:
    found = find_by_service_id(world.database, aci)
    assert found is not None
    return found.name


def test_newcomers_have_names_before_they_are_printed(world: World, profiles: Profiles) -> None:
    everybody = [newcomer(world, number) for number in range(3)]
    newcomer(world, 3, key=None)  # whose name nobody here can read
    name_newcomers(world.account)
    assert [name(world, aci) for aci in everybody] == ["Mallory"] * 3
    assert sorted(profiles.asked) == sorted(map(str, everybody))
    assert count_tasks(world.database, TaskKind.PROFILE_FETCH) == 1
    name_newcomers(world.account)
    assert len(profiles.asked) == 3


def test_no_more_than_ten_are_asked_for(world: World, profiles: Profiles) -> None:
    for number in range(AT_MOST + 5):
        newcomer(world, number)
    name_newcomers(world.account)
    assert len(profiles.asked) == AT_MOST
    assert count_tasks(world.database, TaskKind.PROFILE_FETCH) == 5


def test_who_answers_late_holds_up_nobody(world: World, profiles: Profiles) -> None:
    late, quick = newcomer(world, 0), newcomer(world, 1)
    profiles.slow.add(str(late))
    began = time.monotonic()
    name_newcomers(world.account, timeout_s=0.5)
    assert time.monotonic() - began < 10
    assert (name(world, late), name(world, quick)) == ("", "Mallory")
    assert count_tasks(world.database, TaskKind.PROFILE_FETCH) == 1


@pytest.mark.parametrize("status", [500, 429, 404])
def test_a_failure_is_left_to_the_follow_up(world: World, profiles: Profiles, status: int) -> None:
    profiles.status = status
    aci = newcomer(world, 0)
    name_newcomers(world.account)
    assert name(world, aci) == ""
    assert count_tasks(world.database, TaskKind.PROFILE_FETCH) == (status != 404)
    assert world.warnings == []
