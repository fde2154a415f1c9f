"""Stories of one's own: a picture or a video for a group, or for everybody on the list "My Story".

My Story is the list that every account has; its id is all zeros. On it are the people whom the account talks to, less
or only those whom the user has named on another device. A story is sealed and needs no access to anybody; people who
want no stories never see it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.client.base.outcomes import SendOutcome
from sigcli.client.base.steps import run, run_all
from sigcli.client.people.known_people import is_accepted
from sigcli.client.sending.delivery import delivery
from sigcli.client.sending.outgoing import Outgoing
from sigcli.client.sending.send_results import results_of
from sigcli.client.sending.sender_certificate import sender_certificate
from sigcli.client.sending.sync_sending import has_other_devices, try_transcript
from sigcli.errors import NoStoryViewers, SigcliError, UnsuitableStory
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.store.recipients import list_recipients
from sigcli.store.send_log import prune_send_log
from sigcli.store.timestamps import next_message_timestamp
from sigcli.wire.content import Content, encode_content
from sigcli.wire.content.stories import StoryMessage
from sigcli.wire.content.sync_sent import StoryRecipient, SyncSent, UnidentifiedStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.base.outcomes import SendResult
    from sigcli.store.group_values import Group
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import DataMessage
    from sigcli.wire.content.message_parts import GroupContext
    from sigcli.wire.storage_records import StoryListRecord

MY_STORY = UUID(int=0)
_KINDS = ("image/", "video/")


@dataclass(frozen=True, slots=True)
class StoryAudience:
    """Who sees a story: the members of a group, or these people."""

    group: Group | None = None
    people: tuple[Recipient, ...] = ()
    allows_replies: bool = True
    """Whether the list lets anybody answer."""

    @property
    def service_ids(self) -> list[ServiceId]:
        """Of the people."""
        return [person.aci for person in self.people if person.aci is not None]


def story_audience(
    account: Account, group_id: str | None = None, deletion: DataMessage | None = None
) -> StoryAudience:
    """The members of a group, by its id, or everybody on My Story, for a story or the ``deletion`` of one.

    A group is fetched if its endorsements are old. Raises NoStoryViewers, InvalidGroupId, UnknownGroup,
    NotAGroupMember, GroupSendRefused.
    """
    if group_id is not None:
        from sigcli.client.groups.lookup import require_group
        from sigcli.client.sending.group_sending import brought_up_to_date

        group = brought_up_to_date(account, require_group(account, group_id), deletion)
        return StoryAudience(group)
    from sigcli.client.storage.reading import find_story_list

    my_story = find_story_list(account, MY_STORY)
    people = tuple(
        person
        for person in list_recipients(account.database, only_contacts=True, blocked=False)
        if _is_viewer(account, person, my_story)
    )
    if not people:
        raise NoStoryViewers
    return StoryAudience(people=people, allows_replies=my_story is None or my_story.allows_replies)


def _is_viewer(account: Account, person: Recipient, my_story: StoryListRecord | None) -> bool:
    if my_story is not None and (person.aci in my_story.recipients) is my_story.is_block_list:
        return False
    return (
        person.aci is not None
        and person.aci != account.aci
        and is_accepted(person)
        and person.contact.unregistered_ms is None
    )


def send_story(
    account: Account, attachment: str, *, group_id: str | None = None, allows_replies: bool = True
) -> SendOutcome:
    """Send a picture or a video (a file or a data URI); one result for each who is meant to see it.

    Nobody can answer unless both the list and ``allows_replies`` say so.

    Opens transactions of its own. Raises UnsuitableStory, NoStoryViewers, UnknownGroup, NotAGroupMember,
    FileUnreadable, AttachmentTooLarge before anything is sent; LoginRefused, ServiceError.
    """
    from sigcli.client.content.attachments_out import upload_attachments

    _require_picture(account, attachment)
    audience = story_audience(account, group_id)
    allows_replies = allows_replies and audience.allows_replies
    (pointer,) = upload_attachments(account, [attachment])
    timestamp_ms = _timestamp(account)
    story = StoryMessage(
        profile_key=account.keys.profile_key,
        group=_context(audience.group),
        file_attachment=pointer,
        allows_replies=allows_replies,
    )
    # With the official apps, too, nobody is told of a story that could not be read.
    outgoing = _outgoing(audience, Content(story_message=story), timestamp_ms, ContentHint.IMPLICIT)
    results = _deliver(account, audience, outgoing)
    _show_other_devices(
        account,
        results,
        SyncSent(
            timestamp_ms=timestamp_ms,
            destination=account.aci,
            destination_number=account.number,
            story_message=story,
            unidentified_statuses=_statuses(results),
            story_recipients=tuple(
                StoryRecipient(
                    destination=aci,
                    distribution_list_ids=(str(MY_STORY),),
                    is_allowed_to_reply=allows_replies,
                )
                for aci in audience.service_ids
            ),
        ),
    )
    return _outcome(audience, timestamp_ms, results)


def delete_story(
    account: Account, story_timestamp_ms: int, *, group_id: str | None = None
) -> SendOutcome:
    """Delete one's own story for everybody on the list, or in the group; raises NoStoryViewers, ServiceError."""
    from sigcli.client.applying.withdrawing import apply_own_deletion
    from sigcli.client.people.recipients import own_recipient
    from sigcli.client.sending.audience import Audience
    from sigcli.client.sending.message_kinds import deletion, forget_deleted
    from sigcli.lazy_dataclass import replace

    message = deletion(story_timestamp_ms)
    audience = story_audience(account, group_id, message)
    groups = () if audience.group is None else (audience.group,)
    forget_deleted(account, Audience(audience.people, groups), story_timestamp_ms)
    timestamp_ms = _timestamp(account)
    message = replace(
        message,
        timestamp_ms=timestamp_ms,
        profile_key=account.keys.profile_key,
        group=_context(audience.group),
    )
    outgoing = _outgoing(
        audience, Content(data_message=message), timestamp_ms, ContentHint.RESENDABLE
    )
    results = _deliver(account, audience, outgoing, message)
    outcome = _outcome(audience, timestamp_ms, results)
    if not outcome.failure():
        # The transcript of a story for My Story names oneself as its destination.
        apply_own_deletion(account, Audience((own_recipient(account),), groups), message)
    _show_other_devices(
        account,
        results,
        SyncSent(
            timestamp_ms=timestamp_ms,
            # The apps drop a transcript that names no destination.
            destination=account.aci if audience.group is None else None,
            destination_number=account.number if audience.group is None else None,
            message=message,
            unidentified_statuses=_statuses(results),
        ),
    )
    return outcome


