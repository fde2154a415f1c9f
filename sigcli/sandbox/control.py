"""Controlling a running sandbox as its owner, found by its environment file and the token beside it."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import tomllib
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from sigcli.errors import SandboxNotRunning, SandboxRefused
from sigcli.lazy_dataclass import dataclass
from sigcli.sandbox.environment_file import token_path

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_S = 10.0
_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """Where a sandbox listens, and its token."""

    host: str
    port: int
    ca_file: Path
    token_file: Path
    token: str = field(repr=False)

    @classmethod
    def find(cls, environment_file: Path) -> RunningSandbox:
        """The sandbox that wrote this file; raises SandboxNotRunning."""
        try:
            fields = tomllib.loads(environment_file.read_text())
            url = urlsplit(fields["chat"]["url"])
            ca_file = environment_file.parent / fields["tls"]["ca_file"]
            token_file = token_path(environment_file)
            token = token_file.read_text().strip()
            host, port = url.hostname, url.port
        except (OSError, ValueError, KeyError, TypeError):
            host = port = None
        if host is None or port is None:
            raise SandboxNotRunning(f"no sandbox is running for {environment_file}")
        return cls(host, port, ca_file, token_file, token)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Make a request; returns the JSON of the answer, or None. Raises SandboxNotRunning, SandboxRefused."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        encoded = None if body is None else json.dumps(body).encode()
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            connection = http.client.HTTPSConnection(
                self.host, self.port, timeout=_TIMEOUT_S, context=context
            )
            try:
                connection.request(method, path, encoded, headers)
                answer = connection.getresponse()
                content = answer.read()
            finally:
                connection.close()
        except (OSError, http.client.HTTPException):
            raise SandboxNotRunning(f"no sandbox listens on {self.host} port {self.port}") from None
        if answer.status >= 300:
            raise SandboxRefused(f"the sandbox answers {answer.status} to {method} {path}")
        return json.loads(content) if content else None

    def code(self, number: str) -> str:
        """The last verification code sent to a number; raises SandboxRefused if there is none."""
        try:
            answer = self.call("GET", f"/sandbox/code/{quote(number, safe='')}")
        except SandboxRefused:
            raise SandboxRefused(
                "no verification code was sent to this number",
                hint="request one with `sigcli register`",
            ) from None
        return str(answer["code"])

    def fault(self, kind: str, **details: Any) -> int:
        """Inject a failure; returns its id. Kinds and details: ``sigcli.sandbox.faults``, in camel case."""
        given = {name: value for name, value in details.items() if value is not None}
        return int(self.call("POST", "/sandbox/faults", {"kind": kind, **given})["id"])

    def faults(self) -> list[dict[str, Any]]:
        """The injected failures."""
        return list(self.call("GET", "/sandbox/faults"))

    def clear_faults(self, id: int | None = None) -> None:
        """Clear one failure, or all."""
        self.call("DELETE", "/sandbox/faults" if id is None else f"/sandbox/faults/{id}")

    def switch(self, **switches: bool | int) -> None:
        """Set switches: those of ``sigcli.sandbox.faults.SWITCHES``; raises SandboxRefused for others."""
        self.call("PUT", "/sandbox/switches", switches)

    def age(self, account: str, days: int, device: int | None = None) -> None:
        """Make an account (number or ACI) or one device look unused for some days."""
        body = {"account": account, "days": days}
        self.call("POST", "/sandbox/age", body if device is None else {**body, "device": device})

    def stop(self) -> None:
        """Stop the server; returns when it has ended. Raises SandboxNotRunning, SandboxRefused."""
        self.call("POST", "/sandbox/stop", {})
        deadline = time.monotonic() + _TIMEOUT_S
        # The server removes its token last.
        while self.token_file.exists():
            if time.monotonic() > deadline:
                raise SandboxRefused(f"the sandbox on port {self.port} does not stop")
            time.sleep(_LOOK_S)

    def receipt(self) -> str:
        """A receipt with which an account without a number can be registered once: base64, in place of a bought one."""
        return str(self.call("POST", "/sandbox/receipt", {})["receiptCredentialPresentation"])

    def overfill(self, account: str, device: int = 1) -> None:
        """Act as if the queue of a device had become too large."""
        self.call("POST", "/sandbox/overfill", {"account": account, "device": device})

    def accounts(self) -> list[dict[str, Any]]:
        """All accounts with their devices and the number of messages that wait for each."""
        return list(self.call("GET", "/sandbox/accounts"))
