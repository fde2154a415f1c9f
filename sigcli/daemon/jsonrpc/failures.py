"""From sigcli's errors to the codes and words of signal-cli, which its clients read. Does no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli import errors
from sigcli.daemon.jsonrpc.messages import INTERNAL_ERROR, INVALID_REQUEST, RpcError
from sigcli.errors import SigcliError, UnexpectedError

if TYPE_CHECKING:
    from sigcli.operations.results import Result

USER_ERROR = -1
_BY_EXIT_CODE = {1: -1, 3: -3, 4: -4, 5: -5, 6: -6}
"""Exit codes and error codes differ only in their sign."""

_PHRASES: dict[type[SigcliError], str] = {
    errors.SendUntrusted: "Failed to send message due to untrusted identities",
    errors.SendRateLimited: "Failed to send message due to rate limiting",
    errors.RateLimited: "RateLimit",
    errors.ChallengeRequired: "RateLimit",
    errors.SendUnregistered: "Failed to send message: Unregistered user",
    errors.SendFailed: "Failed to send message",
    errors.SendNetworkFailed: "Failed to send message",
    errors.PersonNotRegistered: "Unregistered user",
    errors.NotAGroupMember: "User is not a member in group",
    errors.InvalidGroupId: "Invalid group id",
    errors.UnknownGroup: "Group not found",
}
"""What clients look for in the message of an error, by class; the nearest base class counts."""


def rpc_error(error: Exception, result: Result | None = None) -> RpcError:
    """The answer to a request that has failed, with any result that it has nevertheless."""
    data: Any = None if result is None else {"response": result.to_json()}
    if isinstance(error, RpcError):
        return error
    if isinstance(error, UnicodeEncodeError):
        # JSON can escape what UTF-8 cannot encode.
        return RpcError(
            USER_ERROR, "a text holds half a surrogate pair, which is no character", data
        )
    if not isinstance(error, SigcliError):
        name = type(error).__name__
        return RpcError(INTERNAL_ERROR, f"{UnexpectedError(name).message} ({name})", data)
    if isinstance(error, errors.UnknownParameter):
        return RpcError(INVALID_REQUEST, error.message, data)
    code = _BY_EXIT_CODE.get(error.exit_code, INTERNAL_ERROR)
    message = _message(error)
    if code == INTERNAL_ERROR:
        message = f"{message} ({type(error).__name__})"
    return RpcError(code, message, data)


def _message(error: SigcliError) -> str:
    """The phrase that clients know, what happened, and what to do about it."""
    phrase = next((_PHRASES[one] for one in type(error).__mro__ if one in _PHRASES), None)
    message = error.message
    if phrase is not None and phrase.lower() not in message.lower():
        message = f"{phrase}: {message}"
    return f"{message} ({error.hint})" if error.hint else message
