"""Roles and permissions in a group: numbers of Signal's ``Groups.proto``, without a protobuf."""

from __future__ import annotations

import enum


class MemberRole(enum.IntEnum):
    """What a member may do."""

    UNKNOWN = 0
    DEFAULT = 1
    ADMINISTRATOR = 2


class AccessRequired(enum.IntEnum):
    """Who may do something."""

    UNKNOWN = 0
    ANY = 1
    MEMBER = 2
    ADMINISTRATOR = 3
    UNSATISFIABLE = 4
