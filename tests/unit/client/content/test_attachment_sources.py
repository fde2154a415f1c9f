from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.client.content.attachment_sources import from_data_uri, open_sources
from sigcli.client.content.file_signatures import content_type_of, picture_size
from sigcli.client.people.attachment_names import attachment_id
from sigcli.errors import AttachmentRefused, AttachmentUnreadable
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
    with pytest.raises(AttachmentUnreadable, match="no regular file"):
        open_sources(account, [str(tmp_path)])
    with pytest.raises(AttachmentUnreadable, match="zero byte"):
        open_sources(account, ["a\0b"])
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(AttachmentUnreadable, match="no regular file"):
        open_sources(account, [str(pipe)])
    link = tmp_path / "innocent.txt"
    link.symlink_to(account.database.path)
    (account.settings.data_dir / "accounts.toml").write_text("")
    for path in (account.database.path, link, account.settings.data_dir / "accounts.toml"):
        with pytest.raises(AttachmentRefused):
            open_sources(account, [str(path)])


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
