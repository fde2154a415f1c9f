"""`sigcli api`: raw calls against the sandbox, over REST and over the websocket."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from tests.support.accounts import CAPTCHA
from tests.support.sigcli_process import Sigcli, installed_command

NUMBER = "+15550950"
STRANGER = "9d0652a3-dcc3-4d11-975f-74d61598733f"


@pytest.fixture(scope="module")
def account(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sigcli]:
    sigcli = Sigcli(tmp_path_factory.mktemp("account"), sandbox.environment_file)
    sigcli.account = NUMBER
    sigcli.run("register", "--captcha", CAPTCHA)
    sigcli.run("verify", RunningSandbox.find(sandbox.environment_file).code(NUMBER))
    yield sigcli
    sigcli.dispose()


def by_websocket(sandbox: Sandbox, tmp_path: Path) -> Path:
    """The sandbox's environment with all requests in the websocket."""
    lines = sandbox.environment_file.read_text().splitlines()
    lines = [line for line in lines if not line.startswith("requests")]
    at = lines.index("[chat]")
    lines[at:] = [lines[at], 'requests = "websocket"', *lines[at + 1 :]]
    path = tmp_path / "websocket.toml"
    text = "\n".join(lines)
    ca = sandbox.environment_file.parent / "ca.pem"
    path.write_text(text.replace('"ca.pem"', json.dumps(str(ca))))
    return path


def test_the_body_comes_as_it_is(account: Sigcli) -> None:
    answer = account.run("api", "get", "/v1/accounts/whoami")
    assert not answer.stdout.endswith("\n")
    assert answer.json["number"] == NUMBER
    assert answer.stderr == ""
    head = account.run("api", "-i", "GET", "/v1/accounts/whoami").stdout
    lines = head.split("\n")
    assert lines[0] == "HTTP/1.1 200 OK"
    assert any(line.startswith("x-signal-timestamp: ") for line in lines)
    assert json.loads(lines[lines.index("") + 1]) == answer.json


def test_what_is_read_may_be_written(account: Sigcli) -> None:
    account.run("api", "PUT", "/v1/devices/capabilities", "--body", "-", stdin='{"spqr":true}')
    name = account.home / "name.json"
    name.write_text('{"deviceName":"AAAA"}')
    account.run("api", "PUT", "/v1/accounts/name?deviceId=1", "--body", str(name))
    devices = account.run("api", "GET", "/v1/devices").json["devices"]
    assert devices[0]["name"] == "AAAA"


def test_a_refusal_prints_its_body_and_has_its_name(account: Sigcli) -> None:
    refused = account.run(
        "--json", "api", "PUT", "/v1/accounts/attributes/", "--body", "-", stdin="{", exit_code=3
    )
    assert refused.json_error["code"] == "badRequest"
    missing = account.run("api", "GET", "/v1/accounts/whoever", exit_code=3)
    assert "status 404" in missing.stderr


def test_anonymous_calls(account: Sigcli, sandbox: Sandbox, tmp_path: Path) -> None:
    path = f"/v1/accounts/account/{STRANGER}"
    account.run("api", "HEAD", path, exit_code=3)
    own = account.run("api", "GET", "/v1/accounts/whoami").json["uuid"]
    own_path = f"/v1/accounts/account/{own}"
    account.run("api", "HEAD", own_path, "--unidentified")
    refused = account.run("api", "HEAD", own_path, exit_code=3)
    assert "status 400" in refused.stderr, "the service wants this call without a login"
    header = ("-H", "Unidentified-Access-Key: AAAAAAAAAAAAAAAAAAAAAA==")
    usage = account.run("api", "GET", f"/v1/profile/{own}", *header, exit_code=1)
    assert "--unidentified" in usage.stderr
    wrong = account.run("api", *header, "GET", f"/v1/profile/{own}", "--unidentified", exit_code=3)
    assert "status 401" in wrong.stderr
    nobody = Sigcli(tmp_path / "nobody", sandbox.environment_file)
    nobody.run("api", "HEAD", own_path, "--unidentified")
    nobody.run("api", "HEAD", own_path, exit_code=1)


def test_through_the_websocket(account: Sigcli, sandbox: Sandbox, tmp_path: Path) -> None:
    environment = by_websocket(sandbox, tmp_path)
    nobody = Sigcli(tmp_path / "nobody", environment)
    session = nobody.run(
        "api",
        "POST",
        "/v1/verification/session",
        "--body",
        "-",
        "--unidentified",
        stdin='{"number":"+15550951"}',
    ).json
    assert session["requestedInformation"] == ["captcha"]
    solved = {"captcha": CAPTCHA.removeprefix("signalcaptcha://")}
    path = f"/v1/verification/session/{session['id']}"
    words = ("api", "PATCH", path, "--body", "-", "--unidentified")
    assert nobody.run(*words, stdin=json.dumps(solved)).json["allowedToRequestCode"]


def test_bytes_go_out_and_come_in_as_they_are(account: Sigcli, sandbox: Sandbox) -> None:
    content = bytes(range(256)) * 4
    (account.home / "blob").write_bytes(content)
    form = tus_form(account, len(content))
    base = tomllib.loads(sandbox.environment_file.read_text())["cdn"]["3"]
    fields = {
        **form["headers"],
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(content)),
        "Content-Type": "application/offset+octet-stream",
    }
    headers = [f"--header={name}: {value}" for name, value in fields.items()]
    path = form["signedUploadLocation"].removeprefix(base)
    account.run("api", "POST", path, "--host", "cdn3", "--body", "blob", *headers)
    words = ["api", "GET", f"/attachments/{form['key']}", "--host=cdn3"]
    got = subprocess.run(
        [str(installed_command()), *words],
        env=account.environment,
        check=True,
        capture_output=True,
    )
    assert got.stdout == content


def tus_form(account: Sigcli, length: int) -> Any:
    """A form for CDN 3; the service gives out those of two CDNs by turns."""
    for _ in range(2):
        form = account.run("api", "GET", f"/v4/attachments/form/upload?uploadLength={length}").json
        if form["cdn"] == 3:
            return form
    raise AssertionError("no form for CDN 3")


def test_the_storage_host_takes_the_login_for_it(account: Sigcli) -> None:
    words = ("api", "GET", "/v1/storage/manifest", "--host", "storage")
    stranger = account.run(*words, "--unidentified", exit_code=3)
    assert "status 401" in stranger.stderr
    owner = account.run(*words, exit_code=None)
    assert owner.exit_code == 0 or "status 404" in owner.stderr
