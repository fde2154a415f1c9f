from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from sigcli.client.content.text_ranges import Mention
from sigcli.client.sending.composing import check_text, compose, content_of
from sigcli.client.sending.message_extras import (
    Extras,
    PreviewOptions,
    QuotedFile,
    QuoteOptions,
    StickerOptions,
    StoryOptions,
    parse_quoted_file,
    words_for_quoted_file,
)
from sigcli.client.sending.message_kinds import pin, poll, poll_vote, reaction
from sigcli.errors import (
    AppLimitExceeded,
    AttachmentUnreadable,
    NotOneEmoji,
    SigcliError,
    UnknownRecipient,
    UnsuitableViewOnce,
    UsageError,
)
from sigcli.store.recipient_merging import recipient_id_of, resolve_recipient
from sigcli.store.recipients import update_recipient
from sigcli.store.reportable_messages import ReportableMessage, remember_reportable
from sigcli.store.send_log import SentMessage, log_sent
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import BodyRange, TextStyle
from sigcli.wire.key_types import StickerPackId

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from tests.unit.client.conftest import Warnings

PNG = "data:image/png;base64,iVBORw0KGgo="
BOB = ServiceId.aci(UUID(int=0xB0B))
BOLD = BodyRange(start=0, length=2, style=TextStyle.BOLD)


@pytest.fixture
def bob(account: Account) -> ServiceId:
    """A contact called Bob."""
    with account.database.transaction() as database:
        row = recipient_id_of(database, BOB)
        update_recipient(database, row, given_name="Bob", is_contact=True)
    return BOB


def test_a_text_with_everything_that_needs_no_upload(account: Account, bob: ServiceId) -> None:
    extras = Extras(
        mentions=(Mention(3, 4, "Bob"),),
        styles=(BOLD,),
        quote=QuoteOptions(
            5, str(bob), "said", (Mention(0, 1, "Bob"),), (), (QuotedFile("image/png"),)
        ),
        story=StoryOptions(7, "Bob"),
    )
    message = compose(account, "hi @Bob", (), extras)
    assert message.body == "hi @Bob"
    assert message.body_ranges == (BOLD, BodyRange(start=3, length=4, mention=bob))
    # A client that knows no mentions would show a gap.
    assert message.required_protocol_version == 6
    quote = message.quote
    assert quote is not None
    assert (quote.timestamp_ms, quote.author, quote.text) == (5, bob, "said")
    assert [part.content_type for part in quote.attachments] == ["image/png"]
    assert message.story_context is not None
    assert message.story_context.author == bob
    edit = content_of(message, 99).edit_message
    assert edit is not None
    assert (edit.target_timestamp_ms, edit.data_message) == (99, message)


def test_mentions_go_by_number_alias_and_contact_name(account: Account, bob: ServiceId) -> None:
    with account.database.transaction() as database:
        resolve_recipient(database, aci=bob, number="+15550101")
    account.settings = replace(account.settings, aliases={"ops": str(bob), "team": "Bob"})
    for who in ("+15550101", "ops", "team", "Bob"):
        given = compose(account, "@x", (), Extras(mentions=(Mention(0, 2, who),)))
        assert given.body_ranges == (BodyRange(start=0, length=2, mention=bob),)
        found = compose(account, f"hi @{who}, all", (), Extras(find_mentions=True))
        assert found.body_ranges == (BodyRange(start=3, length=1 + len(who), mention=bob),)


def test_mentions_are_found_but_not_in_code(account: Account, bob: ServiceId) -> None:
    code = BodyRange(start=0, length=4, style=TextStyle.MONOSPACE)
    message = compose(account, "@Bob \N{FIRE} @bob", (), Extras(styles=(code,), find_mentions=True))
    assert message.body_ranges == (code, BodyRange(start=8, length=4, mention=bob))


def test_ranges_outside_of_the_text_and_unknown_authors(account: Account, bob: ServiceId) -> None:
    with pytest.raises(UsageError):
        compose(account, "a", (), Extras(styles=(BOLD,)))
    with pytest.raises(UsageError):
        compose(account, "ab", (), Extras(quote=QuoteOptions(1, str(bob), "a", styles=(BOLD,))))
    with pytest.raises(UnknownRecipient):
        compose(account, "a", (), Extras(quote=QuoteOptions(1, "Nobody")))
    # Authors are named by ACI in the protocol.
    with pytest.raises(UnknownRecipient):
        reaction(account, "\N{FIRE}", f"PNI:{UUID(int=1)}", 1)


def test_quoted_attachments_as_they_are_written() -> None:
    assert parse_quoted_file("image/png") == QuotedFile("image/png")
    assert parse_quoted_file("image/png:a.png:/tmp/x:y") == QuotedFile(
        "image/png", "a.png", "/tmp/x:y"
    )
    for wrong in ("", ":a", "image/png::x"):
        with pytest.raises(UsageError):
            parse_quoted_file(wrong)


