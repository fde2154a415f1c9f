"""What Android refuses to show: its ``EnvelopeContentValidator`` as a table, over contents by the names of the schema.

A content is a dict as ``by_name`` makes one of bytes, and as the mock server tells what its primaries decrypted: fields
that were not sent are missing, so that what must be *said* can be told from what may be left out.
Source: Signal-Android ``EnvelopeContentValidator.kt`` (2026).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf.message import Message

from sigcli.wire.content import CURRENT_PROTOCOL_VERSION
from sigcli.wire.generated import signal_service_pb2 as pb

Fields = dict[str, Any]
Rule = tuple[str, Callable[[Fields], bool]]
"""What is wrong, and whether it is."""

MAX_BODY_BYTES = 2048
LONG_TEXT = "text/x-signal-plain"
_MAX_QUESTION, _MAX_OPTION, _MAX_OPTIONS = 200, 100, 10


def by_name(content: bytes) -> Fields:
    """An encoded Content as a dict of the fields that it holds."""
    return _fields(pb.Content.FromString(content))


def refused(
    content: Fields,
    *,
    timestamp_ms: int | None = None,
    story: bool = False,
    to_own_device: bool = False,
) -> list[str]:
    """What Android refuses in a content; ``timestamp_ms`` and ``story`` are the envelope's."""
    found = []
    if story and not _may_be_story(content):
        found.append("came as a story without being about one")
    if "pniSignatureMessage" in content:
        proof = content["pniSignatureMessage"]
        if len(proof.get("pni", b"")) not in (16, 17) or "signature" not in proof:
            found.append("a broken PNI signature")
    if "syncMessage" in content:
        if not to_own_device:
            found.append("a sync message for somebody else")
        found += _sync(content["syncMessage"], timestamp_ms)
    if "dataMessage" in content:
        found += _data(content["dataMessage"], timestamp_ms)
    if "editMessage" in content:
        found += _edit(content["editMessage"], timestamp_ms)
    if "storyMessage" in content:
        found += _story(content["storyMessage"])
    if "receiptMessage" in content and "type" not in content["receiptMessage"]:
        found.append("a receipt without a type")
    if "typingMessage" in content:
        found += _typing(content["typingMessage"], timestamp_ms)
    if not content:
        found.append("nothing at all")
    return found


_ZEROS: dict[str, Fields] = {
    "pollCreate": {"allowMultiple": False},
    "pollVote": {"voteCount": 0},
    "typingMessage": {"action": 0},
    "receiptMessage": {"type": 0},
    "groupV2": {"revision": 0},
    "group": {"revision": 0},
    "bodyRanges": {"start": 0, "length": 0},
    "storyMessageRecipients": {"isAllowedToReply": False},
}


_ONEOFS = ("associatedValue", "pinDuration", "attachment", "attachmentIdentifier", "background")


def with_zeros(content: Fields) -> Fields:
    """A content as the mock server tells it, in which oneofs nest, and zeros that were said are missing."""
    found: Fields = {}
    for name, value in content.items():
        if name in _ONEOFS and isinstance(value, dict):
            found.update(with_zeros(value))
        else:
            found[name] = _with_zeros(name, value)
    return found


def _with_zeros(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_with_zeros(name, one) for one in value]
    return {**_ZEROS.get(name, {}), **with_zeros(value)} if isinstance(value, dict) else value


def _fields(message: Message) -> Fields:
    found: Fields = {}
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            found[descriptor.name] = list(value) if _is_list(value) else value
        elif _is_list(value):
            found[descriptor.name] = [_fields(one) for one in value]
        else:
            found[descriptor.name] = _fields(value)
    return found


def _is_list(value: object) -> bool:
    return not isinstance(value, str | bytes | Message) and hasattr(value, "__len__")


# --- rules of data messages -----------------------------------------------------------------------


def _no_aci(fields: Fields, *names: str) -> bool:
    """Whether none of these fields holds an ACI."""
    values = [fields[name] for name in names if fields.get(name)]
    return not any(isinstance(one, str) or (len(one) == 16 and one != bytes(16)) for one in values)


def _part(name: str, is_wrong: Callable[[Fields], bool]) -> Callable[[Fields], bool]:
    return lambda data: name in data and is_wrong(data[name])


def _lacks_target(part: Fields) -> bool:
    return _no_aci(part, "targetAuthorAciBinary") or "targetSentTimestamp" not in part


def _is_no_pointer(pointer: Fields | None) -> bool:
    return pointer is None or not ("cdnId" in pointer or "cdnKey" in pointer)


def _units(text: str | None) -> int:
    return len((text or "").encode("utf-16-le")) // 2


