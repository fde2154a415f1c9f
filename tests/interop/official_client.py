"""The official network client at a sandbox: `Connection` and `Device` of tests/node/chat.mjs and device.mjs."""

from __future__ import annotations

import itertools
import ssl
import tomllib
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from sigcli.sandbox.captcha import solved_captcha
from tests.interop.oracle import Oracle
from tests.support.sandbox_process import SandboxProcess

CAPTCHA = solved_captcha("registration")
_START = """
    state.net = chat.connectorTo(port, certificate);
    state.service = { trustRoot, serverParams, storageUrl, certificateAuthority };
    state.Device = await chat.loadDevice();
    state.anonymous = await chat.Connection.anonymous(state.net);
    state.devices = {};
"""
_SCOPE = "const { zk } = chat, { net, anonymous } = state, self = state.devices[device]; "
_SESSION = """
    self.session = await net.createRegistrationSession({ e164: self.number });
    await self.session.submitCaptcha(captcha);
    await self.session.requestVerification({ transport: 'sms', client: 'android', languages: [] });
"""
_REGISTER = """
    await self.session.verifySession(code);
    await self.register(self.session);
    return self.aci.getServiceIdString();
"""
_EVENT = "const { ack, ...event } = await self.chat.events.next(); return event;"
_numbers = itertools.count(15550900)


class OfficialClient:
    """The library's network part, connected to a sandbox without a login."""

    def __init__(self, oracle: Oracle, sandbox: SandboxProcess) -> None:
        self._oracle = oracle
        self.sandbox = sandbox
        file = sandbox.environment_file
        environment = tomllib.loads(file.read_text())
        authority = (file.parent / environment["tls"]["ca_file"]).read_text()
        trust = environment["trust"]
        oracle.call(
            _START,
            port=int(sandbox.port),
            certificate=ssl.PEM_cert_to_DER_cert(authority),
            certificateAuthority=authority,
            trustRoot=b64decode(trust["unidentified_sender_roots"][0]),
            serverParams=b64decode(trust["zkgroup_server_public_params"]),
            storageUrl=environment["storage"]["url"],
        )

    def call(self, body: str, /, device: str = "", **arguments: Any) -> Any:
        """Run JavaScript with `zk`, `net`, `anonymous` and a device, by its number, as `self` in scope."""
        return self._oracle.call(_SCOPE + body, device=device, **arguments)

    def device(self) -> OfficialDevice:
        """A device without an account."""
        number = f"+{next(_numbers)}"
        body = "state.devices[device] = new state.Device(net, state.service, device);"
        self.call(body, number)
        return OfficialDevice(self, number)

    def registered(self) -> OfficialDevice:
        """A primary device that is logged in, with prekeys and a profile."""
        device = self.device()
        device.ask_for_code()
        device.register(self.sandbox.code(device.number).strip())
        device.connect()
        device.call(
            """
            await self.uploadKeys('aci');
            await self.uploadKeys('pni');
            await self.putProfile('Olga');
            await self.fetchCertificate();
            """
        )
        return device


@dataclass
class OfficialDevice:
    """One device, kept in the oracle under its number."""

    client: OfficialClient
    number: str
    aci: str = ""

    def call(self, body: str, /, **arguments: Any) -> Any:
        """Run JavaScript with `self`, `net` and `anonymous` in scope."""
        return self.client.call(body, self.number, **arguments)

    def ask_for_code(self) -> None:
        self.call(_SESSION, captcha=CAPTCHA)

    def register(self, code: str) -> None:
        self.aci = self.call(_REGISTER, code=code)

    def connect(self) -> None:
        """Log in; what it is told first is that nothing waits."""
        self.call("await self.connect();")
        assert self.next_event() == {"kind": "queueEmpty"}

    def next_event(self) -> dict[str, Any]:
        """What the connection is told next."""
        event: dict[str, Any] = self.call(_EVENT)
        return event

    def receive(self, status: int = 200) -> dict[str, Any]:
        """The next message, decrypted and answered with a status (0: not at all)."""
        message: dict[str, Any] = self.call("return self.receive(status);", status=status)
        return message
