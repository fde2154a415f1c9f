"""What a program can mend that has operations run: parameters, consumers, subscriptions."""

from __future__ import annotations

from sigcli.errors.base import UserError


class InvalidParameters(UserError):
    """A parameter is missing or does not fit; ``parameter`` is its name."""

    hint = "sigcli-json(5) tells what each method takes"

    def __init__(self, message: str | None = None, *, parameter: str | None = None) -> None:
        super().__init__(message)
        self.parameter = parameter


class UnknownParameter(InvalidParameters):
    """There is no such parameter."""

    code = "invalidParameters"


class InvalidConsumerName(UserError):
    """This is no name for a consumer."""

    hint = "take 1 to 64 letters, digits and . _ - ; command-line is the command line's own"


class UnknownConsumer(UserError):
    """There is no consumer of this name."""

    hint = "listConsumers shows those that there are"


class UnknownEvent(UserError):
    """No event of this id was handed out to this connection lately."""

    hint = "name the account as well, since the ids of several accounts are counted apart"


class AlreadyReceiving(UserError):
    """Receive command cannot be used if messages are already being received."""

    hint = "take them as notifications, or start the daemon with --receive-mode manual"


class UnknownSubscription(UserError):
    """Unknown subscription id."""

    hint = "subscribeReceive gives one, which is good for its own connection"


class UnknownLinkUri(UserError):
    """No link with this URI was begun here, or it has ended."""

    hint = "startLink gives a URI; it is good for 90 seconds and for one device"


class TooManyLinks(UserError):
    """Too many links are under way at once."""

    hint = "finish them, or wait until they have run out"


class RequestTooLarge(UserError):
    """The request is larger than what is taken."""

    hint = "an attachment has at most 100 MB; send several messages"
