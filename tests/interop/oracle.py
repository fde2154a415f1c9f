"""The official libsignal, driven over JSON lines in a Node process."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from tests.support.json_lines import ChildFailed, JsonLinesChild, from_json, to_json
from tests.support.node import NODE_DIRECTORY, node_with_packages

__all__ = ["Oracle", "OracleCrashed", "OracleError"]

OracleCrashed = ChildFailed


class OracleError(Exception):
    """A JavaScript error of one call: `name` is libsignal's, such as InvalidMessage."""

    def __init__(self, name: str, message: str, code: Any = None, stack: str = "") -> None:
        """`code` is libsignal's ErrorCode number, or Node's error code, or None."""
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
        self.code = code
        self.stack = stack


class Oracle:
    """Evaluates JavaScript with `lib`, `stores`, `mock`, `state` and the arguments in scope.

    `lib` is @signalapp/libsignal-client; `stores` holds the in-memory stores and `Party`
    (tests/node/stores.mjs); `mock` loads modules of the mock server on first use (`mock.crypto`,
    `mock.protos`, `mock.require("src/…")`); `state` is an object kept between calls; `log("Info")`
    sends libsignal's log to stderr, shown by `stderr()`.
    """

    def __init__(self, *, timeout_s: float = 60) -> None:
        """Starts node. Raises NodeUnavailable."""
        runtime = node_with_packages()
        self._timeout_s = timeout_s
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._next_id = 0
        self._child = JsonLinesChild(
            [str(runtime.node), str(NODE_DIRECTORY / "oracle.mjs")],
            cwd=NODE_DIRECTORY,
            env=runtime.environment(),
            on_line=self._answers.put,
            on_end=lambda: self._answers.put(None),
        )
        try:
            self._take()
        except ChildFailed:
            self._child.close()
            raise

    def call(self, js_body: str, /, **arguments: Any) -> Any:
        """The value that the body of an async function returns.

        Bytes, integers, lists and dicts travel both ways; libsignal's serializable objects come
        back as their bytes. Raises OracleError, or ChildFailed with stderr if node died.
        """
        (result,) = self.batch([(js_body, arguments)])
        if isinstance(result, OracleError):
            raise result
        return result

    def batch(self, calls: Sequence[tuple[str, dict[str, Any]]], /) -> list[Any]:
        """Runs many calls in order in one round trip; an error stands in its place as a value."""
        with self._lock:
            self._next_id += 1
            request_id = self._next_id
            self._child.send(
                {
                    "id": request_id,
                    "calls": [{"body": body, "args": to_json(args)} for body, args in calls],
                }
            )
            answer = self._take()
            while answer["id"] != request_id:  # of a call that timed out before
                answer = self._take()
        return [_result(item) for item in answer["results"]]

    def reset(self) -> None:
        """Empties `state`."""
        self.call("for (const key of Object.keys(state)) delete state[key];")

    def stderr(self) -> str:
        """The end of what node and libsignal logged."""
        return self._child.stderr_tail()

    def close(self) -> None:
        """Ends node."""
        self._child.close()

    def __enter__(self) -> Oracle:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _take(self) -> Any:
        try:
            answer = self._answers.get(timeout=self._timeout_s)
        except queue.Empty:
            raise self._child.failure(f"no answer within {self._timeout_s} s") from None
        if answer is None:
            self._answers.put(None)
            raise self._child.failure("the oracle's node ended")
        return answer


def _result(item: dict[str, Any]) -> Any:
    error = item.get("error")
    if error is None:
        return from_json(item["value"])
    return OracleError(error["name"], error["message"], error["code"], error["stack"])
