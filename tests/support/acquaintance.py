"""Two accounts who know each other: requests accepted, sessions both ways, profile keys exchanged."""

from __future__ import annotations

from tests.support.printed import receive_texts
from tests.support.sigcli_process import Sigcli


def talk(one: Sigcli, other: Sigcli) -> None:
    """Have one write to the other, who answers; both have received it."""
    one.run("send", "-m", "hello", str(other.account))
    other.run("receive")
    other.run("send", "-m", "hello", str(one.account))
    assert receive_texts(one) == ["hello"]
