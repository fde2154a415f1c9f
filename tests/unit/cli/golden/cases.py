"""What is run and recorded: each command's help and usage errors, and its results in text and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sigcli.client.account.devices.devices import Device
from sigcli.client.account.devices.linking import Linked
from sigcli.client.account.groups.joining import JoinOutcome
from sigcli.client.account.groups.updating import GroupOutcome
from sigcli.client.account.new_account import Registered
from sigcli.client.account.own_username import OwnUsername
from sigcli.client.account.people.identities import ListedIdentity
from sigcli.client.account.people.user_status import UserStatus
from sigcli.client.account.registration import Begun
from sigcli.client.account.stickers.links import PackLink
from sigcli.client.account.stickers.listing import ListedPack
from sigcli.client.applying.stored_attachments import StoredAttachment
from sigcli.client.base.events import Person, ReceivedEvent
from sigcli.client.base.outcomes import ResultType, SendOutcome, SendResult
from sigcli.client.doctor.findings import Finding, Status
from sigcli.client.groups.listing import ListedGroup
from sigcli.client.moving.backup import Restored
from sigcli.client.moving.report import ImportReport, LeftOut
from sigcli.client.sending.configuration import Configuration
from sigcli.errors import HandOverUnknown, Unreachable
from sigcli.service.exchange import Response
from sigcli.store.accounts_file import LocalAccount
from sigcli.store.group_values import Group, GroupDetails, Member
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import Content, DataMessage
from sigcli.wire.group_access import MemberRole
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey, StickerPackId
from sigcli.wire.stickers import PackSticker, StickerPack
from tests.unit.cli.golden.stage import Answering, Case

if TYPE_CHECKING:
    from collections.abc import Iterator

BOB_ACI = ServiceId.aci(UUID(int=0xB0B))
BOB = Person(aci=BOB_ACI, number="+15550101", name="Bob")
CAROL = Person(aci=ServiceId.aci(UUID(int=0xCA01)), username="carol.42", name="Carol")
DAVE = Person(number="+15550103")
GROUP_ID = GroupIdentifier(bytes(range(32)))
GROUP = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
TIME_MS = 1_750_000_000_123
SENT = SendOutcome(TIME_MS, (SendResult(BOB, ResultType.SUCCESS, sealed=True),))
PARTLY = SendOutcome(
    TIME_MS,
    (
        SendResult(BOB, ResultType.SUCCESS, group_id=GROUP_ID),
        SendResult(CAROL, ResultType.IDENTITY_FAILURE),
        SendResult(DAVE, ResultType.RATE_LIMIT_FAILURE, token="tok", retry_after_s=30),
    ),
)
NOBODY = SendOutcome(TIME_MS, (SendResult(DAVE, ResultType.UNREGISTERED_FAILURE),))
MIXED = SendOutcome(
    TIME_MS,
    (
        SendResult(DAVE, ResultType.UNREGISTERED_FAILURE),
        SendResult(BOB, ResultType.NETWORK_FAILURE, error=Unreachable("no route")),
    ),
)
UNKNOWN = SendOutcome(
    TIME_MS,
    (
        SendResult(BOB, ResultType.SUCCESS, sealed=True),
        SendResult(CAROL, ResultType.NETWORK_FAILURE, error=HandOverUnknown(TIME_MS)),
    ),
)
TO_SELF_ALONE = SendOutcome(TIME_MS, ())
ARGUMENTS = {
    "audience": ("-g", "G=", "-u", "bob.01", "--note-to-self", "--notify-self", "+15550101"),
    "target": ("-a", "+15550101", "-t", "17"),
}

SEND_MESSAGE = "sending.sending:send_message"
SEND_COMPOSED = "sending.sending:send_composed"
AUDIENCE = {"sending.audience:resolve_audience": "AUDIENCE"}
COMPOSED: dict[str, Any] = {SEND_COMPOSED: SENT, **AUDIENCE}
DELETED = {"account.deleting:send_deletion": SENT}
EDITS = {"storage.after_edits:hand_in_edits": None}


def kind(name: str) -> dict[str, Any]:
    """Sending what a function of ``message_kinds`` makes."""
    return {f"sending.message_kinds:{name}": "MESSAGE", **COMPOSED}


def usage_errors(commands: list[str]) -> Iterator[Case]:
    """Words that make no sense."""
    for command in commands:
        if command not in ("demo",):
            yield Case((command, "--no-such-option"))
    words = [
        *(("listKontacts",), ("--nonsense", "send"), ("-o", "xml", "version")),
        *(("send",), ("send", "-m"), ("send", "+15550101"), ("send", "--json", "+15550101")),
        ("send", "-m", "x", "--message-from-stdin", "+15550101"),
        ("send", "-m", "x", "--edit-timestamp", "yesterday", "+15550101"),
        ("send", "-m", "x", "--edit-timestamp", "-1", "+15550101"),
        ("send", "-m", "x", "--view-once", "+15550101"),
        ("send", "-m", "x", "--voice-note", "+15550101"),
        ("send", "-m", "x", "--markdown", "--mention", "0:1:+15550101", "+15550101"),
        ("send", "-m", "x", "--mention", "nonsense", "+15550101"),
        ("send", "-m", "x", "--text-style", "0:1:LOUD", "+15550101"),
        ("send", "-m", "x", "--quote-author", "+15550101", "+15550101"),
        ("send", "-m", "x", "--quote-timestamp", "1", "+15550101"),
        ("send", "-m", "x", "--preview-title", "T", "+15550101"),
        ("send", "-m", "x", "--story-author", "+15550101", "+15550101"),
        ("send", "-m", "x", "--story-timestamp", "1", "+15550101"),
        ("send", "--sticker", "nonsense", "+15550101"),
        ("send", "-m", "x", "--retry", "soon", "+15550101"),
        ("send", "--end-session", "-g", "G="),
        *(("sendReaction",), ("sendReaction", "-e", "x", "-a", "+1", "-t", "1")),
        ("sendReaction", "-e", "x", "-a", "+1", "-t", "now", "+15550101"),
        *(("sendTyping",), ("sendReceipt",), ("sendReceipt", "+15550101")),
        ("sendReceipt", "+15550101", "-t", "1", "--type", "eaten"),
        *(("remoteDelete",), ("remoteDelete", "-t", "1"), ("sendAdminDelete", "-t", "1")),
        ("remoteDelete", "-t", "1", "--story", "+15550101"),
        ("sendPinMessage", "-a", "+1", "-t", "1", "-d", "-2", "+15550101"),
        *(("sendPollCreate", "-q", "?"), ("sendPollCreate", "-q", "?", "-o", "a")),
        ("sendPollVote", "--poll-timestamp", "1", "--vote-count", "0", "+15550101"),
        *(("sendStory",), ("sendPaymentNotification", "+15550101", "--receipt", "§")),
        ("listContacts", "extra", "--name"),
        *(("updateGroup", "--link", "perhaps"), ("updateGroup", "-e", "soon")),
        ("updateGroup", "--set-permission-add-member", "nobody"),
        *(("joinGroup",), ("quitGroup",), ("sendMessageRequestResponse", "+15550101")),
        *(("sendMessageRequestResponse", "--type", "accept"), ("block",), ("unblock",)),
        *(("listIdentities", "extra"), ("trust",), ("trust", "+15550101")),
        *(("trust", "--all-pending", "+15550101"), ("trust", "-a", "-v", "1", "+15550101")),
        *(("getUserStatus",), ("getAvatar",), ("getAvatar", "-c", "a", "-p", "b")),
        *(("getAttachment",), ("removeAttachment",), ("removeAttachment", "--older-than", "x")),
        *(("addStickerPack",), ("removeStickerPack",), ("addStickerPack", "--uri", "x")),
        *(("uploadStickerPack",), ("getSticker", "--pack-id", "zz", "--sticker-id", "1")),
        *(("getSticker", "--pack-id", "00"), ("updateProfile", "--avatar", "x", "--remove-avatar")),
        ("updateAccount", "--username", "a", "--delete-username"),
        ("updateAccount", "--number-sharing", "perhaps"),
        ("updateConfiguration", "--read-receipts", "perhaps"),
        *(("updateDevice",), ("updateDevice", "-d", "x", "-n", "y"), ("addDevice",)),
        *(("removeDevice",), ("updateContact",), ("removeContact", "a", "--hide", "--forget")),
        *(("receive", "-t", "soon"), ("receive", "--replay", "--contains", "x")),
        *(("reportSpam",), ("reportSpam", "+15550101", "-t", "x"), ("submitRateLimitChallenge",)),
        *(("verify",), ("finishChangeNumber",), ("finishChangeNumber", "+15550109")),
        *(("startChangeNumber",), ("-a", "+15550100", "link"), ("api", "GET"), ("api",)),
        *(("sandbox",), ("sandbox", "dance"), ("sandbox", "code"), ("sandbox", "fault")),
        *(("sandbox", "fault", "dance"), ("sandbox", "fault", "switch")),
        ("sandbox", "fault", "switch", "--set", "rateLimit=true"),
        ("sandbox", "fault", "switch", "--set", "rateLimits=1"),
        ("sandbox", "fault", "switch", "--set", "clockShift=true"),
        *(("sandbox", "run", "--port", "x"), ("sandbox", "run", "--requests", "pigeon")),
        *(("--lock-timeout", "long", "version"), ("--lock-timeout", "-1", "version")),
        *(("--trust-new-identities", "maybe", "version"), ("--account",), ("--json=1", "version")),
    ]
    for one in words:
        yield Case(one)
        yield Case(("--json", *one))


def help_texts(commands: list[str]) -> Iterator[Case]:
    """All helps, and what needs no account."""
    yield Case(())
    yield Case(("--help",))
    yield Case(("send", "-h"))
    for command in commands:
        yield Case((command, "--help"))


def outputs() -> Iterator[Case]:
    """Results, each in text and in JSON."""
    for case in (
        *_messages(),
        *_groups(),
        *_people(),
        *_account(),
        *_moving(),
        *_stickers(),
        *_others(),
    ):
        yield case
        yield Case(("--json", *case.words), case.stdin, case.answers)


def _messages() -> Iterator[Case]:
    to, target = ARGUMENTS["audience"], ARGUMENTS["target"]
    for outcome in (SENT, PARTLY, NOBODY, MIXED, UNKNOWN, TO_SELF_ALONE):
        yield Case(("send", "-m", "hello", "+15550101"), answers={SEND_MESSAGE: outcome})
    yield Case(
        ("send", "-m", "x", "--strict", "+15550101", "+15550102"), answers={SEND_MESSAGE: PARTLY}
    )
    yield Case(
        ("send", "--message-from-stdin", "-a", "one", "two", "--no-urgent", *to),
        stdin="piped\n",
        answers={SEND_MESSAGE: SENT},
    )
    yield Case(
        (
            *("send", "-m", "hello **you**", "--markdown", "--mentions", "+15550101"),
            *("--edit-timestamp", "5", "--quote-timestamp", "6", "--quote-author", "+15550102"),
            *("--quote-message", "said", "--quote-mention", "0:1:+15550103"),
            *("--quote-text-style", "0:4:BOLD", "--quote-attachment", "image/png:a.png"),
            *("--preview-url", "https://example.org", "--preview-title", "T"),
            *("--preview-description", "D", "--preview-image", "p.png"),
            *("--story-timestamp", "7", "--story-author", "+15550104"),
            *("--sticker", f"{'ab' * 16}:3", "-a", "one", "--view-once", "--voice-note"),
        ),
        answers={SEND_MESSAGE: SENT},
    )
    yield Case(
        ("send", "bob", "-m", "hi", "--mention", "0:2:+15550103", "--text-style", "0:2:SPOILER"),
        answers={SEND_MESSAGE: SENT},
    )
    yield Case(("send", "-m", "x", "--retry", "30m", "bob"), answers={SEND_MESSAGE: SENT})
    yield Case(("send", "--note-to-self", "-m", ""), answers={SEND_MESSAGE: SENT})
    yield Case(
        ("send", "--end-session", "bob"),
        answers={**AUDIENCE, "sending.sessions:end_sessions": None},
    )
    yield Case(("sendReaction", "-e", "👍", *target, *to), answers=kind("reaction"))
    yield Case(
        ("sendReaction", "-e", "👍", *target, "-r", "--story", "bob"), answers=kind("reaction")
    )
    yield Case(
        ("sendTyping", "-g", "G=", "-s", "bob"),
        answers={**AUDIENCE, "sending.typing_indicators:send_typing": SENT},
    )
    for type in ((), ("--type", "viewed")):
        yield Case(
            ("sendReceipt", "bob", "-t", "1", "2", *type),
            answers={
                "people.recipients:resolve": "SENDER",
                "account.read_marks:send_marks": SENT,
            },
        )
    yield Case(
        ("remoteDelete", "-t", "17", "-g", "G=", "-u", "bob.01", "--note-to-self", "bob"),
        answers=kind("deletion") | DELETED | {"sending.message_kinds:forget_deleted": None},
    )
    for where in ((), ("-g", "G=")):
        yield Case(
            ("remoteDelete", "-t", "17", "--story", *where),
            answers={"account.stories:delete_story": SENT},
        )
    yield Case(
        ("sendAdminDelete", *target, "-g", "G=", "--notify-self", "--story"),
        answers=kind("admin_deletion") | DELETED,
    )
    yield Case(("sendPinMessage", *target, "-d", "60", *to), answers=kind("pin"))
    yield Case(("sendPinMessage", *target, "bob"), answers=kind("pin"))
    yield Case(("sendUnpinMessage", *target, "--story", "bob"), answers=kind("unpin"))
    yield Case(
        ("sendPollCreate", "-q", "Tea?", "-o", "yes", "no", "--no-multi", *to), answers=COMPOSED
    )
    yield Case(
        ("sendPollVote", "--poll-timestamp", "9", "--vote-count", "2", "-o", "0", "1", *to),
        answers=kind("poll_vote"),
    )
    yield Case(
        ("sendPollVote", "--poll-timestamp", "9", "--vote-count", "1", "--poll-author", "x", "bob"),
        answers=kind("poll_vote"),
    )
    yield Case(("sendPollTerminate", "--poll-timestamp", "9", "bob"), answers=kind("poll_end"))
    yield Case(
        ("sendPaymentNotification", "bob", "--receipt", "AAAA", "--note", "tea"),
        answers=kind("payment_notification"),
    )
    for more in ((), ("-g", "G=", "--no-replies")):
        yield Case(
            ("sendStory", "-a", "one.png", *more), answers={"account.stories:send_story": SENT}
        )


def _groups() -> Iterator[Case]:
    group = Group(
        id=1,
        group_id=GROUP_ID,
        master_key=GroupMasterKey(bytes(32)),
        details=GroupDetails(
            revision=4,
            title="Ops\x1b[31m",
            description="on call",
            timer_s=60,
            members=(
                Member(aci=BOB_ACI, role=MemberRole.ADMINISTRATOR, label_text="boss"),
                Member(aci=ServiceId.aci(UUID(int=1))),
            ),
        ),
    )
    unknown = Group(
        id=2,
        group_id=GroupIdentifier(bytes(32)),
        master_key=GroupMasterKey(bytes(32)),
        details=None,
    )
    listed = [
        ListedGroup(group, is_member=True, is_blocked=False, invite_link="https://signal.group/#x"),
        ListedGroup(unknown, is_member=False, is_blocked=True, invite_link=None),
    ]
    for words in ((), ("-d",), ("-g", GROUP)):
        yield Case(("listGroups", *words), answers={"groups.listing:listed_groups": listed})
    updating = "account.groups.updating"
    everything = (
        *("-n", "Ops", "-d", "on call", "-a", "one.png", "-m", "bob", "carol", "-r", "dave"),
        *("--admin", "bob", "--remove-admin", "carol", "--ban", "e", "--unban", "f"),
        *("--reset-link", "--link", "enabledWithApproval", "-e", "60"),
        *("--set-permission-add-member", "only-admins"),
        *("--set-permission-edit-details", "every-member"),
        *("--set-permission-send-messages", "onlyAdmins"),
        *("--member-label-emoji", "🛠", "--member-label", "fixer", "--terminate"),
    )
    yield Case(
        ("updateGroup", *everything),
        answers={f"{updating}:create_group": GroupOutcome(GROUP_ID, PARTLY, created=True), **EDITS},
    )
    for outcome in (SENT, None):
        yield Case(
            ("updateGroup", "-g", GROUP, "-n", "Ops"),
            answers={f"{updating}:update_group": GroupOutcome(GROUP_ID, outcome), **EDITS},
        )
    for only_requested, outcome in ((True, None), (False, SENT)):
        yield Case(
            ("joinGroup", "--uri", "https://signal.group/#x"),
            answers={
                "account.groups.joining:join_group": JoinOutcome(GROUP_ID, only_requested, outcome),
                **EDITS,
            },
        )
    yield Case(
        ("quitGroup", "-g", GROUP, "--delete", "--admin", "bob"),
        answers={"account.groups.leaving:quit_group": GroupOutcome(GROUP_ID, SENT), **EDITS},
    )


def _people() -> Iterator[Case]:
    yield Case(("listContacts",))
    yield Case(("listContacts", "--detailed", "--internal", "-a"))
    yield Case(("listContacts", "--name", "Contact 1"))
    yield Case(("listContacts", "--blocked", "true"))
    yield Case(("listContacts", "--blocked", "FALSE", "+15552000001"))
    identities = [
        ListedIdentity(BOB, BOB_ACI, "05" * 33, "1" * 60, "AAAA", "TRUSTED_VERIFIED", TIME_MS),
        ListedIdentity(
            BOB, ServiceId.pni(UUID(int=3)), "05" * 33, "1" * 60, "AAAA", "UNTRUSTED", 0
        ),
    ]
    for words in ((), ("-n", "bob")):
        yield Case(
            ("listIdentities", *words),
            answers={"account.people.identities:list_identities": identities},
        )
    yield Case(
        ("trust", "-a", "bob"), answers={"account.people.identities:trust_identity": None, **EDITS}
    )
    yield Case(
        ("trust", "-v", "12345", "bob"),
        answers={"account.people.identities:trust_identity": None, **EDITS},
    )
    yield Case(
        ("trust", "--all-pending"),
        answers={"account.people.identities:trust_all_pending": None, **EDITS},
    )
    yield Case(
        ("updateContact", "bob", "-n", "B", "--family-name", "", "--note", "n", "-e", "5"),
        answers={"account.people.contact_changes:update_contact": None, **EDITS},
    )
    yield Case(
        ("updateContact", "bob", "--nick-given-name", "x", "--nick-family-name", "y"),
        answers={"account.people.contact_changes:update_contact": None, **EDITS},
    )
    for way in ((), ("--hide",), ("--forget",)):
        yield Case(
            ("removeContact", "bob", *way),
            answers={"account.people.contact_changes:remove_contact": None, **EDITS},
        )
    for command in ("block", "unblock"):
        yield Case(
            (command, "bob", "-g", "G=", "H="),
            answers={"account.people.blocking:set_blocked": None, **EDITS},
        )
    yield Case(
        ("sendMessageRequestResponse", "--type", "Accept", "-g", "G=", "-u", "c.01", "--", "bob"),
        answers={"account.people.request_responses:respond_to_requests": None, **EDITS},
    )
    statuses = [
        UserStatus("+15550101", "+15550101", str(BOB_ACI.uuid), True, unrestricted=True),
        UserStatus("carol.42", None, None, False, username="carol.42"),
    ]
    yield Case(
        ("getUserStatus", "+15550101", "--username", "carol.42"),
        answers={"account.people.user_status:user_status": statuses},
    )
    reported = [("00000000-0000-0000-0000-000000000001", 5), ("guid", None)]
    for found in (reported, reported[:1], []):
        yield Case(
            ("reportSpam", "bob", "-t", "5", "6", "--server-guid", "guid"),
            answers={"account.spam_reports:report": found},
        )
    for option, function in (("-c", "contact"), ("-p", "profile"), ("-g", "group")):
        yield Case(
            ("getAvatar", option, "bob"),
            answers={f"account.people.avatars:{function}_avatar": b"picture"},
        )


def _moving() -> Iterator[Case]:
    aci = ServiceId.aci("7d9a2a51-52a4-4c9a-8d0f-9b1a35ad1e05")
    report = ImportReport(
        aci,
        "+15550100",
        "live",
        2,
        True,
        {"sessions": 3, "prekeys": 200, "heldMessages": 1, "stickers": 0},
        [LeftOut("old groups", 2, "the service carries no messages for groups of this kind")],
    )
    lost = ImportReport(aci, None, "staging", 1, False, {}, [], "/data/123456.imported-by-sigcli")
    answers: dict[str, Any] = {"moving.importing:import_accounts": [report, lost]}
    yield Case(("import", "signal-cli"), answers=answers)
    yield Case(("import", "signal-cli", "--offline", "--retire"), answers=answers)
    answers = {"moving.backup:write_backup": 12_345}
    with_passphrase = ("copy.age", "--passphrase-file", "dead.toml")
    yield Case(("backup", *with_passphrase), answers=answers)
    yield Case(("restore", *with_passphrase))
    local = LocalAccount(aci, "+15550100", "live", "folder")
    answers = {"moving.backup:restore_backup": Restored(local, TIME_MS)}
    words = ("restore", *with_passphrase, "--yes-the-other-is-stopped")
    yield Case(words, answers=answers)


def _account() -> Iterator[Case]:
    yield Case(("listAccounts",))
    yield Case(
        ("deleteLocalAccountData", "--ignore-registered"),
        answers={"account.local_accounts:delete_local_account": None},
    )
    devices = [
        Device(1, None, None, TIME_MS, False),
        Device(2, "cli\x1b[0m", TIME_MS, TIME_MS + 1, True),
    ]
    yield Case(("listDevices",), answers={"account.devices.devices:list_devices": devices})
    yield Case(
        ("updateDevice", "-d", "2", "-n", "new"),
        answers={"account.devices.devices:rename_device": None},
    )
    yield Case(
        ("removeDevice", "--deviceId", "2"),
        answers={"account.devices.devices:remove_device": None},
    )
    for device in (devices[1], devices[0], None):
        yield Case(
            ("addDevice", "--uri", "sgnl://linkdevice?x"),
            answers={"account.devices.provisioning_out:add_device": device},
        )
    for named in (None, OwnUsername("ops.42", None)):
        yield Case(
            (
                *("updateAccount", "-n", "desk", "--unrestricted-unidentified-sender", "TRUE"),
                *("--discoverable-by-number", "false", "--number-sharing", "true"),
                *("--username", "ops", "--renew-keys"),
            ),
            answers={"account.update_account:update_account": named, **EDITS},
        )
    yield Case(
        (
            *("updateProfile", "--given-name", "A", "--family-name", "B", "--about", "C"),
            *("--about-emoji", "D", "--mobile-coin-address", "E", "--avatar", "f.png"),
        ),
        answers={"account.profile_changes:update_profile": None, **EDITS},
    )
    configuration = Configuration(read_receipts=True, typing_indicators=False, link_previews=True)
    for change in ((), ("--read-receipts", "true", "--link-previews", "False")):
        yield Case(
            ("updateConfiguration", *change),
            answers={"sending.configuration:update_configuration": configuration, **EDITS},
        )
    yield Case(("sendSyncRequest",), answers={"sending.sync_requests:request_sync": None, **EDITS})
    yield Case(("sendContacts",))
    yield Case(
        ("submitRateLimitChallenge", "--challenge", "tok", "--captcha", "signalcaptcha://x"),
        answers={"account.challenges:submit_challenge": None},
    )
    for words, stdin in ((("1234",), ""), (("-",), "5678\n"), ((), "9012\n"), (("-",), "")):
        yield Case(("setPin", *words), stdin, {"account.pin:set_pin": None})
    yield Case(("removePin",), answers={"account.pin:remove_pin": None})
    for begun in Begun:
        yield Case(
            ("-a", "+15550109", "register", "--voice", "--captcha", "c", "--reregister"),
            answers={"account.registration:register_number": begun},
        )
    yield Case(
        ("-a", "+15550109", "register"),
        answers={
            "account.registration:register_number": Answering(
                lambda *_, warn_first, **__: (warn_first(), Begun.CODE_SENT)[1]
            )
        },
    )
    aci = ServiceId.aci(UUID(int=9))
    for registered in (
        Registered(aci, "+15550109", True),
        Registered(aci, "+15550109", False, may_restore=True),
        Registered(aci, "+15550109", False, has_pin=True, is_locked=True),
        Registered(aci, "+15550109", False, has_pin=True),
    ):
        yield Case(
            ("-a", "+15550109", "verify", "123-456", "--pin", "-"),
            "1234\n",
            {"account.registration:verify_number": registered},
        )
    yield Case(("unregister", "--delete-account"), answers={"account.unregister:unregister": None})
    for verified in (False, True):
        yield Case(
            ("startChangeNumber", "+15550109", "--captcha", "c"),
            answers={"account.changing_number:start_change": verified},
        )
    yield Case(
        ("finishChangeNumber", "+15550109", "-v", "123456", "-p", "-"),
        "1234\n",
        {"account.changing_number:finish_change": None},
    )
    linked = Linked(aci, "+15550109", 3)

    def link(_: Any, *, show: Any, **__: Any) -> Linked:
        show("sgnl://linkdevice?uuid=x")
        return linked

    yield Case(
        ("link", "-n", "desk"), answers={"account.devices.linking:link_device": Answering(link)}
    )


def _stickers() -> Iterator[Case]:
    pack = ListedPack(
        PackLink(StickerPackId(bytes(16)), bytes(32)),
        True,
        StickerPack(
            title="Cats\n",
            author="A",
            cover=PackSticker(id=0, emoji="🐈", content_type="image/webp"),
            stickers=(PackSticker(id=0, emoji="🐈", content_type="image/webp"), PackSticker(id=1)),
        ),
    )
    yield Case(("listStickerPacks",), answers={"account.stickers.listing:list_packs": [pack]})
    link = f"https://signal.art/addstickers/#pack_id={'00' * 16}&pack_key={'00' * 32}"
    yield Case(
        ("addStickerPack", "--uri", link),
        answers={"account.stickers.installing:install_packs": None, **EDITS},
    )
    yield Case(
        ("removeStickerPack", "--pack-id", "00" * 16, "11" * 16),
        answers={"account.stickers.installing:remove_packs": None, **EDITS},
    )
    yield Case(
        ("uploadStickerPack", "pack.zip"),
        answers={"account.stickers.uploading:upload_pack": pack.link, **EDITS},
    )
    yield Case(
        ("getSticker", "--pack-id", "00" * 16, "--sticker-id", "1"),
        answers={"people.sticker_fetching:sticker_picture": b"picture"},
    )


def _others() -> Iterator[Case]:
    yield Case(("token", "list"))
    yield Case(("token", "remove", "nobody"))
    yield Case(("version",))
    yield Case(("--version",))
    attachments = [
        StoredAttachment("a.png", "image/png", 12, TIME_MS, "/attachments/a.png"),
        StoredAttachment("b", None, 0, TIME_MS, "/attachments/b"),
    ]
    yield Case(
        ("listAttachments",),
        answers={"applying.stored_attachments:list_attachments": attachments},
    )
    yield Case(
        ("removeAttachment", "a.png", "--older-than", "12h"),
        answers={"applying.stored_attachments:remove_attachments": 3},
    )
    for path in (__file__.replace("cases.py", "__init__.py"), "/nowhere"):
        yield Case(
            ("getAttachment", "--id", "a.png", "--recipient", "bob", "-g", "G="),
            answers={"applying.stored_attachments:attachment_path": path},
        )
    event = ReceivedEvent(
        row_id=1,
        account=Person(number="+15550100"),
        source=BOB,
        source_device=1,
        timestamp_ms=TIME_MS,
        server_received_ms=TIME_MS + 1,
        server_delivered_ms=TIME_MS + 2,
        server_guid="00000000-0000-0000-0000-000000000001",
        sealed=True,
        content=Content(data_message=DataMessage(body="hello", timestamp_ms=TIME_MS)),
    )

    def print_event(_: Any, __: Any, printer: Any, ___: Any) -> None:
        assert printer(event)

    every = (
        *("--ignore-attachments", "--ignore-stories", "--ignore-avatars", "--ignore-stickers"),
        *("--send-read-receipts", "--max-messages", "3", "-t", "-1"),
    )
    received: tuple[tuple[str, ...], ...] = ((), every, ("--max-messages", "-5", "-t", "2.5"))
    for options in received:
        yield Case(
            ("receive", *options),
            answers={"receiving.receiving:receive_messages": Answering(print_event)},
        )
    for words in (("--replay",), ("--replay", "24h"), ("--replay", "--ignore-stories")):
        yield Case(
            ("receive", *words),
            answers={"receiving.receiving:replay_messages": Answering(print_event)},
        )
    findings = [
        Finding("version", Status.OK, "new"),
        Finding("login", Status.FAILED, "refused", "link again"),
        Finding("devices", Status.WARNING, "unknown", "link again"),
    ]
    for found in (findings, findings[:1]):
        yield Case(("doctor",), answers={"doctor.examination:examine": found})
    yield Case(("doctor", "-v"), answers={"doctor.examination:examine": findings})
    for response in (
        Response(200, {"content-type": "application/json"}, b'{"a": 1}\n'),
        Response(404, {"x-what": "no"}, b""),
    ):
        for more in ((), ("-i", "-H", "A: b", "-H", "C: d", "--unidentified", "--host", "cdn0")):
            yield Case(
                ("api", "GET", "/v1/x", *more), answers={"raw_calls:send_raw_call": response}
            )
    yield Case(
        ("api", "PUT", "/v1/x", "--body", "-"),
        "body",
        {"raw_calls:send_raw_call": Response(204, {}, b"")},
    )
