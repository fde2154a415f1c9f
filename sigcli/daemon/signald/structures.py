"""The objects in requests and answers, as signald's protocol names them."""

from __future__ import annotations

from sigcli.daemon.signald.declaring import (
    V0,
    Structure,
    flag,
    number,
    numbers,
    one,
    several,
    text,
    texts,
)

# --- in requests ----------------------------------------------------------------------------------

ADDRESS = Structure(
    "JsonAddress",
    (text("number", doc="an E.164 number"), text("uuid")),
    doc="a person; a plain string is accepted as well",
)
ATTACHMENT = Structure(
    "JsonAttachment",
    (
        text("filename", required=True, doc="the file's path"),
        text("contentType"),
        text("customFilename", doc="the file name that recipients see"),
        text("caption"),
        number("width"),
        number("height"),
        flag("voiceNote"),
        text("preview"),
        text("blurhash"),
    ),
)
MENTION = Structure(
    "JsonMention",
    (text("uuid", required=True), number("start", required=True), number("length", required=True)),
)
QUOTED_ATTACHMENT = Structure(
    "JsonQuotedAttachment", (text("contentType"), text("fileName"), one("thumbnail", ATTACHMENT))
)
QUOTE = Structure(
    "JsonQuote",
    (
        number("id", required=True, doc="the quoted message's timestamp"),
        one("author", ADDRESS, required=True),
        text("text"),
        several("attachments", QUOTED_ATTACHMENT),
        several("mentions", MENTION),
    ),
)
PREVIEW = Structure(
    "JsonPreview",
    (
        text("url", required=True),
        text("title"),
        text("description"),
        number("date"),
        one("attachment", ATTACHMENT),
    ),
)
REACTION = Structure(
    "JsonReaction",
    (
        text("emoji"),
        flag("remove"),
        one("targetAuthor", ADDRESS, required=True),
        number("targetSentTimestamp", required=True),
    ),
)
PAYMENT = Structure("Payment", (text("receipt", required=True, doc="base64"), text("note")))
ROLE_CHANGE = Structure("GroupMember", (text("uuid", required=True), text("role", required=True)))
ACCESS_CHANGE = Structure("GroupAccessControl", (text("link"), text("attributes"), text("members")))

# --- in answers -----------------------------------------------------------------------------------

VERSION = Structure(
    "JsonVersionMessage", (text("name"), text("version"), text("branch"), text("commit"))
)
PROTOCOL = Structure("ProtocolDocument", doc="this document")
SUCCESS = Structure(
    "SendSuccess",
    (flag("unidentified"), flag("needsSync"), number("duration"), numbers("devices")),
)
PROOF_REQUIRED = Structure(
    "ProofRequiredError",
    (text("token"), texts("options"), text("message"), number("retry_after")),
)
SEND_RESULT = Structure(
    "JsonSendMessageResult",
    (
        one("address", ADDRESS),
        one("success", SUCCESS, doc="absent unless it was sent"),
        flag("networkFailure"),
        flag("unregisteredFailure"),
        text("identityFailure", doc="the untrusted key, in hex"),
        one("proof_required_failure", PROOF_REQUIRED),
    ),
)
SEND_RESPONSE = Structure("SendResponse", (several("results", SEND_RESULT), number("timestamp")))
ACCOUNT = Structure(
    "Account",
    (
        text("account_id"),
        number("device_id"),
        one("address", ADDRESS),
        flag("pending"),
        text("pni"),
    ),
)
ACCOUNTS = Structure("AccountList", (several("accounts", ACCOUNT),))
BANNED = Structure("BannedGroupMember", (text("uuid"), number("timestamp")))
MEMBER_DETAIL = Structure(
    "GroupMemberDetail", (text("uuid"), text("role"), number("joined_revision"))
)
GROUP = Structure(
    "JsonGroupV2Info",
    (
        text("id"),
        number("revision"),
        text("title"),
        text("description"),
        text("avatar"),
        number("timer"),
        several("members", ADDRESS),
        several("pendingMembers", ADDRESS),
        several("requestingMembers", ADDRESS),
        several("banned_members", BANNED),
        text("inviteLink"),
        one("accessControl", ACCESS_CHANGE),
        several("memberDetail", MEMBER_DETAIL),
        several("pendingMemberDetail", MEMBER_DETAIL),
        text("announcements", doc="ENABLED, DISABLED or UNKNOWN"),
        flag("removed"),
    ),
)
GROUPS = Structure("GroupList", (several("groups", GROUP),))
GROUP_INFO = Structure("GroupInfo", (one("v2", GROUP),))
JOIN_INFO = Structure(
    "JsonGroupJoinInfo",
    (
        text("groupID"),
        text("title"),
        text("description"),
        number("memberCount"),
        number("addFromInviteLink"),
        number("revision"),
        flag("pendingAdminApproval"),
    ),
)
PROFILE = Structure(
    "Profile",
    (
        text("name"),
        text("profile_name"),
        text("contact_name"),
        text("about"),
        text("emoji"),
        text("avatar", doc="the picture's path"),
        one("address", ADDRESS),
        one(
            "capabilities",
            Structure(
                "Capabilities",
                tuple(
                    flag(name)
                    for name in (
                        "storage",
                        "gv2",
                        "gv1-migration",
                        "sender_key",
                        "announcement_group",
                        "change_number",
                        "stories",
                    )
                ),
            ),
        ),
        text("color"),
        number("inbox_position"),
        number("expiration_time"),
        text("mobilecoin_address"),
        texts("visible_badge_ids"),
    ),
)
PROFILES = Structure("ProfileList", (several("profiles", PROFILE),))
IDENTITY = Structure(
    "IdentityKey",
    (number("added"), text("safety_number"), text("qr_code_data"), text("trust_level")),
)
IDENTITIES = Structure(
    "IdentityKeyList", (one("address", ADDRESS), several("identities", IDENTITY))
)
ALL_IDENTITIES = Structure("AllIdentityKeyList", (several("identity_keys", IDENTITIES),))
YES_OR_NO = Structure("BooleanMessage", (flag("value"),))
LINKING_URI = Structure("LinkingURI", (text("uri"), text("session_id")))
DEVICE = Structure(
    "DeviceInfo", (number("id"), text("name"), number("created"), number("lastSeen"))
)
DEVICES = Structure("LinkedDevices", (several("devices", DEVICE),))
SERVERS = Structure("ServerList", (texts("servers"),))
REMOTE_CONFIG = Structure("RemoteConfigList", (texts("config"),))

# --- of v0 ----------------------------------------------------------------------------------------

CONTACT_CHANGE = Structure(
    "JsonContact",
    (one("address", ADDRESS), text("number"), text("name"), text("color")),
    version=V0,
)
