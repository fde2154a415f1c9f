"""What sigcli can be told to do: name, where it is declared, one line of help, and who may have it done.

Imports nothing, so that help costs nothing.
"""

from __future__ import annotations

# Scopes: what a program must have been given.
ANY = "any"
"""Every program may."""
SEND = "send"
RECEIVE = "receive"
ADMIN = "admin"

# What it is run on.
ACCOUNT = "account"
SETTINGS = "settings"

SET_UP = "Set up"
MESSAGES = "Messages"
GROUPS = "Groups"
PEOPLE = "People"
OWN_ACCOUNT = "Account"
STICKERS = "Stickers"
OTHER = "Other"


class Entry:
    """An operation before it is loaded; its class stands in ``sigcli.operations.<module>``.

    ``hand_over``: a running daemon may do it for a command; never what prompts, serves or moves accounts.
    ``programs``: it is for programs as well. Otherwise it is a command of the command line alone, declared in
    ``sigcli.cli.commands.<module>``. A plain class: help waits for no import.
    """

    __slots__ = ("family", "hand_over", "module", "needs", "programs", "scope", "summary")

    def __init__(
        self,
        module: str,
        summary: str,
        family: str,
        scope: str,
        *,
        needs: str = ACCOUNT,
        hand_over: bool = True,
        programs: bool = True,
    ) -> None:
        self.module = module
        self.summary = summary
        self.family = family
        self.scope = scope
        self.needs = needs
        self.hand_over = hand_over
        self.programs = programs


