"""What the user can mend: options, accounts, recipients, messages, groups, stickers."""

from __future__ import annotations

from sigcli.errors.base import SigcliError, UserError

# --- what the user can mend ---------------------------------------------------------------------------------------


class InvalidUsername(UserError):
    """This is not a username."""

    hint = "a username looks like name.42: letters, digits and _, then a dot and two or more digits"


class UsernameTooShort(InvalidUsername):
    """The nickname of the username is too short."""

    hint = "a nickname has 3 to 32 letters, digits or _"


class UsernameTooLong(InvalidUsername):
    """The nickname of the username is too long."""

    hint = "a nickname has 3 to 32 letters, digits or _"


class UsernameStartsWithDigit(InvalidUsername):
    """A username does not start with a digit."""

    hint = "start with a letter or _"


class BadUsernameCharacter(InvalidUsername):
    """A nickname has letters from a to z, digits and _ only."""


class BadDiscriminator(InvalidUsername):
    """The number at the end of the username is not one."""

    hint = "after the dot come two digits, or more without zeros first; not 00"


class UsernameTaken(UserError):
    """Somebody else has this username."""

    hint = "take another number after the dot, or name the nickname alone and get a number that is free"


class InvalidUsernameLink(UserError):
    """This is not a username link."""

    hint = "a username link looks like https://signal.me/#eu/… and is copied whole"


class UsageError(UserError):
    """The command line is not complete or not understood."""

    code = "usage"
    hint = "sigcli --help lists the commands, sigcli COMMAND --help what one takes"


class NoLocalAccount(UserError):
    """There is no account in the data directory."""

    hint = "link this computer to a phone (sigcli link) or register a number (sigcli register)"


class OnlySignalCliAccounts(NoLocalAccount):
    """The data directory is one of signal-cli, whose accounts sigcli has not taken over."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} is a data directory of signal-cli, whose accounts sigcli has not taken over",
            hint=f"stop signal-cli, then: sigcli --data-dir '{path}' import signal-cli --source '{path}'",
        )
        self.path = path


class SeveralLocalAccounts(UserError):
    """There is more than one account in the data directory."""

    hint = "name one with -a NUMBER; sigcli listAccounts shows them"


class UnknownLocalAccount(UserError):
    """The account named is not in the data directory."""

    hint = "it is not in this data directory: sigcli listAccounts shows those that are; link or register adds one"


class AccountExists(UserError):
    """The account is in the data directory already."""

    hint = "sigcli deleteLocalAccountData removes what is stored here of an account"


class InvalidConsumerName(UserError):
    """This is no name for a consumer."""

    hint = "take 1 to 64 letters, digits and . _ - ; command-line is the command line's own"


class UnknownConsumer(UserError):
    """There is no consumer of this name."""

    hint = "listConsumers shows those that there are"


class UnknownEvent(UserError):
    """No event of this id was handed out to this connection lately."""

    hint = "name the account as well, since the ids of several accounts are counted apart"


class NoSuchFile(UserError):
    """There is no such file in the account's folder."""


class ValueTooLong(UserError):
    """A value is longer than its field allows."""


class InvalidAccountEntropyPool(UserError):
    """This is not an account entropy pool (recovery key)."""

    hint = "a recovery key has 64 letters and digits"


# --- sending ----------------------------------------------------------------------------------


class AccountClosed(UserError):
    """The account was closed."""

    hint = "open it again with sigcli.open_account"


class SendFailed(UserError):
    """The message reached nobody."""

    hint = "the results name the reason for each recipient (-o json shows them)"


class SendUntrusted(SigcliError):
    """The identity key of every recipient has changed or is not trusted; nothing was sent."""

    code = "untrustedIdentity"
    exit_code = 4
    hint = (
        "compare safety numbers (sigcli listIdentities -n RECIPIENT), then"
        " sigcli trust RECIPIENT -v 'SAFETY NUMBER' (or -a, without comparing)"
    )


class AddressMoved(SigcliError):
    """A number or username that was somebody else's is said to belong to another account now."""

    exit_code = 4
    hint = (
        "ask the person, then sigcli trust RECIPIENT -a, or -v SAFETY-NUMBER of whichever account it is"
        " (sigcli listIdentities -n RECIPIENT shows both); the former account can be named by its ACI"
    )

    def __init__(
        self, message: str | None = None, *, number: str | None = None, username: str | None = None
    ) -> None:
        super().__init__(message)
        self.number = number
        self.username = username


class SendRateLimited(SigcliError):
    """The service accepts no more messages for now."""

    code = "rateLimited"
    exit_code = 5
    hint = "wait as long as the result says, or answer its challenge with sigcli submitRateLimitChallenge"


class SendNetworkFailed(SigcliError):
    """The service could not be reached; nothing was sent."""

    code = "networkFailure"
    exit_code = 3
    hint = "check the network and run the same command again"


class SendUnregistered(UserError):
    """Nobody among the recipients is registered with the service."""

    code = "unregistered"
    hint = "check the number or service id"


class NoRecipients(UserError):
    """No recipients given."""

    hint = "name a recipient (+number, ACI, PNI:…) or use --note-to-self"


