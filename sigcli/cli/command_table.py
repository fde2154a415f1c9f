"""Which commands there are: name, module and one line of help. Imports nothing, so that help costs nothing."""

from __future__ import annotations


class Entry:
    """A command as the top-level help shows it; its function stands in ``sigcli.cli.commands.<module>``.

    A plain class: help waits for no import.
    """

    __slots__ = ("module", "summary")

    def __init__(self, module: str, summary: str) -> None:
        self.module = module
        self.summary = summary


FAMILIES: dict[str, dict[str, Entry]] = {
    "Set up": {
        "link": Entry("link", "Link this machine to an existing account"),
        "register": Entry("registration", "Have a verification code sent to a number"),
        "verify": Entry("registration", "Hand in the code and become the primary device"),
        "startChangeNumber": Entry("change_number", "Have a code sent to a new number"),
        "finishChangeNumber": Entry("change_number", "Hand in the code and move to the number"),
        "unregister": Entry("registration", "Receive no more on this device"),
        "setPin": Entry("pin", "Protect the account with a PIN"),
        "removePin": Entry("pin", "Take the account's PIN away"),
        "addDevice": Entry("devices", "Link another device to this account"),
        "removeDevice": Entry("devices", "Remove a linked device"),
        "listAccounts": Entry("accounts", "List the accounts in the data directory"),
        "deleteLocalAccountData": Entry("accounts", "Delete an account's data on this machine"),
    },
    "Messages": {
        "send": Entry("send", "Send a message"),
        "sendReaction": Entry("reaction", "React to a message with an emoji"),
        "sendReceipt": Entry("receipts", "Tell that messages were read or viewed"),
        "sendTyping": Entry("typing", "Show that you type"),
        "remoteDelete": Entry("deletion", "Delete an own message for everybody"),
        "sendAdminDelete": Entry("deletion", "Delete somebody's message in a group"),
        "sendPinMessage": Entry("pins", "Pin a message to the top"),
        "sendUnpinMessage": Entry("pins", "Take a message from the top"),
        "sendPollCreate": Entry("polls", "Start a poll"),
        "sendPollVote": Entry("polls", "Vote in a poll"),
        "sendPollTerminate": Entry("polls", "End an own poll"),
        "sendStory": Entry("story", "Show a picture or a video as a story"),
        "sendPaymentNotification": Entry("payment", "Tell somebody of a payment"),
        "receive": Entry("receive", "Print what has arrived"),
        "getAttachment": Entry("attachments", "Print an attachment"),
        "listAttachments": Entry("attachments", "List the attachments on this device"),
        "removeAttachment": Entry("attachments", "Delete attachments from this device"),
    },
    "Account": {
        "listDevices": Entry("devices", "List the account's devices"),
        "updateDevice": Entry("devices", "Rename a device"),
        "updateAccount": Entry("update_account", "Change the account's attributes"),
        "updateProfile": Entry("update_profile", "Change the profile that others see"),
        "updateConfiguration": Entry("configuration", "Change what all devices share"),
        "sendSyncRequest": Entry("sync_commands", "Ask the primary device for contacts and more"),
        "sendContacts": Entry("sync_commands", "Send all contacts to the linked devices"),
        "submitRateLimitChallenge": Entry("challenge", "Answer a captcha challenge of the service"),
    },
    "People": {
        "listContacts": Entry("contacts", "List contacts"),
        "updateContact": Entry("update_contact", "Name somebody, or let messages vanish"),
        "removeContact": Entry("update_contact", "Forget what is noted about somebody"),
        "block": Entry("blocking", "Block people and groups"),
        "unblock": Entry("blocking", "Unblock people and groups"),
        "reportSpam": Entry("spam", "Report somebody's messages as spam"),
        "sendMessageRequestResponse": Entry("blocking", "Accept or delete message requests"),
        "getAvatar": Entry("avatars", "Print a picture of a person or a group"),
        "getUserStatus": Entry("user_status", "Tell whether a number is on the service"),
        "listIdentities": Entry("identities", "List identity keys and their trust"),
        "trust": Entry("identities", "Trust an identity key"),
    },
    "Stickers": {
        "listStickerPacks": Entry("stickers", "List sticker packs"),
        "addStickerPack": Entry("stickers", "Install sticker packs by their links"),
        "removeStickerPack": Entry("stickers", "Remove installed sticker packs"),
        "uploadStickerPack": Entry("stickers", "Upload a sticker pack"),
        "getSticker": Entry("stickers", "Print a sticker"),
    },
    "Groups": {
        "updateGroup": Entry("groups", "Make a group, or change one"),
        "listGroups": Entry("groups", "List groups"),
        "joinGroup": Entry("groups", "Join a group by its link"),
        "quitGroup": Entry("groups", "Leave a group"),
    },
    "Other": {
        "api": Entry("api", "Call any path of the service"),
        "doctor": Entry("doctor", "Check everything and say what to do"),
        "demo": Entry("demo", "Show everything on this machine alone"),
        "sandbox": Entry("sandbox", "Run a server to try and to test against"),
        "version": Entry("version", "Print the version"),
    },
}

