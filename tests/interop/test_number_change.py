"""What a linked device is told of a change of number, read by the official library."""

from __future__ import annotations

from sigcli.client.account.changing_number import NewDevice
from sigcli.crypto.curve import KeyPair
from sigcli.wire.content import Content, encode_content
from sigcli.wire.content.sync_message import SyncMessage
from tests.interop.oracle import Oracle
from tests.support.devices import NOW_MS


def test_libsignal_reads_every_key(oracle: Oracle) -> None:
    identity = KeyPair.generate()
    device = NewDevice.make(identity, NOW_MS, lambda count: bytes(range(count)))
    change = device.change(identity, "+15550199", for_itself=False)
    content = encode_content(Content(sync_message=SyncMessage(pni_change_number=change)))
    read = oracle.call(
        """
        const { syncMessage } = mock.protos.signalservice.Content.decode(content).content;
        const told = syncMessage.content.pniChangeNumber;
        const pair = lib.IdentityKeyPair.deserialize(told.identityKeyPair);
        const signed = lib.SignedPreKeyRecord.deserialize(told.signedPreKey);
        const kyber = lib.KyberPreKeyRecord.deserialize(told.lastResortKyberPreKey);
        const verifies = (key, signature) => pair.publicKey.verify(key, signature);
        return {
            number: told.newE164,
            registrationId: told.registrationId,
            identity: pair.publicKey.serialize(),
            fits: pair.privateKey.getPublicKey().equals(pair.publicKey),
            signedId: signed.id(),
            signedFits: signed.privateKey().getPublicKey().equals(signed.publicKey()),
            signedVerifies: verifies(signed.publicKey().serialize(), signed.signature()),
            kyberId: kyber.id(),
            kyberVerifies: verifies(kyber.publicKey().serialize(), kyber.signature()),
        };
        """,
        content=content,
    )
    assert read == {
        "number": "+15550199",
        "registrationId": device.registration_id,
        "identity": identity.public_key.serialize(),
        "fits": True,
        "signedId": device.signed.id,
        "signedFits": True,
        "signedVerifies": True,
        "kyberId": device.last_resort.id,
        "kyberVerifies": True,
    }
