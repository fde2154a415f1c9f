"""QR codes in a terminal."""

from __future__ import annotations

import re

import qrcode

from sigcli.cli.render.qr import qr_text

URI = "sgnl://linkdevice?uuid=abc&pub_key=BQ%2Bx"
MODULES = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}


def test_the_blocks_are_the_code() -> None:
    rows: list[list[bool]] = []
    for line in qr_text(URI).split("\n"):
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
    text = qr_text(URI, blocks=False)
    assert text.isascii()
    code = qrcode.QRCode(border=2, error_correction=qrcode.ERROR_CORRECT_L)
    code.add_data(URI)
    for line, row in zip(text.split("\n"), code.get_matrix(), strict=True):
        cells = re.findall("\x1b\\[(40|107)m  ", line)
        assert [cell == "40" for cell in cells] == row