COMMANDS: dict[str, Entry] = {
    name: entry for family in FAMILIES.values() for name, entry in family.items()
}

_WIDTH = 2 + max(map(len, COMMANDS))

# (option and value, meaning) of what may stand on either side of a command.
GLOBAL_OPTIONS: tuple[tuple[str, str], ...] = (
    ("-a, --account ACCOUNT", "number or ACI of the own account [SIGCLI_ACCOUNT]"),
    ("-o, --output plain-text|json", "form of the output [SIGCLI_OUTPUT]"),
    ("--json", "the same as -o json"),
    ("-d, --data-dir DIR", "where accounts are kept (alias --config) [SIGCLI_DATA_DIR]"),
    (
        "--service-environment NAME|FILE",
        "live, staging, sandbox or a file [SIGCLI_SERVICE_ENVIRONMENT]",
    ),
    ("--trust-new-identities POLICY", "on-first-use, unless-verified, always or never"),
    ("--disable-send-log", "keep no copy of sent messages to answer retry requests"),
    ("--lock-timeout SECONDS", "how long to wait for another process (default 60)"),
    ("-v, --verbose", "say more on stderr; twice for all details"),
    ("--log-file FILE", "write details there instead"),
    ("--scrub-log", "mask numbers and ids in details"),
    ("-h, --help", "show help, also after a command"),
    ("--version", "print the version"),
)


def top_level_help() -> str:
    """The text of ``sigcli --help``."""
    lines = [
        "Usage: sigcli [OPTIONS] COMMAND [ARGS]",
        "",
        "A Signal messenger client for the command line.",
        "",
        "Examples:",
        "  sigcli link -n server               link to the account of a phone",
        '  sigcli send -m "disk full" +15550100',
        "  df -h | sigcli send --message-from-stdin +15550100",
        "  sigcli receive --json | jq .envelope.dataMessage.message",
        "",
    ]
    for family, commands in FAMILIES.items():
        lines.append(f"{family}:")
        lines += [f"  {name:<{_WIDTH}}{entry.summary}" for name, entry in commands.items()]
        lines.append("")
    lines.append("Options:")
    lines += [f"  {option:<34}{meaning}" for option, meaning in GLOBAL_OPTIONS]
    return "\n".join(lines)


_FOREIGN = {
    "jsoneventloop": "sigcli receive --json -t -1 prints messages as they come",
    "sendsynccontacts": "did you mean sendContacts?",
    **dict.fromkeys(
        ("startcall", "acceptcall", "rejectcall", "hangupcall", "listcalls"),
        "sigcli makes no calls",
    ),
}


def foreign_command_hint(word: str) -> str | None:
    """What to do instead, for a command that other programs have and this one has not."""
    return _FOREIGN.get(word.replace("-", "").lower())
