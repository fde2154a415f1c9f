from __future__ import annotations

import base64

import pytest

from sigcli.client.base.data_uris import is_data_uri, parse_data_uri
from sigcli.daemon.rest.base64_files import as_data_uri, sniffed
from sigcli.daemon.routes.refusing import Refused

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_bare_base64_gets_its_type_and_a_name() -> None:
    content = parse_data_uri(as_data_uri(packed(PNG)))
    assert (content.data, content.content_type, content.file_name) == (
        PNG,
        "image/png",
        "attachment.png",
    )


def test_a_uri_keeps_its_type_and_name() -> None:
    content = parse_data_uri(as_data_uri(f"data:image/gif;filename=a b.gif;base64,{packed(PNG)}"))
    assert (content.content_type, content.file_name) == ("image/gif", "a b.gif")
    content = parse_data_uri(as_data_uri(f"data:image/gif;base64,{packed(PNG)}"))
    assert (content.content_type, content.file_name) == ("image/gif", "attachment.gif")


@pytest.mark.parametrize("text", ["AAAA\nAAAA", "AAAAAA", "AAAA  "])
def test_line_breaks_and_padding_do_not_matter(text: str) -> None:
    assert is_data_uri(as_data_uri(text))


@pytest.mark.parametrize(
    "text", ["!", "/etc/passwd?", "data:image/png;base64,!", "data:image/png", "~/.ssh/id"]
)
def test_what_is_no_base64_is_refused_and_never_a_path(text: str) -> None:
    with pytest.raises(Refused):
        as_data_uri(text)


def test_words_that_are_base64_by_chance_are_data() -> None:
    assert parse_data_uri(as_data_uri("/etc/hosts12")).data == base64.b64decode("/etc/hosts12")


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"hello\n", "text/plain"),
        ("schön".encode() * 200, "text/plain"),
        (b"\0\1\2", "application/octet-stream"),
        (b"\xff\xfe binary", "application/octet-stream"),
        (b"", "application/octet-stream"),
        (b"%PDF-1.7", "application/pdf"),
    ],
)
def test_types_by_their_first_bytes(data: bytes, content_type: str) -> None:
    assert sniffed(data) == content_type
