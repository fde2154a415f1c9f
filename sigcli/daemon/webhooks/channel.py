"""The webhooks of a daemon, as one of its channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.webhooks.configured import webhooks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.client.base.settings import Settings
    from sigcli.daemon.core import Core
    from sigcli.daemon.webhooks.delivering import WebhookDelivery
    from sigcli.daemon.webhooks.webhook import Webhook


def webhook_channels(settings: Settings, options: Mapping[str, Any]) -> list[WebhookChannel]:
    """The webhooks of the options and config.toml; raises InvalidWebhook, WebhookNotPrivate."""
    webhooks = webhooks_of(options, settings.daemon)
    return [WebhookChannel(webhooks)] if webhooks else []


class WebhookChannel:
    """Delivers from ``start`` to ``close``."""

    def __init__(self, webhooks: list[Webhook]) -> None:
        self._webhooks = webhooks
        self._deliveries: list[WebhookDelivery] = []

    def start(self, core: Core, stop: Callable[[], None]) -> None:
        """Begin; raises InvalidWebhook, StoreError."""
        from sigcli.daemon.webhooks.delivering import WebhookDelivery

        del stop
        for webhook in self._webhooks:
            delivery = WebhookDelivery(core, webhook)
            self._deliveries.append(delivery)
            delivery.start()

    def close(self) -> None:
        """End them; messages that were not accepted are posted after the next start."""
        while self._deliveries:
            self._deliveries.pop().close()
