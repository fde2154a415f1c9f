"""What sigcli can be told to do: one declaration an operation, and what comes out of it.

An operation is a value whose fields are its parameters; it is run on an open account, or on the settings where no
account is needed, and gives a result that knows its JSON. The command line, the daemon and the library read the same
declaration. Each class is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sigcli.operations.accounts import DeleteLocalAccountData, ListAccounts
    from sigcli.operations.attachments import GetAttachment, ListAttachments, RemoveAttachment
    from sigcli.operations.avatars import GetAvatar
    from sigcli.operations.blocking import Block, SendMessageRequestResponse, Unblock
    from sigcli.operations.challenge import SubmitRateLimitChallenge
    from sigcli.operations.change_number import FinishChangeNumber, StartChangeNumber
    from sigcli.operations.configuration import UpdateConfiguration
    from sigcli.operations.contacts import ListContacts, RemoveContact, UpdateContact
    from sigcli.operations.deletion import RemoteDelete, SendAdminDelete
    from sigcli.operations.devices import AddDevice, ListDevices, RemoveDevice, UpdateDevice
    from sigcli.operations.groups import JoinGroup, ListGroups, QuitGroup, UpdateGroup
    from sigcli.operations.identities import ListIdentities, Trust
    from sigcli.operations.payment import SendPaymentNotification
    from sigcli.operations.pin import RemovePin, SetPin
    from sigcli.operations.pins import SendPinMessage, SendUnpinMessage
    from sigcli.operations.polls import SendPollCreate, SendPollTerminate, SendPollVote
    from sigcli.operations.profile import UpdateProfile
    from sigcli.operations.reaction import SendReaction
    from sigcli.operations.receipts import SendReceipt
    from sigcli.operations.receive import Receive
    from sigcli.operations.registration import Register, Unregister, Verify
    from sigcli.operations.send import Send
    from sigcli.operations.spam import ReportSpam
    from sigcli.operations.stickers import (
        AddStickerPack,
        GetSticker,
        ListStickerPacks,
        RemoveStickerPack,
        UploadStickerPack,
    )
    from sigcli.operations.story import SendStory
    from sigcli.operations.sync import SendContacts, SendSyncRequest
    from sigcli.operations.typing_indicator import SendTyping
    from sigcli.operations.update_account import UpdateAccount
    from sigcli.operations.user_status import GetUserStatus
    from sigcli.operations.version import Version

__all__ = [
    "AddDevice",
    "AddStickerPack",
    "Block",
    "DeleteLocalAccountData",
    "FinishChangeNumber",
    "GetAttachment",
    "GetAvatar",
    "GetSticker",
    "GetUserStatus",
    "JoinGroup",
    "ListAccounts",
    "ListAttachments",
    "ListContacts",
    "ListDevices",
    "ListGroups",
    "ListIdentities",
    "ListStickerPacks",
    "QuitGroup",
    "Receive",
    "Register",
    "RemoteDelete",
    "RemoveAttachment",
    "RemoveContact",
    "RemoveDevice",
    "RemovePin",
    "RemoveStickerPack",
    "ReportSpam",
    "Send",
    "SendAdminDelete",
    "SendContacts",
    "SendMessageRequestResponse",
    "SendPaymentNotification",
    "SendPinMessage",
    "SendPollCreate",
    "SendPollTerminate",
    "SendPollVote",
    "SendReaction",
    "SendReceipt",
    "SendStory",
    "SendSyncRequest",
    "SendTyping",
    "SendUnpinMessage",
    "SetPin",
    "StartChangeNumber",
    "SubmitRateLimitChallenge",
    "Trust",
    "Unblock",
    "Unregister",
    "UpdateAccount",
    "UpdateConfiguration",
    "UpdateContact",
    "UpdateDevice",
    "UpdateGroup",
    "UpdateProfile",
    "UploadStickerPack",
    "Verify",
    "Version",
]


def __getattr__(name: str) -> Any:
    from sigcli.operations.declaring import load

    try:
        return load(name[0].lower() + name[1:])
    except KeyError:
        raise AttributeError(f"there is no operation {name}") from None
