"""Polls."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NotRequired, TypedDict

from sigcli.daemon.rest import shapes
from sigcli.daemon.rest.recipients import person, recipient_params
from sigcli.daemon.routes.declaring import Family
from sigcli.daemon.routes.refusing import Refused

if TYPE_CHECKING:
    from sigcli.daemon.routes.call import Call

routes = Family("Polls")


class PollBody(TypedDict):
    """A question and its answers."""

    recipient: str
    question: str
    answers: list[str]
    allow_multiple_selections: NotRequired[bool]


class VoteBody(TypedDict):
    """Answers by their numbers, from 1."""

    recipient: str
    poll_author: str
    poll_timestamp: str | int
    selected_answers: list[int]


class ClosePollBody(TypedDict):
    """A poll of this account."""

    recipient: str
    poll_timestamp: str | int


@routes.add("POST", "/v1/polls/{number}", body=PollBody, status=201, answer=shapes.TimestampAnswer)
def create(call: Call) -> dict[str, str]:
    """Start a poll."""
    outcome = call.run(
        "sendPollCreate",
        question=call.body["question"],
        option=call.body["answers"],
        noMulti=not call.body.get("allow_multiple_selections", True),
        **recipient_params(call.body["recipient"]),
    )
    return {"timestamp": str(outcome["timestamp"])}


@routes.add("POST", "/v1/polls/{number}/vote", body=VoteBody, status=204)
def vote(call: Call) -> None:
    """Vote in a poll."""
    answers = call.body["selected_answers"]
    if any(one < 1 for one in answers):
        raise Refused("answers are counted from 1")
    call.run(
        "sendPollVote",
        pollAuthor=person(call.body["poll_author"]),
        pollTimestamp=_timestamp(call),
        option=[one - 1 for one in answers],
        voteCount=_vote_count(_timestamp(call)),
        **recipient_params(call.body["recipient"]),
    )


@routes.add("DELETE", "/v1/polls/{number}", body=ClosePollBody, status=204)
def close(call: Call) -> None:
    """End your poll."""
    call.run(
        "sendPollTerminate",
        pollTimestamp=_timestamp(call),
        **recipient_params(call.body["recipient"]),
    )


def _vote_count(poll_ms: int) -> int:
    """The seconds since the poll: larger than in any earlier vote, or recipients would keep that one."""
    return max(1, min((int(time.time() * 1000) - poll_ms) // 1000 + 1, 2**31 - 1))


def _timestamp(call: Call) -> int:
    word = str(call.body["poll_timestamp"]).strip()
    if not (word.isascii() and word.isdigit() and len(word) < 19):
        raise Refused("poll_timestamp must be the poll's timestamp in milliseconds")
    return int(word)
