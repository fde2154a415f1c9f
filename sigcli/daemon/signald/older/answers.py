"""The forms of v0 answers: results, confirmations and failures."""

from __future__ import annotations

from typing import Any

from sigcli.errors import SigcliError

UNKNOWN_COMMAND = 5


def status(
    number: int, message: str, *, error: bool, given: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A number, a sentence, and the request if it is useful."""
    return {"msg_number": number, "message": message, "error": error, "request": given}


def answer(type: str, data: Any = None) -> dict[str, Any]:
    """An answer with its result."""
    return {"type": type, "data": data}


def done(type: str, number: int, message: str) -> dict[str, Any]:
    """The confirmation that something was done."""
    return answer(type, status(number, message, error=False))


def unexpected(message: str) -> dict[str, Any]:
    """The answer to input that makes no sense, in any version."""
    return {"type": "unexpected_error", "data": status(0, message, error=True)}


def unknown_command(given: dict[str, Any]) -> dict[str, Any]:
    """The answer to an unknown type."""
    return {
        "type": "unknown_command",
        "data": status(UNKNOWN_COMMAND, "Unknown command type", error=True, given=given),
    }


_ERROR_TYPES = {
    "update_group": "group_update_error",
    "leave_group": "leave_group_error",
    "update_contact": "update_contact_error",
    "link": "linking_error",
    "trust": "trust_failed",
}


def failed(type: str, error: BaseException, given: dict[str, Any]) -> dict[str, Any]:
    """The answer to a v0 request that failed."""
    message = error.message if isinstance(error, SigcliError) else "unexpected error inside sigcli"
    if type == "verify":
        return {"type": "error", "data": message}
    return {
        "type": _ERROR_TYPES.get(type, "unexpected_error"),
        "data": status(0, message, error=True, given=given),
    }