class OutputUnwritable(UserError):
    """Standard output cannot be written."""

    hint = "see where the output goes: it may be closed, or on a full disk"


class NothingToSend(UserError):
    """There is no message to send."""

    hint = "give a text with -m or --message-from-stdin, or an attachment with -a"


class NothingToReport(UserError):
    """No message of this person is remembered."""

    hint = "messages are remembered for 30 days; --server-guid names one by envelope.serverGuid of receive --json"


class UnknownRecipient(UserError):
    """Nobody is known by this name."""

    hint = "name a number (+15550100), an ACI, PNI:…, an alias of config.toml or the exact name of a contact"


class AmbiguousRecipient(UserError):
    """Several contacts have this name."""

    hint = "name one of them by number or ACI; sigcli listContacts shows both"


class PersonNotRegistered(UserError):
    """Nobody with the service is called so.

    ``number`` or ``username`` is what was looked up, as far as it is known.
    """

    code = "unregistered"

    def __init__(
        self,
        message: str | None = None,
        *,
        number: str | None = None,
        username: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.number = number
        self.username = username


class NumberNotRegistered(PersonNotRegistered):
    """This number is not registered with the service."""

    code = "unregistered"
    hint = "check the number"


class UsernameNotRegistered(PersonNotRegistered):
    """Nobody has this username."""

    code = "unregistered"
    hint = "check the username: people change theirs; a new username link leads to the new one"


class DiscoveryUnavailable(UserError):
    """The number is not known here, and contact discovery is not available.

    ``number`` is the one that was asked for.
    """

    hint = "use the person's ACI; a contact sync or a message from that number makes it known"

    def __init__(
        self, message: str | None = None, *, number: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.number = number


class AttachmentUnreadable(UserError):
    """An attachment cannot be read."""

    hint = "check the name of the file, and who may read it"


class AttachmentRefused(UserError):
    """A file that holds secrets of the data directory is not sent to anybody."""

    hint = "it holds keys and messages of the account: copy the file elsewhere if you mean it"


class AttachmentTooLarge(UserError):
    """The attachment is larger than the service takes."""


class AppLimitExceeded(UserError):
    """This is more than the apps of other people take."""

    hint = "shorten it, or send it in parts"


class NotOneEmoji(UserError):
    """This is not exactly one emoji."""

    hint = "give a single emoji, with its skin tone if it has one"


class UnsuitableViewOnce(UserError):
    """What can be seen once is exactly one picture or video, and nothing else."""

    hint = "send the text and other files as messages of their own"


class PictureTooLarge(UserError):
    """The picture is larger than the service takes."""

    hint = "make it smaller first; a picture of 1000 by 1000 pixels is enough"


class StillRegistered(UserError):
    """The service still knows this device; its data was not deleted."""

    hint = "remove the device on the phone first, or delete with --ignore-registered"


class UnknownIdentity(UserError):
    """No identity key of this person is known yet."""

    hint = "a key becomes known with the first message from or to somebody; sigcli listIdentities shows all"


class SafetyNumberMismatch(UserError):
    """The safety number is another one: nothing was trusted."""

    hint = (
        "compare all digits again with the person; a difference can mean that somebody listens in"
    )


class InvalidNumber(UserError):
    """This is not a phone number in its international form."""

    hint = "name it with -a: a plus, the country code, the number without its leading zero"


class NumberRequired(UserError):
    """This account has no phone number."""

    hint = "use an account that has one; people find this one by its username (sigcli updateAccount -u)"


class SameNumber(UserError):
    """The account has this number already."""

    hint = "name the new number"


class AlreadyRegistered(UserError):
    """The number is registered here, and the service takes its login."""

    hint = "there is nothing to do; --reregister registers it anew all the same"


class CaptchaRequired(UserError):
    """Captcha required for verification: the service wants one before it sends a code."""

    hint = "solve one and hand in its link with --captcha"


class WrongVerificationCode(UserError):
    """The verification code is wrong."""

    hint = "look again and repeat sigcli verify; sigcli register has another code sent"


class AlreadyVerified(UserError):
    """The number is registered here and no verification is under way."""

    exit_code = 3  # as signal-cli's
    hint = "there is nothing to do; sigcli register --reregister has another code sent"


class NothingToVerify(UserError):
    """No verification of this number is under way."""

    hint = "have a code sent first: sigcli -a NUMBER register"


class WrongPin(UserError):
    """The PIN is wrong.

    ``tries_left``: how many are left before what is kept behind the PIN is destroyed.
    """

    hint = "run the command again with the right PIN; when no try is left, the data behind it are destroyed"

    def __init__(self, tries_left: int) -> None:
        tries = "1 try is" if tries_left == 1 else f"{tries_left} tries are"
        super().__init__(f"the PIN is wrong: {tries} left")
        self.tries_left = tries_left


class PinDataMissing(UserError):
    """Nothing is kept behind a PIN for this account: there never was, or the last try was used up."""

    hint = "set a PIN with sigcli setPin once the account is registered"


class WeakPin(UserError):
    """A PIN has at least four characters, and its digits are neither all the same nor a row."""

    hint = "choose another one; letters are allowed"


class InvalidLinkUri(UserError):
    """This is not the link URI of a device."""

    hint = "the new device shows it, as a code or as text: sgnl://linkdevice?uuid=…&pub_key=…"


class NoDeviceWaiting(UserError):
    """No device waits to be linked by this URI."""

    hint = "a link URI is good for 90 seconds and for one use: let the new device show a fresh one"


class DeviceNotLinked(UserError):
    """The new device has not finished linking."""

    hint = "look at what it says; sigcli listDevices shows whether it is linked after all"


class LinkTimedOut(UserError):
    """No phone has accepted the link code in time."""

    hint = "run link again and scan the code under Settings, Linked devices"


class PrimaryOnly(UserError):
    """Only the account's primary device can change this."""

    hint = "change it in the app on the phone"


class LinkedDeviceOnly(UserError):
    """Only a linked device can ask the primary device; this is the primary one."""


class NoSuchDevice(UserError):
    """The account has no device with this number."""

    hint = "sigcli listDevices shows them"


class PrimaryNotRemovable(UserError):
    """The primary device cannot be removed from its account."""

    hint = "sigcli unregister stops receiving on it, sigcli unregister --delete-account ends the account"


class DeviceNameTooLong(UserError):
    """The device's name is too long."""

    hint = "choose a name of at most 50 letters"


class NoProfileName(UserError):
    """The profile has no name yet."""

    hint = "give one with --given-name"


class FileUnreadable(UserError):
    """A file cannot be read."""

    hint = "check the path and its rights"


# --- stickers -------------------------------------------------------------------------------------------------------


class InvalidStickerPackLink(UserError):
    """This is no link to a sticker pack."""

    hint = "a link looks like https://signal.art/addstickers/#pack_id=...&pack_key=..."


class UnknownStickerPack(UserError):
    """No such sticker pack is known here."""

    hint = "sigcli listStickerPacks shows those that are; sigcli addStickerPack --uri LINK adds one"


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


# --- stories --------------------------------------------------------------------------------------------------------


class NoStoryViewers(UserError):
    """Nobody would see the story."""

    hint = "it goes to the people whom this account talks to; write to somebody first, or name a group with -g"


class UnsuitableStory(UserError):
    """A story is a picture or a video."""

    hint = "send other files with sigcli send -a FILE"


# --- groups ---------------------------------------------------------------------------------------------------------


class InvalidGroupId(UserError):
    """A group id is base64 of 32 bytes."""

    hint = "sigcli listGroups shows the ids"


class UnknownGroup(UserError):
    """No such group is known here."""

    hint = "sigcli listGroups shows the groups; one becomes known by a message, or by joinGroup"


class NotAGroupMember(UserError):
    """The account is not a member of the group."""


class GroupChangeRefused(UserError):
    """The group does not allow this account to change that."""

    hint = "ask an administrator of the group"


class GroupTooLarge(UserError):
    """The service takes no group of so many members and invited people."""

    hint = "make another group for the others"

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(
            f"the group would have {count:,} members, and the service takes at most {limit:,}"
        )
        self.count = count
        self.limit = limit


class GroupSendRefused(UserError):
    """Only administrators may send to this group."""

    hint = "members may react, vote and delete what they wrote; ask an administrator for the rest"


class NobodyInGroup(UserError):
    """There is nobody else in the group: the message reached nobody."""

    hint = "sigcli listGroups -d shows its people; who is invited gets messages once they have accepted"


class LastAdministrator(UserError):
    """The account is the only administrator of the group."""

    hint = "name somebody to take over with --admin"


class InvalidGroupLink(UserError):
    """This is no link to a group."""

    hint = "a link looks like https://signal.group/#..."


class GroupLinkInactive(UserError):
    """The group cannot be joined with this link."""

    hint = "ask a member for the present link"


class InvalidParameters(UserError):
    """A parameter is missing or does not fit; ``parameter`` is its name."""

    hint = "sigcli-json(5) tells what each method takes"

    def __init__(self, message: str | None = None, *, parameter: str | None = None) -> None:
        super().__init__(message)
        self.parameter = parameter


class UnknownParameter(InvalidParameters):
    """There is no such parameter."""

    code = "invalidParameters"


# --- the daemon -----------------------------------------------------------------------------------------------------


class AlreadyReceiving(UserError):
    """Receive command cannot be used if messages are already being received."""

    hint = "take them as notifications, or start the daemon with --receive-mode manual"


class UnknownSubscription(UserError):
    """Unknown subscription id."""

    hint = "subscribeReceive gives one, which is good for its own connection"


class UnknownLinkUri(UserError):
    """No link with this URI was begun here, or it has ended."""

    hint = "startLink gives a URI; it is good for 90 seconds and for one device"


class TooManyLinks(UserError):
    """Too many links are under way at once."""

    hint = "finish them, or wait until they have run out"


class RequestTooLarge(UserError):
    """The request is larger than what is taken."""

    hint = "an attachment has at most 100 MB; send several messages"
