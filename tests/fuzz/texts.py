"""Targets: links and codes that people pass on, and files that people write."""

from __future__ import annotations

import tempfile
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from pathlib import Path
from uuid import UUID

from sigcli.client.account.devices.link_codes import link_uri
from sigcli.client.account.devices.provisioning_out import parse_link_uri
from sigcli.client.account.stickers.links import PackLink, parse_pack_id, parse_pack_link
from sigcli.client.content.markdown import parse_markdown
from sigcli.client.content.text_ranges import parse_mention, parse_text_style
from sigcli.client.groups.lookup import parse_group_id, parse_link
from sigcli.client.sending.message_extras import parse_quoted_file
from sigcli.crypto.curve import KeyPair
from sigcli.durations import parse_duration_ms
from sigcli.errors import ProtocolError, StoreError, UserError
from sigcli.protocol.account_entropy import AccountEntropyPool
from sigcli.service.environments import parse_environment
from sigcli.store.accounts_file import parse_accounts
from sigcli.store.config import read_config
from sigcli.wire.addresses import ServiceId
from sigcli.wire.generated import groups_pb2
from sigcli.wire.key_types import StickerPackId
from sigcli.wire.username_links import UsernameLink
from sigcli.zkgroup.usernames import Username
from tests.fuzz.target import Target

_ENVIRONMENTS = Path(parse_environment.__code__.co_filename).parent / "known_environments"
_ACCOUNTS = """version = 1

[[accounts]]
number = "+15550100"
aci = "9d0652a3-dcc3-4d11-975f-74d61598733f"
environment = "live"
folder = "one"
"""
_CONFIG = """account = "+15550100"
output = "json"
keep_messages = "30d"
trust_new_identities = "always"
[aliases]
boss = "+15550101"
"""


def _text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    """The bytes as a text: also one as a shell hands on what is no UTF-8."""
    return lambda data: parse(data.decode(errors="surrogateescape"))


def _group_link() -> bytes:
    link = groups_pb2.GroupInviteLink()
    link.contentsV1.groupMasterKey, link.contentsV1.inviteLinkPassword = bytes(32), bytes(16)
    encoded = b64encode(link.SerializeToString(), altchars=b"-_").rstrip(b"=")
    return b"https://signal.group/#" + encoded


@cache
def _config_file() -> Path:
    return Path(tempfile.mkdtemp(prefix="sigcli-fuzz-")) / "config.toml"


def _config(data: bytes) -> None:
    _config_file().write_bytes(data)
    read_config(_config_file())


def _environment(data: bytes) -> None:
    parse_environment(data, str(_ENVIRONMENTS / "environment.toml"))


TARGETS = (
    Target(
        "link-uri",
        _text(parse_link_uri),
        lambda: [link_uri("an address", KeyPair.from_private(bytes(32)).public_key).encode()],
        (UserError,),
    ),
    Target(
        "username-link-text",
        _text(UsernameLink.parse),
        lambda: [UsernameLink(bytes(range(32)), UUID(int=7)).url.encode()],
        (UserError,),
    ),
    Target("username", _text(Username.parse), lambda: [b"ada.42"], (UserError,)),
    Target("group-link", _text(parse_link), lambda: [_group_link()], (UserError,)),
    Target("group-id", _text(parse_group_id), lambda: [b64encode(bytes(32))], (UserError,)),
    Target(
        "sticker-link",
        _text(parse_pack_link),
        lambda: [PackLink(StickerPackId(bytes(16)), bytes(32)).url.encode()],
        (UserError,),
    ),
    Target("sticker-pack-id", _text(parse_pack_id), lambda: [b"00" * 16], (UserError,)),
    Target(
        "service-id",
        _text(ServiceId.parse),
        lambda: [b"PNI:796abedb-ca4e-4f18-8803-1fde5b921f9f"],
    ),
    Target(
        "account-entropy",
        _text(AccountEntropyPool.parse),
        lambda: [b"ab12" * 16],
        (UserError,),
    ),
    Target("mention", _text(parse_mention), lambda: [b"0:3:+15550100"], (UserError,)),
    Target("text-style", _text(parse_text_style), lambda: [b"0:3:BOLD"], (UserError,)),
    Target("quoted-file", _text(parse_quoted_file), lambda: [b"image/png:a.png"], (UserError,)),
    Target(
        "markdown",
        _text(parse_markdown),
        lambda: [b"**bold** and _thin_ and ~~gone~~ ||hidden|| `code`"],
        (),
    ),
    Target("duration", _text(parse_duration_ms), lambda: [b"30d"], ()),
    Target(
        "environment-file",
        _environment,
        lambda: [(_ENVIRONMENTS / f"{name}.toml").read_bytes() for name in ("staging", "live")],
        (UserError,),
    ),
    Target(
        "config-file",
        _config,
        lambda: [_CONFIG.encode()],
        (StoreError,),
        found=(b"account = " + b"[" * 5000,),
    ),
    Target(
        "accounts-file",
        parse_accounts,
        lambda: [_ACCOUNTS.encode()],
        (StoreError, ProtocolError),
    ),
)
