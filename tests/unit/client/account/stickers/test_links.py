from __future__ import annotations

import pytest

from sigcli.client.account.stickers.links import PackLink, parse_pack_id, parse_pack_link
from sigcli.errors import InvalidStickerPackLink, UsageError
from sigcli.wire.key_types import StickerPackId

LINK = PackLink(StickerPackId(b"\xab" * 16), b"\xcd" * 32)
PARAMETERS = f"pack_id={'ab' * 16}&pack_key={'cd' * 32}"


@pytest.mark.parametrize(
    "text",
    [
        f"https://signal.art/addstickers/#{PARAMETERS}",
        f" https://SIGNAL.art/addstickers#{PARAMETERS}\n",
        f"https://signal.art/addstickers/#pack_key={'CD' * 32}&pack_id={'AB' * 16}",
        f"sgnl://addstickers/?{PARAMETERS}",
        f"sgnl://addstickers?{PARAMETERS}",
    ],
)
def test_links_of_the_web_and_of_the_apps(text: str) -> None:
    assert parse_pack_link(text) == LINK
    assert parse_pack_link(LINK.url) == LINK
    assert "cdcd" not in repr(LINK)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://signal.art/addstickers/",
        f"https://signal.art.example/addstickers/#{PARAMETERS}",
        f"http://signal.art/addstickers/#{PARAMETERS}",
        f"https://signal.art/addstickers/#{PARAMETERS}&pack_id=ab",
        f"https://signal.art/addstickers/#{PARAMETERS[:-2]}",
        f"https://signal.art/addstickers/#{PARAMETERS[:-1]}x",
        f"https://[signal.art/addstickers/#{PARAMETERS}",
    ],
)
def test_what_is_no_link(text: str) -> None:
    with pytest.raises(InvalidStickerPackLink):
        parse_pack_link(text)


def test_ids() -> None:
    assert parse_pack_id("AB" * 16) == LINK.pack_id
    for text in ("", "ab", "zz" * 16, "ab" * 17):
        with pytest.raises(UsageError):
            parse_pack_id(text)
