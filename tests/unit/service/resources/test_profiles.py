from __future__ import annotations

import pytest

from sigcli.errors import MalformedAnswer, PayloadTooLarge, PreconditionFailed, Unauthorized
from sigcli.service.credentials import AccessKey
from sigcli.service.resources import attachments, certificates, config, profiles
from sigcli.service.resources.profiles import ProfileWrite
from sigcli.wire.addresses import ServiceId
from tests.unit.service.resources.scripted_chat import ACI_TEXT, PNI_TEXT, Script

BOB = ServiceId.aci(ACI_TEXT)
VERSION = "ab" * 32


def test_a_profile_of_a_version_with_credential() -> None:
    body = {
        "uuid": ACI_TEXT,
        "identityKey": "BQ" + "A" * 42,
        "unidentifiedAccess": "A" * 43 + "=",
        "unrestrictedUnidentifiedAccess": False,
        "capabilities": {"spqr": True, "other": False},
        "badges": [],
        "name": "AQI=",
        "about": None,
        "avatar": "profiles/x",
        "phoneNumberSharing": "AQ==",
        "credential": "AwQ",
    }
    script = Script(body=body)
    profile = profiles.get_anonymously(
        script.unidentified, BOB, AccessKey(bytes(16)), VERSION, b"\x0a\xbc"
    )
    assert (
        script.line
        == f"GET /v1/profile/{ACI_TEXT}/{VERSION}/0abc?credentialType=expiringProfileKey"
    )
    assert profile.service_id == BOB
    assert profile.identity_key == b"\x05" + bytes(32)
    assert profile.access_checksum == bytes(32)
    assert profile.capabilities == {"spqr"}
    assert (profile.name, profile.about, profile.avatar, profile.credential) == (
        b"\x01\x02",
        None,
        "profiles/x",
        b"\x03\x04",
    )


def test_a_profile_without_a_version() -> None:
    script = Script(body={"identityKey": "BQ" + "A" * 42})
    profile = profiles.get(script.identified, ServiceId.pni(PNI_TEXT))
    assert script.line == f"GET /v1/profile/PNI:{PNI_TEXT}"
    assert (profile.service_id, profile.name, profile.access_checksum) == (None, None, None)
    with pytest.raises(Unauthorized):
        profiles.get_anonymously(Script(401).unidentified, BOB, AccessKey(bytes(16)))
    with pytest.raises(MalformedAnswer):
        profiles.get(Script(body={"identityKey": "AA=="}).identified, BOB)


@pytest.mark.parametrize(
    ("avatar", "flags"),
    [("clear", (False, False)), ("keep", (True, True)), ("replace", (True, False))],
)
def test_what_a_write_leaves_out_is_cleared(avatar: str, flags: tuple[bool, bool]) -> None:
    form = dict.fromkeys(
        ["key", "credential", "acl", "algorithm", "date", "policy", "signature"], "v"
    ) | {"key": "k"}
    script = Script(body=form)
    write = ProfileWrite(version=VERSION, commitment=bytes(97), name=b"n", avatar=avatar)
    returned = profiles.put(script.identified, write)
    assert (script.json["avatar"], script.json["sameAvatar"]) == flags
    assert "about" not in script.json
    assert script.json["name"] == "bg=="
    if avatar == "replace":
        assert returned is not None
        assert returned.fields[0] == ("key", "k")
    else:
        assert returned is None


def test_an_account_of_the_newer_kind_refuses() -> None:
    with pytest.raises(PreconditionFailed):
        profiles.put(
            Script(412).identified, ProfileWrite(version=VERSION, commitment=b"", name=None)
        )


def test_the_delivery_certificate_never_carries_the_number_by_default() -> None:
    script = Script(body={"certificate": "AQI"})
    assert certificates.delivery_certificate(script.identified, include_number=False) == b"\x01\x02"
    assert script.line == "GET /v1/certificate/delivery?includeE164=false"


def test_group_credentials() -> None:
    body = {
        "credentials": [{"credential": "AQ==", "redemptionTime": 86400}],
        "callLinkAuthCredentials": [{"credential": "Ag==", "redemptionTime": 86400}],
        "pni": PNI_TEXT,
    }
    script = Script(body=body)
    credentials = certificates.group_credentials(script.identified, 86400, 2 * 86400)
    assert script.sent.path.endswith("?redemptionStartSeconds=86400&redemptionEndSeconds=172800")
    assert credentials.groups[0].credential == b"\x01"
    assert credentials.call_links[0].redemption_time_s == 86400
    assert str(credentials.pni) == f"PNI:{PNI_TEXT}"
    assert "\\x01" not in repr(credentials)


def test_logins_of_other_services() -> None:
    script = Script(body={"username": "u", "password": "p"})
    login = certificates.service_login(script.identified, certificates.SVR2)
    assert (login.username, login.password, script.line) == ("u", "p", "GET /v2/svr/auth")


def test_upload_forms() -> None:
    body = {
        "cdn": 3,
        "key": "k",
        "headers": {"Authorization": "Bearer x"},
        "signedUploadLocation": "https://x",
    }
    script = Script(body=body)
    form = attachments.request_upload(script.identified, 512)
    assert script.line == "GET /v4/attachments/form/upload?uploadLength=512"
    assert (form.cdn, form.key, form.headers) == (3, "k", (("Authorization", "Bearer x"),))
    assert "Bearer" not in repr(form)
    with pytest.raises(MalformedAnswer):
        attachments.request_upload(Script(body=body | {"headers": {"a": 1}}).identified, 1)
    with pytest.raises(PayloadTooLarge):
        attachments.request_upload(Script(413).identified, 1)
    assert attachments.download_path("a/b", 7) == "/attachments/a%2Fb"
    assert attachments.download_path(None, 7) == "/attachments/7"


def test_remote_settings() -> None:
    script = Script(
        body={"config": {"global.groups.maxGroupSize": "151", "flag": "x"}}, headers={"etag": '"e"'}
    )
    settings = config.fetch(script.identified, '"old"')
    assert settings is not None
    assert script.sent.headers["If-None-Match"] == '"old"'
    assert settings.number("global.groups.maxGroupSize") == 151
    assert settings.number("flag") is None
    assert settings.etag == '"e"'
    assert config.fetch(Script(304).identified, '"e"') is None
