from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from sigcli.client.account.people.contact_changes import ContactChange, update_contact
from sigcli.client.account.profile_changes import ProfileChange, update_profile
from sigcli.client.content import limits
from sigcli.client.content.graphemes import count_graphemes, is_one_emoji
from sigcli.client.groups.group_options import GroupOptions, resolve_people
from sigcli.errors import AppLimitExceeded, NotOneEmoji, PictureTooLarge, Unreachable
from tests.unit.client.group_world import NoChat

if TYPE_CHECKING:
    from pathlib import Path

    from sigcli.client.base.account import Account

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("a\r\nb", 3),
        ("e\u0301", 1),
        ("\U0001f44d\U0001f3fd", 1),
        (FAMILY, 1),
        (f"{FAMILY}{FAMILY}", 2),
        ("\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", 2),
        ("1\ufe0f\u20e3", 1),
        (SCOTLAND, 1),
        ("\u1112\u1161\u11ab\uae00", 2),
        ("\N{FIRE}" * 7, 7),
    ],
)
def test_characters_as_readers_count_them(text: str, count: int) -> None:
    assert count_graphemes(text) == count


@pytest.mark.parametrize(
    "emoji",
    [
        *("\N{FIRE}", "\u2764\ufe0f", "\u2764", "\u203c\ufe0f", "\u2139\ufe0f", "\u00a9\ufe0f"),
        *("\U0001f44d\U0001f3fd", "\U0001f1e9\U0001f1ea", "#\ufe0f\u20e3", "\U0001fae8"),
        *(FAMILY, SCOTLAND),
    ],
)
def test_one_emoji(emoji: str) -> None:
    assert is_one_emoji(emoji)
    assert not is_one_emoji(emoji * 2)
    assert not is_one_emoji(f"{emoji}x")


@pytest.mark.parametrize("text", ["", "x", "1", "#", "\u00e9", "\uae00", ":)", "\U0001f1e9", "+"])
def test_no_emoji(text: str) -> None:
    assert not is_one_emoji(text)


TEXT_LIMITS = [one for one in vars(limits).values() if isinstance(one, limits.TextLimit)]


@pytest.mark.parametrize("limit", TEXT_LIMITS, ids=lambda limit: limit.what)
def test_a_text_may_be_as_long_as_its_limit_and_no_longer(limit: limits.TextLimit) -> None:
    most = min(one for one in (limit.graphemes, limit.utf16, limit.utf8) if one is not None)
    limits.check_text("a" * most, limit)
    with pytest.raises(AppLimitExceeded, match=limit.what):
        limits.check_text("a" * (most + 1), limit)
    with pytest.raises(AppLimitExceeded):
        limits.check_text("\ud800", limit)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"title": "a" * 33}, AppLimitExceeded),
        ({"description": "a" * 481}, AppLimitExceeded),
        ({"label_text": "a" * 25}, AppLimitExceeded),
        ({"label_emoji": "\N{FIRE}\N{FIRE}"}, NotOneEmoji),
    ],
)
def test_groups(account: Account, options: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        resolve_people(account, GroupOptions(**options))
    fitting = {name: text[: len(text) - 1] for name, text in options.items()}
    resolve_people(account, GroupOptions(**fitting))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"given_name": "a" * 27}, AppLimitExceeded),
        ({"family_name": "a" * 27}, AppLimitExceeded),
        ({"about": "a" * 141}, AppLimitExceeded),
        ({"about_emoji": "ab"}, NotOneEmoji),
    ],
)
def test_profiles(account: Account, change: Any, error: type[Exception]) -> None:
    account._chat = cast("Any", NoChat())
    with pytest.raises(error):
        update_profile(account, ProfileChange(**change))
    with pytest.raises(Unreachable):
        update_profile(account, ProfileChange(given_name="a" * 26, about="a" * 140))


@pytest.mark.parametrize(
    "change",
    [{"nickname_given": "a" * 27}, {"nickname_family": "a" * 27}, {"note": "a" * 241}],
)
def test_notes_about_contacts(account: Account, change: Any) -> None:
    with pytest.raises(AppLimitExceeded):
        update_contact(account, "boss", ContactChange(**change))


def test_pictures(account: Account, tmp_path: Path) -> None:
    from sigcli.client.groups.avatars import upload_avatar
    from sigcli.zkgroup.groups import GroupSecretParams

    picture = tmp_path / "large.png"
    params = GroupSecretParams.derive_from_master_key(bytes(32))
    for size in (3 * limits.MIB + 1, 3 * limits.MIB):
        with picture.open("wb") as file:
            file.truncate(size)
        # The second is too large once it is encrypted.
        with pytest.raises(PictureTooLarge) as caught:
            upload_avatar(account, params, str(picture))
        assert caught.value.exit_code == 1
    with picture.open("wb") as file:
        file.truncate(10 * limits.MIB + 1)
    with pytest.raises(PictureTooLarge):
        update_profile(account, ProfileChange(avatar_path=str(picture)))
