"""Each kind of message in the form of the mock server's protobuf, where oneofs nest and 64-bit numbers are `Big`."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sigcli.wire.addresses import ServiceId
from tests.support.mock_server import Big, MockGroup, MockPrimary

Fields = dict[str, Any]
FIRE = "\N{FIRE}"
PICTURE = b"\x89PNG\r\n\x1a\n picture"
LONG_TEXT = "long " * 500
NUMBER = "+15550199"
FIRST_MS = 3_000_000_000_000  # after what linking has told: older lists are not taken
LATER_MS = 4_000_000_000_000
CALL_ID = Big(2**64 - 5)


@dataclass(frozen=True)
class Cast:
    """Who and what the messages are about: Bob writes, Carol is spoken of, the own phone writes to Dan."""

    me: MockPrimary
    bob: MockPrimary
    carol: MockPrimary
    dan: MockPrimary
    group: MockGroup
    picture: Fields
    long_text: Fields

    def values(self) -> dict[str, Any]:
        """What the expected files call by name."""
        return {
            "me": self.me.number,
            "meUuid": self.me.aci,
            "mePni": self.me.pni,
            "bob": self.bob.number,
            "bobUuid": self.bob.aci,
            "bobPni": self.bob.pni,
            "carol": self.carol.aci,
            "dan": self.dan.number,
            "danUuid": self.dan.aci,
            "group": self.group.id,
            "longText": LONG_TEXT,
            "picture": base64.b64encode(PICTURE).decode(),
        }


Make = Callable[[Cast], Fields]


def binary(primary: MockPrimary) -> bytes:
    return ServiceId.parse(primary.aci).to_binary()


def at(primary: MockPrimary, **more: Any) -> Fields:
    """The message of somebody's that was sent at 1000."""
    return {"targetAuthorAciBinary": binary(primary), "targetSentTimestamp": Big(1000), **more}


def context(cast: Cast) -> Fields:
    return {"masterKey": cast.group.master_key, "revision": cast.group.revision}


def style(start: int, length: int, number: int) -> Fields:
    return {"start": start, "length": length, "associatedValue": {"style": number}}


def mention(start: int, primary: MockPrimary) -> Fields:
    value = {"mentionAciBinary": binary(primary)}
    return {"start": start, "length": 1, "associatedValue": value}


def mark(primary: MockPrimary) -> Fields:
    return {"senderAciBinary": binary(primary), "timestamp": Big(1000)}


def conversation(primary: MockPrimary) -> Fields:
    return {"identifier": {"threadServiceIdBinary": binary(primary)}}


def addressed(primary: MockPrimary) -> Fields:
    return {"author": {"authorServiceIdBinary": binary(primary)}, "sentTimestamp": Big(1000)}


