"""What reaches the terminal."""

from __future__ import annotations

import json

import pytest

from sigcli.cli import terminal
from sigcli.errors import UsageError


def test_escape_sequences_become_visible() -> None:
    assert terminal.neutral("\x1b[2Jred\x9b1m\u202etxt\x07") == "\\x1b[2Jred\\x9b1m\\u202etxt\\x07"
    assert terminal.neutral("a\tb\nc é 😀") == "a\tb\nc é 😀"
    assert terminal.neutral_line("a\nb") == "a\\nb"


def test_json_of_an_unpaired_surrogate_can_be_written() -> None:
    line = terminal.json_line({"body": "é\ud800"})
    line.encode()
    assert json.loads(line) == {"body": "é\ud800"}


def test_an_error_is_a_sentence_a_hint_and_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.report(UsageError("no recipients", hint="name one"), as_json=True)
    out, err = capsys.readouterr()
    assert out == ""
    *talk, last = err.splitlines()
    assert talk == ["sigcli: error: no recipients", "sigcli: hint: name one"]
    assert json.loads(last) == {
        "error": {"code": "usage", "message": "no recipients", "hint": "name one", "exitCode": 1}
    }


def test_times_are_printed_as_milliseconds_and_utc() -> None:
    assert terminal.timestamp_text(1700000000123) == "1700000000123 (2023-11-14T22:13:20.123Z)"
    assert terminal.timestamp_text(2**62) == str(2**62)


@pytest.mark.parametrize(
    "code",
    [
        *(
            0xAD,
            0x34F,
            0x115F,
            0x1160,
            0x17B4,
            0x200B,
            0x2028,
            0x2060,
            0x2061,
            0x2064,
            0x2065,
            0x206A,
        ),
        *(
            0x3164,
            0xFEFF,
            0xFFA0,
            0xFFF0,
            0xFFFB,
            0x1BCA0,
            0x1D173,
            0xE0001,
            0xE0041,
            0xE007F,
            0xE0FFF,
        ),
    ],
)
def test_what_nobody_sees_becomes_visible(code: int) -> None:
    name = (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )
    assert terminal.neutral(f"a{chr(code)}b") == f"a{name}b"


def test_no_default_ignorable_character_passes_alone() -> None:
    """The property as Unicode 16 has it: DerivedCoreProperties.txt."""
    ranges = (
        *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
        *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
        *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8)),
        *((0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
    )
    for first, last in ranges:
        for code in range(first, last + 1):
            assert chr(code) not in terminal.neutral(" " + chr(code)), hex(code)


def test_what_belongs_to_a_visible_character_stays() -> None:
    flag = "\U0001f3f4" + "".join(chr(0xE0000 + ord(one)) for one in "gbsct") + "\U000e007f"
    for text in ("❤\ufe0f", "👩\u200d💻", "🏳\ufe0f\u200d🌈", "می\u200cخواهم", "葛\U000e0100", flag):
        assert terminal.neutral(text) == text
    assert "\U000e0061" not in terminal.neutral(flag.replace("gbsct", "x") + "\U000e0061")
    hidden = terminal.neutral("a" + "\ufe0f" * 3)
    assert hidden == "a\ufe0f" + "\\ufe0f" * 2


def test_a_line_is_one_line_and_neutral_whoever_prints_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal.print_line("Number: +1\x1b[2J\n5550100")
    terminal.print_text("usage:\n  a\x07")
    terminal.print_json({"a": "\x1b\xad"})
    assert capsys.readouterr().out == (
        'Number: +1\\x1b[2J\\n5550100\nusage:\n  a\\x07\n{"a":"\\u001b\xad"}\n'
    )
