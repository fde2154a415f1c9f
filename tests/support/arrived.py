"""What the command under test sent, as a mock primary read it."""

from __future__ import annotations

from tests.support.mock_server import MockPrimary, MockServer, ReceivedMessage


def next_message(server: MockServer, person: MockPrimary) -> ReceivedMessage:
    """The next message with a text; updates of a profile key and the like are passed over. Raises NothingHappened."""
    while True:
        message = server.received(person, kind="dataMessage")
        if "body" in message.data:
            return message


def texts_among(messages: list[ReceivedMessage], person: MockPrimary) -> list[str]:
    """The texts of one person's data messages."""
    return [
        message.text
        for message in messages
        if message.primary == person.aci
        and message.kind == "dataMessage"
        and "body" in message.data
    ]
