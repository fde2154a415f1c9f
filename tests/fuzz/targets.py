"""All targets, by name."""

from __future__ import annotations

from tests.fuzz import ciphertexts, contents, groups, own_devices, services, small_formats, texts
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    target.name: target
    for room in (contents, ciphertexts, own_devices, small_formats, groups, services, texts)
    for target in room.TARGETS
}
