"""The child process that runs Signal's mock server: commands, answers, events."""

from __future__ import annotations

import tempfile
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from tests.support.android_rules import refused, with_zeros
from tests.support.json_lines import ChildFailed, JsonLinesChild, from_json, to_json
from tests.support.node import NODE_DIRECTORY, node_with_packages

_START_TIMEOUT_S = 60


class MockError(Exception):
    """A command of the mock server failed; the message is JavaScript's."""


class NothingHappened(AssertionError):
    """What a test waited for did not come in time."""


class MockProcess:
    """Starts the driver, sends commands, keeps events until somebody asks for them."""

    def __init__(self) -> None:
        """Starts node and waits until the server listens. Raises NodeUnavailable or ChildFailed."""
        runtime = node_with_packages()
        self._changed = threading.Condition()
        self._answers: dict[int, dict[str, Any]] = {}
        self.refused: list[str] = []
        """What Android would not have shown of what primaries decrypted."""
        self._events: defaultdict[str, deque[dict[str, Any]]] = defaultdict(deque)
        self._next_id = 0
        self._ended = False
        self._uploads = tempfile.TemporaryDirectory(prefix="sigcli-mock-")
        driver = NODE_DIRECTORY / "mock" / "driver.mjs"
        self._child = JsonLinesChild(
            [str(runtime.node), str(driver), self._uploads.name],
            cwd=NODE_DIRECTORY,
            env=runtime.environment(),
            on_line=self._take,
            on_end=self._end,
        )
        try:
            self.ready = self.event("ready", timeout_s=_START_TIMEOUT_S)
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """Node's process id."""
        return self._child.pid

    def call(self, command: str, /, *, timeout_s: float = 60, **arguments: Any) -> Any:
        """Runs a command of the driver and returns its value.

        Many threads may do so at once. Raises MockError, NothingHappened after the timeout, ChildFailed if node died.
        """
        with self._changed:
            self._next_id += 1
            call_id = self._next_id
        self._child.send({"id": call_id, "command": command, "arguments": to_json(arguments)})

        def answered() -> dict[str, Any] | None:
            return self._answers.pop(call_id, None)

        answer = self._wait(answered, timeout_s, f"the answer to {command}")
        if "error" in answer:
            raise MockError(f"{command}: {answer['error']['message']}\n{answer['error']['stack']}")
        return from_json(answer["value"])

    def event(
        self,
        name: str,
        *,
        timeout_s: float = 60,
        matching: Callable[[dict[str, Any]], bool] = lambda event: True,
    ) -> dict[str, Any]:
        """The oldest event of this name that matches; others stay for later. Raises as `call`."""

        def found() -> dict[str, Any] | None:
            events = self._events[name]
            for index, event in enumerate(events):
                if matching(event):
                    del events[index]
                    return event
            return None

        return self._wait(found, timeout_s, f"an event {name!r}")

    def events(self, name: str) -> list[dict[str, Any]]:
        """All events of this name so far; they are taken."""
        with self._changed:
            taken = list(self._events[name])
            self._events[name].clear()
        return taken

    def forget_events(self) -> None:
        """Drops everything that nobody asked for."""
        with self._changed:
            self._events.clear()
            self.refused.clear()

    def stderr(self) -> str:
        """The end of what node logged."""
        return self._child.stderr_tail()

    def close(self) -> None:
        """Ends node."""
        self._child.close()
        self._uploads.cleanup()

    def _wait(
        self, take: Callable[[], dict[str, Any] | None], timeout_s: float, what: str
    ) -> dict[str, Any]:
        taken: dict[str, Any] | None = None

        def done() -> bool:
            nonlocal taken
            taken = take()
            return taken is not None or self._ended

        with self._changed:
            in_time = self._changed.wait_for(done, timeout_s)
        if taken is not None:
            return taken
        if not in_time:
            raise NothingHappened(f"{what} did not come within {timeout_s} s\n{self.stderr()}")
        raise self._child.failure(f"the mock server ended before {what} came")

    def _take(self, message: dict[str, Any]) -> None:
        with self._changed:
            if "event" in message:
                event = from_json(message)
                self._events[message["event"]].append(event)
                if message["event"] == "received":
                    self._check(event)
            else:
                self._answers[message["id"]] = message
            self._changed.notify_all()

    def _check(self, event: dict[str, Any]) -> None:
        """Hold what the client sent against the rules of Android."""
        own = event["source"]["aci"] == event["primary"]
        self.refused += refused(with_zeros(event["content"]), to_own_device=own)

    def _end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()


MockCrashed = ChildFailed
