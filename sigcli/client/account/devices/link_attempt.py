"""Linking by a code that is shown elsewhere: begun by one call, finished by another."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sigcli.client.account.devices.link_codes import link_uri, opened
from sigcli.client.account.devices.linking import Linked, become, network
from sigcli.client.base.account import system_clock
from sigcli.crypto.curve import KeyPair
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import LinkTimedOut

if TYPE_CHECKING:
    from sigcli.client.base.settings import Settings
    from sigcli.wire.provisioning import ProvisionEnvelope


class LinkAttempt:
    """One link code, shown elsewhere: made, and finished later by another call. ``close`` gives it up."""

    def __init__(self, settings: Settings, random: RandomSource = secure_random) -> None:
        """Have the service give an address; raises ServiceError."""
        from sigcli.service.chat import UnlinkedChat
        from sigcli.service.resources.provisioning import ProvisioningSocket

        self._settings = settings
        self._random = random
        self._ephemeral = KeyPair.generate(random)
        self._chat = UnlinkedChat(network(settings))
        try:
            self._socket = ProvisioningSocket(self._chat)
        except BaseException:
            self._chat.close()
            raise
        self.uri = link_uri(self._socket.address, self._ephemeral.public_key)
        self._envelope: ProvisionEnvelope | None = None
        self._loss: BaseException | None = None
        # The phone's message may come while nothing waits for it.
        self._thread = threading.Thread(target=self._wait, name="sigcli-link", daemon=True)
        self._thread.start()

    @property
    def has_ended(self) -> bool:
        """Whether its time is over, or the connection lost, and no phone has come."""
        return not self._thread.is_alive() and self._envelope is None

    def wait_for_phone(self) -> ProvisionEnvelope:
        """What the phone has sent; raises LinkTimedOut, and how the connection was lost."""
        self._thread.join()
        if self._loss is not None:
            raise self._loss
        if self._envelope is None:
            raise LinkTimedOut
        return self._envelope

    def finish(self, device_name: str) -> Linked:
        """Wait for the phone and become its linked device; raises LinkTimedOut, AccountExists, ServiceError."""
        message = opened(self.wait_for_phone(), self._ephemeral)
        return become(self._settings, self._chat, message, device_name, self._random, system_clock)

    def close(self) -> None:
        """May be called twice."""
        self._socket.close()
        self._chat.close()

    def _wait(self) -> None:
        try:
            self._envelope = self._socket.wait_for_message()
        except BaseException as loss:
            self._loss = loss
