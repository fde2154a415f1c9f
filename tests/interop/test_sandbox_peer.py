"""The official network client against the sandbox, and messages between it and the installed command.

Calls that the library makes over gRPC alone go through its websocket as plain requests here.
"""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest

from tests.interop.official_client import CAPTCHA, OfficialClient, OfficialDevice
from tests.interop.oracle import Oracle, OracleError
from tests.support.requirements import needs_node
from tests.support.sandbox_process import SandboxProcess, envelopes
from tests.support.sigcli_process import Sigcli

WRONG_CAPTCHA = CAPTCHA.replace("solved", "wrong")
STRANGER = "796abedb-ca4e-4f18-8803-1fde5b921f9f"
SEND_SEALED = """
    const accessKey = new zk.ProfileKey(profileKey).deriveAccessKey();
    const devices = await self.startSessions(anonymous, aci, accessKey);
    const content = self.content(timestamp, { body: 'sealed' });
    await self.sendSealed(anonymous, aci, accessKey, timestamp, content);
    return devices;
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficialClient]:
    with needs_node():
        oracle = Oracle()
    with oracle, SandboxProcess(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield OfficialClient(oracle, sandbox)


@pytest.fixture
def olga(client: OfficialClient) -> OfficialDevice:
    """A device of the official library with an account of its own, to whom nobody has written."""
    return client.registered()


@pytest.fixture(scope="module")
def _alice(client: OfficialClient) -> Sigcli:
    alice = client.sandbox.account()
    alice.run("updateProfile", "--given-name", "Alice")
    return alice


@pytest.fixture
def alice(_alice: Sigcli) -> Sigcli:
    """A device of sigcli with an account of its own; what earlier tests sent has been read."""
    _alice.run("receive")
    return _alice


@pytest.fixture
def alices(olga: OfficialDevice, alice: Sigcli) -> dict[str, Any]:
    """What Olga knows of Alice, who has written to her: the ACI and the profile key."""
    alice.run("send", "-m", "hello", olga.aci)
    hello = receive_text(olga)
    assert hello["body"] == "hello"
    return {"aci": hello["sender"], "profileKey": hello["profileKey"]}


def receive_text(olga: OfficialDevice) -> dict[str, Any]:
    """The next message with a text or about a group; receipts and profile keys may come before it."""
    while True:
        message = olga.receive()
        if message.get("body") or message.get("masterKey"):
            return message


def error_of(client: OfficialClient | OfficialDevice, body: str, **arguments: Any) -> str:
    with pytest.raises(OracleError) as caught:
        client.call(body, **arguments)
    return caught.value.name


def test_questions_without_a_login(client: OfficialClient, olga: OfficialDevice) -> None:
    exists = "return anonymous.chat.accountExists({ account: lib.Aci.fromUuid(aci) });"
    assert client.call(exists, aci=olga.aci) is True
    assert client.call(exists, aci=STRANGER) is False
    prekeys = """
        const target = lib.Aci.fromUuid(aci), auth = { accessKey: new Uint8Array(16) };
        await anonymous.chat.getPreKeys({ target, device: 'all', auth });
    """
    assert error_of(client, prekeys, aci=STRANGER) == "RequestUnauthorized"
    assert error_of(client, prekeys, aci=olga.aci) == "RequestUnauthorized"
    name = "return anonymous.chat.lookUpUsernameHash({ hash: lib.usernames.hash('nobody.42') });"
    assert client.call(name) is None
    link = """
        const uuid = lib.Aci.fromUuid(handle).getRawUuid(), entropy = new Uint8Array(32);
        return anonymous.chat.lookUpUsernameLink({ uuid, entropy });
    """
    assert client.call(link, handle=STRANGER) is None


def test_registration(client: OfficialClient) -> None:
    device = client.device()
    session = device.call(
        """
        self.session = await net.createRegistrationSession({ e164: self.number });
        return self.session.sessionState;
        """
    )
    assert session["requestedInformation"] == ["captcha"]
    assert not session["allowedToRequestCode"]
    assert not session["verified"]
    ask = """
        const transport = 'sms', languages = ['de-AT', 'en'];
        await self.session.requestVerification({ transport, client: 'android', languages });
        return self.session.sessionState;
    """
    captcha = "return self.session.submitCaptcha(captcha);"
    assert error_of(device, ask) == "RegistrationSessionNotReadyForVerification"
    assert error_of(device, captcha, captcha=WRONG_CAPTCHA) == "RegistrationRequestRejected"
    assert device.call(captcha, captcha=CAPTCHA)["allowedToRequestCode"]
    assert device.call(ask)["nextVerificationAttemptSecs"] == 0
    resume = """
        const sessionId = self.session.sessionId, e164 = self.number;
        self.session = await net.resumeRegistrationSession({ sessionId, e164 });
    """
    device.call(resume)
    code = client.sandbox.code(device.number).strip()
    verify = "return self.session.verifySession(code);"
    assert device.call(verify, code=f"{(int(code) + 1) % 1_000_000:06}") is False
    assert device.call(verify, code=code) is True
    answer = device.call(
        """
        const response = await self.register(self.session);
        return {
            aci: self.aci.getServiceIdString(), pni: self.pni.getServiceIdString(),
            number: response.number, again: response.reregistration,
            username: response.usernameHash,
        };
        """
    )
    assert (answer["number"], answer["again"], answer["username"]) == (device.number, False, None)
    assert answer["aci"] != answer["pni"].removeprefix("PNI:")
    device.connect()


def test_registration_again(client: OfficialClient) -> None:
    device = client.registered()
    tokens = device.call(
        """
        const { json } = await self.chat.fetch('GET', '/v2/svr/auth');
        const token = `${json.username}:${json.password}`;
        await self.chat.fetch('PUT', '/v1/accounts/registration_lock', {
            registrationLock: 'ab'.repeat(32),
        });
        return { right: token, wrong: `${json.username}:wrong` };
        """
    )
    device.ask_for_code()
    checked = device.call(
        "return self.session.checkSvr2Credentials(tokens);", tokens=list(tokens.values())
    )
    assert checked == {tokens["right"]: "match", tokens["wrong"]: "invalid"}
    code = client.sandbox.code(device.number).strip()
    with pytest.raises(OracleError) as caught:
        device.register(code)
    assert caught.value.name == "RegistrationLock"
    assert device.next_event() == {"kind": "interrupted", "error": "ConnectionInvalidated"}
    device.call("await self.register(self.session, { registrationLock: 'ab'.repeat(32) });")
    device.connect()


def test_registration_by_recovery_password(client: OfficialClient) -> None:
    device = client.registered()
    again = "return (await self.registerAgain()).reregistration;"
    assert device.call(again) is True
    assert device.next_event() == {"kind": "interrupted", "error": "ConnectionInvalidated"}
    device.connect()
    device.call("self.recoveryPassword = new Uint8Array(32);")
    assert error_of(device, again) == "RegistrationRecoveryVerificationFailed"


def test_logins(client: OfficialClient, olga: OfficialDevice, alice: Sigcli) -> None:
    wrong = "await chat.Connection.withLogin(net, login, 'wrong');"
    assert error_of(client, wrong, login=f"{olga.aci}.1") == "DeviceDelinked"
    assert error_of(client, wrong, login=f"{STRANGER}.1") == "DeviceDelinked"
    olga.call("self.first = self.chat; await self.connect();")
    assert olga.next_event() == {"kind": "queueEmpty"}
    replaced = olga.call("return self.first.events.next();")
    assert replaced == {"kind": "interrupted", "error": "ConnectedElsewhere"}
    # A linked device of Alice, until she removes it.
    linked = client.device()
    uri = linked.call(
        """
        self.key = lib.PrivateKey.generate();
        self.provisioning = await chat.Connection.ofNewDevice(net);
        const { address } = await self.provisioning.events.next();
        const key = Buffer.from(self.key.getPublicKey().serialize()).toString('base64');
        return 'sgnl://linkdevice?' + new URLSearchParams({ uuid: address, pub_key: key });
        """
    )
    adding = alice.start("addDevice", "--uri", uri)
    link = """
        const { envelope } = await self.provisioning.events.next();
        return self.link(anonymous, envelope, self.key);
    """
    assert linked.call(link) == 200
    adding.wait().expect(0)
    # So the library calls it when the server has nothing more to say.
    closed = linked.call("return self.provisioning.events.next();")
    assert closed == {"kind": "interrupted", "error": "IoError"}
    linked.connect()
    device_id = linked.call("return self.deviceId;")
    assert device_id != 1
    alice.run("removeDevice", "-d", str(device_id))
    assert linked.next_event() == {"kind": "interrupted", "error": "ConnectionInvalidated"}
    assert error_of(linked, "await self.connect();") == "DeviceDelinked"


def test_what_an_account_keeps(client: OfficialClient) -> None:
    device = client.registered()

    def fetch(verb: str, path: str, body: Any = None) -> tuple[int, Any]:
        request = "return self.chat.fetch(verb, path, sent);"
        answer = device.call(request, verb=verb, path=path, sent=body)
        return answer["status"], answer["json"]

    for identity in ("aci", "pni"):
        assert fetch("GET", f"/v2/keys?identity={identity}") == (200, {"count": 3, "pqCount": 3})
    form = "return self.chat.chat.getUploadForm({ uploadSize: BigInt(size) });"
    granted = device.call(form, size=1000)
    assert granted["cdn"] in (2, 3)
    assert granted["key"]
    assert error_of(device, form, size=10**12) == "UploadTooLarge"
    status, forms = fetch("GET", "/v1/sticker/pack/form/2")
    assert (status, len(forms["stickers"])) == (200, 2)
    capabilities = {"spqr": True, "usernameChangeSyncMessage": True}
    assert fetch("PUT", "/v1/devices/capabilities", capabilities) == (204, None)
    assert fetch("PUT", "/v1/accounts/name", {"deviceName": "bmFtZQ=="}) == (204, None)
    status, listed = fetch("GET", "/v1/devices")
    assert [(one["id"], one["name"]) for one in listed["devices"]] == [(1, "bmFtZQ==")]
    assert fetch("GET", "/v1/accounts/whoami")[1]["uuid"] == device.aci


def test_usernames(client: OfficialClient, olga: OfficialDevice, alice: Sigcli) -> None:
    name = "olga.4711"
    kept = olga.call(
        """
        const { usernames } = lib, url = (bytes) => Buffer.from(bytes).toString('base64url');
        const hash = usernames.hash(name), link = usernames.createUsernameLink(name);
        const path = '/v1/accounts/username_hash';
        const reserved = await self.chat.fetch('PUT', `${path}/reserve`, {
            usernameHashes: [url(hash)],
        });
        const confirmed = await self.chat.fetch('PUT', `${path}/confirm`, {
            usernameHash: url(hash),
            zkProof: url(usernames.generateProof(name)),
            encryptedUsername: url(link.encryptedUsername),
        });
        const handle = confirmed.json.usernameLinkHandle, entropy = link.entropy;
        const uuid = lib.Aci.fromUuid(handle).getRawUuid();
        return {
            statuses: [reserved.status, confirmed.status],
            owner: (await anonymous.chat.lookUpUsernameHash({ hash })).getServiceIdString(),
            linked: (await anonymous.chat.lookUpUsernameLink({ uuid, entropy })).username,
        };
        """,
        name=name,
    )
    assert kept == {"statuses": [200, 200], "owner": olga.aci, "linked": name}
    (found,) = alice.run("--json", "getUserStatus", "--username", name).json
    assert found["uuid"] == olga.aci


def test_messages_are_delivered_until_they_are_answered(
    olga: OfficialDevice, alice: Sigcli
) -> None:
    alice.run("send", "-m", "first", olga.aci)
    keep = """
        const event = await self.chat.events.next();
        if (status !== 0) event.ack(status);
        return event.envelope;
    """
    unanswered = olga.call(keep, status=0)
    olga.call("await self.chat.chat.disconnect(); await self.connect();")
    assert olga.call(keep, status=500) == unanswered
    # Refused ones wait for the next connection, too, and count as answered here.
    assert olga.next_event() == {"kind": "queueEmpty"}
    olga.call("await self.chat.chat.disconnect(); await self.connect();")
    message = olga.receive()
    assert (message["body"], message["sealed"]) == ("first", False)
    assert olga.next_event() == {"kind": "queueEmpty"}
    olga.call("await self.chat.chat.disconnect();")
    olga.connect()


def test_messages_both_ways(olga: OfficialDevice, alice: Sigcli, alices: dict[str, Any]) -> None:
    sealed_at = int(time.time() * 1000)
    open_at = sealed_at + 1
    assert olga.call(SEND_SEALED, **alices, timestamp=sealed_at) == [1]
    send_open = "await self.sendIdentified(aci, at, self.content(at, { body: 'open' }));"
    olga.call(send_open, aci=alices["aci"], at=open_at)
    received = [one for one in envelopes(alice) if "dataMessage" in one]
    assert [
        (one["dataMessage"]["message"], one["sealedSender"], one["timestamp"], one["sourceUuid"])
        for one in received
    ] == [("sealed", True, sealed_at, olga.aci), ("open", False, open_at, olga.aci)]
    assert olga.receive()["delivered"] == open_at
    assert olga.receive()["receiptOf"] == [sealed_at]
    alice.run("send", "-m", "reply", olga.aci)
    reply = receive_text(olga)
    assert (reply["body"], reply["sealed"], reply["sender"]) == ("reply", True, alices["aci"])


def test_a_group_send_token(olga: OfficialDevice, alice: Sigcli, alices: dict[str, Any]) -> None:
    timestamp = int(time.time() * 1000)
    olga.call(SEND_SEALED, **alices, timestamp=timestamp)
    alice.run("receive")
    # Alice now has Olga's profile key, so that she is a member and not only invited.
    group_id = alice.run("--json", "updateGroup", "-n", "Club", "-m", olga.aci).json["groupId"]
    told = olga.call(
        """
        const { token, members } = await self.groupSendToken(masterKey);
        const others = members.filter((member) => member !== self.aci.getServiceIdString());
        const groupV2 = { masterKey, revision: 0, groupChange: null };
        const distribution = await self.startSenderKey();
        const first = self.content(timestamp + 1, { groupV2 }, distribution);
        await self.sendIdentified(alice, timestamp + 1, first);
        const text = self.content(timestamp + 2, { body: 'to all', groupV2 });
        const unknown = await self.sendToGroup(
            anonymous, token, groupId, others, timestamp + 2, text,
        );
        return { others, unknown };
        """,
        masterKey=receive_text(olga)["masterKey"],
        alice=alices["aci"],
        groupId=b64decode(group_id),
        timestamp=timestamp,
    )
    assert told == {"others": [alices["aci"]], "unknown": []}
    (received,) = [
        one["dataMessage"]
        for one in envelopes(alice)
        if one.get("dataMessage", {}).get("message") == "to all"
    ]
    assert received["groupInfo"]["groupId"] == group_id


def test_errors_of_sending(client: OfficialClient, olga: OfficialDevice) -> None:
    sealed = """
        const destination = lib.Aci.fromUuid(aci), accessKey = self.profileKey.deriveAccessKey();
        const contents = devices.map((deviceId) => ({
            deviceId, registrationId, contents: new Uint8Array(80),
        }));
        await anonymous.chat.sendMessage({
            destination, contents, timestamp: 1, auth: { accessKey }, onlineOnly: true, urgent: true,
        });
    """
    assert (
        error_of(olga, sealed, aci=STRANGER, devices=[1], registrationId=1) == "RequestUnauthorized"
    )
    mismatched = f"""
        try {{ {sealed} }} catch (error) {{
            const {{ missingDevices, extraDevices, staleDevices }} = error.entries[0];
            return [missingDevices, extraDevices, staleDevices];
        }}
    """
    own: dict[str, Any] = {"aci": olga.aci, "registrationId": 1000}
    assert olga.call(mismatched, **own, devices=[1, 7]) == [[], [7], []]
    assert olga.call(mismatched, **own, devices=[7]) == [[1], [7], []]
    assert olga.call(mismatched, **{**own, "registrationId": 17}, devices=[1]) == [[], [], [1]]
    paul = client.registered()
    olga.call(
        """
        const paul = state.devices[number], { aci } = self.parties;
        await self.startSessions(anonymous, paulAci, paul.profileKey.deriveAccessKey());
        const remote = lib.ProtocolAddress.new(paulAci, 1);
        const nobody = lib.ProtocolAddress.new(stranger, 1);
        await aci.sessions.saveSession(nobody, await aci.sessions.getSession(remote));
        """,
        number=paul.number,
        paulAci=paul.aci,
        stranger=STRANGER,
    )
    identified = "await self.sendIdentified(aci, 1, self.content(1, { body: 'lost' }));"
    assert error_of(olga, identified, aci=STRANGER) == "ServiceIdNotFound"
    for order, name in (
        (("status", "--status", "429", "--retry-after", "60"), "RateLimitedError"),
        (("challenge",), "RateLimitChallengeError"),
        (("status", "--status", "503"), "IoError"),
    ):
        client.sandbox.fault(*order, "--path", "/v1/messages/*", "--times", "1")
        assert error_of(olga, identified, aci=paul.aci) == name
