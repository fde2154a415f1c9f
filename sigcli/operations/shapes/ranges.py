"""Mentions and styles of a text, by start and length in UTF-16 code units as they came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.operations.shapes.scalars import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.events import Directory
    from sigcli.wire.content import BodyRange


def add_ranges(shape: dict[str, Any], ranges: Sequence[BodyRange], directory: Directory) -> None:
    """Add ``mentions`` and ``textStyles``, each only if there are any."""
    mentions = []
    styles = []
    mentioned = [one.mention for one in ranges if one.mention is not None]
    people = iter(directory.people(mentioned))
    for one in ranges:
        if one.mention is not None:
            person = next(people)
            mentions.append(
                {
                    "name": person.identifier,
                    "number": person.number,
                    "uuid": person.uuid,
                    "start": one.start,
                    "length": one.length,
                }
            )
        if one.style is not None:
            styles.append({"style": label(one.style), "start": one.start, "length": one.length})
    if mentions:
        shape["mentions"] = mentions
    if styles:
        shape["textStyles"] = styles
