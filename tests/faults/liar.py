"""A service that does what it is asked, and says something else."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from sigcli.sandbox.exchange import Request, Response

_SHARE = 0.25
"""Of the answers that are false."""
_STATUSES = (
    *(200, 204, 206, 302, 400, 401, 402, 403, 404, 409, 410, 413),
    *(422, 423, 428, 429, 440, 499, 500, 503, 508),
)
_BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b"{}",
    b"nonsense",
    b"\xff" * 9,
    b"[" * 5000,
    b"1e999",
    b'"x"',
)
_VALUES: tuple[Any, ...] = (
    *(-1, 0, 2**31, 2**63, -(2**63), 10**40, 1e308, "", "x", None, True, [], {}),
    *(str(UUID(int=99)), f"PNI:{UUID(int=98)}", "AAAA", "+15550000000", [1, 1], -12345678901234),
)
_HEADERS = (
    {"Retry-After": "-5"},
    {"Retry-After": "99999999999999"},
    {"Retry-After": "soon"},
    {"Content-Type": "text/html"},
)
_TRUTHFUL = ("/sandbox/", "/v1/websocket")


def lie(seed: int) -> None:
    """From now on let a share of the answers of this process's sandbox be false."""
    from sigcli.sandbox.dispatch import Dispatcher

    dice = random.Random(seed)
    answer = Dispatcher.answer

    async def lying(self: Dispatcher, request: Request, *, with_caller: bool = False) -> Response:
        response = await answer(self, request, with_caller=with_caller)
        if request.path.startswith(_TRUTHFUL) or dice.random() > _SHARE:
            return response
        return _false(response, dice)

    Dispatcher.answer = lying  # type: ignore[method-assign]


def _false(response: Response, dice: random.Random) -> Response:
    match dice.randrange(5):
        case 0:
            return replace(response, status=dice.choice(_STATUSES))
        case 1:
            return replace(response, body=dice.choice(_BODIES))
        case 2:
            headers = {**response.headers, **dice.choice(_HEADERS)}
            return replace(response, status=dice.choice((429, 503, 413)), headers=headers)
        case _:
            try:
                value = json.loads(response.body)
            except ValueError:
                flipped = bytearray(response.body)
                if flipped:
                    flipped[dice.randrange(len(flipped))] ^= 1 << dice.randrange(8)
                return replace(response, body=bytes(flipped))
            return replace(response, body=json.dumps(_bent(value, dice)).encode())


def _bent(value: Any, dice: random.Random) -> Any:
    """A JSON value of which something is another."""
    if isinstance(value, dict) and value and dice.random() < 0.85:
        name = dice.choice(sorted(value))
        if dice.random() < 0.15:
            return {key: one for key, one in value.items() if key != name}
        return {**value, name: _bent(value[name], dice)}
    if isinstance(value, list) and value and dice.random() < 0.85:
        at = dice.randrange(len(value))
        if dice.random() < 0.2:
            return [*value, value[at]]
        return [*value[:at], _bent(value[at], dice), *value[at + 1 :]]
    return dice.choice(_VALUES)
