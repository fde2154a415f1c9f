from __future__ import annotations

from pathlib import Path

import pytest

from sigcli import File
from sigcli.client.base.data_uris import is_data_uri, parse_data_uri
from sigcli.library.files import words_for


@pytest.mark.parametrize("name", ["a.txt", "a;charset=x,b.txt", "Ünï.txt", 'quote".txt', "50%.txt"])
def test_bytes_in_memory_keep_their_name_and_content(name: str) -> None:
    data = bytes(range(256))
    (word,) = words_for([File(data, name)])
    read = parse_data_uri(word)
    assert (read.data, read.content_type, read.file_name) == (data, "text/plain", name)


def test_a_content_type_that_is_given_counts() -> None:
    assert parse_data_uri(File(b"", content_type="image/png").to_data_uri()).file_name is None
    assert parse_data_uri(File(b"", "a.txt", "image/png").to_data_uri()).content_type == "image/png"
    assert (
        parse_data_uri(File(b"", "what").to_data_uri()).content_type == "application/octet-stream"
    )


@pytest.mark.parametrize("name", ["data:text/plain,x", "-", "df.txt"])
def test_a_path_is_nothing_but_a_path(name: str) -> None:
    (word,) = words_for([Path(name)])
    assert not is_data_uri(word)
    assert word != "-"
    assert Path(word) == Path(name)


def test_a_single_path_is_no_sequence_of_letters() -> None:
    assert words_for("/tmp/a") == ("/tmp/a",)


def test_absolute_paths_stay() -> None:
    assert words_for(["/tmp/a", Path("/tmp/b")]) == ("/tmp/a", "/tmp/b")
