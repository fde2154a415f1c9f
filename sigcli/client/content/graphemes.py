"""What a reader sees as one character: the apps count texts so, and a reaction is one.

The rules of UAX #29 for extended grapheme clusters, less those for scripts whose conjuncts the apps' counters do not
join either, on the character data that Python has; emoji sequences as UTS #51 forms them.
"""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_KEYCAP = "\u20e3"
_KEYCAP_BASES = frozenset("0123456789#*")
_EXTENDING = ("Mn", "Me", "Mc")
_SYMBOLS = ("So", "Sm", "Sk", "Cn")
_ODD_EMOJI = frozenset("\u203c\u2049\u2139\u3030")
"""Emoji whose general category is that of a letter or of punctuation."""
_FIRST_EMOJI = "\u00a9"


def count_graphemes(text: str) -> int:
    """How many characters a reader sees in a text."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    count = 0
    previous = ""
    flags = 0
    joins = False
    for character in text:
        is_flag = _is_flag_letter(character)
        if previous and (
            (character == "\n" and previous == "\r")
            or _extends(character)
            or (joins and _is_picture(character))
            or (is_flag and flags % 2 == 1)
            or _is_syllable_part(previous, character)
        ):
            pass
        else:
            count += 1
        # A joiner after a picture joins the next picture to it, whatever extends the first.
        joins = character == _JOINER and bool(previous)
        flags = flags + 1 if is_flag else 0
        previous = character
    return count


def is_one_emoji(text: str) -> bool:
    """Whether a text is a single emoji: a picture with what belongs to it, a flag or a keycap."""
    if not text or count_graphemes(text) != 1:
        return False
    first = text[0]
    if _is_flag_letter(first):
        return len(text) == 2
    if first in _KEYCAP_BASES:
        return text[-1] == _KEYCAP
    return _is_picture(first)


def _is_picture(character: str) -> bool:
    return character >= _FIRST_EMOJI and (
        unicodedata.category(character) in _SYMBOLS or character in _ODD_EMOJI
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _extends(character: str) -> bool:
    return (
        character == _JOINER
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
        or unicodedata.category(character) in _EXTENDING
    )


def _is_syllable_part(previous: str, character: str) -> bool:
    """Whether two Hangul letters, or a syllable and a letter, are one syllable."""
    leads, vowels = "\u1100" <= previous <= "\u115f", "\u1160" <= previous <= "\u11a7"
    syllable = "\uac00" <= previous <= "\ud7a3"
    open_syllable = syllable and (ord(previous) - 0xAC00) % 28 == 0
    if leads:
        return "\u1100" <= character <= "\u11a7" or "\uac00" <= character <= "\ud7a3"
    if (vowels or open_syllable) and "\u1160" <= character <= "\u11a7":
        return True
    closes = "\u11a8" <= character <= "\u11ff"
    return closes and (vowels or syllable or "\u11a8" <= previous <= "\u11ff")
