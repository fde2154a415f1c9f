from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import InvalidEnvironment, NotOffered, SigcliError, UnknownEnvironment
from sigcli.service.environment_fields import BaseUrl
from sigcli.service.environments import RequestMode, load_environment, parse_environment

ROOT = "BXu6QIKVz5MA8gstzfOgRQGqyLqOwNKHL6INkv3IHWMF"
MINIMAL = f"""
name = "mock"
[chat]
url = "https://127.0.0.1:4433/base/"
requests = "websocket"
[cdn]
0 = "https://127.0.0.1:4433"
3 = "https://127.0.0.1:4433/cdn3"
[trust]
unidentified_sender_roots = ["{ROOT}"]
zkgroup_server_public_params = "AAEC"
[trust.server_certificates]
7 = "AQI="
"""


def parse(text: str, source: str = "/nowhere/env.toml"):  # type: ignore[no-untyped-def]
    return parse_environment(text.encode(), source)


@pytest.mark.parametrize("name", ["live", "staging"])
def test_packaged_environments_are_complete(name: str, tmp_path: Path) -> None:
    environment = load_environment(name, tmp_path)
    assert environment.requests is RequestMode.HTTPS
    assert sorted(environment.cdn_urls) == [0, 2, 3]
    assert len(environment.unidentified_sender_roots) == 2
    assert len(environment.zkgroup_server_public_params) == 673
    assert environment.ca_pem is not None
    assert environment.directory is not None
    assert environment.directory.enclave is not None
    assert environment.svr2 is not None
    assert environment.svr2.attested
    # The enclaves from the third quarter of 2026 on state their limits.
    limits = [enclave.states_minimum_limits for enclave in environment.svr2.enclaves]
    assert limits == ([True, True, False, False] if name == "staging" else [True, False, False])
    assert all(enclave.raft is not None for enclave in environment.svr2.enclaves)
    assert environment.constants_as_of is not None
    assert environment.challenge_captcha_url is not None
    assert "BEGIN" not in repr(environment)


def test_a_packaged_environment_is_read_once(tmp_path: Path) -> None:
    first, second = (load_environment("staging", tmp_path / name) for name in ("one", "two"))
    assert first is second


def test_newer_constants_in_the_data_directory_take_the_place_of_the_shipped_ones(
    tmp_path: Path,
) -> None:
    shipped = load_environment("live", tmp_path)
    assert shipped.constants_as_of is not None
    newer = shipped.constants_as_of + timedelta(days=1)
    folder = tmp_path / "environments"
    folder.mkdir()
    for text, is_used in (
        (MINIMAL, False),
        (f"constants_as_of = {shipped.constants_as_of}\n{MINIMAL}", False),
        (f"constants_as_of = {newer}\n{MINIMAL}", True),
    ):
        (folder / "live.toml").write_text(text)
        assert (load_environment("live", tmp_path).name == "mock") is is_used
    assert load_environment("staging", tmp_path).name == "staging"
    assert load_environment("live", tmp_path / "elsewhere") == shipped
    (folder / "live.toml").write_text("no TOML")
    with pytest.raises(InvalidEnvironment, match="environments/live"):
        load_environment("live", tmp_path)


def test_a_file_gives_typed_values() -> None:
    environment = parse(MINIMAL)
    assert environment.chat_url == BaseUrl("127.0.0.1", 4433, "/base")
    assert environment.requests is RequestMode.WEBSOCKET
    assert environment.cdn_url(3).path == "/cdn3"
    assert environment.server_certificates == {7: b"\x01\x02"}
    assert environment.ca_pem is None
    assert environment.svr2 is None
    with pytest.raises(NotOffered):
        environment.cdn_url(2)
    with pytest.raises(NotOffered):
        environment.require_storage_url()


def test_files_beside_the_environment_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    folder.mkdir()
    (folder / "ca.pem").write_text("PEM")
    (folder / "environment.toml").write_text(
        MINIMAL + '[tls]\nca_file = "ca.pem"\nserver_name = "chat.test"\n'
    )
    for name in ("sandbox", str(folder / "environment.toml")):
        environment = load_environment(name, tmp_path)
        assert environment.ca_pem == "PEM"
        assert environment.server_name == "chat.test"


@pytest.mark.parametrize("name", ["sandbox", "liv", "missing.toml"])
def test_an_unknown_environment_has_a_hint(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownEnvironment) as caught:
        load_environment(name, tmp_path)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('name = "mock"', "", "name"),
        ("https://127.0.0.1:4433/base/", "http://127.0.0.1", "[chat] url"),
        ("https://127.0.0.1:4433/base/", "https://user@host", "[chat] url"),
        ("https://127.0.0.1:4433/base/", "https://host:99999", "[chat] url"),
        ('"websocket"', '"carrier pigeon"', "[chat] requests"),
        ("AAEC", "not base64!", "zkgroup_server_public_params"),
        (ROOT, "AAEC", "unidentified_sender_roots"),
        (f'["{ROOT}"]', "[]", "unidentified_sender_roots"),
        ("7 =", "seven =", "seven"),
        ("[cdn]", '[tls]\nca_file = "absent.pem"\n[cdn]', "ca_file"),
        ("[cdn]", '[directory]\nkind = "loopback"\nurl = "https://example.org"\n[cdn]', "kind"),
        (
            "[cdn]",
            '[svr2]\nattestation = "none"\nurl = "https://example.org"\n[cdn]',
            "attestation",
        ),
        ("[cdn]", '[svr2]\nurl = "https://127.0.0.1"\n[cdn]', "enclaves"),
        (
            "[cdn]",
            f'[svr2]\nurl = "https://127.0.0.1"\n[[svr2.enclaves]]\nmrenclave = "{"00" * 32}"\n[cdn]',
            "raft",
        ),
        ("[cdn]", '[directory]\nurl = "https://example.org"\nmrenclave = "00"\n[cdn]', "mrenclave"),
        ("[chat]", "chat = 1\n[chatter]", "chat"),
        ("[chat]", 'constants_as_of = "2026-09-30"\n[chat]', "constants_as_of"),
        ("[chat]", "constants_as_of = 2026-09-30T00:00:00Z\n[chat]", "constants_as_of"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, named: str) -> None:
    assert old in MINIMAL
    with pytest.raises(InvalidEnvironment) as caught:
        parse(MINIMAL.replace(old, new, 1))
    assert named in caught.value.message
    assert "/nowhere/env.toml" in caught.value.message


def test_stand_ins_without_enclaves_are_accepted_on_loopback() -> None:
    text = (
        MINIMAL
        + '[directory]\nkind = "loopback"\nurl = "https://localhost:1/d"\n'
        + '[svr2]\nattestation = "none"\nurl = "https://127.0.0.1:1"\n'
    )
    environment = parse(text)
    assert environment.directory is not None
    assert not environment.directory.attested
    assert environment.svr2 is not None
    assert not environment.svr2.attested


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("localhost", True),
        ("::1", True),
        ("127.0.0.1.example.org", False),
        ("127.example.org", False),
        ("localhost.example.org", False),
    ],
)
def test_loopback_is_told_by_name_only(host: str, expected: bool) -> None:
    assert BaseUrl(host).is_loopback is expected


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_hostile_files_give_named_errors(content: bytes) -> None:
    with pytest.raises(SigcliError):
        parse_environment(content, "file")
    with pytest.raises(SigcliError):
        parse_environment(b"name = 'x'\n[chat]\nurl = " + content, "file")
