"""The lists of people who see the stories of the account, as the user has set them on another device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.storage.reading import decoded
from sigcli.store.storage_records import seen_records
from sigcli.wire.storage_records import StorageItemType

if TYPE_CHECKING:
    from uuid import UUID

    from sigcli.client.base.account import Account
    from sigcli.wire.storage_records import StoryListRecord


def find_story_list(account: Account, id: UUID) -> StoryListRecord | None:
    """The list with this id as it was last seen in the storage service."""
    for one in seen_records(account.database):
        if one.type == StorageItemType.STORY_DISTRIBUTION_LIST:
            story_list = decoded(one).story_list
            if story_list is not None and story_list.identifier == id.bytes:
                return story_list
    return None
