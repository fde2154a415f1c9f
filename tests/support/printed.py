"""What ``sigcli receive --json`` printed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.support.sigcli_process import RunningSigcli, Sigcli


def text_of(line: dict[str, Any]) -> str | None:
    """The text of a message from somebody else; None for any other line."""
    data = line["envelope"].get("dataMessage")
    return None if data is None else data["message"]


def texts_of(lines: Iterable[dict[str, Any]]) -> list[str]:
    """The texts among the lines, in order."""
    return [text for text in map(text_of, lines) if text is not None]


def exceptions_of(lines: Iterable[dict[str, Any]]) -> list[str]:
    """The types of the exceptions among the lines."""
    return [line["exception"]["type"] for line in lines if "exception" in line]


def receive(sigcli: Sigcli, *arguments: str) -> list[dict[str, Any]]:
    """Runs ``receive --json`` until the queue is empty."""
    lines: list[dict[str, Any]] = sigcli.run("receive", "--json", *arguments).json_lines
    return lines


def receive_texts(sigcli: Sigcli, *arguments: str) -> list[str]:
    """The same, and the texts alone; AssertionError for anything that could not be read."""
    lines = receive(sigcli, *arguments)
    assert exceptions_of(lines) == []
    return texts_of(lines)


def next_text(receiving: RunningSigcli, *, timeout_s: float = 60) -> str:
    """The next text of a ``receive --json`` that runs; other lines are passed over."""
    while True:
        line = receiving.read_json(timeout_s=timeout_s)
        assert "exception" not in line, line
        text = text_of(line)
        if text is not None:
            return text


def next_line_with(receiving: RunningSigcli, member: str, *, timeout_s: float = 60) -> Any:
    """The next line whose envelope has that member (or ``exception``)."""
    while True:
        line = receiving.read_json(timeout_s=timeout_s)
        if member in line or member in line["envelope"]:
            return line
