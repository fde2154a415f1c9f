"""``sigcli receive`` against Signal's mock server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.mock_server import MockDevice, MockPrimary, MockServer
    from tests.support.sigcli_process import Sigcli


def texts(lines: list[dict]) -> list[str]:
    return [
        line["envelope"]["dataMessage"]["message"]
        for line in lines
        if "dataMessage" in line["envelope"]
    ]


def test_texts_plain_and_sealed_arrive_in_order(
    mock_server: MockServer, sigcli: Sigcli, linked: MockDevice
) -> None:
    bob = mock_server.create_primary("Bob")
    mock_server.send_text(bob, linked, "plain", count=300)
    mock_server.send_text(bob, linked, "sealed", count=300, sealed=True)
    finished = sigcli.run("receive", "--json")
    print(finished.stdout[:3000], finished.stderr, finished.duration_s)
    assert texts(finished.json_lines) == [
        *(f"plain {n}" for n in range(300)),
        *(f"sealed {n}" for n in range(300)),
    ]
    assert mock_server.queue_size(linked) == 0
