from __future__ import annotations

import pytest

from sigcli.errors import Gone, MalformedAnswer, Unauthorized
from sigcli.service.resources import accounts, usernames
from sigcli.service.resources.accounts import AccountAttributes, DeviceAttributes
from sigcli.wire.addresses import ServiceId
from tests.unit.service.resources.scripted_chat import ACI_TEXT, PNI_TEXT, Script

DEVICE = DeviceAttributes(registration_id=1, pni_registration_id=2, encrypted_name=b"\xff\xfe")


def test_whoami_reads_the_bare_pni() -> None:
    script = Script(
        body={
            "uuid": ACI_TEXT,
            "pni": PNI_TEXT,
            "number": "+1",
            "usernameHash": "_-8",
            "storageCapable": True,
        }
    )
    identity = accounts.whoami(script.identified)
    assert script.line == "GET /v1/accounts/whoami"
    assert str(identity.aci) == ACI_TEXT
    assert str(identity.pni) == f"PNI:{PNI_TEXT}"
    assert identity.username_hash == b"\xff\xef"
    assert identity.storage_capable
    assert "+1" not in repr(identity)


def test_an_account_without_a_number() -> None:
    script = Script(
        body={"uuid": ACI_TEXT, "pni": None, "authCredentialSalt": "AAAAAAAAAAAAAAAAAAAAAA"}
    )
    identity = accounts.whoami(script.identified)
    assert (identity.pni, identity.number, identity.auth_credential_salt) == (None, None, bytes(16))


@pytest.mark.parametrize(
    "body", [None, {}, {"uuid": 5}, {"uuid": "x"}, [], {"uuid": ACI_TEXT, "pni": 1}]
)
def test_malformed_identities_are_named(body: object) -> None:
    with pytest.raises(MalformedAnswer):
        accounts.whoami(Script(body=body).identified)


def test_a_dead_login_is_unauthorized() -> None:
    with pytest.raises(Unauthorized):
        accounts.whoami(Script(401).identified)


def test_attributes_are_written_whole_and_without_nulls() -> None:
    script = Script(204)
    accounts.put_attributes(
        script.identified, AccountAttributes(device=DEVICE, access_key=bytes(range(16)))
    )
    assert script.line == "PUT /v1/accounts/attributes/"
    assert script.json == {
        "fetchesMessages": True,
        "registrationId": 1,
        "pniRegistrationId": 2,
        "name": "//4=",
        "capabilities": {
            "spqr": True,
            "storage": True,
            "usernameChangeSyncMessage": True,
            "optionalPhoneNumber": True,
        },
        "unidentifiedAccessKey": list(range(16)),
        "unrestrictedUnidentifiedAccess": False,
        "discoverableByPhoneNumber": True,
    }
    full = AccountAttributes(
        device=DEVICE,
        access_key=bytes(16),
        registration_lock="ab" * 32,
        recovery_password=bytes(32),
    ).to_json()
    assert full["registrationLock"] == "ab" * 32
    assert full["recoveryPassword"] == "A" * 43 + "="


def test_small_settings() -> None:
    script = Script(204)
    accounts.put_device_name(script.identified, b"\x00", 2)
    accounts.put_registration_lock(script.identified, "ab" * 32)
    accounts.delete_registration_lock(script.identified)
    accounts.delete_account(script.identified)
    assert [f"{request.method} {request.path}" for request in script.requests] == [
        "PUT /v1/accounts/name?deviceId=2",
        "PUT /v1/accounts/registration_lock",
        "DELETE /v1/accounts/registration_lock",
        "DELETE /v1/accounts/me",
    ]


def test_whether_an_account_exists() -> None:
    assert accounts.account_exists(Script(200).unidentified, ServiceId.pni(PNI_TEXT))
    missing = Script(404)
    assert not accounts.account_exists(missing.unidentified, ServiceId.pni(PNI_TEXT))
    assert missing.line == f"HEAD /v1/accounts/account/PNI:{PNI_TEXT}"


def test_usernames_travel_as_unpadded_base64url() -> None:
    chosen = b"\xff" * 32
    encoded = "_" * 42 + "8"
    script = Script(body={"usernameHash": encoded})
    assert usernames.reserve(script.identified, [chosen]) == chosen
    assert script.json == {"usernameHashes": [encoded]}
    script = Script(body={"usernameLinkHandle": ACI_TEXT})
    confirmed = usernames.confirm(script.identified, chosen, b"\x01\x02")
    assert (confirmed.username_hash, confirmed.link_handle) == (chosen, ACI_TEXT)
    assert script.json == {"usernameHash": encoded, "zkProof": "AQI"}
    with pytest.raises(Gone):
        usernames.confirm(Script(410).identified, chosen, b"")
    script = Script(body={"uuid": ACI_TEXT})
    assert str(usernames.look_up(script.unidentified, chosen)) == ACI_TEXT
    assert script.line == f"GET /v1/accounts/username_hash/{encoded}"
    script = Script(body={"usernameLinkEncryptedValue": "-_8"})
    assert usernames.follow_link(script.unidentified, ACI_TEXT) == b"\xfb\xff"
