"""Groups: state and changes both ways, the whole schema covered, hostile bytes."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import SigcliError
from sigcli.wire import group_changes, group_state
from sigcli.wire.generated import groups_pb2 as pb
from sigcli.wire.group_access import MemberRole
from sigcli.wire.mapping import Codec, load
from tests.support.filled_messages import fill
from tests.support.wire_fields import encode_fields

BOTH_WAYS: dict[str, tuple[Any, Callable[[bytes], Any], Callable[[Any], bytes]]] = {
    "state": (pb.Group, group_state.decode_group_state, group_state.encode_group_state),
    "attribute": (
        pb.GroupAttributeBlob,
        group_state.decode_attribute,
        group_state.encode_attribute,
    ),
    "link": (pb.GroupInviteLink, group_state.decode_invite_link, group_state.encode_invite_link),
    "actions": (pb.GroupChange.Actions, group_changes.decode_actions, group_changes.encode_actions),
    "change": (
        pb.GroupChange,
        group_changes.decode_group_change,
        group_changes.encode_group_change,
    ),
    "response": (
        pb.GroupResponse,
        group_changes.decode_group_response,
        group_changes.encode_group_response,
    ),
    "change response": (
        pb.GroupChangeResponse,
        group_changes.decode_change_response,
        group_changes.encode_change_response,
    ),
    "log": (pb.GroupChanges, group_changes.decode_group_log, group_changes.encode_group_log),
}


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_everything_comes_back_byte_for_byte(name: str) -> None:
    message_class, decode, encode = BOTH_WAYS[name]
    for seed in range(5):
        message = message_class()
        fill(message, random.Random(seed))
        serialised = message.SerializeToString()
        assert encode(decode(serialised)) == serialised


def covered(codec: Codec[Any], descriptor: Any) -> list[str]:
    """The fields that a table and those nested in it lack."""
    named = {one.name for one in codec.table.values()}
    missing = [f"{descriptor.full_name}.{name}" for name in descriptor.fields_by_name]
    missing = [name for name in missing if name.rpartition(".")[2] not in named]
    for one in codec.table.values():
        if one.codec is not None:
            missing += covered(load(one.codec), descriptor.fields_by_name[one.name].message_type)
    attributes = {one.name for one in dataclasses.fields(codec.value_class)} - {"unknown_fields"}
    # One value class serves several actions, of which one alone names a PNI.
    assert attributes - set(codec.table) <= {"pni"}
    return missing


@pytest.mark.parametrize(
    ("codec", "descriptor"),
    [
        (group_state.GROUP_STATE, pb.Group.DESCRIPTOR),
        (group_state._GROUP_JOIN_INFO, pb.GroupJoinInfo.DESCRIPTOR),
        (group_state._AVATAR_UPLOAD, pb.AvatarUploadAttributes.DESCRIPTOR),
        (group_changes._GROUP_ACTIONS, pb.GroupChange.Actions.DESCRIPTOR),
        (group_changes._GROUP_LOG, pb.GroupChanges.DESCRIPTOR),
    ],
)
def test_the_tables_cover_the_schema(codec: Codec[Any], descriptor: Any) -> None:
    assert covered(codec, descriptor) == []


def test_names_hold_the_fields_that_they_are_named_after() -> None:
    member = encode_fields((1, b"user"), (2, 2), (3, b"key"), (5, 8), (6, b"e"), (7, b"l"))
    state = group_state.decode_group_state(
        encode_fields(
            (1, b"public"), (2, b"title"), (3, "url"), (6, 9), (7, member), (11, b"about"), (12, 1)
        )
    )
    assert state == group_state.GroupState(
        public_key=b"public",
        title=b"title",
        description=b"about",
        avatar_url="url",
        revision=9,
        announcements_only=True,
        members=(
            group_state.GroupMember(
                user_id=b"user",
                role=MemberRole.ADMINISTRATOR,
                profile_key=b"key",
                joined_at_revision=8,
                label_emoji=b"e",
                label_text=b"l",
            ),
        ),
    )


def test_unknown_actions_are_reported() -> None:
    actions = group_changes.decode_actions(encode_fields((2, 4), (77, b"new")))
    assert actions == group_changes.GroupActions(revision=4, unknown_fields=(77,))


@given(st.sampled_from(sorted(BOTH_WAYS)), st.binary(max_size=100))
def test_hostile_bytes(name: str, data: bytes) -> None:
    _, decode, encode = BOTH_WAYS[name]
    try:
        value = decode(data)
    except SigcliError:
        return
    serialised = encode(value)
    assert encode(decode(serialised)) == serialised
