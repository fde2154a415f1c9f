"""The merge of three sides: edits of either side hold, and what is merged is merged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sigcli.client.storage.merging import incoming, outgoing

NAMES = ("title", "note", "muted", "count")
VALUES = st.one_of(st.none(), st.sampled_from(["a", "b", "c"]), st.booleans(), st.integers(0, 3))
SIDES = st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES))
PARTIAL = st.dictionaries(st.sampled_from(NAMES), VALUES)


@given(SIDES, PARTIAL, SIDES)
def test_each_name_follows_who_has_changed_it(
    base: dict[str, object], local: dict[str, object], remote: dict[str, object]
) -> None:
    merged = {**local, **incoming(base, local, remote)}
    for name in NAMES:
        is_edited_here = name in local and local[name] != base[name]
        expected = local[name] if is_edited_here else remote[name]
        if name in merged:
            assert merged[name] == expected
        else:
            # Of what is unknown here only news are taken over.
            assert remote[name] == base[name]


@given(SIDES, PARTIAL, SIDES)
def test_a_merge_is_done_once(
    base: dict[str, object], local: dict[str, object], remote: dict[str, object]
) -> None:
    merged = {**local, **incoming(base, local, remote)}
    assert incoming(remote, merged, remote) == {}
    edits = outgoing(remote, merged)
    written = {**remote, **edits}
    assert outgoing(written, merged) == {}
    # What goes out is what was edited here, and nothing else.
    assert set(edits) <= {name for name in local if local[name] != base[name]}


@given(PARTIAL, SIDES)
def test_a_record_seen_for_the_first_time_fills_in(
    local: dict[str, object], remote: dict[str, object]
) -> None:
    merged = {**local, **incoming(None, local, remote)}
    for name, value in remote.items():
        if value is None or value == "":
            assert merged.get(name) == local.get(name)
        else:
            assert merged[name] == value


def test_a_block_survives_the_first_meeting() -> None:
    local, remote = {"blocked": True, "hidden": True}, {"blocked": False, "hidden": False}
    assert incoming(None, local, remote, sticky=("blocked",)) == {"hidden": False}
    assert outgoing(remote, {**local, "hidden": False}) == {"blocked": True}
