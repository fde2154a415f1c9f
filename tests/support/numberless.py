"""An account without a phone number: its primary device, and how it lets another device in."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

from sigcli.client.account.devices.provisioning_out import parse_link_uri
from sigcli.protocol.access_keys import derive_access_key
from sigcli.protocol.account_entropy import AccountEntropyPool
from sigcli.protocol.provisioning import encrypt_provision_message
from sigcli.wire.addresses import ServiceId
from sigcli.wire.provisioning import ProvisionMessage, encode_envelope
from tests.support.sandbox_client import PASSWORD, Answer, TestDevice, base64, basic, quoted

if TYPE_CHECKING:
    from tests.support.sandbox_client import SandboxClient

PROFILE_KEY = bytes(range(32))
_PNI_FIELDS = ("pniIdentityKey", "pniSignedPreKey", "pniPqLastResortPreKey")


class NumberlessDevice:
    """The primary device of such an account."""

    def __init__(self, client: SandboxClient) -> None:
        self.device = TestDevice.create(client)
        self.device.access_key = derive_access_key(PROFILE_KEY)
        self.pool = AccountEntropyPool.generate()
        self.salt = b""

    def registration(self, receipt: str, **changes: Any) -> Answer:
        """Register with a receipt; takes the identity over if that succeeds."""
        attributes = self.device.attributes(
            discoverableByPhoneNumber=False, recoveryPassword=base64(bytes(32))
        )
        del attributes["pniRegistrationId"]
        body = self.device.registration_body(
            None,
            receiptCredentialPresentation=receipt,
            accountAttributes=attributes,
        )
        for name in _PNI_FIELDS:
            del body[name]
        answer = self.device.client.rest(
            "POST", "/v1/registration", body | changes, login=basic("__no_number__", PASSWORD)
        )
        if answer.status == 200:
            self.device.aci = ServiceId.aci(answer.json["uuid"])
            self.salt = b64decode(answer.json["authCredentialSalt"])
        return answer

    def let_in(self, uri: str) -> None:
        """Let the device that shows this URI into the account."""
        link = parse_link_uri(uri)
        token = self.device.rest("GET", "/v1/devices/provisioning/code").json
        identity = self.device.aci_identity
        message = ProvisionMessage(
            aci_identity_public=identity.public_key.serialize(),
            aci_identity_private=identity.private_key.serialize(),
            aci=self.device.aci,
            provisioning_code=token["verificationCode"],
            profile_key=PROFILE_KEY,
            provisioning_version=1,
            account_entropy_pool=self.pool.text,
            auth_credential_salt=self.salt,
        )
        envelope = encode_envelope(encrypt_provision_message(message, link.public_key))
        path = f"/v1/provisioning/{quoted(link.address)}"
        answer = self.device.rest("PUT", path, {"body": base64(envelope)})
        assert answer.status == 204, answer
