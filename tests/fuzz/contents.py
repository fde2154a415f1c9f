"""Targets: what other people and the service send, outside and inside of the encryption."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from sigcli.client.applying.envelope_intake import EnvelopeIntake
from sigcli.client.applying.received_events import EventBuilder
from sigcli.client.groups.people_directory import PeopleDirectory
from sigcli.protocol import session
from sigcli.store import inbox
from sigcli.store.inbox_values import InboxRow
from sigcli.wire.contacts import decode_contacts
from sigcli.wire.content import decode_content, encode_content
from sigcli.wire.envelopes import decode_envelope, encode_envelope
from sigcli.wire.frames import decode_frame, encode_frame
from sigcli.wire.generated import signal_service_pb2 as pb
from sigcli.wire.generated import stickers_pb2, websocket_frames_pb2
from sigcli.wire.padding import pad, unpad
from sigcli.wire.stickers import decode_sticker_pack
from tests.fuzz.target import Target
from tests.support.filled_messages import fill
from tests.support.safe_output import printed
from tests.unit.client.world import NOW_MS, Peer, World


def filled(message_class: Any, count: int = 8) -> list[bytes]:
    """Protobuf messages with arbitrary values, from nearly empty to full."""
    made = []
    for number in range(count):
        message = message_class()
        fill(message, random.Random(number), share=(number + 1) / count)
        made.append(message.SerializeToString())
    return made


def _again(decode: Callable[[bytes], Any], encode: Callable[[Any], bytes], data: bytes) -> None:
    """What is understood can be written and understood again."""
    decode(encode(decode(data)))


def contact_stream() -> list[bytes]:
    details = filled(pb.ContactDetails)
    return [bytes([len(one)]) + one for one in details if len(one) < 128]


class UnexpectedFailure(AssertionError):
    """A message became a row whose failure is a bug of sigcli."""


class _Undo(Exception):
    """Ends a savepoint without what was done in it."""


class Receiver:
    """An account that takes messages from a peer or the own phone, shows them, and forgets them again."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sigcli-fuzz-")
        self._world = World.create(Path(self._folder.name))
        self._world.account.__enter__()
        self._peers = (self._world.peer(), self._world.own_phone())
        for peer in self._peers:
            self._establish(peer)
        self._intake = EnvelopeIntake(self._world.account)

    def _establish(self, peer: Peer) -> None:
        """Answer, so that messages are short and use up no prekeys."""
        account = self._world.account
        self._world.take(peer.plain("hello"))
        with account.database.transaction() as transaction:
            store = account.protocol_store(transaction)
            answer = session.encrypt(
                pad(b""), peer.device.address, account.address(), store, NOW_MS
            )
        peer.device.decrypt(account.address(), answer)

    def take(self, data: bytes) -> None:
        """A message whose padded plaintext follows a byte that says who sends it."""
        peer = self._peers[data[0] % 2 if data else 0]
        sessions = dict(peer.device.store.stored)
        try:
            with self._intake.batch() as transaction:
                row_id = self._intake.take(encode_envelope(peer.plain(data[1:])))
                for trusted in self._intake.take_newly_trusted():
                    self._intake.release(trusted)
                if row_id is not None:
                    (row,) = [one for one in inbox.pending(transaction) if one.id == row_id]
                    self._show(row)
                raise _Undo
        except _Undo:
            pass
        finally:
            self._world.account.forget_people()
            peer.device.store.stored = sessions

    def _show(self, row: InboxRow) -> None:
        if row.failure is not None and row.failure.code == "UnexpectedErrorException":
            raise UnexpectedFailure(row.failure.message)
        account = self._world.account
        event, directory = EventBuilder(account).event(row), PeopleDirectory.of(account)
        printed(event, directory)


@cache
def _receiver() -> Receiver:
    return Receiver()


TARGETS = (
    Target(
        "content",
        lambda data: _again(decode_content, encode_content, unpad(data)),
        lambda: [pad(one) for one in filled(pb.Content, 24)],
    ),
    Target(
        "envelope",
        lambda data: _again(decode_envelope, encode_envelope, data),
        lambda: filled(pb.Envelope),
    ),
    Target(
        "frame",
        lambda data: _again(decode_frame, encode_frame, data),
        lambda: filled(websocket_frames_pb2.WebSocketMessage),
    ),
    Target(
        "received",
        lambda data: _receiver().take(data),
        lambda: [bytes([sender]) + pad(one) for sender in (0, 1) for one in filled(pb.Content, 24)],
    ),
    Target("contacts", lambda data: list(decode_contacts(data)), contact_stream),
    Target("sticker-pack", decode_sticker_pack, lambda: filled(stickers_pb2.Pack)),
)
