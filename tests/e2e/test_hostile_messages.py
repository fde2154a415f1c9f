"""Messages that are expensive to refuse, before an honest one: the honest one is printed at the first run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sigcli.protocol.limits import MAX_ARCHIVED_STATES
from sigcli.store.account_data import ACI, REGISTRATION_ID
from sigcli.store.sessions import save_session
from sigcli.store.settings import AllSettings
from sigcli.wire.addresses import ProtocolAddress, ServiceId, ServiceIdKind
from sigcli.wire.ciphertexts import CURRENT_VERSION, encode_signal_message
from tests.support.account_state import in_store
from tests.support.devices import Device
from tests.support.sandbox_client import SandboxClient, TestDevice

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.sandbox.server import Sandbox
    from sigcli.store.database import Transaction
    from tests.support.sigcli_process import Sigcli


def test_eight_far_messages_where_many_sessions_exist_hold_up_nobody(
    sandbox: Sandbox, register: Callable[[str], Sigcli]
) -> None:
    alice, bob = register("alice"), register("bob")
    client = SandboxClient.of(sandbox)
    mallory = client.register("+15550666")
    theirs = ProtocolAddress(mallory.aci, 1)

    def burden(database: Transaction) -> TestDevice:
        """Give Alice many sessions with Mallory; says where her device is."""
        target = TestDevice.create(client)
        target.aci = ServiceId.parse(AllSettings(database).require(ACI))
        target.registration_id = AllSettings(database).require(REGISTRATION_ID)
        ours = ProtocolAddress(target.aci, 1)
        here, there = Device.create(ours), Device.create(theirs)
        for _ in range(MAX_ARCHIVED_STATES + 1):
            there.start(ours, here.bundle())
            here.decrypt(theirs, there.encrypt(ours, b"hello"))
        save_session(database, ServiceIdKind.ACI, theirs, here.record(theirs))
        return target

    target = in_store(alice, burden)
    for _ in range(8):
        far = encode_signal_message(
            version=CURRENT_VERSION,
            ratchet_key=b"\x05" + os.urandom(32),
            counter=24_999,
            previous_counter=0,
            ciphertext=bytes(16),
            pq_ratchet=b"",
            addresses=None,
        )
        assert mallory.send(target, far + bytes(8)).status == 200
    assert alice.account is not None
    bob.run("send", "-m", "honest", alice.account)
    finished = alice.start("--json", "receive").wait(timeout_s=20).expect(0)
    envelopes = [line["envelope"] for line in finished.json_lines]
    assert [one["dataMessage"]["message"] for one in envelopes if "dataMessage" in one] == [
        "honest"
    ]
    assert len(envelopes) == 9