def _out_of_bounds(ranges: Iterable[Fields], text: str | None) -> bool:
    end = _units(text)
    return any(one.get("start", 0) + one.get("length", 0) > end for one in ranges)


def _has_bad_styles(ranges: Iterable[Fields]) -> bool:
    return any("style" in one and not {"start", "length"} <= set(one) for one in ranges)


def _is_long(data: Fields) -> bool:
    return any(one.get("contentType") == LONG_TEXT for one in data.get("attachments", ()))


def _is_no_group(group: Fields) -> bool:
    return len(group.get("masterKey", b"")) != 32 or "revision" not in group


def _is_no_poll(poll: Fields) -> bool:
    question, options = poll.get("question", ""), poll.get("options", ())
    return (
        not question.strip()
        or _units(question) > _MAX_QUESTION
        or not 2 <= len(options) <= _MAX_OPTIONS
        or any(_units(option) > _MAX_OPTION for option in options)
        or "allowMultiple" not in poll
    )


BODY_RULES: tuple[Rule, ...] = (
    (
        "needs a newer protocol version",
        lambda data: data.get("requiredProtocolVersion", 0) > CURRENT_PROTOCOL_VERSION,
    ),
    ("lacks its timestamp", lambda data: "timestamp" not in data),
    ("a body above 2,048 bytes", lambda data: len(data.get("body", "").encode()) > MAX_BODY_BYTES),
    (
        "a preview's picture is nowhere",
        lambda data: any(
            "image" in one and _is_no_pointer(one["image"]) for one in data.get("preview", ())
        ),
    ),
    (
        "a mention of nobody",
        lambda data: any(
            "mentionAciBinary" in one and _no_aci(one, "mentionAciBinary")
            for one in data.get("bodyRanges", ())
        ),
    ),
    (
        "a style without start and length",
        lambda data: _has_bad_styles(data.get("bodyRanges", ())),
    ),
    (
        "a range outside the text",
        lambda data: (
            not _is_long(data) and _out_of_bounds(data.get("bodyRanges", ()), data.get("body"))
        ),
    ),
    (
        "an attachment that is nowhere",
        lambda data: any(map(_is_no_pointer, data.get("attachments", ()))),
    ),
    ("a broken group", _part("groupV2", _is_no_group)),
)
"""Of a message and of a new version of one."""
DATA_RULES: tuple[Rule, ...] = (
    *BODY_RULES,
    (
        "a quote without an author",
        _part("quote", lambda quote: _no_aci(quote, "authorAciBinary", "authorAci")),
    ),
    (
        "a range outside the quoted text",
        _part(
            "quote", lambda quote: _out_of_bounds(quote.get("bodyRanges", ()), quote.get("text"))
        ),
    ),
    (
        "a style without start and length in a quote",
        _part("quote", lambda quote: _has_bad_styles(quote.get("bodyRanges", ()))),
    ),
    ("a sticker without a picture", _part("sticker", lambda one: _is_no_pointer(one.get("data")))),
    (
        "a reaction to nothing",
        _part(
            "reaction",
            lambda one: (
                _no_aci(one, "targetAuthorAciBinary", "targetAuthorAci")
                or "targetSentTimestamp" not in one
            ),
        ),
    ),
    ("a deletion of nothing", _part("delete", lambda one: "targetSentTimestamp" not in one)),
    (
        "an answer to no story",
        _part(
            "storyContext",
            lambda one: _no_aci(one, "authorAciBinary", "authorAci") or "sentTimestamp" not in one,
        ),
    ),
    ("a broken poll", _part("pollCreate", _is_no_poll)),
    ("the end of no poll", _part("pollTerminate", lambda one: "targetSentTimestamp" not in one)),
    (
        "a broken vote",
        _part(
            "pollVote",
            lambda one: (
                _lacks_target(one)
                or "voteCount" not in one
                or len(one.get("optionIndexes", ())) > _MAX_OPTIONS
            ),
        ),
    ),
    (
        "a broken pin",
        _part(
            "pinMessage",
            lambda one: (
                _lacks_target(one)
                or not ("pinDurationSeconds" in one or one.get("pinDurationForever"))
            ),
        ),
    ),
    ("a broken unpin", _part("unpinMessage", _lacks_target)),
    ("a broken deletion by an administrator", _part("adminDelete", _lacks_target)),
)


def _data(data: Fields, timestamp_ms: int | None) -> list[str]:
    return [what for what, is_wrong in DATA_RULES if is_wrong(data)] + _times(data, timestamp_ms)


