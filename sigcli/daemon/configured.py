"""What ``[daemon]`` in config.toml says, for programs that start the daemon and cannot pass options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.errors import ConfigFileInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

CHANNELS = ("socket", "tcp", "http", "rest", "rest_python", "signald")
_USUAL = {"tcp": "localhost:7583"}
"""What ``true`` means for a channel for which an empty text does not mean its default place."""
_TEXTS = ("socket_group", "attachment_root", "audit_log")
_FLAGS = (
    *("no_auth", "same_user", "send_read_receipts"),
    *("ignore_attachments", "ignore_stories", "ignore_avatars", "ignore_stickers"),
)
_LISTS = ("host_names",)
_CHOICES = {"rest_send_answer": ("object", "array"), "rest_text_mode": ("normal", "styled")}
"""The REST interface's answer to ``/v2/send``, and how it reads a text if the request does not say so."""
_ELSEWHERE = frozenset({"webhook"})
"""Read by the channels that they configure."""


def with_configured(options: Mapping[str, Any], section: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the command line, completed from the section; raises ConfigFileInvalid.

    A channel is a text, as its option takes it, or true for its default place.
    """
    combined = dict(options)
    for key, value in section.items():
        if key in _ELSEWHERE:
            continue
        if key not in (*CHANNELS, *_TEXTS, *_FLAGS, *_LISTS, *_CHOICES):
            raise _invalid(f"there is no key daemon.{key}")
        read = _read(key, value)
        # Programs that use standard input need no other channel.
        is_wanted = not (key in CHANNELS and options.get("stdio"))
        if is_wanted and options.get(key) in (None, False, ()):
            combined[key] = read
    return combined


def _read(key: str, value: Any) -> Any:
    if key in _FLAGS:
        if not isinstance(value, bool):
            raise _invalid(f"daemon.{key} must be true or false")
        return value
    if key in _CHOICES:
        if value not in _CHOICES[key]:
            raise _invalid(f"daemon.{key} must be one of {', '.join(_CHOICES[key])}")
        return value
    if key in _LISTS:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise _invalid(f"daemon.{key} must be a list of strings")
        return tuple(value)
    if key in CHANNELS and isinstance(value, bool):
        return _USUAL.get(key, "") if value else None
    if not isinstance(value, str):
        raise _invalid(f"daemon.{key} must be a string")
    return value


def _invalid(message: str) -> ConfigFileInvalid:
    return ConfigFileInvalid(
        f"config.toml: {message}", hint="sigcli-daemon(8) lists what [daemon] takes"
    )
