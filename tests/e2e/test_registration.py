"""``sigcli register`` and ``verify`` against Signal's mock server: what it takes, and what a service may refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigcli.store.account_data import load_account_keys
from sigcli.store.accounts import DataDirectory
from sigcli.store.accounts_file import LocalAccount
from sigcli.store.prekeys import active_last_resort_prekey, active_signed_prekey
from sigcli.wire.addresses import ServiceIdKind
from tests.support.mock_server import MockServer
from tests.support.sigcli_process import Sigcli

NUMBER = "+15550117"
CODE = "111111"
CAPTCHA = "signalcaptcha://signal-hcaptcha.5fad97ac.registration.P1_solved"


@pytest.fixture
def applicant(sigcli: Sigcli) -> Sigcli:
    """The command, told which number it is to register."""
    sigcli.account = NUMBER
    return sigcli


def accounts(sigcli: Sigcli) -> list[LocalAccount]:
    return DataDirectory(sigcli.data_dir).accounts()


def pending(sigcli: Sigcli) -> list[Path]:
    return list(sigcli.data_dir.glob("registrations/*"))


def bodies(mock_server: MockServer, verb: str, path: str) -> list[Any]:
    return [json.loads(r.body) for r in mock_server.requests(path, verb=verb) if r.body]


def registered(sigcli: Sigcli) -> Sigcli:
    sigcli.run("register", "--captcha", CAPTCHA)
    sigcli.run("verify", CODE)
    return sigcli


def test_a_number_is_registered_with_all_that_an_account_needs(
    mock_server: MockServer, applicant: Sigcli
) -> None:
    begun = applicant.run("register", "--captcha", CAPTCHA)
    assert begun.stdout == ""
    assert "takes the number away from a phone" in begun.stderr
    assert accounts(applicant) == []
    assert len(pending(applicant)) == 1
    finished = applicant.run("verify", "111-111")
    assert finished.stdout == ""
    assert "has no PIN" in finished.stderr

    (entry,) = accounts(applicant)
    assert entry.number == NUMBER
    assert pending(applicant) == []
    assert not list(applicant.data_dir.glob(".new-*"))
    (body,) = bodies(mock_server, "POST", "^/v1/registration$")
    attributes = body["accountAttributes"]
    assert attributes["fetchesMessages"] is True
    assert attributes["capabilities"]["spqr"] is True
    assert "registrationLock" not in attributes
    assert body["skipDeviceTransfer"] is True
    assert all(body[name] for name in ("aciPqLastResortPreKey", "pniPqLastResortPreKey"))

    with DataDirectory(applicant.data_dir).open_database(entry) as database:
        keys = load_account_keys(database)
        assert keys.is_primary
        assert keys.account_entropy_pool
        assert keys.media_root_backup_key
        for own in ServiceIdKind:
            assert active_signed_prekey(database, own)
            assert active_last_resort_prekey(database, own)

    calls = [f"{r.verb} {r.path.split('?')[0]}" for r in mock_server.requests()]
    wanted = ["POST /v1/registration", "PUT /v2/keys", "PUT /v2/keys", "PUT /v1/profile"]
    assert [call for call in calls if call in wanted] == wanted
    (profile,) = bodies(mock_server, "PUT", "^/v1/profile$")
    assert len(profile["name"]) == 108  # 81 bytes: an empty name, padded
    assert len(profile["version"]) == 64


def test_a_registered_account_writes_to_others(mock_server: MockServer, applicant: Sigcli) -> None:
    registered(applicant)
    bob = mock_server.create_primary("Bob")
    sent = applicant.run("--json", "send", "-m", "from a primary", bob.aci).json
    assert [result["type"] for result in sent["results"]] == ["SUCCESS"]
    message = mock_server.received(bob)
    assert message.content["dataMessage"]["body"] == "from a primary"


def test_a_wrong_code_can_be_mended(mock_server: MockServer, applicant: Sigcli) -> None:
    applicant.run("register", "--captcha", CAPTCHA)
    refused = applicant.run("--json", "verify", "222222", exit_code=1)
    assert refused.json_error["code"] == "wrongVerificationCode"
    assert mock_server.requests("^/v1/registration$") == []
    assert accounts(applicant) == []
    applicant.run("verify", CODE)
    assert len(accounts(applicant)) == 1


def test_a_code_that_nobody_has_asked_for(applicant: Sigcli) -> None:
    refused = applicant.run("--json", "verify", CODE, exit_code=1)
    assert refused.json_error["code"] == "nothingToVerify"
    assert "register" in refused.json_error["hint"]


def test_a_captcha_is_asked_for_with_the_page_that_has_it(
    mock_server: MockServer, applicant: Sigcli, tmp_path: Path
) -> None:
    page = "https://127.0.0.1:1/captcha"
    environment = mock_server.environment_file(
        tmp_path / "with-page.toml", captcha={"registration_url": page}
    )
    applicant.environment["SIGCLI_SERVICE_ENVIRONMENT"] = str(environment)
    refused = applicant.run("--json", "register", exit_code=1)
    assert refused.json_error["code"] == "captchaRequired"
    assert page in refused.json_error["hint"]
    # The session waits for it.
    applicant.run("register", "--captcha", CAPTCHA)
    assert len(mock_server.requests("^/v1/verification/session$", verb="POST")) == 1


@pytest.mark.parametrize(
    ("captcha", "complaint"),
    [
        ("signalcaptcha://signal-hcaptcha.5fad97ac.challenge.P1_x", "for sending"),
        ("sgnl://linkdevice?uuid=a&pub_key=b", "wants to be linked"),
    ],
)
def test_the_wrong_kind_of_captcha_never_leaves_the_machine(
    mock_server: MockServer, applicant: Sigcli, captcha: str, complaint: str
) -> None:
    refused = applicant.run("register", "--captcha", captcha, exit_code=6)
    assert complaint in refused.stderr
    assert mock_server.requests("verification") == []


def test_a_captcha_that_the_service_rejects(mock_server: MockServer, applicant: Sigcli) -> None:
    mock_server.fail_next("PATCH", "verification/session", 403, body={"id": "x"})
    refused = applicant.run("--json", "register", "--captcha", CAPTCHA, exit_code=6)
    assert refused.json_error["code"] == "captchaRejected"
    applicant.run("register", "--captcha", CAPTCHA)
    assert len(mock_server.requests("^/v1/verification/session$", verb="POST")) == 1


def test_a_session_that_has_expired_is_replaced(mock_server: MockServer, applicant: Sigcli) -> None:
    applicant.run("register", "--captcha", CAPTCHA)
    mock_server.fail_next("GET", "verification/session", 404)
    applicant.run("register", "--captcha", CAPTCHA)
    assert len(mock_server.requests("^/v1/verification/session$", verb="POST")) == 2
    mock_server.fail_next("PUT", "verification/session", 404)
    refused = applicant.run("--json", "verify", CODE, exit_code=1)
    assert refused.json_error["code"] == "nothingToVerify"


def test_the_voice_option_asks_for_a_call(mock_server: MockServer, applicant: Sigcli) -> None:
    applicant.run("register", "-v", "--captcha", CAPTCHA, env={"LC_ALL": "de_AT.UTF-8"})
    (request,) = mock_server.requests("verification/session/.*/code", verb="POST")
    assert request.body is not None
    assert json.loads(request.body)["transport"] == "voice"
    assert request.headers["accept-language"] == "de-AT"


@pytest.mark.parametrize(
    ("verb", "path", "status", "headers", "body", "code", "exit_code"),
    [
        ("POST", "session$", 422, {}, None, "invalidNumber", 1),
        ("POST", "session$", 429, {"Retry-After": "77"}, None, "rateLimited", 5),
        ("POST", "/code$", 429, {"Retry-After": "77"}, None, "rateLimited", 5),
        ("POST", "/code$", 418, {}, None, "codeTransportImpossible", 3),
        (
            "POST",
            "/code$",
            440,
            {},
            {"reason": "providerRejected", "permanentFailure": True},
            "codeProviderRefused",
            3,
        ),
        ("POST", "/code$", 499, {}, None, "clientRefused", 3),
    ],
)
def test_every_refusal_of_a_code_has_a_name(
    mock_server: MockServer,
    applicant: Sigcli,
    verb: str,
    path: str,
    status: int,
    headers: dict[str, str],
    body: Any,
    code: str,
    exit_code: int,
) -> None:
    mock_server.fail_next(verb, f"verification.*{path}", status, headers=headers, body=body)
    refused = applicant.run("--json", "register", "--captcha", CAPTCHA, exit_code=exit_code)
    assert refused.json_error["code"] == code
    assert refused.json_error["hint"]
    if headers:
        assert "77 seconds" in refused.json_error["message"]
    applicant.run("register", "--captcha", CAPTCHA)
    applicant.run("verify", CODE)


@pytest.mark.parametrize(
    ("status", "data", "code", "exit_code"),
    [
        (401, {}, "unauthorized", 3),
        (409, {}, "conflict", 3),
        (422, {}, "invalidRequest", 3),
        (423, {"timeRemaining": 200_000_000}, "registrationLocked", 1),
        (428, {"token": "t", "options": ["captcha"]}, "challengeRequired", 5),
        (429, {}, "rateLimited", 5),
        (441, {}, "totpRequired", 3),
        (499, {}, "clientRefused", 3),
    ],
)
def test_every_refusal_of_a_registration_has_a_name_and_can_be_tried_again(
    mock_server: MockServer,
    applicant: Sigcli,
    status: int,
    data: Any,
    code: str,
    exit_code: int,
) -> None:
    applicant.run("register", "--captcha", CAPTCHA)
    mock_server.set_register_error(status, data)
    refused = applicant.run("--json", "verify", CODE, exit_code=exit_code)
    assert refused.json_error["code"] == code
    assert refused.json_error["hint"]
    if status == 423:
        assert "in 3 days" in refused.json_error["hint"]
        assert "PIN" in refused.json_error["hint"]
    assert accounts(applicant) == []
    assert not list(applicant.data_dir.glob("*/account.db"))
    mock_server.set_register_error(None)
    applicant.run("verify", CODE)
    assert len(accounts(applicant)) == 1


def test_a_lost_answer_to_the_registration_is_made_up_for(
    mock_server: MockServer, applicant: Sigcli
) -> None:
    applicant.run("register", "--captcha", CAPTCHA)
    mock_server.cut_next("POST", "^/v1/registration$", after_handling=True)
    applicant.run("verify", CODE, exit_code=3)
    assert accounts(applicant) == []
    applicant.run("verify", CODE)
    assert len(accounts(applicant)) == 1
    # A verified session takes no code any more.
    assert len(mock_server.requests("verification/session/.*/code", verb="PUT")) == 1


def test_what_fails_after_the_registration_is_a_warning_and_made_up_for_by_receive(
    mock_server: MockServer, applicant: Sigcli
) -> None:
    applicant.run("register", "--captcha", CAPTCHA)
    mock_server.fail_next("PUT", "^/v2/keys", 503, times=None)
    mock_server.fail_next("PUT", "^/v1/profile$", 503, times=None)
    finished = applicant.run("verify", CODE)
    assert "not all is set up yet" in finished.stderr
    assert len(accounts(applicant)) == 1
    mock_server.reset()
    applicant.run("receive")
    assert len(mock_server.requests("^/v2/keys", verb="PUT")) == 2
    assert len(mock_server.requests("^/v1/profile$", verb="PUT")) == 1


def test_an_account_that_works_is_registered_anew_only_on_request(
    mock_server: MockServer, applicant: Sigcli
) -> None:
    registered(applicant)
    (first,) = accounts(applicant)
    refused = applicant.run("--json", "register", exit_code=1)
    assert refused.json_error["code"] == "alreadyRegistered"
    assert "--reregister" in refused.json_error["hint"]
    # This server gives the number to a new account.
    applicant.run("register", "--reregister", "--captcha", CAPTCHA)
    applicant.run("verify", CODE)
    old, new = accounts(applicant)
    assert (old.aci, old.number) == (first.aci, None)
    assert (new.aci != first.aci, new.number) == (True, NUMBER)
    applicant.run("receive")


def test_only_numbers_are_registered(
    mock_server: MockServer, new_sigcli: Callable[[str], Sigcli]
) -> None:
    sigcli = new_sigcli("none")
    assert "-a" in sigcli.run("register", exit_code=1).stderr
    for word in ("15550100", "6f2c1b4e-0000-4000-8000-000000000000"):
        refused = sigcli.run("--json", "-a", word, "register", exit_code=1)
        assert refused.json_error["code"] == "invalidNumber"
    assert mock_server.requests("verification") == []


def test_links_of_other_devices_need_a_primary_device(
    mock_server: MockServer, sigcli: Sigcli, linked: object
) -> None:
    uri = "sgnl://linkdevice?uuid=abc&pub_key=BSVSEBvLDOhVUU1KyjYDTNoIzHB8m2Tzm0dPM5iZh4ps"
    refused = sigcli.run("--json", "addDevice", "--uri", uri, exit_code=1)
    assert refused.json_error["code"] == "primaryOnly"
    refused = sigcli.run("--json", "removeDevice", "-d", "2", exit_code=1)
    assert refused.json_error["code"] == "primaryOnly"
    refused = sigcli.run("--json", "unregister", "--delete-account", exit_code=1)
    assert refused.json_error["code"] == "primaryOnly"
    assert sigcli.run("unregister").stdout == ""
    (removed,) = mock_server.requests("^/v1/devices/", verb="DELETE")
    assert removed.status == 204
    sigcli.run("receive", exit_code=3)
