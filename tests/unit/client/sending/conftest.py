"""Accounts beside a group service: see ``group_world``."""

from tests.unit.client.group_world import alice, bob, carol, people

__all__ = ["alice", "bob", "carol", "people"]
