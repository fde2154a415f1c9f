"""The configured webhooks: from options of the command, and from ``[[daemon.webhook]]`` in config.toml."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Any

from sigcli.daemon.webhooks.webhook import KIND_NAMES, Webhook, check_url, consumer_of
from sigcli.errors import InvalidWebhook, WebhookNotPrivate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEYS = frozenset(
    (
        "url",
        "name",
        "account",
        "accounts",
        "kinds",
        "secret",
        "secret_file",
        "allow_http",
        "ca_file",
    )
)
_NAME = re.compile(r"[A-Za-z0-9._-]{1,48}")
_MAX_SECRET = 4096


def webhooks_of(options: Mapping[str, Any], section: Mapping[str, Any]) -> list[Webhook]:
    """All webhooks; raises InvalidWebhook, WebhookNotPrivate.

    ``options``: those of ``sigcli daemon`` by name; ``section``: ``[daemon]`` of config.toml.
    """
    found = [*_from_options(options), *_from_section(section)]
    names = [one.consumer for one in found]
    if len(set(names)) < len(names):
        raise InvalidWebhook("two webhooks have the same name or the same URL")
    return found


def _from_options(options: Mapping[str, Any]) -> list[Webhook]:
    urls: Sequence[str] = options.get("webhooks") or ()
    path = options.get("webhook_secret_file")
    secret = None if path is None or not urls else read_secret(path)
    for url in urls:
        check_url(url)
    return [
        Webhook(
            url,
            consumer_of(url),
            tuple(options.get("webhook_accounts") or ()),
            frozenset(options.get("webhook_kinds") or ()),
            secret,
        )
        for url in urls
    ]


def _from_section(section: Mapping[str, Any]) -> list[Webhook]:
    tables = section.get("webhook", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise InvalidWebhook("config.toml: webhooks are written as [[daemon.webhook]]")
    return [_from_table(one) for one in tables]


def _from_table(table: Mapping[str, Any]) -> Webhook:
    unknown = set(table) - _KEYS
    if unknown:
        raise InvalidWebhook(f"config.toml: daemon.webhook has no key {min(unknown)!r}")
    url = _text(table, "url")
    if url is None:
        raise InvalidWebhook("config.toml: a daemon.webhook has no url")
    allow_http = table.get("allow_http", False)
    if not isinstance(allow_http, bool):
        raise InvalidWebhook("config.toml: daemon.webhook.allow_http must be true or false")
    check_url(url, allow_http=allow_http)
    name = _text(table, "name")
    if name is not None and not _NAME.fullmatch(name):
        raise InvalidWebhook(
            "config.toml: daemon.webhook.name must be 1 to 48 letters, digits and . _ -"
        )
    kinds = _texts(table, "kinds")
    if not kinds <= set(KIND_NAMES):
        raise InvalidWebhook(
            f"config.toml: daemon.webhook.kinds must be among {', '.join(KIND_NAMES)}"
        )
    return Webhook(
        url,
        consumer_of(url) if name is None else f"webhook-{name}",
        tuple(sorted(_texts(table, "accounts") | _texts(table, "account"))),
        kinds,
        _secret(table),
        _authority(table),
    )


def _secret(table: Mapping[str, Any]) -> bytes | None:
    secret, path = _text(table, "secret"), _text(table, "secret_file")
    if secret is not None and path is not None:
        raise InvalidWebhook(
            "config.toml: a daemon.webhook may have secret or secret_file, not both"
        )
    if path is not None:
        return read_secret(path)
    return None if secret is None else secret.encode()


def read_secret(path: str) -> bytes:
    """The secret in a file, without surrounding white space; raises InvalidWebhook, WebhookNotPrivate."""
    try:
        with open(os.path.expanduser(path), "rb") as file:
            status = os.fstat(file.fileno())
            content = file.read(_MAX_SECRET + 1)
    except OSError as error:
        raise InvalidWebhook(f"the webhook's secret cannot be read: {error.strerror}") from error
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise WebhookNotPrivate(f"others can read the webhook's secret in {path}")
    secret = content.strip()
    if not secret or len(content) > _MAX_SECRET:
        raise InvalidWebhook("the file of the webhook's secret is empty or too long")
    return secret


def _authority(table: Mapping[str, Any]) -> str | None:
    path = _text(table, "ca_file")
    if path is None:
        return None
    try:
        with open(os.path.expanduser(path), encoding="ascii") as file:
            return file.read()
    except (OSError, ValueError):
        raise InvalidWebhook("the webhook's ca_file cannot be read") from None


def _text(table: Mapping[str, Any], key: str) -> str | None:
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise InvalidWebhook(f"config.toml: daemon.webhook.{key} must be a string")
    return value


def _texts(table: Mapping[str, Any], key: str) -> frozenset[str]:
    value = table.get(key, [])
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise InvalidWebhook(f"config.toml: daemon.webhook.{key} must be a list of strings")
    return frozenset(texts)
