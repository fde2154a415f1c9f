from __future__ import annotations

import pytest

from sigcli import errors
from sigcli.daemon.jsonrpc.failures import rpc_error
from sigcli.operations.results import Nothing


@pytest.mark.parametrize(
    ("error", "code", "begins"),
    [
        (errors.SendFailed(), -1, "Failed to send message"),
        (errors.SendUntrusted(), -4, "Failed to send message due to untrusted identities"),
        (errors.SendRateLimited(), -5, "Failed to send message due to rate limiting"),
        (errors.SendNetworkFailed(), -3, "Failed to send message"),
        (errors.SendUnregistered(), -1, "Failed to send message: Unregistered user"),
        (errors.NumberNotRegistered(), -1, "Unregistered user"),
        (errors.NotAGroupMember(), -1, "User is not a member in group"),
        (errors.InvalidGroupId(), -1, "Invalid group id"),
        (errors.UnknownGroup(), -1, "Group not found"),
        (errors.RateLimited(), -5, "RateLimit"),
        (errors.CaptchaRejected(), -6, ""),
        (errors.CaptchaRequired(), -1, "Captcha required for verification"),
        (errors.Unreachable(), -3, ""),
        (errors.AddressMoved(), -4, ""),
        (errors.UnknownSubscription(), -1, "Unknown subscription id"),
        (errors.UnknownParameter("there is no parameter 'x'"), -32600, "there is no parameter"),
        (ValueError("secret"), -32603, "unexpected ValueError inside sigcli (ValueError)"),
    ],
)
def test_codes_and_words_that_clients_know(error: Exception, code: int, begins: str) -> None:
    told = rpc_error(error)
    assert told.code == code
    assert told.message.startswith(begins)
    assert "secret" not in told.message
    assert told.data is None


def test_a_partial_result_goes_along() -> None:
    assert rpc_error(errors.SendFailed(), Nothing()).data == {"response": {}}


def test_what_to_do_stands_behind_what_happened() -> None:
    assert rpc_error(errors.UnknownConsumer()).message == (
        "There is no consumer with this name (listConsumers shows the consumers that exist)"
    )


def test_half_a_surrogate_pair_is_the_callers_mistake() -> None:
    with pytest.raises(UnicodeEncodeError) as caught:
        "\ud800".encode()
    error = rpc_error(caught.value)
    assert error.code == -1
    assert "surrogate" in error.message
