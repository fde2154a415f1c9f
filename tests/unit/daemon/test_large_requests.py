from __future__ import annotations

import base64
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from sigcli.client.base.data_uris import LaidDownUri
from sigcli.daemon import large_requests
from sigcli.daemon.large_requests import LargeRequest, LargeText, Refused
from sigcli.errors import AttachmentUnreadable, DiskFull, RequestTooLarge
from sigcli.operations.declaring import load

DATA = random.Random(1).randbytes(200_001)
BASE64 = base64.b64encode(DATA).decode()


def taken(text: bytes, folder: Path, sizes: int = 1000) -> LargeRequest:
    large = LargeText(str(folder))
    for at in range(0, len(text), sizes):
        large.feed(text[at : at + sizes])
    request = large.finish()
    assert isinstance(request, LargeRequest)
    return request


def values(text: bytes, folder: Path, sizes: int = 1000) -> Any:
    request = taken(text, folder, sizes)
    return request.restored(json.loads(request.text))


@pytest.mark.parametrize("sizes", [997, 4096, 10**6])
@pytest.mark.parametrize(
    "encoded",
    [
        BASE64,
        BASE64.replace("/", "\\/"),
        BASE64.replace("+", "\\u002B").replace("=", "\\u003d"),
        BASE64.replace("+", "-").replace("/", "_").rstrip("="),
        "\\r\\n".join(BASE64[at : at + 76] for at in range(0, len(BASE64), 76)),
        BASE64.replace("+", "%2B"),
    ],
)
def test_data_are_laid_down_however_they_are_written(
    tmp_path: Path, encoded: str, sizes: int
) -> None:
    text = f'{{"a":["data:image\\/png;filename=\\"a,b.png\\";base64,{encoded}","/a/path"],"b":1}}'
    request = taken(text.encode(), tmp_path, sizes)
    assert len(request.text) < 200
    found = request.restored(json.loads(request.text))
    uri = found["a"][0]
    assert found == {"a": [uri, "/a/path"], "b": 1}
    assert isinstance(uri, LaidDownUri)
    assert uri == 'data:image/png;filename="a,b.png";base64,'
    assert uri.size == len(DATA)
    with uri.open() as stream, uri.open() as again:
        assert stream.read() == again.read() == DATA
    assert os.listdir(tmp_path) == []


def test_what_is_not_meant_stays_as_it_is(tmp_path: Path) -> None:
    short = base64.b64encode(b"short").decode()
    told = {
        "message": 'He said "data:image/png;base64,' + "A" * 100_000 + '" and left',
        "attachment": f"data:;base64,{short}",
        "long": "x" * 100_000,
        "other": "data:text/plain,hello",
        "end": '"data:image/png;base64,',
    }
    assert values(json.dumps(told).encode(), tmp_path) == told


def test_a_broken_one_is_told_when_it_is_read(tmp_path: Path) -> None:
    for wrong in (BASE64[:-3], f"{BASE64}=AAAA", f"?{BASE64}"):
        (uri,) = values(f'["data:;base64,{wrong}"]'.encode(), tmp_path)
        with pytest.raises(AttachmentUnreadable):
            uri.open()


def test_cut_off_it_is_no_json(tmp_path: Path) -> None:
    request = taken(f'["data:;base64,{BASE64}'.encode(), tmp_path)
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(request.text)


def test_only_attachments_are_files(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "recipient": "+15550101",
            "message": f"data:;base64,{BASE64}",
            "attachment": [f"data:;base64,{BASE64}"],
        }
    )
    send: Any = load("send").from_json(values(text.encode(), tmp_path))
    assert send.message == f"data:;base64,{BASE64}"
    assert isinstance(send.attachments[0], LaidDownUri)


def test_too_much_is_refused_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = LargeText(str(tmp_path), most_bytes=1_000_000)
    while not large.is_refused:
        large.feed(b"x" * 10_000)
    large.feed(b"y" * 10_000)
    refused = large.finish()
    assert isinstance(refused, Refused)
    assert isinstance(refused.error, RequestTooLarge)
    monkeypatch.setattr(large_requests, "MOST_LEFT_BYTES", 100_000)
    plain = LargeText(str(tmp_path))
    plain.feed(b'"' + b"z" * 200_000)
    assert plain.is_refused


def test_where_nothing_can_be_written_it_is_refused(tmp_path: Path) -> None:
    large = LargeText(str(tmp_path / "none"))
    large.feed(f'["data:;base64,{BASE64}"]'.encode())
    refused = large.finish()
    assert isinstance(refused, Refused)
    assert not isinstance(refused.error, DiskFull)
