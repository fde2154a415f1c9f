"""A webhook: where messages go, which ones, and how they are signed."""

from __future__ import annotations

from dataclasses import field
from hashlib import sha256
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from sigcli.errors import InvalidWebhook
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: dict[str, tuple[str, ...]] = {
    # kind: members of the envelope
    "message": ("dataMessage", "editMessage"),
    "story": ("storyMessage",),
    "sync": ("syncMessage",),
    "call": ("callMessage",),
    "receipt": ("receiptMessage",),
    "typing": ("typingMessage",),
}
FAILURE = "failure"
"""The kind of messages that could not be decrypted or read."""
KIND_NAMES = (*KINDS, FAILURE)


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook; without ``accounts`` it gets messages of all, without ``kinds`` every kind."""

    url: str = field(repr=False)
    """It may contain a secret: ``shown`` is what others see."""
    consumer: str
    accounts: tuple[str, ...] = field(default=(), repr=False)
    kinds: frozenset[str] = frozenset()
    secret: bytes | None = field(default=None, repr=False)
    ca_pem: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def wants(self, received: Mapping[str, Any]) -> bool:
        """Whether a receive object is of one of its kinds."""
        return not self.kinds or kind_of(received) in self.kinds


def kind_of(received: Mapping[str, Any]) -> str | None:
    """The kind of a receive object; None for an empty envelope."""
    if "exception" in received:
        return FAILURE
    envelope = received["envelope"]
    for kind, members in KINDS.items():
        if any(member in envelope for member in members):
            return kind
    return None


def check_url(url: str, *, allow_http: bool = False) -> None:
    """Raises InvalidWebhook, which does not repeat the URL: it may contain a secret."""
    try:
        parts = urlsplit(url)
        has_port_that_works = parts.port is None or parts.port > 0
    except ValueError:
        raise InvalidWebhook("a webhook's URL cannot be read") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not has_port_that_works:
        raise InvalidWebhook("a webhook's URL is https://HOST[:PORT]/PATH")
    if parts.scheme == "http" and not allow_http and not _is_loopback(parts):
        raise InvalidWebhook(
            f"messages would go to {parts.hostname} unencrypted",
            hint="use https://, or set allow_http = true in its [[daemon.webhook]] in config.toml",
        )


def consumer_of(url: str) -> str:
    """The consumer's name for an unnamed webhook: the same for the same URL."""
    return f"webhook-{sha256(url.encode()).hexdigest()[:16]}"


def _is_loopback(parts: SplitResult) -> bool:
    if parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
