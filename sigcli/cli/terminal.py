"""The one place that writes to the terminal.

Rules of output:
- stdout carries data only: the lines of a command's result. Everything else goes to stderr.
- An error is one sentence, ``sigcli: error: …``, and where there is something to do, ``sigcli: hint: …``. With JSON
  output the last line of stderr is one JSON object that says the same. In signal-cli's place the lines begin as its
  do, and there is no such object (``standing_in``).
- Text goes through ``neutral``: what other people wrote cannot move the cursor, change colours or hide. ``print_line``
  sees to it that a line stays one line, no matter who chose a name or number in it.
- JSON is one compact object a line, ASCII on a terminal, UTF-8 elsewhere, flushed a line.
"""

from __future__ import annotations

import contextlib
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from sigcli.cli.presentation import is_quiet
from sigcli.cli.standing_in import manner
from sigcli.cli.surroundings import here
from sigcli.errors import OutputUnwritable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from sigcli.errors import SigcliError

# Variation selectors (of emoji, ideographs, Mongolian) and joiners belong to the visible character before them.
_SELECTORS = "\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_JOINERS = "\u200c\u200d"
# England, Scotland and Wales: a black flag and tags, which are invisible anywhere else.
_TAGGED_FLAGS = "|".join(
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)
_UNSAFE = (
    # C0 without tab and newline, DEL, C1, bidirectional controls, unpaired surrogates.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
    # Separators, and what Unicode calls default ignorable: soft hyphen, fillers, invisible operators, tags.
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
    f"|(?<![^\\s{_JOINERS}{_SELECTORS}])[{_SELECTORS}]|(?<![^\\s{_JOINERS}])[{_JOINERS}]"
)


def neutral(text: str) -> str:
    """The text with everything that is invisible or steers a terminal made visible as ``\\xNN`` or ``\\uNNNN``."""
    if text.isascii() and text.isprintable():
        return text
    return _flag_or_unsafe().sub(_shown, text)


def neutral_line(text: str) -> str:
    """The same on one line: for names, file names and anything else that must not start a new line."""
    return neutral(text).replace("\n", "\\n").replace("\t", " ")


@cache
def _flag_or_unsafe() -> re.Pattern[str]:
    # Made when needed: most lines are plain, and a command prints few.
    return re.compile(f"({_TAGGED_FLAGS})|{_UNSAFE}")


def _shown(match: re.Match[str]) -> str:
    if match[1]:
        return match[1]
    code = ord(match[0])
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def json_line(value: Any) -> str:
    """One value as a compact JSON line without its line end."""
    import json

    ascii_only = here().stdout.isatty() or not takes_every_letter()
    text = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    # An unpaired surrogate (a stranger can send one) has no UTF-8 form; its JSON escape has one.
    return (
        text if text.isascii() else re.sub("[\ud800-\udfff]", lambda m: f"\\u{ord(m[0]):04x}", text)
    )


def takes_every_letter() -> bool:
    """Whether the encoding of stdout has all of Unicode."""
    return (here().stdout.encoding or "").lower().replace("-", "").replace("_", "") == "utf8"


def escape_what_stdout_lacks() -> None:
    """From now on write a character that stdout's encoding lacks as ``\\uNNNN`` instead of failing."""
    reconfigure = getattr(here().stdout, "reconfigure", None)
    if reconfigure is not None and not takes_every_letter():
        reconfigure(errors="backslashreplace")


def print_json(value: Any) -> None:
    """Write one value as a JSON line to stdout and flush it; raises OutputUnwritable."""
    print_unchanged(json_line(value))


def print_line(text: str) -> None:
    """Write one line of text to stdout, neutralised, and flush it.

    Raises OutputUnwritable, and BrokenPipeError if the reader has gone.
    """
    print_unchanged(neutral_line(text))


def print_text(text: str) -> None:
    """Write text of several lines to stdout, neutralised, and flush it; raises OutputUnwritable."""
    print_unchanged(neutral(text))


def print_unchanged(text: str) -> None:
    """Write JSON, or a drawing made by sigcli, to stdout and flush it; raises OutputUnwritable."""
    surroundings = here()
    surroundings.output_begins()
    if _PROGRESS:
        clear_progress(surroundings.stderr)
    try:
        surroundings.stdout.write(text + "\n")
        surroundings.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(error) from error


def print_bytes(data: bytes) -> None:
    """Write bytes to stdout as they are; raises OutputUnwritable, and BrokenPipeError if the reader has gone."""
    surroundings = here()
    surroundings.output_begins()
    try:
        surroundings.stdout.buffer.write(data)
        surroundings.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(error) from error


def unwritable(error: OSError) -> OutputUnwritable:
    """The project's error for a failure of stdout."""
    return OutputUnwritable(f"standard output cannot be written: {(error.strerror or '').lower()}")


def warn(text: str) -> None:
    """Print a warning on stderr."""
    warner()(text)


def warner() -> Callable[[str], None]:
    """The same as ``warn``, for this run's stderr, callable on any thread."""
    stderr, how = here().stderr, manner()
    return lambda text: _say(stderr, how.warning + neutral_line(how.named(text)))


def tell(text: str) -> None:
    """Print progress on stderr, unless the run is quiet."""
    if is_quiet():
        return
    how = manner()
    _stderr(how.notice + neutral_line(how.named(text)))


def report(error: SigcliError, *, as_json: bool) -> None:
    """Print an error and its hint on stderr; with JSON output also as an object."""
    here().fails(error.code)
    how = manner()
    _stderr(how.error + neutral_line(how.sentence(error)))
    if error.hint:
        _stderr(how.hint + neutral_line(how.named(error.hint)))
    if as_json and how.json_errors:
        import json

        body = {
            "code": error.code,
            "message": error.message,
            "hint": error.hint,
            "exitCode": error.exit_code,
        }
        _stderr(json.dumps({"error": body}))


def _stderr(line: str) -> None:
    _say(here().stderr, line)


_PROGRESS: dict[int, Callable[[], None]] = {}
"""Removes the progress line of a stream, by the stream's identity; done before anything else is printed there."""


def progress_shown(stream: TextIO, clear: Callable[[], None]) -> None:
    """Note that a stream ends with a progress line."""
    _PROGRESS[id(stream)] = clear


def progress_over(stream: TextIO) -> None:
    """Note that it no longer does."""
    _PROGRESS.pop(id(stream), None)


def clear_progress(stream: TextIO) -> None:
    """Remove a progress line before something else is written to the same terminal."""
    clear = _PROGRESS.get(id(stream))
    if clear is not None:
        clear()


def _say(stderr: TextIO, line: str) -> None:
    if _PROGRESS:
        clear_progress(stderr)
    with contextlib.suppress(OSError):  # nobody listens there: the exit code still tells
        print(line.encode("utf-8", "backslashreplace").decode(), file=stderr, flush=True)


def timestamp_text(timestamp_ms: int) -> str:
    """A time in signal-cli's format: milliseconds and, in brackets, UTC."""
    from datetime import UTC, datetime

    try:
        moment = datetime.fromtimestamp(timestamp_ms // 1000, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return str(timestamp_ms)
    return f"{timestamp_ms} ({moment:%Y-%m-%dT%H:%M:%S}.{timestamp_ms % 1000:03d}Z)"
