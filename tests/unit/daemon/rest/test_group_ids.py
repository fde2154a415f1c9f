from __future__ import annotations

import base64

import pytest

from sigcli.daemon.rest.group_ids import external_id, group_id_in, internal_id
from sigcli.errors import InvalidGroupId

KEY = bytes(range(224, 256))
INNER = base64.b64encode(KEY).decode()


def test_there_and_back() -> None:
    outer = external_id(INNER)
    assert outer == "group." + base64.b64encode(INNER.encode()).decode()
    assert "/" not in outer
    assert "+" not in outer
    assert internal_id(outer) == INNER


@pytest.mark.parametrize(
    "word",
    [
        base64.b64encode(INNER.encode()).decode(),  # without the prefix
        "group." + base64.b64encode(INNER.encode()).decode().rstrip("="),
        INNER,
        base64.urlsafe_b64encode(KEY).decode(),
    ],
)
def test_other_ways_to_write_it(word: str) -> None:
    assert group_id_in(word) == INNER


@pytest.mark.parametrize("word", ["", "group.", "group.abc", "somebody.42", "group.YWJj", "ä"])
def test_no_id(word: str) -> None:
    assert group_id_in(word) is None
    with pytest.raises(InvalidGroupId):
        internal_id(word)
