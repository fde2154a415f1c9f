"""The constants and schemas that are shipped, against those of the official library and of Signal's mock server."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigcli.sandbox.server_keys import load_server_keys
from tests.interop.oracle import Oracle, OracleError
from tests.support.requirements import needs_node
from tools.currency.constants import (
    facts_of,
    native_library,
    shipped_constants,
    shipped_environments,
    shipped_groups,
)
from tools.currency.packages import LIBSIGNAL, MOCK_SERVER, Packages, pinned_packages
from tools.currency.schemas import conflicts, own_schema, schema_of_package

# One number and one meaning under two names.
RENAMED = {
    "AccountRecord 21 is subscriberId here, donorSubscriberId there",
    "AccountRecord 22 is subscriberCurrencyCode here, donorSubscriberCurrencyCode there",
    "AccountRecord 24 is subscriptionManuallyCancelled here,"
    " donorSubscriptionManuallyCancelled there",
    "ChatFolderRecord 1 is identifier here, id there",
    "SenderCertificate_Certificate 5 is certificate here, signer there",
    "SenderCertificate_Certificate 6 is uuidString here, senderUuid there",
}
_IN_THE_LIBRARY = (
    "enclave",
    "server certificate",
    "TLS root",
    "host chat",
    "host cdsi",
    "host svr2",
)


@pytest.fixture(scope="module")
def packages() -> Packages:
    with needs_node():
        return pinned_packages()


def test_the_official_library_has_the_shipped_constants(packages: Packages) -> None:
    environments = shipped_environments()
    constants = shipped_constants(environments)
    found = facts_of(native_library(packages.folder(LIBSIGNAL)), constants)
    wanted = {name for name in constants if any(kind in name for kind in _IN_THE_LIBRARY)}
    assert len(wanted) == 21
    assert wanted <= found.known
    assert shipped_groups(environments) <= found.groups


def test_no_number_means_another_field_to_signal(packages: Packages) -> None:
    theirs = schema_of_package(packages.folder(MOCK_SERVER))
    assert len(theirs) > 300
    assert set(conflicts(own_schema(), theirs)) == RENAMED


def test_the_parameters_of_generic_credentials_are_read_by_the_official_library(
    oracle: Oracle, tmp_path: Path
) -> None:
    keys = load_server_keys(tmp_path)
    made = [keys.generic_public_params(purpose) for purpose in ("generic", "backup")]
    for environment in shipped_environments().values():
        made += [environment.generic_server_public_params or b""]
        made += [environment.backup_server_public_params or b""]
    read = "return new chat.zk.GenericServerPublicParams(data);"
    assert [oracle.call(read, data=params) for params in made] == made
    with pytest.raises(OracleError):
        oracle.call(read, data=made[0][:-1])
