"""Sticker packs: uploaded to and fetched from the sandbox, told to the own devices, and met at Signal's mock server."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.account_state import know
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.printed import receive
from tests.support.sigcli_process import Sigcli

PICTURES = {
    name: b"\x89PNG\r\n\x1a\n" + name.encode() * 50 for name in ("cat.png", "dog.png", "lid.png")
}


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


def link(device: Sigcli, primary: Sigcli) -> None:
    linking = device.start("link", "-n", "further")
    primary.run("addDevice", "--uri", linking.read_line())
    linking.wait().expect(0)
    device.account = primary.account


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
    link(laptop, bob)
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
        file.read_bytes() for file in bob.data_dir.glob("*/attachments/[!.]*")
    ]
    assert picture(bob, pack_id, 0) == PICTURES["cat.png"]

    bob.run("addStickerPack", "--uri", url)
    assert packs(bob) == [pack]
    laptop.run("receive")
    assert packs(laptop) == [pack]
    assert picture(laptop, pack_id, 2) == PICTURES["lid.png"]
    # A device that is linked later finds the pack in the storage service.
    bob.run("receive")
    tablet = in_sandbox("tablet")
    link(tablet, bob)
    tablet.run("receive")
    assert packs(tablet) == [pack]
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


# --- Signal's mock server -----------------------------------------------------------------------------

CATS, KEY = bytes(range(16)), bytes(range(32))
CAT, DOG = ("🐈", PICTURES["cat.png"]), ("🐕", PICTURES["dog.png"])


def link_of(pack_id: bytes, pack_key: bytes) -> str:
    return f"https://signal.art/addstickers/#pack_id={pack_id.hex()}&pack_key={pack_key.hex()}"


def operations(mock_server: MockServer, primary: MockPrimary) -> list[dict[str, Any]]:
    """What the next sync message about packs tells the phone."""
    while True:
        sync = mock_server.received(primary, kind="syncMessage").content["syncMessage"]
        if sync.get("stickerPackOperation"):
            found: list[dict[str, Any]] = sync["stickerPackOperation"]
            return found


def test_a_pack_of_the_mock_server_is_installed_and_a_sticker_of_it_read_by_libsignal(
    mock_server: MockServer, sigcli: Sigcli, linked: MockDevice, primary: MockPrimary
) -> None:
    bob = mock_server.create_primary("Bob")
    mock_server.store_sticker_pack(CATS, KEY, [CAT, DOG])
    sigcli.run("addStickerPack", "--uri", link_of(CATS, KEY))
    (operation,) = operations(mock_server, primary)
    assert (operation["packId"], operation["packKey"]) == (CATS, KEY)
    assert operation.get("type", 0) == 0
    (pack,) = packs(sigcli)
    assert [sticker["emoji"] for sticker in pack["stickers"]] == ["🐈", "🐕"]

    sigcli.run("send", "--sticker", f"{CATS.hex()}:1", bob.aci)
    sticker = mock_server.received(bob, kind="dataMessage").data["sticker"]
    pointer = sticker.pop("data")
    assert sticker == {"packId": CATS, "packKey": KEY, "stickerId": 1, "emoji": "🐕"}
    assert pointer["contentType"] == "image/png"
    assert mock_server.attachment(pointer) == PICTURES["dog.png"]

    sigcli.run("removeStickerPack", "--pack-id", CATS.hex())
    (operation,) = operations(mock_server, primary)
    assert operation["type"] == 1


def test_the_phone_installs_and_a_stranger_does_not_make_packs_known(
    mock_server: MockServer, sigcli: Sigcli, linked: MockDevice, primary: MockPrimary
) -> None:
    def with_sticker(text: str, pack_id: bytes, pack_key: bytes) -> None:
        sticker = {"packId": pack_id, "packKey": pack_key, "stickerId": 1, "emoji": "🐕"}
        mock_server.send_text(bob, linked, text, sealed=True, fields={"sticker": sticker})

    bob = mock_server.create_primary("Bob")
    mock_server.store_sticker_pack(CATS, KEY, [CAT, DOG])
    receive(sigcli)
    with_sticker("from a stranger", CATS, KEY)
    (line,) = receive(sigcli)
    assert line["envelope"]["dataMessage"]["sticker"]["packId"] == CATS.hex()
    assert packs(sigcli) == []
    know(sigcli, bob)
    with_sticker("from a friend", CATS, KEY)
    with_sticker("wrong key", b"w" * 16, KEY)
    receive(sigcli, "--ignore-stickers")
    assert [pack["title"] for pack in packs(sigcli)] == ["", ""]
    assert mock_server.requests("/stickers/") == []
    with_sticker("again", CATS, KEY)
    with_sticker("wrong key again", b"w" * 16, KEY)
    receive(sigcli)
    (pack,) = packs(sigcli)  # the other one is not there
    assert (pack["title"], pack["installed"]) == ("Cats", False)
    mock_server.send_sticker_pack_sync(primary, CATS, KEY, "install")
    receive(sigcli)
    assert packs(sigcli) == [{**pack, "installed": True}]
    assert picture(sigcli, CATS.hex(), 0) == PICTURES["cat.png"]
    mock_server.send_sticker_pack_sync(primary, CATS, KEY, "remove")
    receive(sigcli)
    assert packs(sigcli) == [pack]
