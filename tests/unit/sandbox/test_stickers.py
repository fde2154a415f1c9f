"""Forms for sticker packs, and what the CDN takes by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.sandbox_client import SandboxClient, TestDevice

PATH = "/v1/sticker/pack/form"


@pytest.mark.parametrize(
    ("count", "status"), [("0", 400), ("-1", 400), ("202", 400), ("x", 404), ("201", 200)]
)
def test_how_many(alice: TestDevice, count: str, status: int) -> None:
    assert alice.rest("GET", f"{PATH}/{count}").status == status
    assert alice.client.rest("GET", f"{PATH}/1").status == 401


def test_the_files_of_a_pack(client: SandboxClient, alice: TestDevice) -> None:
    forms = alice.rest("GET", f"{PATH}/2").json
    place = f"stickers/{forms['packId']}"
    assert len(forms["packId"]) == 32
    assert (forms["manifest"]["id"], forms["manifest"]["key"]) == (-1, f"{place}/manifest.proto")
    assert [(form["id"], form["key"]) for form in forms["stickers"]] == [
        (0, f"{place}/full/0"),
        (1, f"{place}/full/1"),
    ]

    def post(form: dict[str, Any], content: bytes) -> int:
        named = {"algorithm", "credential", "date", "signature"}
        fields = {f"x-amz-{key}" if key in named else key: value for key, value in form.items()}
        del fields["id"]
        body = "".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in {**fields, "Content-Type": "application/octet-stream"}.items()
        )
        file = '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        data = f"{body}{file}".encode() + content + b"\r\n--b--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        return client.rest("POST", "/cdn0/", data, headers=headers).status

    assert post(forms["manifest"], bytes(10 * 1024 + 1)) == 403
    assert post(forms["manifest"], bytes(10 * 1024)) == 204
    assert post(forms["stickers"][1], bytes(301 * 1024 + 1)) == 403
    assert post(forms["stickers"][1], bytes(301 * 1024)) == 204
    other = {**forms["stickers"][1], "key": forms["stickers"][0]["key"]}
    assert post(other, b"x") == 403
    assert client.rest("GET", f"/cdn0/{place}/manifest.proto").body == bytes(10 * 1024)
    assert client.rest("GET", f"/cdn0/{place}/full/1").body == bytes(301 * 1024)
    assert client.rest("GET", f"/cdn0/{place}/full/0").status == 403
    assert client.rest("GET", f"/cdn0/{place}/../manifest.proto").status == 403