# In the order in which help shows them.
OPERATIONS: dict[str, Entry] = {
    # Set up
    "link": Entry(
        "link",
        "Link this machine to an existing account",
        SET_UP,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
        programs=False,
    ),
    "register": Entry(
        "registration",
        "Have a verification code sent to a number",
        SET_UP,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
    ),
    "verify": Entry(
        "registration",
        "Enter the code and become the primary device",
        SET_UP,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
    ),
    "startChangeNumber": Entry("change_number", "Have a code sent to a new number", SET_UP, ADMIN),
    "finishChangeNumber": Entry(
        "change_number", "Enter the code and move to the number", SET_UP, ADMIN
    ),
    "unregister": Entry("registration", "Stop receiving on this device", SET_UP, ADMIN),
    "setPin": Entry("pin", "Protect the account with a PIN", SET_UP, ADMIN, hand_over=False),
    "removePin": Entry("pin", "Remove the account's PIN", SET_UP, ADMIN),
    "addDevice": Entry("devices", "Link another device to this account", SET_UP, ADMIN),
    "removeDevice": Entry("devices", "Remove a linked device", SET_UP, ADMIN),
    "listAccounts": Entry(
        "accounts",
        "List the accounts in the data directory",
        SET_UP,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
    ),
    "deleteLocalAccountData": Entry(
        "accounts",
        "Delete an account's data on this machine",
        SET_UP,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
    ),
    "import": Entry(
        "importing",
        "Import accounts from signal-cli",
        SET_UP,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
        programs=False,
    ),
    "backup": Entry(
        "backup",
        "Write an encrypted copy of an account",
        SET_UP,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
        programs=False,
    ),
    "restore": Entry(
        "backup",
        "Restore an account from its backup",
        SET_UP,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
        programs=False,
    ),
    # Messages
    "send": Entry("send", "Send a message", MESSAGES, SEND),
    "sendReaction": Entry("reaction", "React to a message with an emoji", MESSAGES, SEND),
    "sendReceipt": Entry("receipts", "Confirm that messages were read or viewed", MESSAGES, SEND),
    "sendTyping": Entry("typing_indicator", "Show that you are typing", MESSAGES, SEND),
    "remoteDelete": Entry("deletion", "Delete your message for everybody", MESSAGES, SEND),
    "sendAdminDelete": Entry("deletion", "Delete somebody's message in a group", MESSAGES, SEND),
    "sendPinMessage": Entry("pins", "Pin a message to the top", MESSAGES, SEND),
    "sendUnpinMessage": Entry("pins", "Unpin a message", MESSAGES, SEND),
    "sendPollCreate": Entry("polls", "Start a poll", MESSAGES, SEND),
    "sendPollVote": Entry("polls", "Vote in a poll", MESSAGES, SEND),
    "sendPollTerminate": Entry("polls", "End your poll", MESSAGES, SEND),
    "sendStory": Entry("story", "Show a picture or a video as a story", MESSAGES, SEND),
    "sendPaymentNotification": Entry("payment", "Tell somebody about a payment", MESSAGES, SEND),
    "receive": Entry("receive", "Print what has arrived", MESSAGES, RECEIVE),
    "getAttachment": Entry("attachments", "Print an attachment", MESSAGES, RECEIVE),
    "listAttachments": Entry(
        "attachments", "List the attachments on this device", MESSAGES, RECEIVE
    ),
    "removeAttachment": Entry(
        "attachments", "Delete attachments from this device", MESSAGES, ADMIN
    ),
    # Account
    "listDevices": Entry("devices", "List the account's devices", OWN_ACCOUNT, ADMIN),
    "updateDevice": Entry("devices", "Rename a device", OWN_ACCOUNT, ADMIN),
    "updateAccount": Entry("update_account", "Change the account's attributes", OWN_ACCOUNT, ADMIN),
    "updateProfile": Entry("profile", "Change the profile that others see", OWN_ACCOUNT, ADMIN),
    "updateConfiguration": Entry(
        "configuration", "Change settings that all devices share", OWN_ACCOUNT, ADMIN
    ),
    "sendSyncRequest": Entry(
        "sync", "Ask the primary device for contacts and more", OWN_ACCOUNT, ADMIN
    ),
    "sendContacts": Entry("sync", "Send all contacts to the linked devices", OWN_ACCOUNT, ADMIN),
    "submitRateLimitChallenge": Entry(
        "challenge", "Answer a captcha challenge of the service", OWN_ACCOUNT, SEND
    ),
    # People
    "listContacts": Entry("contacts", "List contacts", PEOPLE, RECEIVE),
    "updateContact": Entry("contacts", "Name a contact, or set its message timer", PEOPLE, ADMIN),
    "removeContact": Entry("contacts", "Remove or hide a contact", PEOPLE, ADMIN),
    "block": Entry("blocking", "Block people and groups", PEOPLE, ADMIN),
    "unblock": Entry("blocking", "Unblock people and groups", PEOPLE, ADMIN),
    "reportSpam": Entry("spam", "Report somebody's messages as spam", PEOPLE, ADMIN),
    "sendMessageRequestResponse": Entry(
        "blocking", "Accept or delete message requests", PEOPLE, ADMIN
    ),
    "getAvatar": Entry("avatars", "Print a picture of a person or a group", PEOPLE, RECEIVE),
    "getUserStatus": Entry("user_status", "Check who is on the service", PEOPLE, SEND),
    "listIdentities": Entry("identities", "List identity keys and their trust", PEOPLE, RECEIVE),
    "trust": Entry("identities", "Trust an identity key", PEOPLE, ADMIN),
    # Stickers
    "listStickerPacks": Entry("stickers", "List sticker packs", STICKERS, RECEIVE),
    "addStickerPack": Entry("stickers", "Install sticker packs by their links", STICKERS, ADMIN),
    "removeStickerPack": Entry("stickers", "Remove installed sticker packs", STICKERS, ADMIN),
    "uploadStickerPack": Entry("stickers", "Upload a sticker pack", STICKERS, ADMIN),
    "getSticker": Entry("stickers", "Print a sticker", STICKERS, RECEIVE),
    # Groups
    "updateGroup": Entry("groups", "Create or change a group", GROUPS, ADMIN),
    "listGroups": Entry("groups", "List groups", GROUPS, RECEIVE),
    "joinGroup": Entry("groups", "Join a group by its link", GROUPS, ADMIN),
    "quitGroup": Entry("groups", "Leave a group", GROUPS, ADMIN),
    # Other
    "daemon": Entry(
        "daemon",
        "Keep accounts open and receive in the background",
        OTHER,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
        programs=False,
    ),
    "jsonRpc": Entry(
        "json_rpc",
        "Take JSON-RPC requests on standard input",
        OTHER,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
        programs=False,
    ),
    "token": Entry(
        "token",
        "Manage programs' access to the daemon",
        OTHER,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
        programs=False,
    ),
    "api": Entry(
        "api",
        "Call any path of the service",
        OTHER,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
        programs=False,
    ),
    "doctor": Entry(
        "doctor",
        "Check everything and say what to do",
        OTHER,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
        programs=False,
    ),
    "demo": Entry(
        "demo",
        "Try everything out on this machine alone",
        OTHER,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
        programs=False,
    ),
    "sandbox": Entry(
        "sandbox",
        "Run a server to test against",
        OTHER,
        ADMIN,
        needs=SETTINGS,
        hand_over=False,
        programs=False,
    ),
    "version": Entry("version", "Print the version", OTHER, ANY, needs=SETTINGS, hand_over=False),
}


def families() -> dict[str, dict[str, Entry]]:
    """The operations by their families, as help shows them."""
    grouped: dict[str, dict[str, Entry]] = {}
    for name, entry in OPERATIONS.items():
        grouped.setdefault(entry.family, {})[name] = entry
    return grouped


def class_name(name: str) -> str:
    """The class that declares an operation."""
    return name[0].upper() + name[1:]
