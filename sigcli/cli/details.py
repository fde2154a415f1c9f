"""What ``-v`` and ``--log-file`` show: one line for each request, without contents or keys."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

from sigcli.cli.standing_in import manner
from sigcli.cli.surroundings import here

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.cli.options import GlobalOptions

_IDS = r"(?i)\+?[0-9]{7,15}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}"


def details_writer(
    options: GlobalOptions, *, as_json: bool = False
) -> Callable[[str], None] | None:
    """A function that writes one line of details, as text or JSON; None if nothing asks for details."""
    log_file, scrubs = options.get("log_file"), options.get("scrub_log")
    if not options.verbose and log_file is None:
        return None
    descriptor = here().stderr.fileno()
    if log_file is not None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        descriptor = os.open(log_file, flags, 0o600)
    if as_json:
        from sigcli.cli.log_lines import DETAIL, line_writer

        return line_writer(descriptor, DETAIL, scrubs=bool(scrubs))

    how = manner()

    def begin() -> str:
        if log_file is None and not how.stamps_details:
            return how.notice
        return time.strftime("%Y-%m-%dT%H:%M:%SZ sigcli: ", time.gmtime())

    def write(text: str) -> None:
        shown = scrubbed(text) if scrubs else text
        line = begin() + shown + "\n"
        os.write(descriptor, line.encode("utf-8", "backslashreplace"))

    return write


def scrubbed(text: str) -> str:
    """The text with numbers and ids masked except for their last two characters."""
    return re.sub(_IDS, lambda match: "*" * 6 + match[0][-2:], text)
