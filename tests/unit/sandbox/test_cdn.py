"""Uploading by both protocols, resuming, and downloading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from sigcli.sandbox.multipart import parse_multipart

if TYPE_CHECKING:
    from tests.support.sandbox_client import SandboxClient, TestDevice

FORM = "/v4/attachments/form/upload?uploadLength="
CONTENT = bytes(range(100))
TUS_TYPE = {"Content-Type": "application/offset+octet-stream", "Tus-Resumable": "1.0.0"}


def _form(alice: TestDevice, cdn: int, length: int = len(CONTENT)) -> Any:
    forms = [alice.rest("GET", f"{FORM}{length}").json for _ in range(2)]
    assert sorted(form["cdn"] for form in forms) == [2, 3]
    return next(form for form in forms if form["cdn"] == cdn)


def test_forms(alice: TestDevice) -> None:
    assert alice.rest("GET", f"{FORM}0").status == 400
    assert alice.rest("GET", f"{FORM}{100 * 1024 * 1024 + 1}").status == 413
    assert alice.client.rest("GET", f"{FORM}1").status == 401


def test_a_resumable_upload(client: SandboxClient, alice: TestDevice) -> None:
    form = _form(alice, 2)
    headers = {**form["headers"], "Content-Type": "application/octet-stream"}
    location = form["signedUploadLocation"]
    assert client.rest("POST", location, b"", login=alice.login, headers=headers).status == 400
    other_length = {**headers, "x-goog-content-length-range": "1,101"}
    assert client.rest("POST", location, b"", headers=other_length).status == 403
    begun = client.rest("POST", location, b"", headers=headers)
    assert begun.status == 201
    upload = begun.headers["location"]

    first = {"Content-Range": "bytes 0-39/100"}
    resumed = client.rest("PUT", upload, CONTENT[:40], headers=first)
    assert (resumed.status, resumed.headers["range"]) == (308, "bytes=0-39")
    asked = client.rest("PUT", upload, b"", headers={"Content-Range": "bytes */100"})
    assert (asked.status, asked.headers["range"]) == (308, "bytes=0-39")
    assert client.rest("PUT", upload, CONTENT[:40], headers=first).status == 400
    rest = {"Content-Range": "bytes 40-99/100"}
    assert client.rest("PUT", upload, CONTENT[40:], headers=rest).status == 200

    download = f"/cdn2/attachments/{form['key']}"
    assert client.rest("GET", download).body == CONTENT
    part = client.rest("GET", download, headers={"Range": "bytes=90-"})
    assert (part.status, part.body) == (206, CONTENT[90:])
    assert part.headers["content-range"] == "bytes 90-99/100"
    assert client.rest("GET", download, login=alice.login).status == 400
    assert client.rest("GET", "/cdn2/attachments/missing").status == 404


def test_a_resumable_upload_at_once(client: SandboxClient, alice: TestDevice) -> None:
    form = _form(alice, 2)
    upload = client.rest("POST", form["signedUploadLocation"], b"", headers=form["headers"])
    assert client.rest("PUT", upload.headers["location"], CONTENT + b"x").status == 400
    assert client.rest("PUT", upload.headers["location"], CONTENT).status == 200
    assert client.rest("GET", f"/cdn2/attachments/{form['key']}").body == CONTENT


def test_an_address_behind_the_path_of_its_cdn_is_the_same_place(
    client: SandboxClient, alice: TestDevice
) -> None:
    # So do clients that put path and query of an address behind the URL of their own CDN.
    form = _form(alice, 2)
    location = form["signedUploadLocation"].removeprefix(client.sandbox.url)
    upload = client.rest("POST", f"/cdn2{location}", b"", headers=form["headers"])
    target = upload.headers["location"].removeprefix(client.sandbox.url)
    assert client.rest("PUT", f"/cdn2{target}", CONTENT).status == 200
    assert client.rest("GET", f"/cdn2/attachments/{form['key']}").body == CONTENT


def test_a_tus_upload(client: SandboxClient, alice: TestDevice) -> None:
    form = _form(alice, 3)
    location, headers = form["signedUploadLocation"], {**form["headers"], **TUS_TYPE}
    assert client.rest("POST", location, b"", headers=TUS_TYPE).status == 401
    too_long = {**headers, "Upload-Length": "101"}
    assert client.rest("POST", location, b"", headers=too_long).status == 413
    begun = client.rest("POST", location, CONTENT[:30], headers={**headers, "Upload-Length": "100"})
    assert (begun.status, begun.headers["upload-offset"]) == (201, "30")
    upload = f"{location}/{form['key']}"
    offset = client.rest("HEAD", upload, headers=headers)
    assert offset.headers["upload-offset"] == "30"
    wrong = {**headers, "Upload-Offset": "29"}
    assert client.rest("PATCH", upload, CONTENT[29:], headers=wrong).status == 409
    right = {**headers, "Upload-Offset": "30"}
    done = client.rest("PATCH", upload, CONTENT[30:], headers=right)
    assert (done.status, done.headers["upload-offset"]) == (204, "100")
    assert client.rest("GET", f"/cdn3/attachments/{form['key']}").body == CONTENT


def test_a_cdn_fails_on_order(client: SandboxClient) -> None:
    client.control.fault("status", status=503, path="/cdn3/*", times=1)
    assert client.rest("GET", "/cdn3/attachments/missing").status == 503
    assert client.rest("GET", "/cdn3/attachments/missing").status == 404
    assert client.rest("GET", "/cdn3/../server-keys.json").status == 404
    assert client.rest("GET", "/cdn2/%2e%2e/server-keys.json").status == 404


@given(st.text(), st.binary())
def test_a_hostile_form_is_no_form(content_type: str, body: bytes) -> None:
    assert parse_multipart(content_type, body) is None
