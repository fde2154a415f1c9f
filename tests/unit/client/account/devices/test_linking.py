"""What a phone may say of the account, and what the service must answer to it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from sigcli.client.account.devices.linking import keys_from, require_same_account
from sigcli.crypto.curve import KeyPair
from sigcli.crypto.randomness import secure_random
from sigcli.errors import IncompleteProvisioning
from sigcli.service.resources.linking import LinkedDevice
from sigcli.wire.addresses import ServiceId
from sigcli.wire.provisioning import ProvisionMessage
from tests.unit.client.world import OWN_ACI, OWN_PNI, PEER_ACI

MESSAGE = ProvisionMessage(
    aci=OWN_ACI,
    pni=OWN_PNI,
    aci_identity_private=KeyPair.generate().private_key.serialize(),
    number="+15550100",
    profile_key=bytes(32),
)


def test_a_number_is_a_number() -> None:
    assert keys_from(MESSAGE, secure_random).number == "+15550100"
    assert keys_from(replace(MESSAGE, number=None), secure_random).number is None
    for number in ("", "15550100", "+1555\x1b[2J", "+15550100\n", "+1" * 9, "+٠٠٠٠٠٠٠"):
        with pytest.raises(IncompleteProvisioning):
            keys_from(replace(MESSAGE, number=number), secure_random)


def test_the_service_must_mean_the_account_that_the_phone_described() -> None:
    keys = keys_from(MESSAGE, secure_random)
    require_same_account(keys, LinkedDevice(OWN_ACI, OWN_PNI, 3))
    require_same_account(keys, LinkedDevice(OWN_ACI, None, 3))
    other_pni = ServiceId.pni(UUID(int=77))
    for answer in (LinkedDevice(PEER_ACI, OWN_PNI, 3), LinkedDevice(OWN_ACI, other_pni, 3)):
        with pytest.raises(IncompleteProvisioning, match="another account"):
            require_same_account(keys, answer)
