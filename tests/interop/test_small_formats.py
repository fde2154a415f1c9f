"""The small formats, against the official libsignal and the mock server's own code.

What neither has (device name, padded profile fields) is checked against Node's crypto, written down
here once more from the format's description.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from sigcli.crypto import ciphers
from sigcli.crypto.curve import KeyPair
from sigcli.errors import InvalidMessage
from sigcli.protocol import (
    access_keys,
    account_entropy,
    attachment_cipher,
    device_name,
    fingerprint,
    hpke,
    pni_signature,
    profile_fields,
    provisioning,
    sticker_cipher,
    storage_cipher,
)
from sigcli.protocol.account_entropy import AccountEntropyPool
from sigcli.protocol.attachment_cipher import AttachmentEncryptor, AttachmentKey, IncrementalMac
from sigcli.wire.addresses import ServiceId
from sigcli.wire.fingerprint import decode_scannable
from sigcli.wire.provisioning import ProvisionEnvelope, ProvisionMessage
from sigcli.wire.stickers import (
    PackSticker,
    StickerPack,
    decode_sticker_pack,
    encode_sticker_pack,
)
from tests.interop.oracle import Oracle
from tests.support.devices import ALICE, BOB

RANDOM = Random("small formats").randbytes
KEYS = KeyPair.generate(RANDOM)
OTHER_KEYS = KeyPair.generate(RANDOM)
PROFILE_KEY = RANDOM(32)
GCM = """
    const { createCipheriv, createDecipheriv, randomBytes } =
        process.getBuiltinModule('node:crypto');
    const openGcm = (key, data) => {
        const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, 12));
        decipher.setAuthTag(data.subarray(-16));
        return Buffer.concat([decipher.update(data.subarray(12, -16)), decipher.final()]);
    };
