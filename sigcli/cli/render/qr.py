"""A QR code for a terminal, in half-height blocks, readable on dark and light backgrounds."""

from __future__ import annotations

_QUIET_ZONE = 2
# Both colours are set explicitly: the terminal's own may be any.
_COLOURS = "\x1b[30;107m"
_RESET = "\x1b[0m"
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def qr_text(text: str) -> str:
    """The code as lines of text, two rows of modules a line."""
    import qrcode

    code = qrcode.QRCode(border=_QUIET_ZONE, error_correction=qrcode.ERROR_CORRECT_L)
    code.add_data(text)
    rows = code.get_matrix()
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    lines = []
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        blocks = "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        lines.append(f"{_COLOURS}{blocks}{_RESET}")
    return "\n".join(lines)
