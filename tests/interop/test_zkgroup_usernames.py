"""Usernames against the official library."""

from __future__ import annotations

import pytest

from sigcli.errors import InvalidUsername
from sigcli.zkgroup.usernames import (
    Username,
    create_username_link,
    decrypt_username_link,
    generate_candidates,
    verify_proof,
)
from tests.interop.oracle import Oracle

RANDOM32 = bytes(range(32))


@pytest.mark.parametrize(
    "text", ["He110.01", "signal_user.42", "_x.999999999", "a" * 48 + ".18446744073709551615"]
)
def test_hash_and_proof(oracle: Oracle, text: str) -> None:
    username = Username.parse(text)
    theirs = oracle.call(
        """
        lib.usernames.verifyProof(proof, hash);
        return { hash: lib.usernames.hash(text),
                 proof: lib.usernames.generateProofWithRandom(text, random32) };
        """,
        text=text,
        random32=RANDOM32,
        hash=username.hash(),
        proof=username.proof(),
    )
    assert theirs["hash"] == username.hash()
    assert theirs["proof"] == username.proof(lambda count: RANDOM32[:count])
    verify_proof(theirs["proof"], theirs["hash"])


def test_links(oracle: Oracle) -> None:
    for username in ("abc.42", "a" * 48 + ".999999999"):
        entropy, encrypted = create_username_link(username)
        theirs = oracle.call(
            """
            const link = lib.usernames.createUsernameLink(username, entropy);
            return { entropy: link.entropy, encrypted: link.encryptedUsername,
                     ours: lib.usernames.decryptUsernameLink({ entropy, encryptedUsername: encrypted }) };
            """,
            username=username,
            entropy=entropy,
            encrypted=encrypted,
        )
        assert theirs["ours"] == username
        assert theirs["entropy"] == entropy
        assert len(theirs["encrypted"]) == len(encrypted)
        assert decrypt_username_link(entropy, theirs["encrypted"]) == username


def test_both_refuse_the_same(oracle: Oracle) -> None:
    texts = ["nodot", ".42", "user.", "user.1", "user.00", "user.012", "user.+12", "1user.42"]
    texts += ["us er.42", "usér.42", "user\u212a.42", "x" * 49 + ".10", "user.18446744073709551616"]
    texts += ["user.42", "_1.42", "USER.10", "u.99"]
    accepted = oracle.call(
        """
        return texts.map((text) => {
            try { lib.usernames.hash(text); return true; } catch { return false; }
        });
        """,
        texts=texts,
    )
    for text, valid in zip(texts, accepted, strict=True):
        if valid:
            assert str(Username.parse(text)) == text
        else:
            with pytest.raises(InvalidUsername):
                Username.parse(text)


def test_suggestions_look_alike(oracle: Oracle) -> None:
    theirs = oracle.call("return lib.usernames.generateCandidates('abc', 3, 32);")
    ours = [str(candidate) for candidate in generate_candidates("abc")]
    assert sorted(map(len, ours)) == sorted(map(len, theirs))
