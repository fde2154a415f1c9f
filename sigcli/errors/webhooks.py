"""What can go wrong with webhooks."""

from __future__ import annotations

from sigcli.errors.base import UserError
from sigcli.errors.service import ServiceError


class InvalidWebhook(UserError):
    """A webhook is not set up as it must be."""

    hint = "sigcli daemon --help and [[daemon.webhook]] in config.toml say what a webhook takes"


class WebhookNotPrivate(UserError):
    """A file with a webhook's secret can be read by others."""

    hint = "take it away from others with chmod 600"


class WebhookRefused(ServiceError):
    """A webhook's server has not taken a message."""

    hint = "it is tried again; make the handler answer with a status from 200 to 299"
