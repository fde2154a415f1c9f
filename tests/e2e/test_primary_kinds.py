"""What ``sigcli`` as the primary device tells a linked one, read by the mock server's libsignal and protobuf."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sigcli.store.account_data import MULTI_DEVICE, load_account_keys
from sigcli.store.settings import write_setting
from sigcli.wire.addresses import ServiceId
from tests.e2e.test_message_kinds import binary, pruned
from tests.support.account_state import in_store, know
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.sigcli_process import Sigcli

NUMBER = "+15550147"
CAPTCHA = "signalcaptcha://signal-hcaptcha.5fad97ac.registration.P1_solved"
CONTACTS, BLOCKED, CONFIGURATION, KEYS = 1, 3, 4, 5
LOCAL_PROFILE, STORAGE_MANIFEST = 1, 2
VERIFIED = 1
DELETE, BLOCK = 2, 3


@pytest.fixture
def bob(mock_server: MockServer) -> MockPrimary:
    return mock_server.create_primary("Bob")


@pytest.fixture
def tablet(mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary) -> MockDevice:
    """A device of libsignal's, linked to the account that the command has registered; Bob is a contact."""
    sigcli.account = NUMBER
    sigcli.run("register", "--captcha", CAPTCHA)
    sigcli.run("verify", "111111")
    know(sigcli, bob)
    keys = in_store(sigcli, load_account_keys)
    in_store(sigcli, lambda database: write_setting(database, MULTI_DEVICE, True))
    identity_key = keys.aci_identity.private_key.serialize()
    return mock_server.add_linked_device(str(keys.aci), identity_key)


def told(mock_server: MockServer, tablet: MockDevice, name: str) -> Any:
    """The next sync message of a kind that the linked device decrypted; others are passed over."""
    while True:
        sync = mock_server.received(tablet, kind="syncMessage").content["syncMessage"]
        if name in sync:
            return sync[name]


def test_what_is_changed_and_sent(
    mock_server: MockServer, sigcli: Sigcli, tablet: MockDevice, bob: MockPrimary
) -> None:
    sent = sigcli.run("--json", "send", "-m", "hi", bob.aci).json
    transcript = told(mock_server, tablet, "sent")
    assert (transcript["timestamp"], transcript["message"]["body"]) == (sent["timestamp"], "hi")
    assert transcript["destinationServiceIdBinary"] == binary(bob)
    (status,) = transcript["unidentifiedStatus"]
    assert (status["unidentified"], status["destinationServiceIdBinary"]) == (True, binary(bob))

    sigcli.run("sendReceipt", bob.aci, "-t", "1000", "--type", "viewed")
    (mark,) = told(mock_server, tablet, "viewed")
    assert (mark["senderAciBinary"], mark["timestamp"]) == (binary(bob), 1000)

    sigcli.run("updateConfiguration", "--typing-indicators", "false")
    configuration = told(mock_server, tablet, "configuration")
    assert (configuration["readReceipts"], configuration["typingIndicators"]) == (True, False)

    (identity,) = sigcli.run("--json", "listIdentities", "-n", bob.aci).json
    sigcli.run("trust", bob.aci, "-v", identity["safetyNumber"])
    verified = told(mock_server, tablet, "verified")
    assert verified["destinationAciBinary"] == binary(bob)
    assert (verified["identityKey"], verified["state"]) == (bob.identity_key, VERIFIED)

    sigcli.run("updateProfile", "--given-name", "Alice")
    fetched = [told(mock_server, tablet, "fetchLatest")["type"]]
    while LOCAL_PROFILE not in fetched:
        fetched.append(told(mock_server, tablet, "fetchLatest")["type"])
    # What was written to and trusted stands in the storage service as well.
    assert STORAGE_MANIFEST in fetched
    sigcli.run("updateDevice", "-d", str(tablet.device_id), "-n", "tablet")
    assert told(mock_server, tablet, "deviceNameChange")["deviceId"] == tablet.device_id
    assert mock_server.decryption_failures() == []


def test_who_is_a_contact_and_who_is_blocked(
    mock_server: MockServer, sigcli: Sigcli, tablet: MockDevice, bob: MockPrimary
) -> None:
    sigcli.run("updateContact", bob.aci, "-n", "Bob", "--family-name", "Lee", "-e", "60")
    sigcli.run("sendContacts")
    told(mock_server, tablet, "contacts")
    contacts = told(mock_server, tablet, "contacts")
    assert contacts["complete"] is True
    listed = mock_server.decode_contacts(mock_server.attachment(contacts["blob"]))
    by_aci = {one["aciBinary"]: one for one in listed}
    contact = by_aci[ServiceId.parse(bob.aci).uuid_bytes]
    assert (contact["name"], contact["number"]) == ("Bob Lee", bob.number)
    assert (contact["expireTimer"], contact["expireTimerVersion"]) == (60, 2)
    assert set(by_aci) == {ServiceId.parse(one).uuid_bytes for one in (bob.aci, tablet.aci)}

    group = sigcli.run("--json", "updateGroup", "-n", "friends", "-m", bob.aci).json["groupId"]
    sigcli.run("block", bob.aci, "-g", group)
    response = told(mock_server, tablet, "messageRequestResponse")
    assert (response["threadAciBinary"], response["type"]) == (binary(bob), BLOCK)
    response = told(mock_server, tablet, "messageRequestResponse")
    assert (base64.b64encode(response["groupId"]).decode(), response["type"]) == (group, BLOCK)
    blocked = told(mock_server, tablet, "blocked")
    assert blocked["acisBinary"] == [binary(bob)]
    assert [base64.b64encode(id).decode() for id in blocked["groupIds"]] == [group]
    sigcli.run("unblock", bob.aci, "-g", group)
    assert pruned(told(mock_server, tablet, "blocked")) == {}
    sigcli.run("sendMessageRequestResponse", "--type", "delete", bob.aci)
    assert told(mock_server, tablet, "messageRequestResponse")["type"] == DELETE
    assert mock_server.decryption_failures() == []


def test_what_the_linked_device_asks_for(
    mock_server: MockServer, sigcli: Sigcli, tablet: MockDevice, bob: MockPrimary
) -> None:
    for kind in (CONTACTS, BLOCKED, CONFIGURATION, KEYS):
        content = {"content": {"syncMessage": {"content": {"request": {"type": kind}}}}}
        mock_server.send_content(tablet, tablet.aci, content)
    sigcli.run("receive")
    contacts = told(mock_server, tablet, "contacts")
    listed = mock_server.decode_contacts(mock_server.attachment(contacts["blob"]))
    assert bob.number in [one["number"] for one in listed]
    assert pruned(told(mock_server, tablet, "blocked")) == {}
    assert told(mock_server, tablet, "configuration")["readReceipts"] is True
    keys = told(mock_server, tablet, "keys")
    own = in_store(sigcli, load_account_keys)
    assert keys["accountEntropyPool"] == own.account_entropy_pool
    assert keys["mediaRootBackupKey"] == own.media_root_backup_key