def _times(part: Fields, timestamp_ms: int | None) -> list[str]:
    if timestamp_ms is None or part.get("timestamp") == timestamp_ms:
        return []
    return ["another timestamp than the envelope's"]


def _edit(edit: Fields, timestamp_ms: int | None) -> list[str]:
    data = edit.get("dataMessage")
    if data is None or "targetSentTimestamp" not in edit:
        return ["an edit of nothing"]
    return [what for what, is_wrong in BODY_RULES if is_wrong(data)] + _times(data, timestamp_ms)


def _story(story: Fields) -> list[str]:
    found = []
    if "group" in story and _is_no_group(story["group"]):
        found.append("a story for a broken group")
    if not ({"fileAttachment", "textAttachment"} & set(story)):
        found.append("a story of nothing")
    ranges = story.get("bodyRanges", ())
    if _has_bad_styles(ranges) or _out_of_bounds(
        ranges, story.get("textAttachment", {}).get("text")
    ):
        found.append("a story with broken ranges")
    return found


def _typing(typing: Fields, timestamp_ms: int | None) -> list[str]:
    found = [] if "action" in typing else ["typing without an action"]
    if "timestamp" not in typing:
        found.append("typing without a timestamp")
    return found + _times(typing, timestamp_ms)


def _may_be_story(content: Fields) -> bool:
    data = content.get("dataMessage", {})
    return (
        "senderKeyDistributionMessage" in content
        or "storyMessage" in content
        or ("storyContext" in data and "groupV2" in data)
        or "delete" in data
    )


# --- sync messages --------------------------------------------------------------------------------


def _no_service_id(fields: Fields, prefix: str = "destinationServiceId") -> bool:
    return not (fields.get(prefix) or len(fields.get(f"{prefix}Binary", b"")) in (16, 17))


def _sync(sync: Fields, timestamp_ms: int | None) -> list[str]:
    if "sent" in sync:
        return _sent(sync["sent"], timestamp_ms)
    return [what for what, is_wrong in SYNC_RULES if is_wrong(sync)]


SYNC_RULES: tuple[Rule, ...] = (
    (
        "a read mark of nobody's message",
        lambda sync: any(
            _no_aci(one, "senderAciBinary", "senderAci") or "timestamp" not in one
            for one in sync.get("read", ())
        ),
    ),
    (
        "a viewed mark of nobody's message",
        lambda sync: any(
            _no_aci(one, "senderAciBinary", "senderAci") for one in sync.get("viewed", ())
        ),
    ),
    (
        "an opened message of nobody's",
        _part("viewOnceOpen", lambda one: _no_aci(one, "senderAciBinary", "senderAci")),
    ),
    (
        "a verification of nobody",
        _part("verified", lambda one: _no_aci(one, "destinationAciBinary", "destinationAci")),
    ),
    (
        "a sticker pack without an id",
        lambda sync: any("packId" not in one for one in sync.get("stickerPackOperation", ())),
    ),
    (
        "nobody blocked",
        _part("blocked", lambda one: any(len(aci) != 16 for aci in one.get("acisBinary", ()))),
    ),
    (
        "an answer to nobody's request",
        _part(
            "messageRequestResponse",
            lambda one: "groupId" not in one and _no_aci(one, "threadAciBinary", "threadAci"),
        ),
    ),
)


def _sent(sent: Fields, timestamp_ms: int | None) -> list[str]:
    message, edit, story = (sent.get(name) for name in ("message", "editMessage", "storyMessage"))
    recipients = sent.get("storyMessageRecipients", [])
    edited = (edit or {}).get("dataMessage", {})
    groups = [
        part[name]
        for part, name in ((message or {}, "groupV2"), (story or {}, "group"), (edited, "groupV2"))
        if name in part
    ]
    found = [] if "timestamp" in sent else ["a transcript without a timestamp"]
    if any(map(_is_no_group, groups)):
        found.append("a transcript for a broken group")
    if _no_service_id(sent) and not groups and not recipients:
        found.append("a transcript without a destination")
    if any(_no_service_id(one) for one in sent.get("unidentifiedStatus", ())):
        found.append("a transcript with the status of nobody")
    for one in recipients:
        if not _no_service_id(one) and "isAllowedToReply" not in one:
            found.append("a story's recipient of whom it is not said whether they may reply")
    if recipients and story is None and not sent.get("isRecipientUpdate"):
        found.append("a transcript of a story without the story")
    if message is not None:
        found += _data(message, timestamp_ms)
    elif story is not None:
        found += _story(story)
    elif edit is not None:
        found += _edit(edit, timestamp_ms)
    elif not recipients:
        found.append("a transcript of nothing")
    return found
