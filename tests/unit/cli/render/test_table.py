"""Tables for terminals: contacts and groups."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.cli import presentation
from sigcli.cli.render import contacts, group_list
from sigcli.cli.render.colours import coloured
from sigcli.cli.render.table import columns, table
from sigcli.cli.terminal import neutral_line
from sigcli.operations.shapes.contacts import Contacts
from sigcli.operations.shapes.group_list import Groups
from sigcli.store.group_values import GroupDetails, Member
from sigcli.store.recipient_values import Contact, Profile, Recipient
from tests.unit.cli.render.test_contacts import FULL
from tests.unit.cli.render.test_groups import LISTED
from tests.unit.operations.shapes.known_people import ALICE, ALICE_ACI, BOB, BOB_ACI, OWN, OWN_ACI

ROWS = [("Alice", "+15550101", ""), ("王小明", "+15550102", "blocked")]


def test_columns_line_up() -> None:
    assert list(table(("NAME", "NUMBER", ""), ROWS, 80)) == [
        "NAME    NUMBER",
        "Alice   +15550101",
        "王小明  +15550102  blocked",
    ]


def test_what_is_too_long_ends_with_an_ellipsis() -> None:
    rows = [("a" * 50, "i" * 44, "m" * 50)]
    (_, line) = table(("NAME", "ID", "MARKS"), rows, 80, whole=(1,))
    assert columns(line) <= 80
    assert "i" * 44 in line
    assert line.count("…") == 2


@given(
    st.lists(st.tuples(st.text().map(neutral_line), st.text().map(neutral_line)), min_size=1),
    st.integers(30, 200),
)
def test_no_line_is_wider_than_the_terminal(rows: list[tuple[str, str]], width: int) -> None:
    for line in table(("NAME", "ID"), rows, width):
        assert columns(line) <= width


def test_people_by_the_users_names_or_marked_as_their_own() -> None:
    bare = Recipient(1, ALICE_ACI, None, None, None, Contact(), Profile(given_name="Ca\x1brol"))
    lines = list(contacts.contact_table([FULL, bare], 80))
    assert lines[0].split("  ")[0] == "NAME"
    assert "+15550101" in lines[1]
    assert "blocked" in lines[1]
    assert lines[2].startswith("~Ca\\x1brol")
    assert str(ALICE_ACI) in lines[2]


PEOPLE = {ALICE_ACI: ALICE, BOB_ACI: BOB, OWN_ACI: OWN}
GROUP = replace(
    LISTED,
    is_member=True,
    is_blocked=False,
    group=replace(
        LISTED.group,
        details=GroupDetails(
            revision=1, title="Ops", members=(Member(aci=ALICE_ACI), Member(aci=OWN_ACI))
        ),
    ),
)


def test_groups_by_the_names_of_their_people() -> None:
    head, line = group_list.group_table([GROUP], PEOPLE.__getitem__, 80)
    assert head.split() == ["NAME", "MEMBERS", "ID"]
    assert line.split("  ")[0] == "Ops"
    assert "Alice, +" in line
    assert str(ALICE_ACI) not in line
    assert all(columns(one) <= 80 for one in (head, line))
    gone = replace(GROUP, is_member=False)
    assert "Ops (not a member)" in list(group_list.group_table([gone], PEOPLE.__getitem__, 120))[1]


def test_the_head_is_bold_where_colours_are_wanted() -> None:
    (head, _) = group_list.group_table([GROUP], PEOPLE.__getitem__, 80, coloured)
    assert head.startswith("\x1b[1mNAME")


@pytest.mark.parametrize("detailed", [True, False])
def test_only_a_terminal_gets_tables(
    detailed: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    people, groups = Contacts([FULL], detailed=detailed), Groups([GROUP], PEOPLE, detailed)
    contacts.show_contacts(people)
    group_list.show_groups(groups)
    piped = capsys.readouterr().out
    assert piped.startswith("Number: ")
    monkeypatch.setattr(presentation, "_is_terminal", lambda stream: True)
    monkeypatch.setenv("NO_COLOR", "1")
    contacts.show_contacts(people)
    group_list.show_groups(groups)
    shown = capsys.readouterr().out
    assert (shown == piped) == detailed
    monkeypatch.setenv("SIGCLI_COMPAT", "signal-cli")
    contacts.show_contacts(people)
    group_list.show_groups(groups)
    assert capsys.readouterr().out == piped
