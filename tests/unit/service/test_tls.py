"""Which roots are trusted: those of the environment, all of them, and nobody else's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigcli.errors import InvalidEnvironment, TlsRejected
from sigcli.service.environments import load_environment
from sigcli.service.network import Network
from sigcli.service.tls import client_context
from tests.support.loopback_server import LoopbackServer, authority

if TYPE_CHECKING:
    from tests.support.loopback_server import Authority

# As the two roots of the live service: one name, keys of two kinds.
FORMER, PRESENT = authority("Two roots"), authority("Two roots", edwards=True)
BOTH = FORMER.ca_pem + PRESENT.ca_pem


def connect(signed_by: Authority, ca_pem: str) -> None:
    with LoopbackServer(signed_by=signed_by) as server:
        Network(server.environment(ca_pem=ca_pem), variables={}).connect(server.url).close()


@pytest.mark.parametrize("signed_by", [FORMER, PRESENT])
def test_a_server_under_any_root_of_the_file_is_trusted(signed_by: Authority) -> None:
    connect(signed_by, BOTH)


@pytest.mark.parametrize(
    ("signed_by", "ca_pem"),
    [(FORMER, PRESENT.ca_pem), (PRESENT, FORMER.ca_pem), (authority("Another CA"), BOTH)],
)
def test_a_server_under_another_root_is_refused(signed_by: Authority, ca_pem: str) -> None:
    with pytest.raises(TlsRejected):
        connect(signed_by, ca_pem)


@pytest.mark.parametrize("name", ["live", "staging"])
def test_both_roots_of_the_service_are_trusted(name: str, tmp_path: Path) -> None:
    context = client_context(load_environment(name, tmp_path).ca_pem)
    ends = sorted(str(root["notAfter"])[-8:-4] for root in context.get_ca_certs())
    assert ends == ["2032", "2036"]


def test_a_file_without_a_certificate_is_refused() -> None:
    with pytest.raises(InvalidEnvironment):
        client_context("no PEM")