GIFT = bytes(1) + (5).to_bytes(8, "little") + b"proof" + bytes(32)
"""A presentation of a receipt credential, as far as anybody looks at it."""
DATA: dict[str, Make] = {
    "text": lambda _: {"body": "hi"},
    "text that vanishes": lambda _: {"body": "hi", "expireTimer": 60, "expireTimerVersion": 2},
    "long text": lambda cast: {"body": LONG_TEXT[:2000], "attachments": [cast.long_text]},
    "attachment": lambda cast: {"attachments": [cast.picture]},
    "attachment in full": lambda cast: {
        "attachments": [
            {
                **cast.picture,
                "flags": 1 | 2 | 8,
                "width": 5,
                "height": 7,
                "caption": "a caption",
                "thumbnail": PICTURE,
                "uploadTimestamp": Big(1000),
            }
        ]
    },
    "view-once message": lambda cast: {
        "attachments": [cast.picture],
        "isViewOnce": True,
        "requiredProtocolVersion": 2,
    },
    "new timer": lambda _: {"flags": 2, "expireTimer": 3600, "expireTimerVersion": 3},
    "end of the session": lambda _: {"flags": 1},
    "profile key": lambda cast: {"flags": 4, "profileKey": cast.bob.profile_key},
    "styles": lambda _: {
        "body": "so bold",
        "bodyRanges": [style(3, 4, 1), style(0, 2, 3), style(0, 1, 77)],
    },
    "mention": lambda cast: {"body": "\ufffc!", "bodyRanges": [mention(0, cast.carol)]},
    "quote": lambda cast: {
        "body": "indeed",
        "quote": {
            "id": Big(1000),
            "authorAciBinary": binary(cast.carol),
            "text": "as I said",
            "attachments": [
                {"contentType": "image/png", "fileName": "a.png", "thumbnail": cast.picture},
                {"contentType": None},
            ],
            "bodyRanges": [style(0, 2, 2), mention(3, cast.carol)],
        },
    },
    "quote without an author": lambda _: {"body": "so", "quote": {"id": Big(1000), "text": "x"}},
    "quote without a text": lambda cast: {
        "body": "indeed",
        "quote": {"id": Big(1000), "authorAciBinary": binary(cast.carol)},
    },
    "preview": lambda cast: {
        "body": "see https://example.org",
        "preview": [
            {
                "url": "https://example.org",
                "title": "Example",
                "description": "for documents",
                "image": cast.picture,
                "date": Big(1000),
            },
            {"url": "https://example.org"},
        ],
    },
    "reaction": lambda cast: {"reaction": {"emoji": FIRE, **at(cast.carol)}},
    "reaction taken back": lambda cast: {
        "reaction": {"emoji": FIRE, "remove": True, **at(cast.bob)}
    },
    "deletion": lambda _: {"delete": {"targetSentTimestamp": Big(1000)}},
    "sticker": lambda cast: {
        "sticker": {
            "packId": bytes(range(16)),
            "packKey": bytes(32),
            "stickerId": 3,
            "data": cast.picture,
            "emoji": FIRE,
        }
    },
    "contact": lambda cast: {
        "contact": [
            {
                "name": {"givenName": "Dave", "familyName": "Lee", "prefix": " "},
                "number": [{"value": "+15550100", "type": 3, "label": "boat"}],
                "email": [{"value": "dave@example.org", "type": 1}],
                "address": [{"type": 2, "city": "Springfield", "country": "US"}],
                "avatar": {"avatar": cast.picture, "isProfile": True},
                "organization": "Acme",
            },
            {},
        ]
    },
    "group text": lambda cast: {"body": "all", "groupV2": context(cast)},
    "group change": lambda cast: {"groupV2": {**context(cast), "groupChange": b"\x01"}},
    "group call": lambda cast: {"groupCallUpdate": {"eraId": "era"}, "groupV2": context(cast)},
    "payment": lambda _: {
        "payment": {
            "Item": {
                "notification": {
                    "Transaction": {"mobileCoin": {"receipt": b"\x01\x02\x03"}},
                    "note": "thanks",
                }
            }
        }
    },
    "payment activation": lambda _: {"payment": {"Item": {"activation": {"type": 1}}}},
    "story reply": lambda cast: {
        "body": "nice",
        "storyContext": {"authorAciBinary": binary(cast.carol), "sentTimestamp": Big(1000)},
    },
    "gift badge": lambda _: {"giftBadge": {"receiptCredentialPresentation": GIFT}},
    "broken gift badge": lambda _: {"giftBadge": {"receiptCredentialPresentation": GIFT[:-1]}},
    "poll": lambda _: {
        "pollCreate": {"question": "When?", "allowMultiple": True, "options": ["now", "later"]}
    },
    "vote": lambda cast: {"pollVote": at(cast.carol, optionIndexes=[0, 2], voteCount=3)},
    "end of a poll": lambda _: {"pollTerminate": {"targetSentTimestamp": Big(1000)}},
    "pin": lambda cast: {"pinMessage": at(cast.carol, pinDuration={"pinDurationForever": True})},
    "pin for a while": lambda cast: {
        "pinMessage": at(cast.carol, pinDuration={"pinDurationSeconds": 60})
    },
    "unpin": lambda cast: {"unpinMessage": at(cast.carol)},
    "deletion by an admin": lambda cast: {
        "adminDelete": at(cast.carol),
        "groupV2": context(cast),
    },
    "something newer": lambda _: {"requiredProtocolVersion": 77},
}
OTHERS: dict[str, Make] = {
    "edit": lambda _: {
        "editMessage": {
            "targetSentTimestamp": Big(1000),
            "dataMessage": {"body": "better", "timestamp": Big(FIRST_MS)},
        }
    },
    "story of a file": lambda cast: {
        "storyMessage": {
            "attachment": {"fileAttachment": cast.picture},
            "group": context(cast),
            "allowsReplies": True,
        }
    },
    "story of a text": lambda cast: {
        "storyMessage": {
            "attachment": {
                "textAttachment": {
                    "text": "today",
                    "textStyle": 2,
                    "textForegroundColor": 0xFF000001,
                    "textBackgroundColor": 0x80000002,
                    "preview": {"url": "https://example.org"},
                    "background": {
                        "gradient": {
                            "startColor": 1,
                            "endColor": 2,
                            "angle": 90,
                            "colors": [0xFF0000FF, 0xFF00FF00, 0xFFFF0000],
                            "positions": [0.0, 0.25, 1.0],
                        }
                    },
                }
            }
        }
    },
    "story in one colour": lambda _: {
        "storyMessage": {
            "attachment": {"textAttachment": {"text": "so", "background": {"color": 0xFF0000FF}}}
        }
    },
    "typing": lambda _: {"typingMessage": {"timestamp": Big(1000), "action": 0}},
    "typing in a group": lambda cast: {
        "typingMessage": {
            "timestamp": Big(1000),
            "action": 1,
            "groupId": base64.b64decode(cast.group.id),
        }
    },
    "receipt of delivery": lambda _: {
        "receiptMessage": {"type": 0, "timestamp": [Big(1000), Big(2000)]}
    },
    "receipt of reading": lambda _: {"receiptMessage": {"type": 1, "timestamp": [Big(1000)]}},
    "receipt of viewing": lambda _: {"receiptMessage": {"type": 2, "timestamp": [Big(1000)]}},
    "call": lambda _: {
        "callMessage": {"offer": {"id": CALL_ID, "type": 1, "opaque": b"\x01\x02\x03"}}
    },
    "call answered": lambda _: {"callMessage": {"answer": {"id": CALL_ID, "opaque": b"\x01"}}},
    "call busy": lambda _: {"callMessage": {"busy": {"id": CALL_ID}}},
    "call ended": lambda _: {"callMessage": {"hangup": {"id": CALL_ID, "type": 2, "deviceId": 3}}},
    "call candidates": lambda _: {
        "callMessage": {
            "iceUpdate": [{"id": CALL_ID, "opaque": b"\x01"}, {"id": Big(1), "opaque": b"\x02"}]
        }
    },
    "call data": lambda _: {
        "callMessage": {"opaque": {"data": b"\x01", "urgency": 1}, "destinationDeviceId": 2}
    },
}


