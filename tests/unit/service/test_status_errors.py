from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli import errors
from sigcli.service.exchange import Response
from sigcli.service.status_errors import error_for, require_success


def answer(status: int, body: Any = None, **headers: str) -> Response:
    return Response(status, headers, b"" if body is None else json.dumps(body).encode())


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_2xx_is_a_success(status: int) -> None:
    response = answer(status)
    assert require_success(response, "do it") is response


@pytest.mark.parametrize(
    ("status", "kind", "exit_code"),
    [
        (400, errors.BadRequest, 3),
        (401, errors.Unauthorized, 3),
        (403, errors.Forbidden, 3),
        (404, errors.NotFound, 3),
        (409, errors.Conflict, 3),
        (410, errors.Gone, 3),
        (411, errors.DeviceLimitExceeded, 3),
        (412, errors.PreconditionFailed, 3),
        (413, errors.PayloadTooLarge, 3),
        (418, errors.CodeTransportImpossible, 3),
        (422, errors.InvalidRequest, 3),
        (423, errors.RegistrationLocked, 1),
        (428, errors.ChallengeRequired, 5),
        (429, errors.RateLimited, 5),
        (440, errors.CodeProviderRefused, 3),
        (441, errors.TotpRequired, 3),
        (498, errors.UseWebsocket, 3),
        (499, errors.ClientRefused, 3),
        (500, errors.ServerUnavailable, 3),
        (503, errors.ServerUnavailable, 3),
        (508, errors.ServerRejected, 3),
        (418 + 40, errors.UnexpectedStatus, 3),
    ],
)
@pytest.mark.parametrize("body", [None, "text", [], {"unknown": 1}])
def test_every_status_has_a_name_whatever_its_body(
    status: int, kind: type[errors.UnexpectedStatus], exit_code: int, body: Any
) -> None:
    error = error_for(answer(status, body), "do it")
    assert type(error) is kind
    assert error.status == status
    assert error.exit_code == exit_code


def test_details_of_the_body_are_kept() -> None:
    mismatch = error_for(answer(409, {"missingDevices": [2, 3], "extraDevices": [4]}), "")
    assert isinstance(mismatch, errors.MismatchedDevices)
    assert (mismatch.missing, mismatch.extra) == ((2, 3), (4,))
    stale = error_for(answer(410, {"staleDevices": [1]}), "")
    assert isinstance(stale, errors.StaleDevices)
    assert stale.stale == (1,)
    challenge = error_for(
        answer(428, {"token": "t", "options": ["captcha"]}, **{"retry-after": "86400"}), ""
    )
    assert isinstance(challenge, errors.ChallengeRequired)
    assert (challenge.token, challenge.options, challenge.retry_after_s) == (
        "t",
        ("captcha",),
        86400,
    )
    lock = {"timeRemaining": 9, "svr2Credentials": {"username": "u", "password": "p"}}
    locked = error_for(answer(423, lock), "")
    assert isinstance(locked, errors.RegistrationLocked)
    assert (locked.time_remaining_ms, locked.svr2_username, locked.svr2_password) == (9, "u", "p")
    full = error_for(answer(411, {"current": 6, "max": 6}), "")
    assert isinstance(full, errors.DeviceLimitExceeded)
    assert (full.current, full.maximum) == (6, 6)
    refused = error_for(answer(440, {"reason": "providerRejected", "permanentFailure": True}), "")
    assert isinstance(refused, errors.CodeProviderRefused)
    assert (refused.reason, refused.permanent) == ("providerRejected", True)
    limited = error_for(answer(429, **{"retry-after": "30"}), "")
    assert isinstance(limited, errors.RateLimited)
    assert limited.retry_after_s == 30


def test_an_endpoint_can_word_a_status_itself() -> None:
    with pytest.raises(errors.CaptchaRejected):
        require_success(answer(403), "do it", {403: lambda _: errors.CaptchaRejected(status=403)})


@given(st.integers(400, 599), st.binary(max_size=60), st.text(max_size=8))
def test_hostile_refusals_give_named_errors(status: int, body: bytes, retry_after: str) -> None:
    error = error_for(Response(status, {"retry-after": retry_after}, body), "do it")
    assert isinstance(error, errors.SigcliError)


@given(st.sampled_from([409, 410, 411, 423, 428, 440]), st.data())
def test_hostile_details_give_named_errors(status: int, data: st.DataObject) -> None:
    values = (
        st.none()
        | st.integers()
        | st.text(max_size=3)
        | st.lists(st.integers() | st.text(max_size=2), max_size=3)
    )
    names = [
        "missingDevices",
        "extraDevices",
        "staleDevices",
        "current",
        "max",
        "timeRemaining",
        "svr2Credentials",
        "token",
        "options",
        "reason",
    ]
    body = data.draw(st.dictionaries(st.sampled_from(names), values))
    assert isinstance(error_for(answer(status, body), "do it"), errors.SigcliError)
