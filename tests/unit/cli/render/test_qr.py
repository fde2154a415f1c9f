"""QR codes in a terminal."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import pytest
import qrcode

from sigcli.cli.render.qr import qr_text
from sigcli.client.account.devices.link_codes import MAX_URI_LENGTH, generate_short_key, link_uri

URI = "sgnl://linkdevice?uuid=abc&pub_key=BQ%2Bx"
MODULES = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}


def drawn(text: str, **options: Any) -> str:
    found = qr_text(text, **options)
    assert found is not None
    return found


def test_the_blocks_are_the_code() -> None:
    rows: list[list[bool]] = []
    for line in drawn(URI).split("\n"):
        blocks = re.fullmatch("\x1b\\[30;107m([ ▀▄█]+)\x1b\\[0m", line)
        assert blocks
        pairs = [MODULES[block] for block in blocks[1]]
        rows += [[upper for upper, _ in pairs], [lower for _, lower in pairs]]
    code = qrcode.QRCode(border=2, error_correction=qrcode.ERROR_CORRECT_L)
    code.add_data(URI)
    expected = code.get_matrix()
    assert rows[: len(expected)] == expected
    # What fills up the last line is as light as the quiet zone around the code.
    assert not any(any(row) for row in rows[len(expected) :])
    for edge in (*rows[:2], *rows[-2:]):
        assert not any(edge)
    assert not any(row[0] or row[1] or row[-1] or row[-2] for row in rows)


def test_without_blocks_it_is_drawn_with_spaces_alone() -> None:
    text = drawn(URI, blocks=False)
    assert text.isascii()
    code = qrcode.QRCode(border=2, error_correction=qrcode.ERROR_CORRECT_L)
    code.add_data(URI)
    for line, row in zip(text.split("\n"), code.get_matrix(), strict=True):
        cells = re.findall("\x1b\\[(40|107)m  ", line)
        assert [cell == "40" for cell in cells] == row


LONGEST_ADDRESS = "AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA"
LONGEST = "a" * (MAX_URI_LENGTH + len(LONGEST_ADDRESS))
PRODUCTION_ADDRESS = "A" * 22 + "=="


def test_no_uri_is_longer_than_the_longest() -> None:
    seeds = count()

    def random(size: int) -> bytes:
        return next(seeds).to_bytes(size, "little")

    for _ in range(50):
        key = generate_short_key(random).public_key
        for address in (LONGEST_ADDRESS, PRODUCTION_ADDRESS):
            assert len(link_uri(address, key)) <= len(LONGEST)


@pytest.mark.parametrize("colours", [True, False])
def test_the_longest_uri_fits_on_80_columns_and_24_rows(colours: bool) -> None:
    lines = drawn(LONGEST, colours=colours, columns=80, rows=24).split("\n")
    assert len(lines) < 24
    assert max(len(re.sub("\x1b\\[[0-9;]*m", "", line)) for line in lines) <= 80


def test_without_colours_it_is_drawn_for_a_dark_background() -> None:
    text = drawn(URI, colours=False)
    assert "\x1b" not in text
    opposite = str.maketrans(" ▀▄█", "█▄▀ ")
    plain = re.sub("\x1b\\[[0-9;]*m", "", drawn(URI))
    assert text == plain.translate(opposite)
    assert set(drawn(URI, blocks=False, colours=False)) == {"#", " ", "\n"}


def test_what_is_too_wide_is_not_drawn() -> None:
    assert qr_text(LONGEST, columns=30) is None
    assert qr_text(LONGEST, blocks=False, columns=80) is None
    assert qr_text(URI, blocks=False, columns=80) is not None
