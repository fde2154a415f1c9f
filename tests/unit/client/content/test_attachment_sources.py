from __future__ import annotations

import contextlib
import io
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.client.base import user_files
from sigcli.client.content import attachments_out
from sigcli.client.content.attachment_sources import from_data_uri, open_sources
from sigcli.client.content.file_signatures import content_type_of, picture_size
from sigcli.client.people.attachment_names import attachment_id
from sigcli.errors import (
    AttachmentRefused,
    AttachmentTooLarge,
    AttachmentUnreadable,
    FileUnreadable,
    PayloadTooLarge,
    PictureTooLarge,
)
from sigcli.store.content_types import content_type_for
from sigcli.wire.content import AttachmentPointer

if TYPE_CHECKING:
    from pathlib import Path

    from sigcli.client.base.account import Account

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0\0\1\0" + b"\0\0\0\7"
JPEG = b"\xff\xd8\xff\xe0\0\x04JF\xff\xc4\0\x03x\xff\xc2\0\x11\x08\0\x09\x01\x02\3"


@pytest.mark.parametrize(
    ("uri", "data", "content_type", "name"),
    [
        ("data:text/plain;base64,aGVsbG8=", b"hello", "text/plain", None),
        ("data:,hello%20you", b"hello you", "text/plain", None),
        ("DATA:image/PNG;filename=a%20b.png;base64,eA==", b"x", "image/png", "a b.png"),
        ('data:x/y;filename="../../etc/passwd";base64,', b"", "x/y", "passwd"),
        ("data:a/b;charset=utf-8;base64,eA%3D%3D", b"x", "a/b", None),
        ("data:a/b;base64,eA\n==", b"x", "a/b", None),
        ("data:a/b;base64,eA", b"x", "a/b", None),
        ("data:a/b;base64,-_8", b"\xfb\xff", "a/b", None),
        ("data:a/b;filename=a,b;c.png;base64,eA==", b"x", "a/b", "a,b;c.png"),
        ("data:a/b;filename=a;charset=utf-8;base64,eA==", b"x", "a/b", "a"),
        ('data:a/b;FileName="a,b;c.txt",hi,you', b"hi,you", "a/b", "a,b;c.txt"),
        ("data:;base64,eA", b"x", "text/plain", None),
    ],
)
def test_data_uris(uri: str, data: bytes, content_type: str, name: str | None) -> None:
    source = from_data_uri(uri)
    assert b"".join(source.chunks()) == data
    assert (source.size, source.content_type, source.file_name) == (len(data), content_type, name)


@pytest.mark.parametrize("uri", ["data:text/plain", "data:a/b;base64,e", "data:a/b;base64,????"])
def test_what_is_no_data_uri(uri: str) -> None:
    with pytest.raises(AttachmentUnreadable):
        from_data_uri(uri)


@given(st.text())
def test_any_data_uri_is_read_or_refused(rest: str) -> None:
    with contextlib.suppress(AttachmentUnreadable):
        from_data_uri("data:" + rest)


def test_files(account: Account, tmp_path: Path) -> None:
    picture, table, odd = tmp_path / "x.jpg", tmp_path / "t.CSV", tmp_path / "odd"
    picture.write_bytes(PNG + bytes(300_000))
    table.write_bytes(b"a,b")
    odd.write_bytes(b"\0\1")
    sources = open_sources(account, [str(picture), str(table), str(odd), "data:,x"])
    assert [source.content_type for source in sources] == [
        # What a file is counts more than what it is called.
        "image/png",
        "text/csv",
        "application/octet-stream",
        "text/plain",
    ]
    assert (sources[0].width, sources[0].height, sources[0].file_name) == (256, 7, "x.jpg")
    assert b"".join(sources[0].chunks()) == picture.read_bytes()
    for source in sources:
        source.close()


