"""Username links as text."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import InvalidUsernameLink
from sigcli.wire.username_links import UsernameLink, looks_like_username_link

LINK = UsernameLink(bytes(range(32)), UUID(int=5))


@given(st.binary(min_size=32, max_size=32), st.uuids())
def test_a_link_survives_being_written(entropy: bytes, handle: UUID) -> None:
    link = UsernameLink(entropy, handle)
    assert link.url.startswith("https://signal.me/#eu/")
    assert len(link.url) == 22 + 64
    assert UsernameLink.parse(link.url) == link


def test_other_spellings() -> None:
    content = LINK.url.removeprefix("https://signal.me/#eu/")
    for start in ("sgnl://signal.me/#eu/", "HTTPS://Signal.me/#eu/", " https://signal.me#eu/"):
        assert UsernameLink.parse(start + content) == LINK


@pytest.mark.parametrize(
    "content", ["", "AAAA", "A" * 63, "A" * 65, "A" * 63 + "+", "A" * 63 + "é"]
)
def test_damaged_links(content: str) -> None:
    text = f"https://signal.me/#eu/{content}"
    assert looks_like_username_link(text)
    with pytest.raises(InvalidUsernameLink):
        UsernameLink.parse(text)


@given(st.text())
def test_other_texts(text: str) -> None:
    with pytest.raises(InvalidUsernameLink):
        UsernameLink.parse(text)
    assert not looks_like_username_link("https://signal.group/#" + text)


def test_the_secret_is_not_printed() -> None:
    assert "entropy" not in repr(LINK)
