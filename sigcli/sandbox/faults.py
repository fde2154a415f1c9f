"""Injected failures: set by ``sigcli sandbox fault`` and applied by the server's parts."""

from __future__ import annotations

import enum
from dataclasses import field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from sigcli.lazy_dataclass import dataclass, replace
from sigcli.sandbox.exchange import Response, json_response
from sigcli.sandbox.fields import invalid

if TYPE_CHECKING:
    from sigcli.sandbox.exchange import Request
    from sigcli.sandbox.fields import Fields


SWITCHES = {
    "rateLimits": bool,
    "requireSpqr": bool,
    "signerById": bool,
    "readOnly": bool,
    "legacyIds": bool,
    "storageReadLimit": int,
    "idleLimit": int,
    "groupLogPage": int,
    "clockShift": int,
}
"""What can be switched while the server runs, and the value of each; times are in seconds."""


class FaultKind(enum.Enum):
    """The kind of failure."""

    LATENCY = "latency"
    """The answer comes ``delay_ms`` late."""
    STATUS = "status"
    """``status`` instead of an answer, with ``retry_after_s`` and ``body`` if given."""
    AFTERWARDS = "afterwards"
    """The request is carried out, but the client is told ``status``."""
    DROP = "drop"
    """The connection ends instead of an answer."""
    CHALLENGE = "challenge"
    """428 for identified sends, until the sender has answered the challenge."""
    CUT = "cut"
    """A chat socket ends after ``after`` delivered messages."""
    STALE = "stale"
    """410 for a send: all devices addressed (or ``devices``) are stale."""
    MISMATCHED = "mismatched"
    """409 for a send: ``devices`` are missing, ``extra`` are too many."""
    SMS_TRANSPORT = "sms-transport"
    """418: no code can be sent this way."""
    SMS_PROVIDER = "sms-provider"
    """440: the provider refuses to send a code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One injected failure. ``times`` None: until it is cleared. ``path`` may contain ``*``; the query is ignored."""

    id: int
    kind: FaultKind
    times: int | None = 1
    method: str | None = None
    path: str = "*"
    account: str | None = None
    status: int = 500
    retry_after_s: int | None = None
    delay_ms: int = 0
    after: int = 0
    devices: tuple[int, ...] = ()
    extra: tuple[int, ...] = ()
    body: Any = field(default=None)

    @classmethod
    def parse(cls, fields: Fields, id: int) -> Fault:
        """Read a fault; raises Refused (422)."""
        try:
            kind = FaultKind(fields.text("kind"))
        except ValueError:
            raise invalid() from None
        body = fields.optional_fields("body")
        return cls(
            id=id,
            kind=kind,
            times=fields.optional_integer("times", 1) if fields.has("times") else None,
            method=fields.optional_text("method"),
            path=fields.optional_text("path") or "*",
            account=fields.optional_text("account"),
            status=fields.integer("status", 100, 599, 500),
            retry_after_s=fields.optional_integer("retryAfter", 0),
            delay_ms=fields.integer("delay", 0, 3_600_000, 0),
            after=fields.integer("after", 0, 1 << 31, 0),
            devices=_ids(fields, "devices"),
            extra=_ids(fields, "extra"),
            body=None if body is None else dict(body.items()),
        )

    def matches(self, kind: FaultKind, method: str, path: str, accounts: tuple[str, ...]) -> bool:
        return (
            self.kind is kind
            and (self.method is None or self.method == method)
            and fnmatchcase(path, self.path)
            and (self.account is None or self.account in accounts)
        )

    def response(self) -> Response:
        """The answer of a fault that has one."""
        headers = {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
        if self.body is None:
            return Response(self.status, headers=headers)
        return json_response(self.body, self.status, headers)

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "kind": self.kind.value, "path": self.path, "times": self.times}


class Faults:
    """The injected failures."""

    def __init__(self) -> None:
        self._standing: dict[int, Fault] = {}
        self._next_id = 1

    def order(self, fields: Fields) -> Fault:
        fault = Fault.parse(fields, self._next_id)
        self._next_id += 1
        self._standing[fault.id] = fault
        return fault

    def clear(self, id: int | None = None) -> bool:
        """Clear one fault or all; returns whether there was one."""
        if id is not None:
            return self._standing.pop(id, None) is not None
        found, self._standing = bool(self._standing), {}
        return found

    def standing(self) -> list[Fault]:
        return list(self._standing.values())

    def peek(self, kind: FaultKind, request: Request) -> Fault | None:
        """The first fault of a kind that matches a request, without using it up."""
        accounts = names_of(request)
        return next(
            (
                fault
                for fault in self._standing.values()
                if fault.matches(kind, request.method, request.path, accounts)
            ),
            None,
        )

    def take(self, kind: FaultKind, request: Request) -> Fault | None:
        """The first fault of a kind that matches a request; one of its times is used up."""
        fault = self.peek(kind, request)
        if fault is not None and fault.times is not None:
            if fault.times == 1:
                del self._standing[fault.id]
            else:
                self._standing[fault.id] = replace(fault, times=fault.times - 1)
        return fault


def names_of(request: Request) -> tuple[str, ...]:
    """By what a fault may name the account of a request: its ACI and its number."""
    caller = request.caller
    if caller is None:
        return ()
    account = caller.account
    return (str(account.aci), *((account.number,) if account.number else ()))


def _ids(fields: Fields, name: str) -> tuple[int, ...]:
    values = fields.values(name, 127)
    if not all(isinstance(value, int) for value in values):
        raise invalid()
    return tuple(values)
