"""Failures between the daemon and programs: parameters, consumers, links, signald, webhooks."""

from __future__ import annotations

from sigcli.errors.base import UserError
from sigcli.errors.service import ServiceError


class InvalidParameters(UserError):
    """A parameter is missing or not valid.

    ``parameter`` is its name.
    """

    hint = "sigcli-json(5) describes what each method takes"

    def __init__(self, message: str | None = None, *, parameter: str | None = None) -> None:
        super().__init__(message)
        self.parameter = parameter


class UnknownParameter(InvalidParameters):
    """There is no such parameter."""

    code = "invalidParameters"


class InvalidConsumerName(UserError):
    """This is not a valid name for a consumer."""

    hint = "use 1 to 64 letters, digits and . _ - ; command-line is reserved for the command line"


class UnknownConsumer(UserError):
    """There is no consumer with this name."""

    hint = "listConsumers shows the consumers that exist"


class UnknownEvent(UserError):
    """No event with this id was handed to this connection recently."""

    hint = "name the account as well: each account counts its own ids"


class AlreadyReceiving(UserError):
    """Receive command cannot be used if messages are already being received."""

    hint = "take them as notifications, or start the daemon with --receive-mode manual"


class UnknownSubscription(UserError):
    """Unknown subscription id."""

    hint = "subscribeReceive returns one, which is valid on its own connection only"


class UnknownLinkUri(UserError):
    """No link with this URI was started here, or it has ended."""

    hint = "startLink returns a URI; it is valid for 90 seconds and for one device"


class TooManyLinks(UserError):
    """Too many devices are being linked at once."""

    hint = "finish linking them, or wait until their URIs have expired"


class RequestTooLarge(UserError):
    """The request is too large."""

    hint = "an attachment may have at most 100 MB; send several messages"


# --- signald ---


class SignaldRefusal(UserError):
    """A request over signald's socket is refused.

    ``error_type`` is the name that its clients know.
    """

    hint = "the request `protocol` describes every request and its fields"

    def __init__(self, error_type: str, message: str, **fields: object) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.fields = fields


# --- webhooks ---


class InvalidWebhook(UserError):
    """A webhook is not configured correctly."""

    hint = "sigcli daemon --help and [[daemon.webhook]] in config.toml say what a webhook takes"


class WebhookNotPrivate(UserError):
    """A file with a webhook's secret can be read by others."""

    hint = "make it private with chmod 600"


class WebhookRefused(ServiceError):
    """A webhook's server did not accept a message."""

    hint = "delivery is retried; make the handler answer with a status from 200 to 299"


# --- hand-over: a command that a daemon began for a caller and did not finish ---
