"""What is looked at before anything is sent: numbers, codes, captchas, link URIs; and what is kept in between."""

from __future__ import annotations

import base64
import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sigcli.client.account.captchas import registration_captcha
from sigcli.client.account.devices.link_codes import link_uri
from sigcli.client.account.devices.provisioning_out import parse_link_uri
from sigcli.client.account.registration import international_number, plain_code
from sigcli.crypto.curve import KeyPair
from sigcli.errors import CaptchaRejected, InvalidLinkUri, InvalidNumber, UsageError
from sigcli.store.pending_registrations import (
    PendingRegistration,
    forget_pending,
    load_pending,
    save_pending,
)

URL = "https://captcha.example/registration"
KEY = KeyPair.generate().public_key


@pytest.mark.parametrize(
    "text",
    [
        "signalcaptcha://signal-hcaptcha.5fad97ac.registration.P1_eyJ.x-y_z",
        "signal-hcaptcha.5fad97ac.registration.P1_eyJ.x-y_z",
        "  signal-hcaptcha.5fad97ac.registration.P1_eyJ.x-y_z\n",
    ],
)
def test_a_captcha_is_taken_with_and_without_its_scheme(text: str) -> None:
    assert registration_captcha(text, URL) == "signal-hcaptcha.5fad97ac.registration.P1_eyJ.x-y_z"


@pytest.mark.parametrize("text", ["anything", "signalcaptcha://short.token"])
def test_a_captcha_of_an_unknown_form_is_left_to_the_service(text: str) -> None:
    assert registration_captcha(text, None) == text.removeprefix("signalcaptcha://")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("signalcaptcha://signal-hcaptcha.5fad97ac.challenge.P1_x", "for sending"),
        ("signal-recaptcha-v2.5fad97ac.Challenge.P1_x.y", "for sending"),
        ("signal-hcaptcha.5fad97ac.donation.P1_x", "something else"),
        ("sgnl://linkdevice?uuid=a&pub_key=b", "wants to be linked"),
        ("tsdevice:/?uuid=a&pub_key=b", "wants to be linked"),
        (URL, "address of a page"),
        ("", "not a captcha"),
        ("signalcaptcha://", "not a captcha"),
        ("two words", "not a captcha"),
    ],
)
def test_the_wrong_kind_of_captcha_is_told_where_to_get_the_right_one(
    text: str, complaint: str
) -> None:
    with pytest.raises(CaptchaRejected, match=complaint) as raised:
        registration_captcha(text, URL)
    assert URL in (raised.value.hint or "")
    assert raised.value.exit_code == 6


def test_a_number_is_international() -> None:
    assert international_number(" +1 (555) 010-0000 ") == "+15550100000"
    for text in ("15550100", "+0155501000", "+1555", "6f2c1b4e-0000-4000-8000-000000000000", ""):
        with pytest.raises(InvalidNumber):
            international_number(text)
    with pytest.raises(UsageError, match="which number"):
        international_number(None)


def test_a_code_is_digits_however_they_are_grouped() -> None:
    assert plain_code("123-456") == plain_code(" 123 456 ") == "123456"
    for text in ("", "12a456", "١٢٣٤٥٦"):
        with pytest.raises(UsageError, match="123-456"):
            plain_code(text)


# --- link URIs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["6f2c1b4e-0000-4000-8000-000000000000", "q83v_-8AESIz=="])
def test_the_uri_that_a_new_device_shows_is_read_back(address: str) -> None:
    link = parse_link_uri(link_uri(address, KEY))
    assert (link.address, link.public_key) == (address, KEY)


@pytest.mark.parametrize(
    "scheme", ["sgnl://linkdevice?", "tsdevice:/?", "tsdevice:?", " SGNL://linkdevice/?"]
)
@pytest.mark.parametrize("extra", ["", "&capabilities=backup5", "&capabilities="])
def test_every_way_to_write_a_link_uri_is_understood(scheme: str, extra: str) -> None:
    serialized = b"\x05" + b"\xe7\xef\xbf\xfe" * 8  # full of "+" and "/" as base64
    plain = base64.b64encode(serialized).decode()
    assert "+" in plain
    for key in (
        plain,  # a plus that nobody has escaped is no blank
        quote(plain, safe=""),
        plain.rstrip("="),
        base64.urlsafe_b64encode(serialized).decode(),
    ):
        link = parse_link_uri(f"{scheme}uuid=abc&pub_key={key}{extra}")
        assert (link.address, link.public_key.serialize()) == ("abc", serialized)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("signalcaptcha://signal-hcaptcha.x.registration.y", "captcha"),
        ("https://signal.org/#linkdevice", "not the link URI"),
        ("sgnl://signal.me/#eu/abc", "something else"),
        ("sgnl://linkdevice?uuid=abc", "not complete"),
        pytest.param(
            f"sgnl://linkdevice?pub_key={quote(base64.b64encode(KEY.serialize()))}",
            "not complete",
            id="no address",
        ),
        ("sgnl://linkdevice?uuid=abc&pub_key=AAAA", "no valid key"),
        ("sgnl://linkdevice?uuid=abc&pub_key=%ff%fe", "no valid key"),
        ("sgnl://[", "not the link URI"),
    ],
)
def test_what_is_no_link_uri_is_refused_by_name(text: str, complaint: str) -> None:
    with pytest.raises(InvalidLinkUri, match=complaint):
        parse_link_uri(text)


@given(st.one_of(st.text(), st.text().map(lambda text: f"sgnl://linkdevice?uuid=a&pub_key={text}")))
@example("sgnl://linkdevice?uuid=a&pub_key=\x00")
def test_hostile_link_uris_raise_nothing_else(text: str) -> None:
    with suppress(InvalidLinkUri):
        parse_link_uri(text)


# --- between register and verify ------------------------------------------------------------------


def test_what_is_under_way_is_kept_privately_by_number_and_service(tmp_path: Path) -> None:
    folder = str(tmp_path / "data")
    pending = PendingRegistration("+15550100", "live", "a session", 17)
    save_pending(folder, pending)
    assert load_pending(folder, "live", "+15550100") == pending
    assert load_pending(folder, "staging", "+15550100") is None
    assert load_pending(folder, "live", "+15550101") is None
    assert "a session" not in repr(pending)
    assert "+15550100" not in repr(pending)
    (path,) = (tmp_path / "data" / "registrations").iterdir()
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(path.parent).st_mode & 0o777 == 0o700
    forget_pending(folder, "live", "+15550100")
    assert load_pending(folder, "live", "+15550100") is None
    assert not path.parent.exists()
    forget_pending(folder, "live", "+15550100")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 2}', b"\xff", b"[" * 9999])
def test_a_damaged_note_counts_as_none(tmp_path: Path, content: bytes) -> None:
    save_pending(str(tmp_path), PendingRegistration("+15550100", "live", "a session", 17))
    (path,) = (tmp_path / "registrations").iterdir()
    path.write_bytes(content)
    assert load_pending(str(tmp_path), "live", "+15550100") is None