"""


@pytest.mark.parametrize("version", [1, 2])
def test_safety_numbers_are_libsignals(oracle: Oracle, version: int) -> None:
    identifiers = ALICE.service_id.to_binary(), BOB.service_id.to_binary()
    theirs = oracle.call(
        """
        const [a, b] = keys.map(k => lib.PublicKey.deserialize(k));
        const mine = lib.Fingerprint.new(5200, version, ids[0], a, ids[1], b);
        return { digits: mine.displayableFingerprint().toString(),
                 scannable: mine.scannableFingerprint().toBuffer() };
        """,
        version=version,
        ids=list(identifiers),
        keys=[KEYS.public_key.serialize(), OTHER_KEYS.public_key.serialize()],
    )
    ours = fingerprint.safety_number_for_identifiers(
        identifiers[0], KEYS.public_key, identifiers[1], OTHER_KEYS.public_key, version=version
    )
    assert (ours.numeric, ours.scannable) == (theirs["digits"], theirs["scannable"])
    if version == 2:
        peers = fingerprint.safety_number(
            BOB.service_id, OTHER_KEYS.public_key, ALICE.service_id, KEYS.public_key
        )
        assert peers.numeric == ours.numeric
        assert ours.matches(peers.scannable)
        assert peers.matches(theirs["scannable"])
        assert not ours.matches(ours.scannable)
        assert decode_scannable(ours.scannable).version == 2


def test_pni_signatures_go_both_ways(oracle: Oracle) -> None:
    ours = pni_signature.sign_pni_identity(KEYS.private_key, OTHER_KEYS.public_key)
    verified, theirs = oracle.call(
        """
        const pni = lib.PrivateKey.deserialize(key), aci = lib.PublicKey.deserialize(other);
        const pair = new lib.IdentityKeyPair(pni.getPublicKey(), pni);
        return [pni.getPublicKey().verifyAlternateIdentity(aci, ours),
                pair.signAlternateIdentity(aci)];
        """,
        key=KEYS.private_key.raw,
        other=OTHER_KEYS.public_key.serialize(),
        ours=ours,
    )
    assert verified is True
    assert pni_signature.verify_pni_signature(KEYS.public_key, OTHER_KEYS.public_key, theirs)
    assert not pni_signature.verify_pni_signature(OTHER_KEYS.public_key, KEYS.public_key, theirs)


def test_hpke_goes_both_ways(oracle: Oracle) -> None:
    ours = hpke.hpke_seal(KEYS.public_key, b"info", b"context", b"from sigcli")
    opened, theirs = oracle.call(
        """
        const key = lib.PrivateKey.deserialize(raw), context = Buffer.from('context');
        return [key.open(ours, 'info', context),
                key.getPublicKey().seal(Buffer.from('from libsignal'), 'info', context)];
        """,
        raw=KEYS.private_key.raw,
        ours=ours,
    )
    assert opened == b"from sigcli"
    assert hpke.hpke_open(KEYS.private_key, b"info", b"context", theirs) == b"from libsignal"
    with pytest.raises(InvalidMessage):
        hpke.hpke_open(KEYS.private_key, b"info", b"another", theirs)


def test_the_link_time_of_a_device(oracle: Oracle) -> None:
    theirs = oracle.call(
        """
        const context = Buffer.alloc(5), time = Buffer.alloc(8);
        context[0] = 3; context.writeInt32BE(4711, 1); time.writeBigInt64BE(1750000000000n);
        return lib.PublicKey.deserialize(key).seal(time, 'deviceCreatedAt', context);
        """,
        key=KEYS.public_key.serialize(),
    )
    open_ = device_name.open_created_at
    assert open_(theirs, KEYS.private_key, 3, 4711) == 1_750_000_000_000
    with pytest.raises(InvalidMessage):
        open_(theirs, KEYS.private_key, 2, 4711)
    ours = device_name.seal_created_at(1_750_000_000_001, KEYS.public_key, 3, 4711)
    assert open_(ours, KEYS.private_key, 3, 4711) == 1_750_000_000_001


@pytest.mark.parametrize("name", ["", "Küchenradio", "x" * 150])
def test_device_names_against_the_description(oracle: Oracle, name: str) -> None:
    both = oracle.call(
        """
        const { createCipheriv, createHmac } = process.getBuiltinModule('node:crypto');
        const { DeviceName } = mock.protos.signal ?? {};
        const proto = DeviceName ?? mock.protos.signalservice.DeviceName;
        const hmac = (key, data) => createHmac('sha256', key).update(data).digest();
        const cipher = (master, iv, data) => createCipheriv('aes-256-ctr',
            hmac(hmac(master, 'cipher'), iv), Buffer.alloc(16)).update(data);
        const identity = lib.PrivateKey.deserialize(key);

        const read = proto.decode(ours);
        const opened = cipher(identity.agree(lib.PublicKey.deserialize(read.ephemeralPublic)),
                              read.syntheticIv, read.ciphertext ?? Buffer.alloc(0));

        const ephemeral = lib.PrivateKey.generate();
        const master = ephemeral.agree(identity.getPublicKey());
        const syntheticIv = hmac(hmac(master, 'auth'), name).subarray(0, 16);
        const made = proto.encode({
            ephemeralPublic: ephemeral.getPublicKey().serialize(), syntheticIv,
            ciphertext: cipher(master, syntheticIv, Buffer.from(name)) });
        return { opened: opened.toString(), made };
        """,
        key=KEYS.private_key.raw,
        name=name,
        ours=device_name.encrypt_device_name(name, KEYS.public_key),
    )
    assert both["opened"] == name
    assert device_name.decrypt_device_name(both["made"], KEYS.private_key) == name


def test_profile_names_go_both_ways(oracle: Oracle) -> None:
    name = profile_fields.ProfileName("Ada", "Lovelace")
    ours = profile_fields.encrypt_name(PROFILE_KEY, name)
    opened, theirs = oracle.call(
        GCM
        + """
        return [openGcm(key, ours), mock.crypto.encryptProfileName(key, 'Ada\\0Lovelace')];
        """,
        key=PROFILE_KEY,
        ours=ours,
    )
    assert len(ours) == 81
    assert opened == b"Ada\0Lovelace".ljust(53, b"\0")
    assert profile_fields.decrypt_name(PROFILE_KEY, theirs) == name


def test_access_keys_are_those_of_libsignal_and_of_the_mock_server(oracle: Oracle) -> None:
    theirs = oracle.call(
        """
        const { ProfileKey } = await import('@signalapp/libsignal-client/zkgroup.js');
        return [mock.crypto.deriveAccessKey(key), mock.crypto.generateAccessKeyVerifier(
                    mock.crypto.deriveAccessKey(key)), new ProfileKey(key).deriveAccessKey()];
        """,
        key=PROFILE_KEY,
    )
    access_key = access_keys.derive_access_key(PROFILE_KEY)
    assert theirs == [access_key, access_keys.access_key_verifier(access_key), access_key]


def test_provisioning_goes_both_ways(oracle: Oracle) -> None:
    message = _provision_message()
    ours = provisioning.encrypt_provision_message(message, KEYS.public_key)
    result = oracle.call(
        """
        const { createDecipheriv, createHmac } = process.getBuiltinModule('node:crypto');
        const { ProvisionMessage } = mock.protos.signalservice;
        // The mock server may bring its own copy of libsignal, whose keys are another class.
        let mockLib = lib;
        try {
            mockLib = mock.require('node_modules/@signalapp/libsignal-client/dist/index.js');
        } catch {}
        const secrets = lib.hkdf(64, lib.PrivateKey.deserialize(key).agree(
            lib.PublicKey.deserialize(publicKey)), Buffer.from('TextSecure Provisioning Message'),
            null);
        const mac = createHmac('sha256', secrets.subarray(32)).update(body.subarray(0, -32)).digest();
        const decipher =
            createDecipheriv('aes-256-cbc', secrets.subarray(0, 32), body.subarray(1, 17));
        const clear = Buffer.concat([decipher.update(body.subarray(17, -32)), decipher.final()]);
        const read = ProvisionMessage.decode(clear);
        return {
            version: body[0], authentic: mac.equals(body.subarray(-32)), read,
            again: mock.crypto.encryptProvisionMessage(
                Buffer.from(ProvisionMessage.encode(read)),
                mockLib.PrivateKey.deserialize(key).getPublicKey()),
        };
        """,
        key=KEYS.private_key.raw,
        publicKey=ours.public_key,
        body=ours.body,
    )
    assert (result["version"], result["authentic"]) == (1, True)
    read = result["read"]
    assert read["number"] == message.number
    assert read["aciBinary"] == ALICE.service_id.uuid_bytes
    assert read["accountEntropyPool"] == message.account_entropy_pool
    assert read["authCredentialSalt"] == message.auth_credential_salt
    assert read["readReceipts"] is True
    envelope = ProvisionEnvelope(result["again"]["ephemeralKey"], result["again"]["body"])
    assert provisioning.decrypt_provision_message(envelope, KEYS.private_key) == message
    with pytest.raises(InvalidMessage):
        provisioning.decrypt_provision_message(envelope, OTHER_KEYS.private_key)


def test_account_keys_are_libsignals(oracle: Oracle) -> None:
    pool = AccountEntropyPool.generate()
    theirs = oracle.call(
        """
        const { AccountEntropyPool, SvrKey } =
            await import('@signalapp/libsignal-client/dist/AccountKeys.js');
        const svr = new SvrKey(AccountEntropyPool.deriveSvrKey(pool));
        const backup = AccountEntropyPool.deriveBackupKey(pool);
        return {
            valid: AccountEntropyPool.isValid(pool), master: svr.serialize(),
            lock: svr.deriveRegistrationLock(), recovery: svr.deriveRegistrationRecoveryPassword(),
            storage: svr.deriveStorageServiceKey(), logging: svr.deriveLoggingKey(),
            backup: backup.serialize(),
            backupId: backup.deriveBackupId(lib.Aci.parseFromServiceIdString(aci)),
            backupEcKey: backup.deriveEcKey(lib.Aci.parseFromServiceIdString(aci)),
            generated: AccountEntropyPool.generate(),
        };
        """,
        pool=pool.text,
        aci=str(ALICE.service_id),
    )
    master = pool.master_key()
    assert theirs == {
        "valid": True,
        "master": master,
        "lock": bytes.fromhex(account_entropy.registration_lock(master)),
        "recovery": account_entropy.recovery_password(master),
        "storage": account_entropy.storage_key(master),
        "logging": theirs["logging"],
        "backup": theirs["backup"],
        "backupId": theirs["backupId"],
        "backupEcKey": theirs["backupEcKey"],
        "generated": theirs["generated"],
    }
    generated = theirs["generated"]
    assert AccountEntropyPool.parse(generated.upper()).text == generated


@pytest.mark.parametrize("record_ikm", [None, b"\x07" * 32])
def test_storage_service_values_go_both_ways(oracle: Oracle, record_ikm: bytes | None) -> None:
    master = AccountEntropyPool("0" * 64).master_key()
    key, item_id = account_entropy.storage_key(master), bytes(range(16))
    item_key = storage_cipher.item_key(key, item_id, record_ikm)
    manifest_key = storage_cipher.manifest_key(key, 12)
    # An empty record, then an account record (field 4) with a given name (field 1).
    plaintext = bytes.fromhex("2205 0a03416461")
    # Manifest: version (field 1), source device (field 3).
    manifest = bytes.fromhex("080c 1801")
    theirs = oracle.call(
        """
        const { StorageRecord, ManifestRecord } = mock.protos.signalservice;
        const options = { storageKey, recordIkm: recordIkm ?? undefined };
        const record = mock.crypto.decryptStorageItem(
            { ...options, item: { key: itemId, value: item } });
        const read = mock.crypto.decryptStorageManifest(
            storageKey, { version: 12n, value: manifest });
        return {
            storageKey: mock.crypto.deriveStorageKey(master), record, read,
            item: mock.crypto.encryptStorageItem({ ...options, key: itemId, record }).value,
            manifest: mock.crypto.encryptStorageManifest(storageKey, read).value,
        };
        """,
        master=master,
        storageKey=key,
        recordIkm=record_ikm,
        itemId=item_id,
        item=ciphers.gcm_seal(item_key, plaintext),
        manifest=ciphers.gcm_seal(manifest_key, manifest),
    )
    assert theirs["storageKey"] == key
    assert theirs["read"]["version"] == 12
    assert "Ada" in str(theirs["record"])
    assert ciphers.gcm_open(item_key, theirs["item"]) == plaintext
    again = ciphers.gcm_open(manifest_key, theirs["manifest"])
    assert again == manifest


def test_we_read_the_mock_servers_attachments(oracle: Oracle) -> None:
    plaintext = RANDOM(100_001)
    theirs = oracle.call("return mock.crypto.encryptAttachment(data);", data=plaintext)
    pieces = attachment_cipher.decrypt_attachment(
        _cut(theirs["blob"], 4_096),
        AttachmentKey(theirs["key"]),
        digest=theirs["digest"],
        plaintext_size=theirs["size"],
    )
    assert b"".join(pieces) == plaintext


@pytest.mark.parametrize("size", [0, 541, 542, 65_536, 200_000, 17 * 1024 * 1024])
def test_our_attachments_are_what_node_and_libsignal_make(oracle: Oracle, size: int) -> None:
    plaintext = RANDOM(size)
    key = AttachmentKey(RANDOM(64))
    encryptor = AttachmentEncryptor(key, plaintext_size=size)
    blob = b"".join(encryptor.encrypt(_cut(plaintext, 50_000)))
    result = encryptor.result()
    padded = attachment_cipher.padded_size(size)
    theirs = oracle.call(
        """
        const { createHash } = process.getBuiltinModule('node:crypto');
        const mac = await import('@signalapp/libsignal-client/dist/incremental_mac.js');
        const made = mock.crypto.encryptAttachment(
            Buffer.concat([plaintext, Buffer.alloc(padded - plaintext.length)]),
            { aesKey: key.subarray(0, 32), macKey: key.subarray(32), iv });
        const choice = mac.inferChunkSize(made.blob.length);
        const digester = new mac.DigestingPassThrough(key.subarray(32), choice);
        digester.resume();
        for (let at = 0; at < made.blob.length; at += 40000)
            digester.write(made.blob.subarray(at, at + 40000));
        await new Promise((resolve, reject) => {
            digester.on('error', reject); digester.end(resolve); });
        return { digest: made.digest, size: made.blob.length,
                 macs: digester.getFinalDigest(), chunk: mac.chunkSizeInBytes(choice) };
        """,
        plaintext=plaintext,
        padded=padded,
        key=key,
        iv=encryptor.iv,
    )
    assert result.blob_size == len(blob) == theirs["size"] == attachment_cipher.blob_size(size)
    assert result.digest == theirs["digest"]
    assert result.plaintext_size == size
    assert result.incremental_mac == IncrementalMac(theirs["macs"], theirs["chunk"])
    opened = attachment_cipher.decrypt_attachment(
        _cut(blob, 70_001),
        key,
        digest=result.digest,
        plaintext_size=size,
        incremental_mac=result.incremental_mac,
    )
    assert b"".join(opened) == plaintext


def test_incremental_mac_chunk_sizes_are_libsignals(oracle: Oracle) -> None:
    sizes = [0, 1, 2**16, 2**24 - 1, 2**24, 2**24 + 1, 10**8, 2**29 - 1, 2**29, 2**30]
    theirs = oracle.call(
        """
        const mac = await import('@signalapp/libsignal-client/dist/incremental_mac.js');
        return sizes.map(size => mac.chunkSizeInBytes(mac.inferChunkSize(size)));
        """,
        sizes=sizes,
    )
    assert [attachment_cipher.mac_chunk_size(size) for size in sizes] == theirs


def _provision_message() -> ProvisionMessage:
    return ProvisionMessage(
        aci_identity_public=KEYS.public_key.serialize(),
        aci_identity_private=KEYS.private_key.raw,
        pni_identity_public=OTHER_KEYS.public_key.serialize(),
        pni_identity_private=OTHER_KEYS.private_key.raw,
        aci=ALICE.service_id,
        pni=ServiceId.pni(BOB.service_id.uuid_bytes),
        number="+15550100",
        provisioning_code="code",
        user_agent="OWI",
        profile_key=PROFILE_KEY,
        read_receipts=True,
        provisioning_version=1,
        ephemeral_backup_key=b"\x01" * 32,
        account_entropy_pool="0" * 64,
        media_root_backup_key=b"\x02" * 32,
        auth_credential_salt=b"\x03" * 16,
    )


def _cut(data: bytes, size: int) -> Any:
    return (data[at : at + size] for at in range(0, len(data), size))


STICKER_FILES = """
    const { createCipheriv, createDecipheriv, createHmac, hkdfSync } =
        process.getBuiltinModule('node:crypto');
    const keys = Buffer.from(hkdfSync('sha256', packKey, Buffer.alloc(32), 'Sticker Pack', 64));
    const macOf = (data) => createHmac('sha256', keys.subarray(32)).update(data).digest();
    const pack = mock.require('.').Proto.StickerPack;
