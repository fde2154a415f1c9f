"""A message to a large group: handed out once, then one request for all members."""

from __future__ import annotations

from pathlib import Path

from tests.support.large_group import LargeGroup, Requests, large_group

COUNT = 150


def test_one_request_reaches_all_members(tmp_path: Path) -> None:
    with large_group(tmp_path, COUNT) as group:
        group.sigcli.run("listGroups", "-g", group.group_id)
        # Sessions and the sender key are set up once, with one request of each kind a member.
        assert _send(group, "first") == Requests(
            multi_recipient=1, one_recipient=COUNT, prekeys=COUNT, groups=0
        )
        assert _texts(group) == [[None, "first"]] * COUNT
        # From then on nothing is asked or sent for a single member.
        for text in ("second", "third"):
            assert _send(group, text) == Requests(
                multi_recipient=1, one_recipient=0, prekeys=0, groups=0
            )
        assert _texts(group) == [["second", "third"]] * COUNT


def _send(group: LargeGroup, text: str) -> Requests:
    """What the service was asked by one run of the command, which reaches everybody."""
    group.count_requests()
    sent = group.sigcli.run("--json", "send", "-g", group.group_id, "-m", text).json
    assert [result["type"] for result in sent["results"]] == ["SUCCESS"] * COUNT
    return group.requests()


def _texts(group: LargeGroup) -> list[list[str | None]]:
    """What each member can read that is new; None for a message without a text."""
    return [
        [
            None if content.data_message is None else content.data_message.body
            for content in member.read(group.sandbox.state)
        ]
        for member in group.members
    ]
