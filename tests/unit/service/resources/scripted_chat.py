"""Chats whose answers a test writes down beforehand and whose requests it looks at afterwards."""

from __future__ import annotations

import json
from typing import Any, cast

from sigcli.service.chat import IdentifiedChat, UnidentifiedChat, UnlinkedChat
from sigcli.service.exchange import Request, Response

ACI_TEXT = "9d0652a3-dcc3-4d11-975f-74d61598733f"
PNI_TEXT = "796abedb-ca4e-4f18-8803-1fde5b921f9f"


class Script:
    """Gives the same answer to everything; serves as the transport behind each kind of chat."""

    def __init__(
        self, status: int = 200, body: Any = None, headers: dict[str, str] | None = None
    ) -> None:
        content = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        self.answer = Response(status, headers or {}, content)
        self.requests: list[Request] = []
        self.timeouts: list[float] = []

    def request(self, request: Request, timeout_s: float = 30) -> Response:
        self.requests.append(request)
        self.timeouts.append(timeout_s)
        return self.answer

    @property
    def sent(self) -> Request:
        (request,) = self.requests
        return request

    @property
    def line(self) -> str:
        return f"{self.sent.method} {self.sent.path}"

    @property
    def json(self) -> Any:
        assert self.sent.body is not None
        assert self.sent.headers["Content-Type"] == "application/json"
        return json.loads(self.sent.body)

    @property
    def identified(self) -> IdentifiedChat:
        return IdentifiedChat(cast(Any, self))

    @property
    def unidentified(self) -> UnidentifiedChat:
        return UnidentifiedChat(cast(Any, self))

    @property
    def unlinked(self) -> UnlinkedChat:
        return cast(UnlinkedChat, self)