"""


def test_a_sticker_packs_manifest_is_read_by_node_and_the_mock_servers_protobuf(
    oracle: Oracle,
) -> None:
    cover = PackSticker(id=0, emoji="🐈", content_type="image/webp")
    manifest = StickerPack(
        title="Cats",
        author="Ada",
        cover=cover,
        stickers=(cover, PackSticker(id=1, emoji="🐕", content_type="image/png")),
    )
    pack_key = RANDOM(32)
    ours = sticker_cipher.encrypt_pack_file(pack_key, encode_sticker_pack(manifest), RANDOM)
    assert len(ours) == sticker_cipher.encrypted_size(len(encode_sticker_pack(manifest)))
    there = oracle.call(
        STICKER_FILES
        + """
        const body = blob.subarray(0, -32);
        if (!macOf(body).equals(blob.subarray(-32))) throw new Error('MAC');
        const cipher = createDecipheriv('aes-256-cbc', keys.subarray(0, 32), body.subarray(0, 16));
        const plain = Buffer.concat([cipher.update(body.subarray(16)), cipher.final()]);
        const { title, author, cover, stickers } = pack.decode(plain);
        const iv = Buffer.alloc(16, 7);
        const again = createCipheriv('aes-256-cbc', keys.subarray(0, 32), iv);
        const data = Buffer.concat([iv, again.update(plain), again.final()]);
        const plainly = ({ id, emoji }) => [id, emoji];
        return {
            title, author, cover: plainly(cover), stickers: stickers.map(plainly),
            blob: Buffer.concat([data, macOf(data)]),
        };
        """,
        packKey=pack_key,
        blob=ours,
    )
    assert (there["title"], there["author"], there["cover"]) == ("Cats", "Ada", [0, "🐈"])
    assert there["stickers"] == [[0, "🐈"], [1, "🐕"]]
    assert (
        decode_sticker_pack(sticker_cipher.decrypt_pack_file(pack_key, there["blob"])) == manifest
    )
