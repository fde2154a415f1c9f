"""What is struck: an operation, how things stand before it, and what must hold after the honest run that follows."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.boundaries import Act
from tests.faults.processes import Ended
from tests.faults.world import (
    Device,
    Lost,
    World,
    texts_in,
)

Strike = Callable[[], Act | None]
PICTURE = bytes(range(256)) * 40
PASSPHRASE = "passphrase"
TALKED = "talked"
KNOWN_TO_ALICE = ("bob", "carol")


@dataclass(frozen=True, slots=True)
class Operation:
    """``prepare`` makes the state ``before`` from the state ``base``; ``strike`` begins there.

    ``strike`` gives the struck process's end; ``check`` does the honest run and raises Lost or Stuck.
    """

    name: str
    strike: Callable[[World, Strike], Ended]
    check: Callable[[World, Ended], None]
    prepare: Callable[[World], None] | None = None
    base: str = TALKED
    about: int = 40
    """So many boundaries at least: the short form looks no further."""

    @property
    def before(self) -> str:
        return f"before {self.name}" if self.prepare else self.base


def make_talked(world: World) -> None:
    """Alice with a linked laptop, Bob and Carol, who have all talked and share a group; Dave, whom nobody knows."""
    alice, bob, carol = (world.register(name) for name in ("alice", "bob", "carol"))
    world.register("dave")
    for person in (alice, bob, carol):
        world.run(person, "updateProfile", "--given-name", person.name)
        (person.home / "picture.png").write_bytes(PICTURE)
        (person.home / PASSPHRASE).write_text("correct horse battery staple\n")
    world.link(alice, world.device("laptop", alice.account))
    for person in (bob, carol):
        world.talk(alice, person)
    group = world.run(
        alice, "updateGroup", "-n", "Club", "-m", bob.account, "-m", carol.account
    ).json["groupId"]
    for person in (bob, carol):
        world.receive(person)
        world.run(person, "send", "-g", group, "-m", f"{person.name} is here")
    for name in ("alice", "laptop", "bob", "carol", "alice"):
        world.receive(world.device(name))


def people(world: World) -> tuple[Device, Device, Device]:
    return world.device("alice"), world.device("bob"), world.device("carol")


def group_of(world: World, device: Device, name: str = "Club") -> str:
    """The id of a group by its name; raises Lost."""
    found = [one for one in world.run(device, "listGroups").json if one["name"] == name]
    if not found:
        raise Lost(f"{device.name} has no group {name}")
    return str(found[0]["id"])


def once(texts: list[str], text: str, who: Device) -> None:
    if texts.count(text) != 1:
        raise Lost(f"{text!r} came {texts.count(text)} times to {who.name}: {texts}")


def sent_texts(found: list[dict[str, Any]]) -> list[str]:
    """The texts among what a linked device is told of the other one's messages."""
    sent = (one.get("syncMessage", {}).get("sentMessage") for one in found)
    return [one["message"] for one in sent if one and one.get("message")]


def require_all(
    world: World, device: Device, found: list[dict[str, Any]], expected: tuple[str, ...]
) -> None:
    """All texts came; what came again is known by its GUID, and a picture is there. Raises Lost."""
    texts: Counter[str] = Counter()
    pictures: list[dict[str, Any]] = []
    by_guid: dict[str, dict[str, Any]] = {
        one["serverGuid"]: one for one in found if "dataMessage" in one
    }
    for one in by_guid.values():
        texts.update(texts_in([one]))
        pictures += one["dataMessage"].get("attachments") or []
    if texts != Counter(expected):
        raise Lost(f"{device.name} got {dict(texts)}")
    for picture in pictures:
        if picture.get("localPath") is not None:
            data = Path(picture["localPath"]).read_bytes()
        else:  # it could not be fetched then, and can be now
            answer = world.run(device, "getAttachment", "--id", picture["id"]).json
            data = b64decode(answer["data"])
        if data != PICTURE:
            raise Lost("the picture")