def sent(cast: Cast, **fields: Any) -> Fields:
    return {
        "sent": {
            "timestamp": Big(FIRST_MS),
            "destinationServiceIdBinary": binary(cast.dan),
            **fields,
        }
    }


SYNC: dict[str, Make] = {
    "sent text": lambda cast: sent(
        cast,
        destinationE164=cast.dan.number,
        expirationStartTimestamp=Big(LATER_MS),
        unidentifiedStatus=[{"destinationServiceIdBinary": binary(cast.dan), "unidentified": True}],
        message={"body": "hi", "timestamp": Big(FIRST_MS), "expireTimer": 60},
    ),
    "sent to a group": lambda cast: {
        "sent": {
            "timestamp": Big(FIRST_MS),
            "isRecipientUpdate": True,
            "unidentifiedStatus": [
                {"destinationServiceIdBinary": binary(cast.bob), "unidentified": False}
            ],
            "message": {
                "reaction": {"emoji": FIRE, **at(cast.bob)},
                "timestamp": Big(FIRST_MS),
                "groupV2": context(cast),
            },
        }
    },
    "sent to myself": lambda cast: {
        "sent": {
            "timestamp": Big(FIRST_MS),
            "destinationServiceIdBinary": binary(cast.me),
            "message": {"body": "milk", "timestamp": Big(FIRST_MS)},
        }
    },
    "sent edit": lambda cast: sent(
        cast,
        editMessage={
            "targetSentTimestamp": Big(1000),
            "dataMessage": {"body": "better", "timestamp": Big(FIRST_MS)},
        },
    ),
    "sent story of nothing": lambda cast: {
        "sent": {
            "timestamp": Big(FIRST_MS),
            "storyMessageRecipients": [
                {"destinationServiceIdBinary": binary(cast.dan), "isAllowedToReply": True}
            ],
        }
    },
    "sent story": lambda cast: {
        "sent": {
            "timestamp": Big(FIRST_MS),
            "storyMessage": {
                "attachment": {"fileAttachment": cast.picture},
                "allowsReplies": True,
            },
            "storyMessageRecipients": [
                {
                    "destinationServiceIdBinary": binary(cast.dan),
                    "distributionListIds": ["00000000-0000-0000-0000-000000000000"],
                    "isAllowedToReply": True,
                }
            ],
        }
    },
    "contacts": lambda _: {"contacts": {"complete": True}},
    "request": lambda _: {"request": {"type": 1}},
    "blocked": lambda cast: {
        "blocked": {
            "numbers": [NUMBER],
            "acisBinary": [binary(cast.carol)],
            "groupIds": [b"\x07" * 32],
        }
    },
    "nobody blocked": lambda _: {"blocked": {}},
    "verified": lambda cast: {
        "verified": {
            "destinationAciBinary": binary(cast.carol),
            "identityKey": cast.carol.identity_key,
            "state": 1,
        }
    },
    "configuration": lambda _: {"configuration": {"readReceipts": True}},
    "view-once opened": lambda cast: {"viewOnceOpen": mark(cast.bob)},
    "profile changed": lambda _: {"fetchLatest": {"type": 1}},
    "storage changed": lambda _: {"fetchLatest": {"type": 2}},
    "keys": lambda cast: {"keys": {"accountEntropyPool": cast.me.account_entropy_pool}},
    "request accepted": lambda cast: {
        "messageRequestResponse": {"threadAciBinary": binary(cast.carol), "type": 1}
    },
    "group request deleted": lambda cast: {
        "messageRequestResponse": {"groupId": base64.b64decode(cast.group.id), "type": 2}
    },
    "outgoing payment": lambda cast: {
        "outgoingPayment": {"recipientServiceId": cast.carol.aci, "note": "thanks"}
    },
    "call event": lambda _: {
        "callEvent": {
            "callId": Big(1),
            "timestamp": Big(1000),
            "type": 2,
            "direction": 2,
            "event": 1,
        }
    },
    "call link": lambda _: {"callLinkUpdate": {"rootKey": bytes(16), "type": 0}},
    "call log": lambda _: {"callLogEvent": {"type": 0, "timestamp": Big(1000)}},
    "deleted for me": lambda cast: {
        "deleteForMe": {
            "messageDeletes": [
                {"conversation": conversation(cast.carol), "messages": [addressed(cast.carol)]}
            ]
        }
    },
    "device renamed": lambda _: {"deviceNameChange": {"deviceId": 2}},
    "attachment asked for": lambda cast: {
        "attachmentBackfillRequest": {
            "targetMessage": addressed(cast.carol),
            "targetConversation": conversation(cast.carol),
        }
    },
    "attachment given": lambda cast: {
        "attachmentBackfillResponse": {
            "targetMessage": addressed(cast.carol),
            "targetConversation": conversation(cast.carol),
            "data": {"error": 0},
        }
    },
    "username changed": lambda _: {"usernameChange": {}},
}
LISTS: dict[str, Make] = {
    "read": lambda cast: {"read": [mark(cast.bob), mark(cast.carol)]},
    "viewed": lambda cast: {"viewed": [mark(cast.bob)]},
    "sticker pack": lambda _: {
        "stickerPackOperation": [{"packId": bytes(16), "packKey": bytes(32), "type": 1}]
    },
}
FIELD_99 = b"\x9a\x06\x01x"
UNKNOWN_PART = "unknown part of a message"
UNKNOWN: dict[str, bytes] = {
    "unknown content": FIELD_99,
    "unknown sync message": b"\x12" + bytes([len(FIELD_99)]) + FIELD_99,
    UNKNOWN_PART: b"\x0a" + bytes([len(FIELD_99)]) + FIELD_99,
}
"""Content, SyncMessage and DataMessage of some day to come, with a field 99 that is in no schema."""
UNPRINTED: dict[str, Make] = {
    "nothing": lambda _: {"nullMessage": {"padding": bytes(20)}},
    "message of one's own devices from another": lambda cast: {
        "syncMessage": {"content": sent(cast, message={"body": "forged"})}
    },
}
