"""What can go wrong with webhooks."""

from __future__ import annotations

from sigcli.errors.base import UserError
from sigcli.errors.service import ServiceError


class InvalidWebhook(UserError):
    """A webhook is not configured correctly."""

    hint = "sigcli daemon --help and [[daemon.webhook]] in config.toml say what a webhook takes"


class WebhookNotPrivate(UserError):
    """A file with a webhook's secret can be read by others."""

    hint = "make it private with chmod 600"


class WebhookRefused(ServiceError):
    """A webhook's server did not accept a message."""

    hint = "it is tried again; make the handler answer with a status from 200 to 299"
