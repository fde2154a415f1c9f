"""Linking the command under test to a mock primary."""

from __future__ import annotations

from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.scanning import Scan
from tests.support.sigcli_process import Sigcli


def link_device(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, *, name: str = "test"
) -> MockDevice:
    """Runs `sigcli link`, scans its URL with the primary, waits for both; sets `sigcli.account`.

    AssertionError with the command's output if it fails.
    """
    linking = sigcli.start("link", "-n", name)
    url = linking.read_line()
    while not url.startswith("sgnl://linkdevice"):
        url = linking.read_line()
    scan = Scan(mock_server, url, primary)
    linking.wait().expect(0)
    device = scan.result()
    sigcli.account = primary.device.number or primary.aci
    return device
