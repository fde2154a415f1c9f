"""The short form of ``tests/run soak``: a daemon and its consumers killed at random lose nothing."""

from __future__ import annotations

from pathlib import Path

from tests.soak.killed import Plan, run_killed

MESSAGES = 200
KILLS = 3


def test_each_message_arrives_in_order_whatever_is_killed(tmp_path: Path) -> None:
    outcome = run_killed(tmp_path, Plan(MESSAGES, KILLS, KILLS, senders=1))
    assert outcome.faults == []
    assert outcome.messages == MESSAGES
    assert outcome.kills == KILLS
    assert outcome.consumer_kills == 2 * KILLS
