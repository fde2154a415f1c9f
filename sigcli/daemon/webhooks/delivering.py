"""Delivery to a webhook: one message after the other, each until it is accepted or given up."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sigcli.client.base.account import system_clock
from sigcli.client.base.lasting_trouble import LastingTrouble
from sigcli.daemon.json_bytes import json_bytes
from sigcli.daemon.webhooks.posting import Poster
from sigcli.daemon.webhooks.signing import HEADER, signature
from sigcli.daemon.webhooks.undelivered import Undelivered
from sigcli.durations import DAY_MS
from sigcli.errors import SigcliError, StoreError, WebhookRefused
from sigcli.lazy_dataclass import dataclass
from sigcli.operations.shapes.envelope import receive_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.live.subscription import Delivery
    from sigcli.daemon.core import Core
    from sigcli.daemon.webhooks.webhook import Webhook

ID_HEADER = "X-Event-Id"
"""The same each time a message is posted again, so that a handler recognises it."""
_CLOSED_WITHIN_S = 0.3


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait between tries (each time twice as long), and when to give a message up."""

    first_pause_s: float = 1.0
    longest_pause_s: float = 300.0
    give_up_after_ms: int = DAY_MS

    def pause_s(self, attempts: int) -> float:
        """How long to wait after this many tries."""
        return min(self.longest_pause_s, self.first_pause_s * 2.0 ** min(attempts - 1, 32))


class WebhookDelivery:
    """One webhook, on its own thread: while its handler works, all operations can be used."""

    def __init__(
        self,
        core: Core,
        webhook: Webhook,
        *,
        patience: Patience | None = None,
        clock: Callable[[], int] = system_clock,
    ) -> None:
        """Raises InvalidWebhook."""
        self._core = core
        self._webhook = webhook
        self._patience = patience or Patience()
        self._clock = clock
        self._warn = core.settings.warn
        self._lasting = LastingTrouble(self._complain)
        self._unrecorded = LastingTrouble(self._complain)
        self._poster = Poster(webhook)
        self._undelivered = Undelivered(core.settings.data_dir, webhook.consumer)
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"sigcli-{webhook.consumer}"[:40], daemon=True
        )
        # Here, so that from now on everything is kept for it.
        self._subscription = core.subscribe(webhook.consumer, rendering=receive_object)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End it: what the handler has not confirmed is posted again after the next start."""
        self._stop.set()
        self._subscription.close()
        with suppress(Exception):  # a request under way ends with its connection
            self._poster.close()
        if self._thread.is_alive():
            self._thread.join(_CLOSED_WITHIN_S)

    # --- within ------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                delivery = self._subscription.next()
                if delivery is None:
                    if not self._stop.is_set():
                        self._subscribe_again()
                    continue
                if self._is_wanted(delivery) and not self._deliver(delivery):
                    return
                self._subscription.taken(delivery.id, delivery.account)
                self._lasting.over("it goes on")
            except SigcliError as error:
                self._lasting.met(error.message)
                self._stop.wait(self._patience.first_pause_s)

    def _subscribe_again(self) -> None:
        """Subscribe again after the consumer was removed while the webhook is still configured."""
        self._complain("its consumer was removed; it starts with what arrives now")
        self._stop.wait(self._patience.first_pause_s)
        self._subscription = self._core.subscribe(self._webhook.consumer, rendering=receive_object)
        if self._stop.is_set():
            self._subscription.close()

    def _is_wanted(self, delivery: Delivery) -> bool:
        accounts = self._webhook.accounts
        if accounts and not any(delivery.account.entry.is_called(one) for one in accounts):
            return False
        return self._webhook.wants(delivery.event)

    def _deliver(self, delivery: Delivery) -> bool:
        """Post until it is accepted or given up; False if told to stop first."""
        notification = {"jsonrpc": "2.0", "method": "receive", "params": delivery.event}
        body = json_bytes(notification)
        event_id = f"{delivery.account.entry.aci}/{delivery.id}"
        attempts = 0
        while not self._stop.is_set():
            try:
                self._poster.post(body, self._headers(event_id, body))
            except WebhookRefused as refusal:
                if self._stop.is_set():
                    return False
                attempts += 1
                if self._is_given_up(event_id, notification, attempts, refusal):
                    return True
                if attempts == 1:
                    self._complain(f"{refusal.message}; trying again")
                self._stop.wait(self._patience.pause_s(attempts))
            else:
                if attempts:
                    self._undelivered.taken()
                    self._warn(f"the webhook {self._webhook.shown} accepts messages again")
                return True
        return False

    def _headers(self, event_id: str, body: bytes) -> dict[str, str]:
        headers = {ID_HEADER: event_id}
        if self._webhook.secret is not None:
            headers[HEADER] = signature(self._webhook.secret, body, self._clock())
        return headers

    def _is_given_up(
        self, event_id: str, notification: dict[str, Any], attempts: int, refusal: WebhookRefused
    ) -> bool:
        """Whether it was refused for too long and is now in the dead-letter list."""
        now_ms = self._clock()
        try:
            since_ms = self._undelivered.refused_since(event_id, now_ms)
            if now_ms - since_ms < self._patience.give_up_after_ms:
                return False
            self._undelivered.give_up(
                {
                    "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now_ms / 1000)),
                    "webhook": self._webhook.shown,
                    "id": event_id,
                    "attempts": attempts,
                    "reason": refusal.message,
                    "body": notification,
                }
            )
            self._undelivered.taken()
        except (OSError, StoreError) as error:
            # If it cannot be recorded, it is not given up.
            self._unrecorded.met(f"a refused message cannot be recorded: {error}")
            return False
        self._complain(f"a message was given up; it is in {self._undelivered.dead_letters_path}")
        return True

    def _complain(self, text: str) -> None:
        self._warn(f"the webhook {self._webhook.consumer}: {text}")