# --- sending --------------------------------------------------------------------------------------


def _outcome(
    audience: StoryAudience, timestamp_ms: int, results: Sequence[SendResult]
) -> SendOutcome:
    group = audience.group
    empty = () if group is None or results else (group.group_id,)
    return SendOutcome(timestamp_ms, tuple(results), empty)


def _outgoing(
    audience: StoryAudience, content: Content, timestamp_ms: int, hint: ContentHint
) -> Outgoing:
    group = audience.group
    return Outgoing(
        encode_content(content),
        timestamp_ms,
        hint,
        urgent=False,
        group_id=None if group is None else group.group_id,
        story=True,
    )


def _deliver(
    account: Account,
    audience: StoryAudience,
    outgoing: Outgoing,
    deletion: DataMessage | None = None,
) -> list[SendResult]:
    group = audience.group
    if group is not None:
        from sigcli.client.sending.group_identity_check import check_identities
        from sigcli.client.sending.group_sending import member_results, require_may_send
        from sigcli.client.sending.sender_key_sending import deliver_to_members

        details = require_may_send(account, group, deletion)
        others = [member.aci for member in details.members if member.aci != account.aci]
        check_identities(account, group, others)
        delivered = deliver_to_members(account, group, others, outgoing)
        return member_results(account, group, delivered)
    # Once for all, before they run beside one another; if it fails each delivery tries again and says what is wrong.
    with suppress(SigcliError):
        run(sender_certificate(account))
    outcomes = run_all(delivery(account, aci, outgoing) for aci in audience.service_ids)
    return results_of(audience.people, outcomes)


def _show_other_devices(account: Account, results: Sequence[SendResult], sent: SyncSent) -> None:
    """The transcript, unless nobody was reached."""
    reached = not results or any(result.succeeded for result in results)
    if reached and has_other_devices(account):
        run(try_transcript(account, sent))


def _statuses(results: Sequence[SendResult]) -> tuple[UnidentifiedStatus, ...]:
    return tuple(
        UnidentifiedStatus(destination=result.recipient.aci, unidentified=result.sealed)
        for result in results
        if result.succeeded
    )


def _context(group: Group | None) -> GroupContext | None:
    if group is None or group.details is None:
        return None
    from sigcli.wire.content.message_parts import GroupContext

    return GroupContext(master_key=group.master_key, revision=group.details.revision)


def _timestamp(account: Account) -> int:
    with account.database.transaction() as database:
        prune_send_log(database, account.now_ms())
        return next_message_timestamp(database, account.now_ms())


def _require_picture(account: Account, attachment: str) -> None:
    """Raises FileUnreadable, and UnsuitableStory for what is neither a picture nor a video."""
    from sigcli.client.content.attachment_sources import open_sources

    (source,) = open_sources(account, [attachment])
    source.close()
    if not source.content_type.startswith(_KINDS):
        raise UnsuitableStory