def test_files_that_are_not_sent(account: Account, tmp_path: Path) -> None:
    with pytest.raises(AttachmentUnreadable, match=r"missing\.png"):
        open_sources(account, ["data:,x", str(tmp_path / "missing.png")])
    with pytest.raises(AttachmentUnreadable, match="not a regular file"):
        open_sources(account, [str(tmp_path)])
    with pytest.raises(AttachmentUnreadable, match="zero byte"):
        open_sources(account, ["a\0b"])
    with pytest.raises(AttachmentUnreadable, match="5550100") as misplaced:
        open_sources(account, ["+15550100"])
    assert "--account" in (misplaced.value.hint or "")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(AttachmentUnreadable, match="gives nothing"):
        open_sources(account, [str(pipe)])
    with pytest.raises(AttachmentUnreadable, match="not a regular file"):
        open_sources(account, ["/dev/zero"])
    link = tmp_path / "innocent.txt"
    link.symlink_to(account.database.path)
    (account.settings.data_dir / "accounts.toml").write_text("")
    for path in (account.database.path, link, account.settings.data_dir / "accounts.toml"):
        with pytest.raises(AttachmentRefused):
            open_sources(account, [str(path)])


def test_files_that_the_system_writes_when_they_are_read(account: Account, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")
    words = ["/proc/version", "/sys/kernel/mm/transparent_hugepage/enabled", str(empty)]
    for word in filter(os.path.exists, words):
        for _ in range(2):
            (source,) = open_sources(account, [word])
            with open(word, "rb") as file:
                expected = file.read()
            assert source.file_name == os.path.basename(word)
            assert (source.size, b"".join(source.chunks())) == (len(expected), expected)
            source.close()


def test_what_was_received_may_be_sent_on(account: Account) -> None:
    folder = account.files.folder
    for name in ("attachments/picture", "avatars/group-00", "stickers/aa/1"):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(PNG)
        (source,) = open_sources(account, [path])
        source.close()
    report = account.settings.data_dir / "report.txt"
    report.write_text("mine")
    (source,) = open_sources(account, [str(report)])
    source.close()
    for name in (
        "account.db-wal",
        "account.db-journal",
        ".new-1",
        "attachments/.new-1",
        "notes.txt",
    ):
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(b"secret")
        with pytest.raises(AttachmentRefused):
            open_sources(account, [path])
    for name in ("accounts.lock", "daemon.token", "sandbox/keys.json", ".new-1/account.db"):
        secret = account.settings.data_dir / name
        secret.parent.mkdir(exist_ok=True)
        secret.write_text("secret")
        with pytest.raises(AttachmentRefused):
            open_sources(account, [str(secret)])


def test_a_pipe_is_read_once_and_leaves_no_file(account: Account) -> None:
    reading, writing = os.pipe()
    os.write(writing, PNG + b"x" * 60_000)
    os.close(writing)
    word = f"/dev/fd/{reading}"
    before = os.listdir(account.files.folder)
    for _ in range(2):  # as --retry, and a story that is looked at first, use it twice
        (source,) = open_sources(account, [word])
        data = b"".join(source.chunks())
        assert data == PNG + b"x" * 60_000
        assert (source.size, source.content_type) == (len(data), "image/png")
        assert (source.width, source.file_name) == (256, None)
        source.close()
    assert os.listdir(account.files.folder) == before
    os.close(reading)


def test_a_stream_without_an_end_is_too_large(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_files, "MAX_STREAM_BYTES", 1000)
    reading, writing = os.pipe()
    os.write(writing, bytes(2000))
    with pytest.raises(AttachmentTooLarge):
        open_sources(account, [f"/dev/fd/{reading}"])
    os.close(writing)
    os.close(reading)


def test_pictures(account: Account, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(PNG)
    assert user_files.read_picture(account, str(path), 1000) == PNG
    assert user_files.read_picture(account, "data:image/png;base64,eA", 1000) == b"x"
    for word in (str(path), "data:,0123456789"):
        with pytest.raises(PictureTooLarge) as refused:
            user_files.read_picture(account, word, 9)
        assert refused.value.exit_code == 1
    with pytest.raises(AttachmentRefused):
        user_files.read_picture(account, account.database.path, 1000)
    for word in (
        str(tmp_path / "none"),
        str(tmp_path),
        "data:a/b;base64,?" + "A" * 5000,
        "dato:" * 999,
    ):
        with pytest.raises(FileUnreadable) as unreadable:
            user_files.read_picture(account, word, 1000)
        assert len(unreadable.value.message) < 300


def _iso(brand: bytes, *compatible: bytes, tracks: bytes = b"") -> bytes:
    box = b"ftyp" + brand + bytes(4) + b"".join(compatible)
    return (len(box) + 4).to_bytes(4, "big") + box + tracks


SOUND, VIDEO = b"hdlr" + bytes(8) + b"soun", b"hdlr" + bytes(8) + b"vide"
MKV = b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska"
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm"


@pytest.mark.parametrize(
    ("head", "extension", "content_type"),
    [
        (_iso(b"isom", b"isom", b"mp42"), ".m4a", "audio/mp4"),
        (_iso(b"mp42", b"M4A ", b"isom"), "", "audio/mp4"),
        (_iso(b"mp42", tracks=SOUND), "", "audio/mp4"),
        (_iso(b"mp42", tracks=SOUND + VIDEO), "", "video/mp4"),
        (_iso(b"isom", b"iso2"), ".mp4", "video/mp4"),
        (_iso(b"M4B "), "", "audio/mp4"),
        (_iso(b"mif1", b"mif1", b"heic"), "", "image/heic"),
        (_iso(b"mif1", b"avif"), "", "image/avif"),
        (_iso(b"mif1"), "", "image/heif"),
        (_iso(b"3g2a"), "", "video/3gpp2"),
        (MKV, ".mkv", "video/x-matroska"),
        (MKV + b"A_OPUS", ".mka", "audio/x-matroska"),
        (MKV + b"V_MPEG4/ISO/AVC" + b"A_AAC", "", "video/x-matroska"),
        (WEBM + b"A_OPUS", ".weba", "audio/webm"),
        (WEBM + b"A_OPUS", "", "audio/webm"),
        (WEBM + b"V_VP9", ".webm", "video/webm"),
        (b"OggS" + bytes(24) + b"\x80theora", ".ogv", "video/ogg"),
        (b"OggS" + bytes(24) + b"OpusHead", ".opus", "audio/ogg"),
        (b"RIFF\0\0\0\0AVI LIST", "", "video/x-msvideo"),
        (b"BM\x46\0\0\0\0\0\0\0", "", "image/bmp"),
        (b"BMW and other cars", "", None),
    ],
)
def test_containers(head: bytes, extension: str, content_type: str | None) -> None:
    assert content_type_of(head, extension) == content_type


@given(st.binary(max_size=200), st.sampled_from(["", ".mkv", ".m4a"]))
def test_any_bytes_have_a_type_or_none(rest: bytes, extension: str) -> None:
    for head in (b"\0\0\0\x18ftyp", MKV[:4], b"OggS", b"BM", b""):
        content_type_of(head + rest, extension)


@pytest.mark.parametrize(
    ("extension", "content_type"),
    [
        (".log", "text/plain"),
        (".html", "text/html"),
        (".svg", "image/svg+xml"),
        (".yaml", "application/yaml"),
        (".ods", "application/vnd.oasis.opendocument.spreadsheet"),
        (".epub", "application/epub+zip"),
        (".apk", "application/vnd.android.package-archive"),
        (".bmp", "image/bmp"),
        (".mkv", "video/x-matroska"),
        (".weba", "audio/webm"),
        (".ogv", "video/ogg"),
        (".opus", "audio/ogg"),
        (".tiff", "image/tiff"),
        (".ps", "application/postscript"),  # the standard library's
        (".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ],
)
def test_a_file_keeps_type_and_extension_on_its_way(
    account: Account, tmp_path: Path, extension: str, content_type: str
) -> None:
    path = tmp_path / f"file{extension.upper()}"
    path.write_bytes(b"x")
    (source,) = open_sources(account, [str(path)])
    source.close()
    assert source.content_type == content_type
    pointer = AttachmentPointer(
        cdn_key="k", cdn_number=3, content_type=source.content_type, file_name=source.file_name
    )
    arrived = os.path.splitext(attachment_id(pointer) or "")[1]
    assert content_type_for(arrived) == content_type
    assert arrived in (extension, ".ogg", ".tif")


def test_of_a_name_only_a_known_extension_is_kept() -> None:
    def extension(content_type: str | None, name: str) -> str:
        pointer = AttachmentPointer(cdn_key="k", content_type=content_type, file_name=name)
        return os.path.splitext(attachment_id(pointer) or "")[1]

    assert extension("application/octet-stream", "report.LOG") == ".log"
    assert extension(None, "a.mkv") == ".mkv"
    assert extension("text/plain", "a.conf") == ".conf"
    assert extension("text/plain", "a.png") == ".txt"
    assert extension("image/png", "a.html") == ".png"
    for name in ("a.exe", "a.desktop", "a.lnk", "a.sh", "../../x", "a.", "a.\x1b", "."):
        assert extension("application/octet-stream", name) == ""


@pytest.mark.parametrize(
    ("head", "content_type", "size"),
    [
        (PNG, "image/png", (256, 7)),
        (JPEG, "image/jpeg", (258, 9)),
        (b"GIF89a\x02\x01\x03\x00", "image/gif", (258, 3)),
        (b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + b"\x01\0\0\x02\0\0", "image/webp", (2, 3)),
        (b"RIFF\0\0\0\0WEBPVP8L" + bytes(4) + b"\x2f\x01\x80\0\0", "image/webp", (2, 3)),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + b"\x02\0\x03\0", "image/webp", (2, 3)),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav", None),
        (b"XXXX\0\0\0\0WEBPVP8 ", None, None),
        (b"\0\0\0\x18ftypisom", "video/mp4", None),
        (b"\0\0\0\x18ftypM4A ", "audio/mp4", None),
        (b"\0\0\0\x18ftyp3gp4", "video/3gpp", None),
        (b"%PDF-1.7", "application/pdf", None),
        (PNG[:20], "image/png", None),
        (b"hello", None, None),
    ],
)
def test_signatures(head: bytes, content_type: str | None, size: tuple[int, int] | None) -> None:
    assert content_type_of(head) == content_type
    assert picture_size(head) == size


@given(
    st.sampled_from([PNG[:16], JPEG[:4], b"GIF89a", b"RIFF\0\0\0\0WEBPVP8X"]),
    st.binary(max_size=200),
)
def test_hostile_pictures_have_a_size_or_none(head: bytes, rest: bytes) -> None:
    size = picture_size(head + rest)
    assert size is None or min(size) > 0


def test_local_names_of_attachments() -> None:
    pointer = AttachmentPointer(
        cdn_key="../../x", cdn_number=3, digest=bytes(32), content_type="image/png"
    )
    name = attachment_id(pointer)
    assert name is not None
    assert name.endswith(".png")
    assert "/" not in name
    other = AttachmentPointer(
        cdn_key="../../x", cdn_number=3, digest=bytes(31) + b"x", content_type="image/png"
    )
    assert attachment_id(other) != name
    assert attachment_id(AttachmentPointer(cdn_id=5)) is not None
    assert attachment_id(AttachmentPointer(content_type="image/png")) is None


def test_an_upload_tells_how_far_it_has_come(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int | None, int]] = []
    account.settings = replace(account.settings, progress=lambda *facts: told.append(facts))
    form: Any = None

    def upload(cdn: object, form: object, source: BinaryIO, size: int) -> None:
        del cdn, form
        source.seek(0)
        while source.read(4):
            pass
        assert source.tell() == size
        raise PayloadTooLarge

    monkeypatch.setattr(attachments_out, "upload", upload)
    with pytest.raises(PayloadTooLarge):
        attachments_out._send(account, form, form, io.BytesIO(bytes(10)), 10, "a.png")
    assert told[0] == ("sending a.png", 4, 10)
    assert ("sending a.png", 10, 10) in told
    assert told[-1][1] is None, "also when it fails"
