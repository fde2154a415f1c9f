"""Usernames at the service: paths, bodies in base64 with the URL alphabet, answers."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest

from sigcli.errors import Conflict, Gone, NotFound
from sigcli.service.resources import usernames
from tests.unit.service.resources.scripted_chat import ACI_TEXT, Script

HASH = bytes(range(224, 256))
OTHER = bytes(32)
HANDLE = "7f1a3ab6-0b3d-4c5f-9d8e-0123456789ab"


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def test_reserving() -> None:
    script = Script(body={"usernameHash": text(HASH)})
    assert usernames.reserve(script.identified, [OTHER, HASH]) == HASH
    assert script.line == "PUT /v1/accounts/username_hash/reserve"
    assert script.json == {"usernameHashes": [text(OTHER), text(HASH)]}
    with pytest.raises(Conflict):
        usernames.reserve(Script(409).identified, [HASH])


def test_confirming() -> None:
    script = Script(body={"usernameHash": text(HASH), "usernameLinkHandle": HANDLE})
    confirmed = usernames.confirm(script.identified, HASH, b"\xff" * 128, b"\xfe" * 112)
    assert (confirmed.username_hash, confirmed.link_handle) == (HASH, HANDLE)
    assert script.line == "PUT /v1/accounts/username_hash/confirm"
    assert script.json == {
        "usernameHash": text(HASH),
        "zkProof": text(b"\xff" * 128),
        "encryptedUsername": text(b"\xfe" * 112),
    }
    with pytest.raises(Gone):
        usernames.confirm(Script(410).identified, HASH, b"")


def test_looking_up() -> None:
    script = Script(body={"uuid": ACI_TEXT})
    assert str(usernames.look_up(script.unidentified, HASH)) == ACI_TEXT
    assert script.line == f"GET /v1/accounts/username_hash/{text(HASH)}"
    with pytest.raises(NotFound):
        usernames.look_up(Script(404).unidentified, HASH)


def test_links() -> None:
    script = Script(body={"usernameLinkHandle": HANDLE})
    assert usernames.put_link(script.identified, b"\xfe" * 112, keep_handle=True) == HANDLE
    assert script.line == "PUT /v1/accounts/username_link"
    assert script.json == {
        "usernameLinkEncryptedValue": text(b"\xfe" * 112),
        "keepLinkHandle": True,
    }
    followed = Script(body={"usernameLinkEncryptedValue": text(b"\xfe" * 112)})
    assert usernames.follow_link(followed.unidentified, HANDLE) == b"\xfe" * 112
    assert followed.line == f"GET /v1/accounts/username_link/{HANDLE}"


def test_giving_up() -> None:
    script = Script(204)
    usernames.delete(script.identified)
    assert script.line == "DELETE /v1/accounts/username_hash"
