"""A QR code for a terminal, in half-height blocks or coloured spaces, readable on dark and light backgrounds."""

from __future__ import annotations

_QUIET_ZONE = 2
_LEAST_QUIET_ZONE = 1
"""Used where there is no room for more: cameras also find the code against the terminal's own background."""
# Both colours are set explicitly, whatever the terminal's own are.
_COLOURS = "\x1b[30;107m"
_DARK, _LIGHT = "\x1b[40m", "\x1b[107m"
_RESET = "\x1b[0m"
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_CURSOR_LINES = 1
"""The rows that the terminal needs below the code."""


def qr_text(
    text: str,
    *,
    blocks: bool = True,
    colours: bool = True,
    columns: int | None = None,
    rows: int | None = None,
) -> str | None:
    """The code as lines of text: two rows of modules a line, or one in any encoding without ``blocks``.

    Without ``colours`` it is drawn for a dark background. None if a terminal of ``columns`` and ``rows`` is too narrow;
    if it is too low, the code gets less of a margin.
    """
    import qrcode

    code = qrcode.QRCode(border=_QUIET_ZONE, error_correction=qrcode.ERROR_CORRECT_L)
    code.add_data(text)
    code.make()
    if not _fits(code.modules_count + 2 * _QUIET_ZONE, blocks, columns, rows):
        code.border = _LEAST_QUIET_ZONE
    matrix = code.get_matrix()
    # A code that is too high can be scrolled; one that is too wide breaks.
    if not _fits(len(matrix), blocks, columns, None):
        return None
    if blocks:
        return _in_blocks(matrix, colours=colours)
    return "\n".join(_in_spaces(row, colours=colours) for row in matrix)


def _fits(modules: int, blocks: bool, columns: int | None, rows: int | None) -> bool:
    wide, high = (modules, -(-modules // 2)) if blocks else (2 * modules, modules)
    return (columns is None or wide <= columns) and (rows is None or high + _CURSOR_LINES <= rows)


def _in_blocks(matrix: list[list[bool]], *, colours: bool) -> str:
    if len(matrix) % 2:
        matrix.append([False] * len(matrix[0]))
    lines = []
    for upper, lower in zip(matrix[::2], matrix[1::2], strict=True):
        pairs = zip(upper, lower, strict=True)
        if colours:
            lines.append(f"{_COLOURS}{''.join(_BLOCKS[pair] for pair in pairs)}{_RESET}")
        else:
            lines.append("".join(_BLOCKS[not above, not below] for above, below in pairs))
    return "\n".join(lines)


def _in_spaces(row: list[bool], *, colours: bool) -> str:
    if colours:
        return "".join(f"{_DARK if dark else _LIGHT}  " for dark in row) + _RESET
    return "".join("  " if dark else "##" for dark in row).rstrip()
