"""An account of signal-cli that is being taken over."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.faults.operations import Operation, Strike
from tests.faults.processes import Ended
from tests.faults.world import Lost, World
from tests.support.signal_cli_archive import (
    ACI,
    GROUP,
    PEER1,
    PEER1_ACI,
    PEER2,
    PEER2_ACI,
    WAITING,
    unpack,
)

ARCHIVE = "archive"
_PEERS = (("peer1", PEER1, PEER1_ACI), ("peer2", PEER2, PEER2_ACI))


def make_archive(world: World) -> None:
    """The archive's server goes on as the sandbox, its people as devices."""
    world.stop()
    unpacked = world.root / "unpacked"
    unpack(unpacked)
    shutil.rmtree(world.sandbox_folder)
    shutil.move(unpacked / "sandbox", world.sandbox_folder)
    shutil.move(unpacked / "signal-cli-data", _source(world))
    for name, number, _ in _PEERS:
        device = world.device(name, number)
        shutil.move(unpacked / name, device.data_dir)
        accounts = device.data_dir / "accounts.toml"
        text = accounts.read_text()
        accounts.write_text(text.replace("/ENVIRONMENT/env.toml", str(world.environment_file)))
    shutil.rmtree(unpacked)
    world.start()


def _source(world: World) -> Path:
    return world.root / "source"


def _words(world: World) -> tuple[str, ...]:
    return ("import", "signal-cli", "--source", str(_source(world)))


def _strike(world: World, act: Strike) -> Ended:
    return world.attempt(world.device("moved", ACI), *_words(world), act=act)


def _check(world: World, struck: Ended) -> None:
    del struck
    moved = world.device("moved")
    if not world.run(moved, "listAccounts").json:
        world.run(moved, *_words(world))
    found = set(world.texts(moved))
    if found != WAITING:
        raise Lost(f"what waited: {found}")
    world.run(moved, "send", "-m", "to the group", "-g", GROUP)
    for name, _, aci in _PEERS:
        world.run(moved, "send", "-m", "to you", aci)
        peer = world.device(name)
        texts = world.texts(peer)
        if not {"to the group", "to you"} <= set(texts):
            raise Lost(f"{name} got {texts}")
        world.run(peer, "send", "-m", f"from {name}", ACI)
        world.run(peer, "send", "-m", f"{name} to the group", "-g", GROUP)
    texts = world.texts(moved)
    expected = {text for name, _, _ in _PEERS for text in (f"from {name}", f"{name} to the group")}
    if set(texts) != expected:
        raise Lost(f"the moved account got {texts}")


IMPORT = (Operation("import", _strike, _check, base=ARCHIVE, about=215),)
