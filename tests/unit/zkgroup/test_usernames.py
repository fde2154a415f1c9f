"""The rules of usernames, their hash and proof, suggestions and links."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigcli.errors import InvalidMessage, InvalidUsername, SigcliError, ZkProofFailed
from sigcli.zkgroup.usernames import (
    Username,
    create_username_link,
    decrypt_username_link,
    generate_candidates,
    verify_proof,
)


@pytest.mark.parametrize(
    "text",
    [
        "He110.01",
        "usr.999999999",
        "_identifier.42",
        "a.12",
        "user.18446744073709551615",
        "x" * 48 + ".10",
    ],
)
def test_valid_usernames(text: str) -> None:
    assert str(Username.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "nodot", ".42", "user.", "user.1", "user.0", "user.00", "user.001", "user.012"),
        *("user.+12", "user.-12", "user.1a", "user.18446744073709551616", "user." + "9" * 5000),
        *(
            "1user.42",
            "us er.42",
            "us.er.42",
            "usér.42",
            "user\u212a.42",
            "user.４２",
            "x" * 49 + ".10",
        ),
    ],
)
def test_invalid_usernames(text: str) -> None:
    with pytest.raises(InvalidUsername):
        Username.parse(text)


def test_limits_of_the_service() -> None:
    assert str(Username.from_parts("abc", "07")) == "abc.07"
    for nickname in ("ab", "x" * 33):
        with pytest.raises(InvalidUsername):
            Username.from_parts(nickname, "07")
        with pytest.raises(InvalidUsername):
            generate_candidates(nickname)


def test_the_hash_ignores_case_and_nothing_else() -> None:
    names = ["signal.42", "Signal.42", "signal.43", "signals.42", "ignal.42", "signa1.42"]
    hashes = [Username.parse(name).hash() for name in names]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == len(names) - 1


def test_proof() -> None:
    username = Username.parse("signal_user.42")
    proof = username.proof()
    verify_proof(proof, username.hash())
    for wrong in (b"", proof[:-1], bytes(128), proof[:-1] + bytes([proof[-1] ^ 1])):
        with pytest.raises(ZkProofFailed):
            verify_proof(wrong, username.hash())
    with pytest.raises(ZkProofFailed):
        verify_proof(proof, Username.parse("signal_user.43").hash())


def test_candidates() -> None:
    candidates = generate_candidates("abc")
    assert len(set(candidates)) == len(candidates) == 20
    assert all(Username.parse(str(candidate)) == candidate for candidate in candidates)
    assert [c.discriminator >= 100 for c in candidates] == [False] * 4 + [True] * 16


@given(
    st.sampled_from(["abc.01", "x" * 48 + ".999999999"]), st.integers(0, 111), st.integers(1, 255)
)
@settings(max_examples=30)
def test_links(text: str, position: int, change: int) -> None:
    entropy, encrypted = create_username_link(text)
    assert len(encrypted) == 112
    assert decrypt_username_link(entropy, encrypted) == text
    assert create_username_link(text, previous_entropy=entropy)[0] == entropy
    damaged = bytearray(encrypted)
    damaged[position] ^= change
    for wrong in (bytes(damaged), encrypted[:position]):
        with pytest.raises(InvalidMessage):
            decrypt_username_link(entropy, wrong)


def test_too_long_for_a_link() -> None:
    with pytest.raises(InvalidUsername):
        create_username_link("x" * 62)


@given(st.binary(max_size=130), st.binary(min_size=30, max_size=33))
def test_hostile_bytes(data: bytes, other: bytes) -> None:
    for function in (decrypt_username_link, verify_proof):
        with pytest.raises(SigcliError):
            function(other, data)
