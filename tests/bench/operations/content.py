"""What goes into messages: content and attachments. Beside them what Signal's desktop app uses in Node."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from sigcli.protocol.attachment_cipher import (
    AttachmentEncryptor,
    AttachmentKey,
    decrypt_attachment,
    generate_key,
)
from sigcli.wire.content import Content, DataMessage, decode_content, encode_content
from sigcli.wire.key_types import ProfileKeyBytes
from tests.bench.comparison import Operation
from tests.bench.timing import Work
from tests.support.devices import NOW_MS

MIB = 1024 * 1024
_CHUNK = 64 * 1024
_CONTENT = Content(
    data_message=DataMessage(
        body="a short text, as people write them",
        timestamp_ms=NOW_MS,
        profile_key=ProfileKeyBytes(bytes(range(32))),
        expire_timer_version=1,
    )
)
_ENCODED = encode_content(_CONTENT)
_ENCRYPT_IN_NODE = """
    const mac = await import('@signalapp/libsignal-client/dist/incremental_mac.js');
    const data = Buffer.alloc(size, 7), encryptAttachment = mock.crypto.encryptAttachment;
    return { step: async () => {
        const { blob, digest, key } = encryptAttachment(data);
        const digester = new mac.DigestingPassThrough(
            key.subarray(32), mac.inferChunkSize(blob.length));
        digester.resume();
        for (let at = 0; at < blob.length; at += 65536)
            digester.write(blob.subarray(at, at + 65536));
        await new Promise((resolve, reject) => {
            digester.on('error', reject);
            digester.end(resolve);
        });
        return [digest, digester.getFinalDigest()];
    } };
"""
_DECRYPT_IN_NODE = """
    const mac = await import('@signalapp/libsignal-client/dist/incremental_mac.js');
    const { createDecipheriv, createHash, createHmac } = process.getBuiltinModule('node:crypto');
    const { blob, digest, key } = mock.crypto.encryptAttachment(Buffer.alloc(size, 7));
    return { step: () => {
        const body = blob.subarray(0, -32);
        const sum = createHmac('sha256', key.subarray(32)).update(body).digest();
        const seen = createHash('sha256').update(blob).digest();
        if (!sum.equals(blob.subarray(-32)) || !seen.equals(digest)) throw Error('damaged');
        const decipher = createDecipheriv('aes-256-cbc', key.subarray(0, 32), body.subarray(0, 16));
        return [decipher.update(body.subarray(16)), decipher.final()];
    } };
"""


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK))


def _encrypt(size: int) -> Work:
    data = Random(size).randbytes(size)

    def step() -> None:
        encryptor = AttachmentEncryptor(generate_key(), plaintext_size=size)
        for _ in encryptor.encrypt(_pieces(data)):
            pass

    return Work(step)


def _decrypt(size: int) -> Work:
    encryptor = AttachmentEncryptor(AttachmentKey(bytes(range(64))))
    blob = b"".join(encryptor.encrypt(_pieces(Random(size).randbytes(size))))
    made = encryptor.result()

    def step() -> None:
        for _ in decrypt_attachment(
            _pieces(blob), made.key, digest=made.digest, plaintext_size=size
        ):
            pass

    return Work(step)


def _attachment(size: int) -> tuple[Operation, Operation]:
    name = f"attachment of {size // MIB} MiB"
    return (
        Operation(
            f"{name}: encrypt, with incremental MAC",
            lambda: _encrypt(size),
            _ENCRYPT_IN_NODE,
            lambda: {"size": size},
        ),
        Operation(
            f"{name}: decrypt", lambda: _decrypt(size), _DECRYPT_IN_NODE, lambda: {"size": size}
        ),
    )


OPERATIONS = (
    Operation(
        "content of a text: encode",
        lambda: Work(lambda: encode_content(_CONTENT)),
        """
        const { Content } = mock.protos.signalservice;
        return { step: () => Content.encode({
            content: { dataMessage: {
                body: 'a short text, as people write them', timestamp: BigInt(now),
                profileKey: Buffer.alloc(32, 7), expireTimerVersion: 1 } } }) };
        """,
        lambda: {"now": NOW_MS},
    ),
    Operation(
        "content of a text: decode",
        lambda: Work(lambda: decode_content(_ENCODED)),
        """
        const { Content } = mock.protos.signalservice;
        return { step: () => {
            const { body } = Content.decode(encoded).content.dataMessage;
            if (body.length !== 34) throw Error('another text');
            return body;
        } };
        """,
        lambda: {"encoded": _ENCODED},
    ),
    *_attachment(MIB),
    *_attachment(16 * MIB),
)
