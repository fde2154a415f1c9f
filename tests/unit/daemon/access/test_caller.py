"""What callers may have done, and which files they may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigcli.daemon.access.caller import LOCAL, Caller
from sigcli.errors import AccessDenied, PathNotAllowed
from sigcli.operations import Send, UpdateProfile
from sigcli.operations.table import OPERATIONS
from sigcli.store.accounts_file import LocalAccount
from tests.unit.client.world import OWN_ACI, PEER_ACI

if TYPE_CHECKING:
    from pathlib import Path

OWN = LocalAccount(OWN_ACI, "+15550100", "test", "one")
OTHER = LocalAccount(PEER_ACI, "+15550101", "test", "two")
SENDER = Caller("monitoring", frozenset({"send"}))


def test_a_scope_allows_what_is_declared_with_it() -> None:
    SENDER.may(OPERATIONS["send"], OWN)
    SENDER.may(OPERATIONS["version"])
    for name in ("receive", "updateGroup", "register"):
        with pytest.raises(AccessDenied):
            SENDER.may(OPERATIONS[name], OWN)
    for name in OPERATIONS:
        LOCAL.may(OPERATIONS[name], OWN)


def test_a_caller_bound_to_accounts_sees_no_others() -> None:
    bound = Caller("bot", frozenset({"send", "receive", "admin"}), frozenset({str(OWN_ACI)}))
    bound.may(OPERATIONS["send"], OWN)
    assert bound.sees(OWN)
    assert not bound.sees(OTHER)
    with pytest.raises(AccessDenied):
        bound.may(OPERATIONS["getAttachment"], OTHER)
    with pytest.raises(AccessDenied):
        bound.may(OPERATIONS["register"])
    bound.may(OPERATIONS["version"])


@pytest.mark.parametrize(
    "path",
    ["/etc/hostname", "inside/../../secret", "inside/link", "-", "/dev/fd/0", "../rootless/a"],
)
def test_a_caller_over_the_network_names_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    (tmp_path / "root" / "inside").mkdir(parents=True)
    (tmp_path / "rootless").mkdir()
    (tmp_path / "root" / "inside" / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path / "root")
    reader = Caller("bot", frozenset({"send"}), attachment_root=tmp_path / "root")
    for caller in (SENDER, reader):
        with pytest.raises(PathNotAllowed):
            caller.check_paths(Send(recipients=("+15550101",), attachments=(path,)))
        with pytest.raises(PathNotAllowed):
            caller.check_paths(UpdateProfile(avatar=path))
        with pytest.raises(PathNotAllowed):
            caller.check_paths(
                Send(
                    recipients=("+15550101",),
                    quote_timestamp=1,
                    quote_author="+15550101",
                    quote_attachments=(f"image/png:a.png:{path}",),
                )
            )
    reader.check_paths(Send(recipients=("+15550101",), attachments=("inside/picture.png",)))


def test_content_in_the_request_is_no_file() -> None:
    SENDER.check_paths(
        Send(
            recipients=("+15550101",),
            message="x",
            attachments=("data:text/plain;base64,AAAA", "DATA:,x"),
            quote_timestamp=1,
            quote_author="+15550101",
            quote_attachments=("image/png", "image/png:a.png", "image/png:a.png:data:;base64,AA"),
        )
    )
    LOCAL.check_paths(Send(recipients=("+15550101",), attachments=("/etc/hostname",)))


def test_a_tokens_name_is_its_consumer() -> None:
    assert LOCAL.consumer_for("bot") == "bot"
    assert LOCAL.consumer_for(None) is LOCAL.consumer_for("") is None
    for named in (None, "", "monitoring"):
        assert SENDER.consumer_for(named) == "monitoring"
    with pytest.raises(AccessDenied, match="the token is the consumer monitoring"):
        SENDER.consumer_for("bot")
