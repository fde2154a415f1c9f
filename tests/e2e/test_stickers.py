"""Sticker packs: uploaded to and fetched from the sandbox, told to the own devices, and met at Signal's mock server."""

from __future__ import annotations

import base64
import itertools
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sigcli.sandbox.captcha import solved_captcha
from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from tests.support.sigcli_process import Sigcli

CAPTCHA = f"signalcaptcha://{solved_captcha('registration')}"
PICTURES = {
    name: b"\x89PNG\r\n\x1a\n" + name.encode() * 50 for name in ("cat.png", "dog.png", "lid.png")
}
_numbers = itertools.count(15550900)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        RunningSandbox.find(sandbox.environment_file).switch(rateLimits=False)
        yield sandbox


@pytest.fixture
def in_sandbox(sandbox: Sandbox, tmp_path: Path) -> Iterator[Callable[[str], Sigcli]]:
    """Makes `sigcli` runners for the sandbox with empty data directories, by name."""
    made: list[Sigcli] = []

    def make(name: str) -> Sigcli:
        made.append(Sigcli(tmp_path / name, sandbox.environment_file))
        return made[-1]

    yield make
    for runner in made:
        runner.dispose()


@pytest.fixture
def register(sandbox: Sandbox, in_sandbox: Callable[[str], Sigcli]) -> Callable[[str], Sigcli]:
    """Makes `sigcli` runners with an account of their own, by name."""

    def make(name: str) -> Sigcli:
        sigcli = in_sandbox(name)
        sigcli.account = f"+{next(_numbers)}"
        sigcli.run("register", "--captcha", CAPTCHA)
        sigcli.run("verify", RunningSandbox.find(sandbox.environment_file).code(sigcli.account))
        return sigcli

    return make


@pytest.fixture
def pack_folder(tmp_path: Path) -> Path:
    """A folder with a manifest and three pictures."""
    folder = tmp_path / "pack"
    folder.mkdir()
    for name, content in PICTURES.items():
        (folder / name).write_bytes(content)
    manifest = {
        "title": "Pets \x1b[31m",
        "author": "Ada",
        "cover": {"file": "lid.png"},
        "stickers": [{"file": "cat.png", "emoji": "🐈"}, {"file": "dog.png", "emoji": "🐕"}],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def number(sigcli: Sigcli) -> str:
    assert sigcli.account is not None
    return sigcli.account


def packs(sigcli: Sigcli) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = sigcli.run("--json", "listStickerPacks").json
    return listed


def picture(sigcli: Sigcli, pack_id: str, sticker_id: int) -> bytes:
    words = ("--pack-id", pack_id, "--sticker-id", str(sticker_id))
    return base64.b64decode(sigcli.run("--json", "getSticker", *words).json["data"])


def test_a_pack_is_uploaded_sent_from_met_and_added(
    register: Callable[[str], Sigcli], in_sandbox: Callable[[str], Sigcli], pack_folder: Path
) -> None:
    alice, bob = register("alice"), register("bob")
    laptop = in_sandbox("laptop")
    linking = laptop.start("link", "-n", "laptop")
    bob.run("addDevice", "--uri", linking.read_line())
    linking.wait().expect(0)
    laptop.account = bob.account
    bob.run("receive")
    laptop.run("receive")

    url = alice.run("uploadStickerPack", str(pack_folder)).lines[0]
    (pack,) = packs(alice)
    pack_id = pack["packId"]
    assert url == pack["url"]
    assert url.startswith(f"https://signal.art/addstickers/#pack_id={pack_id}&pack_key=")
    assert (pack["installed"], pack["title"], pack["author"]) == (True, "Pets \x1b[31m", "Ada")
    assert pack["cover"] == {"id": 2, "emoji": "", "contentType": "image/png"}
    assert [sticker["emoji"] for sticker in pack["stickers"]] == ["🐈", "🐕"]
    assert alice.run("listStickerPacks").lines == [
        f"Pack {pack_id}: “Pets \\x1b[31m” by “Ada” has 2 stickers. {url}"
    ]

    bob.run("send", "-m", "hello", number(alice))
    alice.run("receive")
    alice.run("send", "--sticker", f"{pack_id}:1", number(bob))
    (line,) = [
        line
        for line in bob.run("--json", "receive").json_lines
        if line["envelope"].get("dataMessage")
    ]
    assert line["envelope"]["dataMessage"]["sticker"] == {
        "packId": pack_id,
        "stickerId": 1,
        "emoji": "🐕",
    }
    # The pack is known from the message, with what is in it, but not installed.
    (known,) = packs(bob)
    assert known == {**pack, "installed": False}
    assert PICTURES["dog.png"] in [
        file.read_bytes() for file in bob.data_dir.glob("*/attachments/*")
    ]
    assert picture(bob, pack_id, 0) == PICTURES["cat.png"]

    bob.run("addStickerPack", "--uri", url)
    assert packs(bob) == [pack]
    laptop.run("receive")
    assert packs(laptop) == [pack]
    assert picture(laptop, pack_id, 2) == PICTURES["lid.png"]
    laptop.run("removeStickerPack", "--pack-id", pack_id)
    bob.run("receive")
    assert packs(bob) == packs(laptop) == [{**pack, "installed": False}]


def test_what_cannot_be_uploaded_added_or_sent_is_named(
    register: Callable[[str], Sigcli], pack_folder: Path, tmp_path: Path
) -> None:
    alice = register("alice")

    def fails(*words: str) -> str:
        code: str = alice.run("--json", *words, exit_code=1).json_error["code"]
        return code

    unknown = "ab" * 16
    assert fails("getSticker", "--pack-id", unknown, "--sticker-id", "0") == "unknownStickerPack"
    assert fails("send", "--sticker", f"{unknown}:0", number(alice)) == "unknownStickerPack"
    assert fails("send", "--sticker", "cats", number(alice)) == "usage"
    assert fails("addStickerPack", "--uri", "https://signal.art/x") == "invalidStickerPackLink"
    gone = f"https://signal.art/addstickers/#pack_id={unknown}&pack_key={'cd' * 32}"
    assert fails("addStickerPack", "--uri", gone) == "stickerPackUnavailable"
    assert fails("removeStickerPack", "--pack-id", unknown) == "unknownStickerPack"
    assert packs(alice) == []

    archive = tmp_path / "pack.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in pack_folder.iterdir():
            file.write(path, path.name)
    url = alice.run("--json", "uploadStickerPack", str(archive)).json["url"]
    (pack,) = packs(alice)
    assert pack["url"] == url
    missing = ("getSticker", "--pack-id", pack["packId"], "--sticker-id", "3")
    assert fails(*missing) == "noSuchSticker"
    other_key = url[:-64] + "00" * 32
    assert fails("addStickerPack", "--uri", other_key) == "stickerPackUnavailable"
    assert packs(alice) == [pack]

    (pack_folder / "dog.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(301 * 1024))
    refused = alice.run("--json", "uploadStickerPack", str(pack_folder), exit_code=1).json_error
    assert refused["code"] == "invalidStickerPack"
    assert "dog.png" in refused["message"]
