from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.client.groups.lookup import (
    format_group_id,
    format_link,
    parse_group_id,
    parse_link,
    require_group,
)
from sigcli.errors import AmbiguousGroup, InvalidGroupId, InvalidGroupLink
from sigcli.store.group_values import AccessRules, GroupDetails, Member
from sigcli.store.groups import accept_group, note_group, save_details
from sigcli.wire.group_access import AccessRequired
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey
from sigcli.zkgroup.groups import GroupSecretParams

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

ID = GroupIdentifier(bytes(range(200, 232)))


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(ID).decode(),
        base64.urlsafe_b64encode(ID).decode(),
        base64.b64encode(ID).decode().rstrip("="),
        f" {base64.b64encode(ID).decode()} ",
    ],
)
def test_an_id_is_taken_in_any_base64(text: str) -> None:
    assert parse_group_id(text) == ID
    assert parse_group_id(format_group_id(ID)) == ID


@pytest.mark.parametrize("text", ["", "not base64!", "AAAA", base64.b64encode(bytes(16)).decode()])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidGroupId):
        parse_group_id(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("group." + base64.b64encode(base64.b64encode(ID)).decode(), base64.b64encode(ID).decode()),
        ("+15550100", "without -g"),
        ("u:name.42", "without -g"),
        ("https://signal.group/#CjQ", "joinGroup --uri"),
        ("Family", "listGroups"),
    ],
)
def test_what_is_no_id_is_explained(text: str, hint: str) -> None:
    with pytest.raises(InvalidGroupId) as refused:
        parse_group_id(text)
    assert hint in (refused.value.hint or "")


def group(
    account: Account, seed: bytes, title: str, *, member: bool = True, accepted: bool = True
) -> str:
    """A stored group; gives its id as text."""
    params = GroupSecretParams.derive_from_master_key(seed * 32)
    group_id = bytes(params.get_group_identifier())
    members = (Member(aci=account.aci),) if member else ()
    with account.database.transaction() as database:
        row = note_group(database, GroupIdentifier(group_id), GroupMasterKey(seed * 32))
        save_details(database, row, GroupDetails(revision=1, title=title, members=members), 1)
        if accepted:
            accept_group(database, GroupIdentifier(group_id))
    return format_group_id(GroupIdentifier(group_id))


def meant(account: Account, text: str) -> str:
    return format_group_id(require_group(account, text).group_id)


def test_the_exact_title_names_a_group_that_the_user_takes_part_in(account: Account) -> None:
    family = group(account, b"m", "Family")
    assert meant(account, "Family") == meant(account, family) == family
    for other in ("family", "Famil", "Family "):
        with pytest.raises(InvalidGroupId):
            require_group(account, other)


@pytest.mark.parametrize(("member", "accepted"), [(False, True), (True, False)])
def test_a_title_that_was_not_accepted_names_no_group_but_its_id_is_told(
    account: Account, member: bool, accepted: bool
) -> None:
    strangers = group(account, b"s", "Family", member=member, accepted=accepted)
    with pytest.raises(InvalidGroupId) as refused:
        require_group(account, "Family")
    assert strangers in (refused.value.hint or "")
    family = group(account, b"m", "Family")
    assert meant(account, "Family") == family


def test_several_of_one_title_are_listed(account: Account) -> None:
    ids = {group(account, b"m", "Family"), group(account, b"n", "Family")}
    with pytest.raises(AmbiguousGroup) as refused:
        require_group(account, "Family")
    assert all(id in refused.value.message for id in ids)


def test_an_alias_comes_before_a_title(account: Account) -> None:
    family, ops = group(account, b"m", "Family"), group(account, b"n", "Ops")
    aliases = {"Family": ops, "o": "Ops", "bob": "+15550101"}
    account.settings = replace(account.settings, aliases=aliases)
    assert meant(account, "Family") == meant(account, "o") == ops
    assert meant(account, family) == family
    with pytest.raises(InvalidGroupId) as refused:
        require_group(account, "bob")
    assert "without -g" in (refused.value.hint or "")


def details(access: AccessRequired, password: bytes = b"p" * 16) -> GroupDetails:
    rules = AccessRules(invite_link=access)
    return GroupDetails(revision=1, access=rules, invite_link_password=password)


def test_a_link_says_what_it_was_made_of() -> None:
    text = format_link(GroupMasterKey(b"m" * 32), details(AccessRequired.ANY))
    assert text is not None
    link = parse_link(text)
    assert (link.master_key, link.password) == (b"m" * 32, b"p" * 16)
    assert parse_link(text.replace("https://", "sgnl://")) == link


def test_there_is_no_link_while_joining_is_off() -> None:
    assert format_link(GroupMasterKey(b"m" * 32), details(AccessRequired.UNSATISFIABLE)) is None
    assert format_link(GroupMasterKey(b"m" * 32), details(AccessRequired.ANY, b"")) is None


@given(st.text(max_size=60))
def test_what_is_no_link_is_refused(text: str) -> None:
    for prefix in ("", "https://signal.group/#"):
        try:
            parse_link(prefix + text)
        except InvalidGroupLink:
            continue
