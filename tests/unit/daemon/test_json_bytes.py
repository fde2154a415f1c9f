from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sigcli.daemon.json_bytes import json_bytes
from sigcli.daemon.rest.receiving import websocket_text
from sigcli.daemon.signald.lines import line

BROKEN = {"envelope": {"message": "caf\u00e9 \ud83d"}}
WRITTEN = {"envelope": {"message": "caf\u00e9 ?"}}


@pytest.mark.parametrize(
    "written", [json_bytes, line, lambda value: websocket_text(value).encode()]
)
def test_half_of_an_emoji_ends_no_stream(written: Callable[[Any], bytes]) -> None:
    data = written(BROKEN)
    assert json.loads(data) == WRITTEN
    assert b"caf\xc3\xa9" in data
    assert b": " not in data
