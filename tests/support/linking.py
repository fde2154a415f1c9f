"""Linking the command under test to a mock primary."""

from __future__ import annotations

from tests.support.accounts import link_account
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.scanning import Scan
from tests.support.sigcli_process import Sigcli


def link_device(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, *, name: str = "test"
) -> MockDevice:
    """Links its data directory, scanned by the primary; waits for both; sets `sigcli.account`."""
    scans: list[Scan] = []
    link_account(
        sigcli.environment["SIGCLI_SERVICE_ENVIRONMENT"],
        sigcli.data_dir,
        lambda uri: scans.append(Scan(mock_server, uri, primary)),
        name=name,
    )
    device = scans[0].result()
    sigcli.account = primary.device.number or primary.aci
    return device
