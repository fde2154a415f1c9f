"""The one place that writes to the terminal.

Rules of output:
- stdout carries data only: the lines of a command's result. Everything else goes to stderr.
- An error is one sentence, ``sigcli: error: …``, and where there is something to do, ``sigcli: hint: …``. With JSON
  output the last line of stderr is one JSON object that says the same.
- Text from other people goes through ``neutral`` in text mode: it cannot move the cursor, change colours or hide.
- JSON is one compact object a line, ASCII on a terminal, UTF-8 elsewhere, flushed a line.
"""

from __future__ import annotations

import contextlib
import re
import sys
from typing import TYPE_CHECKING, Any

from sigcli.errors import OutputUnwritable

if TYPE_CHECKING:
    from sigcli.errors import SigcliError

# C0 without tab and newline, DEL, C1, bidirectional controls, invisible separators, unpaired surrogates.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)


def neutral(text: str) -> str:
    """The text with control characters and escape sequences made visible as ``\\xNN`` or ``\\uNNNN``."""
    return _UNSAFE.sub(_visible, text)


def neutral_line(text: str) -> str:
    """The same on one line: for names, file names and whatever else must not start a new line."""
    return neutral(text).replace("\n", "\\n").replace("\t", " ")


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def json_line(value: Any) -> str:
    """One value as a compact JSON line without its line end."""
    import json

    text = json.dumps(value, ensure_ascii=sys.stdout.isatty(), separators=(",", ":"))
    # An unpaired surrogate (a stranger can send one) has no UTF-8 form; its JSON escape has.
    return (
        text if text.isascii() else re.sub("[\ud800-\udfff]", lambda m: f"\\u{ord(m[0]):04x}", text)
    )


def print_json(value: Any) -> None:
    """Write one value as a JSON line to stdout and flush it."""
    print_line(json_line(value))


def print_line(text: str) -> None:
    """Write one line to stdout and flush it; raises OutputUnwritable, and BrokenPipeError if the reader has gone."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(error) from error


def print_bytes(data: bytes) -> None:
    """Write bytes to stdout as they are; raises OutputUnwritable, and BrokenPipeError if the reader has gone."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(error) from error


def unwritable(error: OSError) -> OutputUnwritable:
    """The project's error for one of stdout."""
    return OutputUnwritable(f"standard output cannot be written: {(error.strerror or '').lower()}")


def warn(text: str) -> None:
    """Say something that is not a failure on stderr."""
    _stderr(f"sigcli: warning: {neutral_line(text)}")


def tell(text: str) -> None:
    """Say how a longer work goes on, on stderr."""
    _stderr(f"sigcli: {neutral_line(text)}")


def report(error: SigcliError, *, as_json: bool) -> None:
    """Print an error and its hint on stderr, with JSON output also as an object."""
    _stderr(f"sigcli: error: {neutral_line(error.message)}")
    if error.hint:
        _stderr(f"sigcli: hint: {neutral_line(error.hint)}")
    if as_json:
        import json

        body = {
            "code": error.code,
            "message": error.message,
            "hint": error.hint,
            "exitCode": error.exit_code,
        }
        _stderr(json.dumps({"error": body}))


def _stderr(line: str) -> None:
    with contextlib.suppress(OSError):  # nobody listens there: the exit code still tells
        print(line.encode("utf-8", "backslashreplace").decode(), file=sys.stderr, flush=True)


def timestamp_text(timestamp_ms: int) -> str:
    """A time as signal-cli prints it: milliseconds and, in brackets, UTC."""
    from datetime import UTC, datetime

    try:
        moment = datetime.fromtimestamp(timestamp_ms // 1000, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return str(timestamp_ms)
    return f"{timestamp_ms} ({moment:%Y-%m-%dT%H:%M:%S}.{timestamp_ms % 1000:03d}Z)"
