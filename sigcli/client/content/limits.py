"""What the official apps allow in messages, groups, profiles and notes: one table, looked at before anything is sent.

What is beyond a limit would silently be cut, dropped or refused on the other side. Sources: Signal-Android
(``EnvelopeContentValidator``, ``MemberLabel``, ``EditAboutFragment``, ``EditProfileNameFragment``, ``ProfileName``,
``NicknameActivity``), Signal-Desktop (polls, attachments, ``GroupTitleInput``), the group service's field sizes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import AppLimitExceeded, NotOneEmoji, PictureTooLarge, UnsuitableViewOnce
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.limits import MAX_ATTACHMENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.content.attachment_sources import Source

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TextLimit:
    """How long a text may be; None: it is not counted so."""

    what: str
    graphemes: int | None = None
    utf16: int | None = None
    utf8: int | None = None


@dataclass(frozen=True, slots=True)
class CountLimit:
    """How many there may be of something."""

    what: str
    most: int
    least: int = 0


MESSAGE_TEXT = TextLimit("the text of a message", utf8=64 * 1024)
POLL_QUESTION = TextLimit("the question of a poll", graphemes=100, utf16=200)
POLL_OPTION = TextLimit("an option of a poll", graphemes=100, utf16=100)
GROUP_TITLE = TextLimit("the name of a group", graphemes=32, utf8=980)
GROUP_DESCRIPTION = TextLimit("the description of a group", graphemes=480, utf8=8150)
MEMBER_LABEL = TextLimit("a member's label", graphemes=24, utf8=96)
MEMBER_LABEL_EMOJI = TextLimit("the emoji of a member's label", utf8=48)
PROFILE_NAME = TextLimit("a name in the profile", graphemes=26, utf8=128)
PROFILE_ABOUT = TextLimit("the text about the account", graphemes=140, utf8=512)
PROFILE_EMOJI = TextLimit("the emoji of the profile", utf8=32)
NICKNAME = TextLimit("a nickname", graphemes=26)
NOTE = TextLimit("the note about a contact", graphemes=240)

ATTACHMENTS = CountLimit("attachments of a message, a long text among them,", most=MAX_ATTACHMENTS)
POLL_OPTIONS = CountLimit("options of a poll", most=10, least=2)
CHOSEN_OPTIONS = CountLimit("options chosen in a poll", most=10)
PIN_SECONDS = CountLimit("seconds for which a message is pinned", most=0xFFFFFFFF, least=1)

_SEEN_ONCE = ("image/", "video/")


def check_text(text: str, limit: TextLimit) -> None:
    """Raises AppLimitExceeded for a text that is too long, or not one at all."""
    try:
        utf8 = len(text.encode())
    except UnicodeEncodeError:
        raise AppLimitExceeded(f"{limit.what} is not UTF-8") from None
    if limit.utf8 is not None and utf8 > limit.utf8:
        raise AppLimitExceeded(f"{limit.what} has at most {limit.utf8} bytes in UTF-8, not {utf8}")
    # A text has no more of anything than bytes.
    if limit.utf16 is not None and utf8 > limit.utf16:
        from sigcli.client.content.text_ranges import utf16_length

        units = utf16_length(text)
        if units > limit.utf16:
            raise AppLimitExceeded(
                f"{limit.what} has at most {limit.utf16} UTF-16 units, not {units}"
            )
    if limit.graphemes is not None and utf8 > limit.graphemes:
        from sigcli.client.content.graphemes import count_graphemes

        count = count_graphemes(text)
        if count > limit.graphemes:
            raise AppLimitExceeded(
                f"{limit.what} has at most {limit.graphemes} characters, not {count}"
            )


def check_texts(*checks: tuple[str | None, TextLimit]) -> None:
    """Raises AppLimitExceeded for the first that is too long; None is nothing to check."""
    for text, limit in checks:
        if text is not None:
            check_text(text, limit)


def check_count(number: int, limit: CountLimit) -> None:
    """Raises AppLimitExceeded for too many or too few."""
    if number > limit.most:
        raise AppLimitExceeded(f"{limit.what} are at most {limit.most}, not {number}")
    if number < limit.least:
        raise AppLimitExceeded(
            f"{limit.what} are at least {limit.least}, not {number}",
            hint=f"name {limit.least} to {limit.most}",
        )


def check_emoji(text: str, what: str, limit: TextLimit | None = None) -> None:
    """Raises NotOneEmoji for what is not exactly one, AppLimitExceeded for one that is too long."""
    from sigcli.client.content.graphemes import is_one_emoji

    if not is_one_emoji(text):
        raise NotOneEmoji(f"{what} is one emoji, not {text!r}")
    if limit is not None:
        check_text(text, limit)


def check_picture(size: int, most: int) -> None:
    """Raises PictureTooLarge."""
    if size > most:
        raise PictureTooLarge(f"the picture is larger than {most // MIB} MiB")


def check_seen_once(sources: Sequence[Source]) -> None:
    """Raises UnsuitableViewOnce unless this is one picture or one video."""
    if len(sources) != 1 or not sources[0].content_type.startswith(_SEEN_ONCE):
        raise UnsuitableViewOnce
