"""A plain client of server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT_S = 40.0


class EventStream:
    """What comes."""

    def __init__(self, answer: HTTPResponse) -> None:
        self._answer = answer

    def next(self) -> tuple[str, dict[str, Any]]:
        """The next event's id and data."""
        id = ""
        while line := self._answer.readline().decode():
            name, _, value = line.rstrip("\n").partition(":")
            if name == "id":
                id = value
            elif name == "data":
                return id, json.loads(value)
        raise AssertionError("the stream has ended")

    def next_message(self) -> tuple[str, dict[str, Any]]:
        """The next one that is a message of somebody."""
        while True:
            id, data = self.next()
            if "dataMessage" in data["envelope"]:
                return id, data


@contextmanager
def events(
    url: str, token: str, query: str = "", last_id: str | None = None
) -> Iterator[EventStream]:
    """A stream, from a place on if that is known."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    if last_id is not None:
        headers["Last-Event-ID"] = last_id
    connection = HTTPConnection(urlsplit(url).netloc, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", f"/api/v1/events{query}", headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200
        yield EventStream(answer)
    finally:
        connection.close()
