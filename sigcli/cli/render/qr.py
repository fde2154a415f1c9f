"""A QR code for a terminal, in half-height blocks or coloured spaces, readable on dark and light backgrounds."""

from __future__ import annotations

_QUIET_ZONE = 2
# Both colours are set explicitly: the terminal's own may be any.
_COLOURS = "\x1b[30;107m"
_DARK, _LIGHT = "\x1b[40m", "\x1b[107m"
_RESET = "\x1b[0m"
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def qr_text(text: str, *, blocks: bool = True) -> str:
    """The code as lines of text: two rows of modules a line, or without ``blocks`` one, in any encoding."""
    import qrcode

    code = qrcode.QRCode(border=_QUIET_ZONE, error_correction=qrcode.ERROR_CORRECT_L)
    code.add_data(text)
    rows = code.get_matrix()
    if not blocks:
        return "\n".join(
            "".join(f"{_DARK if dark else _LIGHT}  " for dark in row) + _RESET for row in rows
        )
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    lines = []
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        halves = "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        lines.append(f"{_COLOURS}{halves}{_RESET}")
    return "\n".join(lines)
