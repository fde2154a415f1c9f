"""Wire formats against the compiled schemas of Signal's mock server."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from sigcli.wire.addresses import ServiceId
from sigcli.wire.contacts import ContactDetails, decode_contacts, encode_contacts
from sigcli.wire.content import (
    AttachmentPointer,
    Content,
    DataMessage,
    decode_content,
    encode_content,
)
from sigcli.wire.content.message_parts import Quote, Reaction
from sigcli.wire.content.polls_and_pins import PollVote
from sigcli.wire.envelopes import Envelope, EnvelopeType, decode_envelope, encode_envelope
from sigcli.wire.frames import WebSocketRequest, WebSocketResponse, decode_frame, encode_frame
from sigcli.wire.generated import groups_pb2
from sigcli.wire.generated import signal_service_pb2 as pb
from sigcli.wire.group_changes import decode_actions, encode_actions
from sigcli.wire.group_state import decode_group_state, encode_group_state
from tests.interop.oracle import Oracle
from tests.support.filled_messages import fill

ACI = ServiceId.aci("8c78cd2a-16ff-427d-83dc-1a5e36ce713d")
PNI = ServiceId.pni("796abedb-ca4e-4f18-8803-1fde5b921f9f")

# Decodes, insists that nothing was unknown at any depth, encodes again.
_THERE_AND_BACK = """
    const type = name.split('.').reduce((inner, key) => inner[key], mock.protos.signalservice);
    const strip = (value, path) => {
        if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return;
        if (value.$unknown?.length) throw new Error(`unknown field in ${path}`);
        for (const [key, inner] of Object.entries(value)) strip(inner, `${path}.${key}`);
    };
    return bodies.map((body) => {
        const value = type.decode(body);
        strip(value, name);
        return type.encode(value);
    });
"""


def test_all_content_survives_the_official_schema(oracle: Oracle) -> None:
    bodies = []
    for seed in range(300):
        message = pb.Content()
        fill(message, random.Random(seed), share=1.0 if seed % 2 else 0.6)
        bodies.append(encode_content(decode_content(message.SerializeToString())))
    answers = oracle.call(_THERE_AND_BACK, name="Content", bodies=bodies)
    assert len(answers) == len(bodies)
    for body, answer in zip(bodies, answers, strict=True):
        assert decode_content(answer) == decode_content(body)


def test_the_official_names_hold_what_ours_do(oracle: Oracle) -> None:
    found = oracle.call(
        """
        const { content } = mock.protos.signalservice.Content.decode(body);
        const data = content.dataMessage;
        return {
            body: data.body, quoted: data.quote.id, author: data.quote.authorAciBinary,
            emoji: data.reaction.emoji, fileName: data.attachments[0].fileName,
            caption: data.attachments[0].caption, cdnKey:
            data.attachments[0].attachmentIdentifier?.cdnKey, votes: data.pollVote.optionIndexes,
        };
        """,
        body=_sample(),
    )
    assert found == {
        "body": "hello",
        "quoted": 11,
        "author": ACI.uuid_bytes,
        "emoji": "👍",
        "fileName": "a.png",
        "caption": "cap",
        "cdnKey": "k",
        "votes": [0, 2],
    }


def _sample() -> bytes:
    return encode_content(
        Content(
            data_message=DataMessage(
                timestamp_ms=1,
                body="hello",
                quote=Quote(timestamp_ms=11, author=ACI),
                reaction=Reaction(emoji="👍", target_author=ACI, target_timestamp_ms=2),
                attachments=(AttachmentPointer(file_name="a.png", caption="cap", cdn_key="k"),),
                poll_vote=PollVote(
                    target_author=ACI, target_timestamp_ms=3, option_indexes=(0, 2), vote_count=1
                ),
            )
        )
    )


@pytest.mark.parametrize(
    ("name", "message_class", "decode", "encode"),
    [
        ("Group", groups_pb2.Group, decode_group_state, encode_group_state),
        ("GroupChange.Actions", groups_pb2.GroupChange.Actions, decode_actions, encode_actions),
    ],
)
def test_groups(
    oracle: Oracle,
    name: str,
    message_class: Any,
    decode: Callable[[bytes], Any],
    encode: Callable[[Any], bytes],
) -> None:
    bodies = []
    for seed in range(40):
        message = message_class()
        fill(message, random.Random(seed), share=1.0 if seed % 2 else 0.6)
        bodies.append(encode(decode(message.SerializeToString())))
    for body, answer in zip(
        bodies, oracle.call(_THERE_AND_BACK, name=name, bodies=bodies), strict=True
    ):
        assert decode(answer) == decode(body)


def test_envelopes(oracle: Oracle) -> None:
    envelope = Envelope(
        type=EnvelopeType.UNIDENTIFIED_SENDER,
        timestamp_ms=2,
        source=ACI,
        source_device_id=3,
        destination=PNI,
        content=b"content",
        server_timestamp_ms=4,
        server_guid="0d9efb1a-8b54-4b8b-9e4f-6a7b7f8d0c11",
        urgent=False,
        story=True,
        ephemeral=True,
        report_spam_token=b"token",
        updated_pni=PNI,
    )
    (answer,) = oracle.call(_THERE_AND_BACK, name="Envelope", bodies=[encode_envelope(envelope)])
    assert decode_envelope(answer) == envelope


@pytest.mark.parametrize(
    "frame",
    [
        WebSocketRequest(id=0, verb="PUT", path="/x", body=b"b", headers=(("a", "b"),)),
        WebSocketResponse(id=0, status=200, message="OK", body=b"b", headers=(("a", "b"),)),
    ],
)
def test_frames(oracle: Oracle, frame: WebSocketRequest | WebSocketResponse) -> None:
    (answer,) = oracle.call(_THERE_AND_BACK, name="WebSocketMessage", bodies=[encode_frame(frame)])
    assert decode_frame(answer) == frame


def test_contacts(oracle: Oracle) -> None:
    contact = ContactDetails(
        aci=ACI, number="+15550100", name="Ada", expire_timer_s=5, expire_timer_version=2
    )
    body = encode_contacts([contact])[1:]  # without the length
    (answer,) = oracle.call(_THERE_AND_BACK, name="ContactDetails", bodies=[body])
    assert list(decode_contacts(bytes([len(answer)]) + answer)) == [contact]
