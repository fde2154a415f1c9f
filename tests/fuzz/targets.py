"""All targets, by name."""

from __future__ import annotations

from tests.fuzz import (
    backups,
    ciphertexts,
    command_lines,
    contents,
    groups,
    moving,
    own_devices,
    programs,
    services,
    small_formats,
    texts,
)
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    target.name: target
    for room in (
        *(contents, ciphertexts, own_devices, small_formats, groups, services, texts),
        *(programs, command_lines, moving, backups),
    )
    for target in room.TARGETS
}