@pytest.mark.parametrize(
    ("question", "options", "error"),
    [
        (" ", ["a", "b"], UsageError),
        ("q", ["a", ""], UsageError),
        ("q", ["a"], AppLimitExceeded),
        ("q", ["a"] * 11, AppLimitExceeded),
        ("q", ["a", "b" * 101], AppLimitExceeded),
        ("q", ["a", "\N{FIRE}" * 51], AppLimitExceeded),
        ("q" * 101, ["a", "b"], AppLimitExceeded),
        ("\N{FIRE}\N{ZERO WIDTH JOINER}" * 68, ["a", "b"], AppLimitExceeded),
    ],
)
def test_polls_that_no_client_shows(
    question: str, options: list[str], error: type[SigcliError]
) -> None:
    with pytest.raises(error) as caught:
        poll(question, options, allow_multiple=True)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("content_type", ["image/png", "image/png:a:/etc/passwd", "x", ""])
@pytest.mark.parametrize("name", [None, "a.png", "a:/etc/passwd", ":/etc/passwd"])
def test_a_quoted_file_is_never_one_of_this_machine(content_type: str, name: str | None) -> None:
    quoted = parse_quoted_file(words_for_quoted_file(content_type, name))
    assert quoted.preview is None
    assert quoted.content_type in ("image/png", "application/octet-stream")


def test_votes_and_reactions(account: Account, bob: ServiceId) -> None:
    vote = poll_vote(account, None, 5, [2], 1).poll_vote
    assert vote is not None
    assert (vote.target_author, vote.option_indexes) == (account.aci, (2,))
    assert poll("\N{FIRE}" * 100, ["b" * 100, "\N{FIRE}"], allow_multiple=False).poll_create
    for wrong in ("", "x", ":-)", "\N{FIRE}\N{FIRE}", "\N{FIRE}x", "é"):
        with pytest.raises(NotOneEmoji):
            reaction(account, wrong, str(bob), 1)
    taken_back = reaction(account, "", str(bob), 1, remove=True).reaction
    assert taken_back is not None
    assert taken_back.is_remove
    assert taken_back.emoji
    with pytest.raises(AppLimitExceeded):
        poll_vote(account, None, 5, list(range(11)), 1)


def test_a_message_is_pinned_for_a_second_at_least(account: Account, bob: ServiceId) -> None:
    for too_short in (0, 1 << 32):
        with pytest.raises(AppLimitExceeded):
            pin(account, str(bob), 1, too_short)
    assert pin(account, str(bob), 1, 1).pin_message is not None
    forever = pin(account, str(bob), 1, -1).pin_message
    assert forever is not None
    assert forever.forever


def test_texts_and_attachments_within_what_apps_take(account: Account) -> None:
    check_text("a" * 65_536)
    for too_long in ("a" * 65_537, "\N{FIRE}" * 16_385):
        with pytest.raises(AppLimitExceeded):
            check_text(too_long)
    for text, attachments in ((None, ["x"] * 33), ("a" * 3000, ["x"] * 32)):
        with pytest.raises(AppLimitExceeded):
            compose(account, text, attachments)
    with pytest.raises(AttachmentUnreadable):
        compose(account, "a", ["/nowhere"] * 32)


@pytest.mark.parametrize(
    ("text", "attachments", "extras"),
    [
        ("text", [PNG], {}),
        (None, [PNG, PNG], {}),
        (None, ["data:text/plain,x"], {}),
        (None, [], {}),
        (None, [PNG], {"quote": QuoteOptions(1, "Bob")}),
        (None, [PNG], {"sticker": StickerOptions(StickerPackId(b"p"), 1)}),
        (None, [PNG], {"preview": PreviewOptions("https://example.org")}),
        (None, [PNG], {"story": StoryOptions(1, "Bob")}),
    ],
)
def test_what_is_seen_once_is_one_picture_or_video(
    account: Account, bob: ServiceId, text: str | None, attachments: list[str], extras: Any
) -> None:
    with pytest.raises(UnsuitableViewOnce):
        compose(account, text, attachments, Extras(view_once=True, **extras))


def test_the_author_of_a_poll_is_looked_up_where_none_is_named(
    account: Account, warnings: Warnings
) -> None:
    def vote(timestamp_ms: int) -> ServiceId | None:
        voted = poll_vote(account, None, timestamp_ms, [0], 1).poll_vote
        assert voted is not None
        return voted.target_author

    carol = ServiceId.aci(UUID(int=0xCA))
    with account.database.transaction() as database:
        for author, timestamp_ms, guid in ((BOB, 5, "a"), (BOB, 6, "b"), (carol, 6, "c")):
            remember_reportable(database, ReportableMessage(author, timestamp_ms, guid, None), 1)
        log_sent(database, SentMessage(7, b"", 1, True), {}, 1)
    assert vote(5) == BOB
    assert vote(7) == account.aci
    assert warnings.texts == []
    with pytest.raises(UsageError) as several:
        vote(6)
    assert "--poll-author" in (several.value.hint or "")
    assert vote(8) == account.aci
    (warning,) = warnings.texts
    assert "--poll-author" in warning
