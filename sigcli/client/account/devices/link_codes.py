"""The codes by which a primary device links a new one, and what it sends in answer."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from sigcli.crypto.curve import KeyPair
from sigcli.errors import IncompleteProvisioning, LinkTimedOut, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.crypto.curve import PublicKey
    from sigcli.crypto.randomness import RandomSource
    from sigcli.service.chat import UnlinkedChat
    from sigcli.wire.provisioning import ProvisionEnvelope, ProvisionMessage

MAX_CODES = 10
"""So many codes are shown, 90 seconds each, before the link is given up."""
MAX_URI_LENGTH = 86
"""Of a link's URI without the address in it: with an address of 48 letters it fits a QR code of version 6."""


def link_uri(address: str, public_key: PublicKey) -> str:
    """What the primary device scans."""
    import base64

    key = base64.b64encode(public_key.serialize()).decode()
    return f"sgnl://linkdevice?uuid={quote(address, safe='')}&pub_key={quote(key, safe='')}"


def generate_short_key(random: RandomSource) -> KeyPair:
    """A key whose public half needs few percent signs in a URI, so that the code of it fits on a small screen.

    One in six hundred is thrown away.
    """
    while True:
        pair = KeyPair.generate(random)
        if len(link_uri("", pair.public_key)) <= MAX_URI_LENGTH:
            return pair


def await_phone(
    chat: UnlinkedChat, show: Callable[[str], None], random: RandomSource
) -> ProvisionMessage:
    """Show one code after another until a phone has accepted one, and give what it has sent; raises LinkTimedOut."""
    from sigcli.service.resources.provisioning import ProvisioningSocket

    for _ in range(MAX_CODES):
        ephemeral = generate_short_key(random)
        with ProvisioningSocket(chat) as socket:
            show(link_uri(socket.address, ephemeral.public_key))
            envelope = socket.wait_for_message()
        if envelope is not None:
            return opened(envelope, ephemeral)
    raise LinkTimedOut


def opened(envelope: ProvisionEnvelope, ephemeral: KeyPair) -> ProvisionMessage:
    """What the phone has sent, in the clear; raises IncompleteProvisioning."""
    from sigcli.protocol.provisioning import decrypt_provision_message

    try:
        return decrypt_provision_message(envelope, ephemeral.private_key)
    except ProtocolError as error:
        raise IncompleteProvisioning(
            "what the phone sent cannot be read: it was not meant for this code",
            hint="run link again and scan the new code",
        ) from error
