"""Errors about groups, stickers and stories that the user can fix."""

from __future__ import annotations

from sigcli.errors.base import UserError


class InvalidStickerPackLink(UserError):
    """This is not a link to a sticker pack."""

    hint = "a link looks like https://signal.art/addstickers/#pack_id=...&pack_key=..."


class UnknownStickerPack(UserError):
    """No such sticker pack is known here."""

    hint = (
        "sigcli listStickerPacks shows the known packs; sigcli addStickerPack --uri LINK adds one"
    )


class NoSuchSticker(UserError):
    """The sticker pack has no such sticker."""

    hint = "sigcli --json listStickerPacks shows the numbers of a pack's stickers"


class StickerPackUnavailable(UserError):
    """The service does not have this sticker pack, or the key does not open it."""

    hint = "check the link: it may be cut short, or the pack may have been removed"


class InvalidStickerPack(UserError):
    """The folder or archive holds no sticker pack that could be uploaded."""

    hint = (
        "it needs a manifest.json with title, author and stickers; see STICKER PACKS in sigcli(1)"
    )


class NoStoryViewers(UserError):
    """Nobody would see the story."""

    hint = "a story goes to people this account is in contact with: write to someone first, or name a group with -g"


class UnsuitableStory(UserError):
    """A story is a picture or a video."""

    hint = "send other files with sigcli send -a FILE"


class InvalidGroupId(UserError):
    """A group id is base64 of 32 bytes."""

    hint = "sigcli listGroups shows the ids"


class AmbiguousGroup(UserError):
    """Several groups have this name."""

    hint = "name one of them by its id, or give it an alias of its own in config.toml"


class UnknownGroup(UserError):
    """No such group is known here."""

    hint = "sigcli listGroups shows the known groups; a group becomes known by a message in it, or by joinGroup"


class NotAGroupMember(UserError):
    """The account is not a member of the group."""


class GroupChangeRefused(UserError):
    """The group does not allow this account to change that."""

    hint = "ask an administrator of the group"


class GroupTooLarge(UserError):
    """The service does not accept a group with so many members and invited people."""

    hint = "make another group for the others"

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(
            f"the group would have {count:,} members, and the service accepts at most {limit:,}"
        )
        self.count = count
        self.limit = limit


class GroupSendRefused(UserError):
    """Only administrators may send to this group."""

    hint = (
        "members may react, vote and delete their own messages; ask an administrator for the rest"
    )


class LastAdministrator(UserError):
    """The account is the only administrator of the group."""

    hint = "name a member to take over with --admin"


class InvalidGroupLink(UserError):
    """This is not a link to a group."""

    hint = "a link looks like https://signal.group/#..."


class GroupLinkInactive(UserError):
    """The group cannot be joined with this link."""

    hint = "ask a member for the current link"
