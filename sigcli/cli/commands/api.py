"""``sigcli api``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.declared_commands import Command
from sigcli.cli.surroundings import here
from sigcli.errors import FileUnreadable
from sigcli.operations.declaring import FILES, Many, argument, operation, option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.cli.options import GlobalOptions
    from sigcli.service.exchange import Response

_METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD")
_JSON = re.compile(r"application/(?:[a-z0-9.+-]+\+)?json\b", re.IGNORECASE)


@operation
class Api(Command):
    """Call any path of the service, with the account's login unless --unidentified is given.

    Prints the body of the answer as it came. What the call changes at the service is yours to answer for.
    """

    method: str = argument(help="GET, PUT, POST, PATCH, DELETE, HEAD", suggestions=_METHODS)
    path: str = argument(help="a path of the service, percent-encoded")
    body: str | None = option(
        "--body",
        "--input",
        default=None,
        metavar="FILE",
        completes=FILES,
        help="the body to send (-: from stdin)",
    )
    headers: Many[str] = option(
        "-H",
        "--header",
        default=(),
        metavar="NAME:VALUE",
        greedy=False,  # arguments may follow
        help="a header of the request",
    )
    unidentified: bool = option(
        "--unidentified", default=False, help="without the login, over a separate connection"
    )
    host: str = option(
        "--host",
        default="chat",
        choices=("chat", "storage", "cdn0", "cdn2", "cdn3"),
        help="which host to ask (default chat)",
    )
    include: bool = option("-i", "--include", default=False, help="print status and headers first")

    def run(self, options: GlobalOptions) -> int:
        from sigcli.cli.opening import settings
        from sigcli.client.raw_calls import failure_of, raw_call, send_raw_call

        call = raw_call(
            self.method,
            self.path,
            headers=tuple(self.headers),
            body=None if self.body is None else _read(self.body),
            host=self.host,
            unidentified=self.unidentified,
        )
        response = send_raw_call(settings(options), call)
        if self.include:
            for line in _head(response):
                terminal.print_line(terminal.neutral_line(line))
        _print_body(response)
        if not response.ok:
            raise failure_of(response)
        return 0


def _read(name: str) -> bytes:
    try:
        if name == "-":
            return here().stdin.buffer.read()
        with open(name, "rb") as file:
            return file.read()
    except OSError as error:
        raise FileUnreadable(f"{name} cannot be read: {(error.strerror or '').lower()}") from None


def _head(response: Response) -> Iterator[str]:
    from http import HTTPStatus

    known = response.status in HTTPStatus._value2member_map_
    yield f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase if known else ''}".rstrip()
    for name, value in response.headers.items():
        yield f"{name}: {value}"
    yield ""


def _print_body(response: Response) -> None:
    """Print the bytes as they came; on a terminal, as text that cannot do harm, with a line end."""
    body = response.body
    if not body:
        return
    if not here().stdout.isatty():
        terminal.print_bytes(body)
        return
    text = _text(response)
    if text is None:
        terminal.warn(
            f"the answer has {len(body)} bytes that are not text: redirect stdout to a file"
        )
        return
    terminal.print_text(text.removesuffix("\n"))


def _text(response: Response) -> str | None:
    if "\x00" in (text := response.body.decode("utf-8", "replace")):
        return None
    is_json = _JSON.match(response.headers.get("content-type", "")) is not None
    return text if is_json or "\ufffd" not in text else None
