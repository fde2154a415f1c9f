"""What the store offers to a shell at a TAB press."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sigcli.cli.commands.sandbox import FAULTS, SWITCHES
from sigcli.cli.completing import completions
from sigcli.sandbox import faults
from sigcli.store.accounts import DataDirectory
from sigcli.store.database import Database
from sigcli.store.group_values import GroupDetails
from sigcli.store.groups import accept_group, note_group, save_details
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import list_recipients, update_recipient
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey
from tests.bench.local_account import account_with_contacts
from tests.support.sigcli_process import Sigcli, installed_command
from tests.unit.test_imports import CRYPTOGRAPHY, HEAVY, NETWORK, PROTOBUF, imported


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    data = tmp_path / "data"
    account_with_contacts(data, 2)
    (tmp_path / "sigcli").mkdir()
    (tmp_path / "sigcli" / "config.toml").write_text(
        'quiet = true\n\n[aliases]  # mine\n# old = "x"\n"the boss" = "u:boss.01"\nops = "+1555"\n[daemon]\nno = "x"\n'
    )
    return {"SIGCLI_DATA_DIR": str(data), "XDG_CONFIG_HOME": str(tmp_path)}


def offered(kind: str, environ: dict[str, str]) -> list[str]:
    return [line.partition("\t")[0] for line in completions(kind, environ).splitlines()]


@pytest.fixture
def database(environ: dict[str, str]) -> Iterator[Database]:
    directory = DataDirectory(Path(environ["SIGCLI_DATA_DIR"]))
    with directory.open_database(directory.choose(None)) as database:
        yield database


def test_people_by_alias_address_and_name(environ: dict[str, str], database: Database) -> None:
    aci = ServiceId.aci("b1f5ae8e-0d0b-4fa0-9fd2-6f3a2d1c0001")
    with database.transaction() as transaction:
        row = resolve_recipient(transaction, aci=aci).id
        update_recipient(
            transaction,
            row,
            is_contact=True,
            given_name="A",
            nickname_given="Ally",
            nickname_family="B",
        )
        evil = resolve_recipient(transaction, number="+15550109").id
        update_recipient(transaction, evil, is_contact=True, given_name="x\x1b[31m\ny")
        resolve_recipient(transaction, number="+15550110")  # whom nobody has named
    names = {one.contact.name for one in list_recipients(database, only_contacts=True)}
    found = offered("recipients", environ)
    assert found == [
        *("the boss", "ops", "+15550000200", "Contact 0", "+15550000201", "Contact 1"),
        *(str(aci), "Ally B", "+15550109"),
    ]
    assert {"Contact 0", "Contact 1", "Ally B"} < names, "as the store itself says"


def test_groups_that_the_user_takes_part_in(environ: dict[str, str], database: Database) -> None:
    for seed, title, accepts in ((b"a", "Ops", True), (b"b", "Strangers", False)):
        with database.transaction() as transaction:
            row = note_group(transaction, GroupIdentifier(seed * 32), GroupMasterKey(seed * 32))
            save_details(transaction, row, GroupDetails(revision=1, title=title), 1)
            if accepts:
                accept_group(transaction, GroupIdentifier(seed * 32))
    assert offered("groups", environ) == ["the boss", "ops", "Ops"]


def test_accounts(environ: dict[str, str]) -> None:
    assert offered("accounts", environ) == ["+15550100"]
    assert offered("recipients", environ | {"SIGCLI_ACCOUNT": "+1999"}) == ["the boss", "ops"]
    assert len(offered("recipients", environ | {"SIGCLI_ACCOUNT": "+15550100"})) == 6


@pytest.mark.parametrize("kind", ["recipients", "groups", "accounts", "", "nonsense"])
def test_nothing_is_said_where_there_is_nothing(
    kind: str, tmp_path: Path, environ: dict[str, str]
) -> None:
    nowhere = {"SIGCLI_DATA_DIR": str(tmp_path / "none"), "XDG_CONFIG_HOME": str(tmp_path / "none")}
    assert completions(kind, nowhere) == ""
    for path in (tmp_path / "data").glob("*/account.db"):
        path.write_bytes(b"no database at all")
    assert set(offered(kind, environ)) <= {"the boss", "ops", "+15550100"}


def test_the_sandbox_takes_what_is_offered() -> None:
    assert {*FAULTS} == {kind.value for kind in faults.FaultKind} | {"list", "clear", "switch"}
    assert tuple(f"{name}=" for name in faults.SWITCHES) == SWITCHES


def test_a_press_costs_three_times_the_interpreter_at_most(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    """And loads no more than it needs; the cost is told, and only what is out of all proportion is a failure."""
    sigcli = Sigcli(tmp_path / "run")
    sigcli.environment |= environ
    loaded = imported(sigcli.run("--complete", "recipients", env={"PYTHONPROFILEIMPORTTIME": "1"}))
    forbidden = {"tomllib", "typer", "json", "pathlib", "subprocess", "sigcli.store.database"}
    assert loaded & (forbidden | HEAVY | CRYPTOGRAPHY | PROTOBUF | NETWORK) == set()
    plain = cheapest_s([sys.executable, "-c", "pass"], sigcli.environment)
    own = cheapest_s([str(installed_command()), "--complete", "recipients"], sigcli.environment)
    assert own <= 3.5 * plain, f"{own / plain:.1f} times python -c pass"


def cheapest_s(command: list[str], environment: dict[str, str]) -> float:
    """The least CPU time of some runs."""
    costs = []
    for _ in range(10):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(costs)
