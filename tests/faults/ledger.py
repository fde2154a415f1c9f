"""What a service is handed, written down as it comes, and which keys in it were used more than once."""

from __future__ import annotations

import functools
import json
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigcli.crypto.curve import KeyPair
from sigcli.errors import SigcliError
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.protocol.sealed_sender import unseal
from sigcli.wire.ciphertexts import (
    SignalMessage,
    decode_prekey_signal_message,
    decode_signal_message,
)
from sigcli.wire.envelopes import Envelope, EnvelopeType, decode_envelope, encode_envelope
from sigcli.wire.sender_keys import decode_message as decode_sender_key_message

if TYPE_CHECKING:
    from sigcli.sandbox.prekeys import Kind, PublicKeyEntry
    from sigcli.wire.addresses import ServiceId

Key = tuple[str, ...]
Identities = dict[str, KeyPair]
"""The identity key pair of each service id."""


def keep_ledger(path: Path) -> None:
    """Have every envelope and every prekey that this process's sandbox takes written down."""
    from sigcli.sandbox.prekeys import PreKeys
    from sigcli.sandbox.queues import Queues

    file = path.open("a", encoding="ascii", buffering=1)
    append, replace = Queues.append, PreKeys.replace

    def noted_append(
        self: Queues, account: ServiceId, device: int, envelope: Envelope, now_ms: int
    ) -> None:
        append(self, account, device, envelope, now_ms)
        data = b64encode(encode_envelope(envelope)).decode()
        file.write(json.dumps({"to": f"{account}.{device}", "envelope": data}) + "\n")

    def noted_replace(
        self: PreKeys, owner: ServiceId, device: int, kind: Kind, keys: Sequence[PublicKeyEntry]
    ) -> None:
        replace(self, owner, device, kind, keys)
        for key in keys:
            public = b64encode(key.public_key).decode()
            line = {"prekey": f"{owner}.{device} {kind.value} {key.key_id}", "public": public}
            file.write(json.dumps(line) + "\n")

    Queues.append = noted_append  # type: ignore[method-assign]
    PreKeys.replace = noted_replace  # type: ignore[method-assign]


def read_ledger(path: Path) -> list[dict[str, Any]]:
    """Its lines; the last one may be cut off."""
    lines = path.read_text(encoding="ascii").split("\n")[:-1]
    return [json.loads(line) for line in lines]


def keys_used_twice(lines: Iterable[dict[str, Any]], identities: Identities) -> list[str]:
    """What was encrypted differently under one key, and the ids under which two prekeys were published.

    A ciphertext that is handed over again, as it was, is none.
    """
    seen: dict[Key, set[bytes]] = defaultdict(set)
    for line in lines:
        if "prekey" in line:
            seen["prekey", line["prekey"]].add(b64decode(line["public"]))
            continue
        for key, ciphertext in _keys_of(b64decode(line["envelope"]), line["to"], identities):
            seen[key].add(ciphertext)
    return [" ".join(key) for key, found in seen.items() if len(found) > 1]


def _keys_of(data: bytes, to: str, identities: Identities) -> Iterator[tuple[Key, bytes]]:
    envelope = decode_envelope(data)
    content = envelope.content
    if content is None or envelope.destination is None:
        return
    sender = f"{envelope.source}.{envelope.source_device_id}"
    kind: int = CiphertextMessageType.PLAINTEXT
    if envelope.type == EnvelopeType.DOUBLE_RATCHET:
        kind = CiphertextMessageType.WHISPER
    elif envelope.type == EnvelopeType.PREKEY_MESSAGE:
        kind = CiphertextMessageType.PREKEY
    elif envelope.type == EnvelopeType.UNIDENTIFIED_SENDER:
        identity = identities.get(str(envelope.destination))
        if identity is None:
            return
        try:
            opened = _unseal(content, identity)
        except SigcliError:
            return  # to an identity that was given up
        certificate = opened.sender_certificate
        sender, kind = f"{certificate.sender}.{certificate.device_id}", opened.type
        content = opened.content
    if kind == CiphertextMessageType.SENDER_KEY:
        message = decode_sender_key_message(content)
        place = f"{message.chain_id} {message.iteration}"
        yield ("sender key", sender, str(message.distribution_id), place), message.ciphertext
    elif kind == CiphertextMessageType.WHISPER:
        yield _message_key(sender, to, decode_signal_message(content))
    elif kind == CiphertextMessageType.PREKEY:
        first = decode_prekey_signal_message(content)
        yield _message_key(sender, to, first.message)
        if first.prekey_id is not None:
            yield ("one-time prekey of", to, str(first.prekey_id)), first.base_key


_unseal = functools.lru_cache(4096)(unseal)
"""The same envelopes are looked into after each blow."""


def _message_key(sender: str, to: str, message: SignalMessage) -> tuple[Key, bytes]:
    key = ("message key", sender, to, message.ratchet_key.hex(), str(message.counter))
    return key, message.ciphertext
