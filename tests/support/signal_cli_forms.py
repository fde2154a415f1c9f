"""Command lines that programs and scripts build for signal-cli, with the exit code that it gives.

Collected from about 60 programs and recipes, as they have them. CFG, FILE, LOG, SOCKET and GROUP stand for a data
directory, a picture, files to write and a group's id. Where the stand-in ends otherwise, ``ours`` says how and ``why``.
"""

from __future__ import annotations

from dataclasses import dataclass

RUNS = -1
"""In the place of an exit code: it runs until it is ended."""


@dataclass(frozen=True, slots=True)
class Form:
    """A command line as a shell reads it, and how signal-cli ends."""

    words: str
    exit_code: int
    ours: int | None = None
    why: str = ""

    @property
    def expected(self) -> int:
        """How the stand-in ends."""
        return self.exit_code if self.ours is None else self.ours


SENDING = (
    Form("-u +15550100 send -m hello +15550101", 0),
    Form("-u +15550100 send +15550101 -m hello", 0),
    Form("-a +15550100 send -m hello +15550101", 0),
    Form("-a +15550100 send +15550101 -m hello", 0),
    Form("-u +15550100 send -m hello -- +15550101", 0),
    Form("send -m hello +15550101", 0),
    Form("-u +15550100 send -a FILE -m done +15550101", 0),
    Form("--config CFG -u +15550100 send -m motion +15550101 -a FILE", 0),
    Form("-u +15550100 send +15550101 -m hello -a FILE -a FILE", 0),
    Form("-u +15550100 send +15550101 -m hello -a FILE FILE", 0),
    Form("-u +15550100 send -m report -a FILE +15550101", 0),
    Form("-u +15550100 send -m hello -g GROUP", 0),
    Form("-u +15550100 send -g GROUP -m hello", 0),
    Form("-u +15550100 send -m hello --group GROUP", 0),
    Form("-u +15550100 send -g 'Test Group' -m hello", 1),
    Form("--config CFG --username +15550100 send --group GROUP --message-from-stdin", 0),
    Form("--verbose --config CFG --username +15550100 send --message hello +15550101", 0),
    Form("-a +15550100 send --message-from-stdin +15550101", 0),
    Form("-u +15550100 send +15550101", 1),
    Form("send --message-from-stdin --note-to-self", 0),
    Form("-a +15550100 send --message-from-stdin --notify-self +15550100", 0),
    Form("-u +15550103 send -m test --note-to-self", 0),
    Form("send --note-to-self -m copied +15550101", 0),
    Form("send -g GROUP --note-to-self -m copied +15550100", 1),
    Form("send -u +15550100 -m hello", 1),
    Form("--output json --config CFG -a +15550100 send --message-from-stdin +15550101", 0),
    Form(
        "--trust-new-identities always --output json --config CFG -a +15550100 send --message-from-stdin +15550101",
        0,
    ),
    Form("--output json --config CFG -a +15550100 send --message-from-stdin -g GROUP", 0),
    Form("--output json --config CFG -a +15550100 send --message-from-stdin -u +15550101", 1),
    Form(
        "--output json --config CFG -a +15550100 send --message-from-stdin +15550101 --text-style 0:5:BOLD",
        0,
    ),
    Form(
        "--output json --config CFG -a +15550100 send --message-from-stdin +15550101 -a 'data:image/png;filename=x.png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='",
        0,
    ),
    Form(
        "--output json --config CFG -a +15550100 send --message-from-stdin -g GROUP --mention 0:1:+15550101",
        0,
    ),
    Form(
        "--output json --config CFG -a +15550100 send --message-from-stdin +15550101 --quote-timestamp 1796053758590 --quote-author +15550100 --quote-message hi --quote-mention 0:1:+15550101",
        0,
    ),
    Form(
        "--output json --config CFG -a +15550100 send --message-from-stdin +15550101 --edit-timestamp 1796053758590",
        0,
    ),
    Form(
        "--output json --config CFG -a +15550100 send --message-from-stdin +15550101 --preview-url https://example.com --preview-title t --preview-description d --preview-image FILE",
        0,
    ),
    Form(
        "--output json --config CFG -a +15550100 send --message-from-stdin +15550101 -a FILE --notify-self --view-once",
        0,
    ),
    Form(
        "--output json --config CFG -a +15550100 send --message-from-stdin +15550101 --sticker 000102030405060708090a0b0c0d0e0f:0",
        1,
    ),
    Form("-a +15550100 send -e +15550101", 0),
    Form("--verbose --verbose -a +15550100 --output=json send +15550101 -m hi", 0),
    Form(
        "-a +15550100 --output plain-text send +15550101 -m hi --text-style 1:1:BOLD --quote-timestamp 12345 --quote-author +15550101 --quote-message hitest --quote-text-style 1:1:BOLD --preview-url https://example.com --preview-title preview --preview-description foo --preview-image FILE --story-timestamp 1234567 --story-author +15550101",
        0,
    ),
    Form("--config CFG --log-file LOG -a +15550100 send +15550101 -m hi", 0),
    Form("-u +15550100 send +15550101 +15550102 -m hello", 0),
    Form("-u +15550100 send -m hello 15550101", 0),
    Form("-u +15550100 send -m hello +15559999", 1),
    Form("-u +15550199 send -m hello +15550101", 1),
    Form("-u +15550100 send -m hello", 1),
    Form("-u +15550100 send -m '' +15550101", 1),
    Form("-u +15550100 send -m '- item one' +15550101", 0),
    Form("-u +15550100 send '--message=-5 degrees' +15550101", 0),
    Form("-u +15550100 send -m x -a /nonexistent.png +15550101", 1),
    Form("-a +15550100 send -m hi 2501300b-4a58-46b4-a0c1-25ff84437fe2", 0),
    Form("-a +15550100 -o json send -m hi +15550101", 0),
    Form("--output json -a +15550100 send --message hi +15550101", 0),
    Form("-u +15550100 send -m hi -g group.GROUP", 1),
    Form("--trust-new-identities=always -u +15550100 send -m hi +15550101", 0),
    Form("-u +15550100 send --endsession +15550101", 0),
    Form("-u +15550100 send -m 'Hallo \nnew line 🪸' +15550101", 0),
    Form("--disable-send-log -u +15550100 send -m hi +15550101", 0),
    Form("-u +15550100 send -m one -m two +15550101", 0),
    Form("-u +15550100 send --mess hi +15550101", 1),
    Form("-u +15550100 send -m hi --attachments FILE -- +15550101", 1),
    Form("-a +15550100 send -m hi --attachment FILE FILE -- +15550101", 0),
    Form("--dbus send -m hello +15550101", 1),
    Form("--dbus-system send -m hello +15550101 -a FILE", 1),
    Form("-u +15550100 send --foo -m x +15550101", 1),
    Form("send --help", 0),
    Form("-u +15550100 send -h", 0),
)
RECEIVING = (
    Form("-u +15550100 receive", 0),
    Form("-u +15550100 -o json receive", 0),
    Form("--config CFG -o json -u +15550100 receive", 0),
    Form("-u +15550100 receive --json", 0),
    Form("-u +15550100 receive --json --ignore-attachments -t 1", 0),
    Form("-u +15550100 receive --ignore-attachments '-t 1'", 0),
    Form(
        "-u +15550100 -o json receive --timeout 1 --max-messages 4 --ignore-attachments --ignore-stories --ignore-avatars --ignore-stickers",
        0,
    ),
    Form(
        "--output json --config CFG -a +15550100 receive -t 1 --ignore-attachments --ignore-stories --ignore-avatars --ignore-stickers --max-messages 10 --send-read-receipts",
        0,
    ),
    Form("-o json -a +15550100 receive --ignore-attachments --ignore-stories -t 3", 0),
    Form("-u +15550100 receive --timeout 1", 0),
    Form("-a +15550100 -o json receive --timeout 1 --ignore-stories", 0),
    Form("-o json receive --timeout -1", RUNS),
    Form("--config CFG -a +15550100 receive --output=json --timeout 1", 1),
    Form("--output=json receive --ignore-attachments --ignore-stories", 0),
    Form("-u +15550100 receive -m", 1),
    Form("-u +15550100 receive --json-output", 1),
    Form("-u +15550100 receive -t 0", 0),
    Form("-u +15550100 receive --timeout 0.5", 0),
    Form("--verbose -u +15550100 receive", 0),
    Form("--data-dir CFG -a +15550100 receive -t 1", 0),
    Form("-o json -u +15550100 receive", 0),
    Form("receive -t 1", 0),
)
GROUPS = (
    Form("-u +15550100 listGroups", 0),
    Form("-u +15550100 listGroups -d", 0),
    Form("-o json -u +15550100 listGroups", 0),
    Form("--config CFG --output json -a +15550100 listGroups -d", 0),
    Form("-a +15550100 listGroups -o json", 1),
    Form("--config CFG -a +15550100 updateGroup --n NewGrp -m +15550101 +15550102", 0),
    Form(
        "--config CFG -a +15550100 updateGroup --n NewGrp2 -m +15550101 --set-permission-add-member only-admins --set-permission-edit-details every-member --set-permission-send-messages every-member --link enabled --description desc --expiration 60",
        1,
    ),
    Form("--config CFG -a +15550100 updateGroup -g GROUP -m +15550102", 0),
    Form("--config CFG -a +15550100 updateGroup -g GROUP -r +15550102", 0),
    Form("--config CFG -a +15550100 updateGroup -g GROUP --admin +15550101", 0),
    Form("--config CFG -a +15550100 updateGroup -g GROUP --remove-admin +15550101", 0),
    Form(
        "--config CFG -a +15550100 updateGroup -g GROUP -a FILE -d desc -n 'Test Group' --expiration 0 --link enabled",
        0,
    ),
    Form("--config CFG -a +15550100 updateGroup -g GROUP", 0),
    Form("--config CFG -a +15550100 block -g GROUP", 0),
    Form("--config CFG -a +15550100 unblock -g GROUP", 0),
    Form("-a +15550100 --output=json updateGroup -n GRUPPE -a FILE -m +15550100", 0),
    Form(
        "-a +15550100 updateGroup -g GROUP -n 'Test Group' -m +15550101 --admin +15550101 --description D --link=enabled-with-approval --set-permission-add-member=only-admins --set-permission-edit-details=only-admins --set-permission-send-messages=only-admins -e 42",
        0,
    ),
    Form(
        "-a +15550100 updateGroup -g GROUP --remove-admin +15550101 --reset-link --set-permission-send-messages=every-member --set-permission-add-member=every-member -e 0",
        0,
    ),
    Form("-u +15550100 updateGroup -n 'My Group' --members +15550101", 1),
    Form("--config CFG updateGroup -n NoUser -m +15550101", 1),
    Form("-a +15550100 listGroups -g GROUP", 0),
    Form("--config CFG -a +15550100 updateGroup -g GROUP -n 'Test Group'", 0),
    Form("-a +15550100 joinGroup --uri 'https://signal.group/#CjQKIA'", 1),
    Form("-u +15550100 quitGroup -g AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 1),
    Form("-u +15550100 listGroups --detailed", 0),
)
REACTIONS_AND_POLLS = (
    Form(
        "--config CFG -a +15550100 sendReaction +15550101 -e '👍' -a +15550101 -t 1796053759881", 0
    ),
    Form(
        "--config CFG -a +15550100 sendReaction +15550101 -e '👍' -a +15550101 -t 1796053759881 -r",
        0,
    ),
    Form(
        "--config CFG -a +15550100 sendReaction -g GROUP -e '👍' -a +15550100 -t 1796053759389", 0
    ),
    Form(
        "--config CFG -a +15550100 sendReaction +15550101 --attachment +15550101 -t 1796053759881 -e '👍'",
        1,
    ),
    Form("-u +15550100 sendReaction -e '👍' -a +15550101 -t 1796053759881 +15550101", 0),
    Form(
        "-u +15550100 sendReaction --target +15550101 --message-timestamp 1796053759881 --emoji '👍'",
        1,
    ),
    Form("-u +15550100 sendReaction +15550101 -t 1796053759881 -e '😃'", 1),
    Form("--config CFG -a +15550100 sendReceipt +15550101 -t 1796053759881", 0),
    Form("-a +15550100 sendReceipt +15550101 -t 1796053759881 --type viewed", 0),
    Form("--config CFG -a +15550100 sendTyping +15550101", 0),
    Form("--config CFG -a +15550100 sendTyping --stop +15550101", 0),
    Form("--config CFG -a +15550100 sendTyping -g GROUP", 0),
    Form("--config CFG -a +15550100 -o json remoteDelete +15550101 -t 1796053758590", 0),
    Form("-a +15550100 remoteDelete +15550101 -t 1796053758590", 0),
    Form(
        "--config CFG -a +15550100 -o json sendPollCreate -g GROUP -q 'lunch?' -o pizza sushi --no-multi",
        0,
    ),
    Form(
        "--config CFG -a +15550100 -o json sendPollCreate +15550101 -q 'lunch?' -o pizza sushi", 0
    ),
    Form(
        "--config CFG -a +15550100 -o json sendPollVote -g GROUP --poll-author +15550100 --poll-timestamp 1796053945321 --option 0 --vote-count 1",
        0,
    ),
    Form(
        "--config CFG -a +15550100 -o json sendPollTerminate -g GROUP --poll-timestamp 1796053945321",
        0,
    ),
    Form(
        "--config CFG -o json -a +15550100 sendPinMessage -g GROUP --target-author +15550100 --target-timestamp 1796053759389 --pin-duration 86400",
        0,
    ),
    Form(
        "--config CFG -o json -a +15550100 sendUnpinMessage -g GROUP --target-author +15550100 --target-timestamp 1796053759389",
        0,
    ),
    Form(
        "-a +15550100 --output=json sendPaymentNotification --receipt YWJjCg== --note notefoo +15550101",
        0,
    ),
)
PEOPLE = (
    Form("--config CFG -o json -a +15550100 getAvatar -g GROUP", 0),
    Form("--config CFG -o json -a +15550100 getAvatar --contact +15550101", 1),
    Form("--config CFG -o json -a +15550100 getAvatar --profile +15550101", 1),
    Form("--config CFG -o json -a +15550100 listStickerPacks", 0),
    Form(
        "--config CFG -o json -a +15550100 addStickerPack --uri 'https://signal.art/addstickers/#pack_id=000102030405060708090a0b0c0d0e0f&pack_key=000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f'",
        1,
    ),
    Form("-o json -u +15550100 listContacts", 0),
    Form("--config CFG -o json -a +15550100 listContacts --all-recipients", 0),
    Form("--config CFG -o json -a +15550100 listContacts +15550101", 0),
    Form("--output=json -u +15550100 listContacts -a +15550101", 0),
    Form("-u +15550100 listContacts", 0),
    Form("--config CFG -a +15550100 updateContact +15550101 -n Bobby -e 0", 0),
    Form("-u +15550100 updateContact +15550101 --name 'Bob B'", 0),
    Form("--config CFG -u +15550100 block +15550102", 0),
    Form("--config CFG -u +15550100 unblock +15550102", 0),
    Form("-o json -u +15550100 getUserStatus +15550101", 0),
    Form("--config CFG --output json -a +15550100 getUserStatus +15550101 +15559999", 0),
    Form("-a +15550100 getUserStatus +15550101", 0),
    Form("-o json -u +15550100 listIdentities -n +15550101", 0),
    Form("--config CFG -o json -a +15550100 listIdentities", 0),
    Form("-u +15550100 listIdentities", 0),
    Form("-u +15550100 trust -a +15550101", 0),
    Form("--config CFG -a +15550100 trust +15550101 --trust-all-known-keys", 0),
    Form(
        "--config CFG -a +15550100 trust +15550101 --verified-safety-number 000000000000000000000000000000000000000000000000000000000000",
        1,
    ),
    Form(
        "-u +15550100 trust +15550101 -v '00000 00000 00000 00000 00000 00000 00000 00000 00000 00000 00000 00000'",
        1,
    ),
    Form("--output=json -u +15550100 getAttachment --id doesnotexist --recipient +15550101", 1),
    Form("-a +15550100 uploadStickerPack /nonexistent/manifest.json", 3),
)
ACCOUNT = (
    Form("-a +15550100 updateProfile --given-name Alice", 0),
    Form("--config CFG -a +15550100 updateProfile --given-name Alice --avatar FILE --about hi", 0),
    Form("--config CFG -a +15550100 updateProfile --given-name Alice --remove-avatar", 0),
    Form("-u +15550100 updateProfile --name Alice", 0),
    Form(
        "-a +15550100 updateProfile --given-name=Alice --family-name=Adams --about=ABOUT --about-emoji=E --avatar=FILE --mobile-coin-address=YWJjCg==",
        0,
    ),
    Form("-o json listDevices", 0),
    Form("-u +15550100 listDevices", 0),
    Form("--config CFG -o json -a +15550100 listDevices", 0),
    Form("--config CFG -a +15550100 removeDevice --deviceId 2", 0),
    Form("--config CFG -a +15550100 addDevice --uri 'sgnl://linkdevice?uuid=x&pub_key=BQ'", 1),
    Form("--config CFG -u +15550100 updateAccount", 0),
    Form(
        "--config CFG -a +15550100 updateAccount --discoverable-by-number true --number-sharing true",
        0,
    ),
    Form("--config CFG -o json -a +15550100 updateAccount -u alice", 0),
    Form("--config CFG -o json -a +15550100 updateAccount --delete-username", 0),
    Form("--config CFG -o json -a +15550100 setPin 123456", 3),
    Form("--config CFG -o json -a +15550100 removePin", 0),
    Form("--config CFG -a +15550100 sendContacts", 0),
    Form("-a +15550100 updateConfiguration --read-receipts=true", 0),
    Form("-u +15550100 updateConfiguration --trust-new-identities always", 1),
    Form(
        "--config CFG -a +15550100 submitRateLimitChallenge --challenge 8xxxxxx8-0xx2-4xx9-9xx2-4xxxxxxxxxx7 --captcha signalcaptcha://signal-hcaptcha.5fa.registration.P.h.-K",
        6,
    ),
    Form("-a +15550100 sendSyncRequest", 0),
)
REGISTRATION = (
    Form("-u +15550155 register", 1),
    Form(
        "-u +15550156 register --captcha signalcaptcha://signal-hcaptcha.sandbox.registration.solved",
        0,
    ),
    Form(
        "--username +15550157 register --voice --captcha signalcaptcha://signal-hcaptcha.sandbox.registration.solved",
        0,
    ),
    Form(
        "-u +15550158 register -v --captcha signalcaptcha://signal-hcaptcha.sandbox.registration.solved",
        0,
    ),
    Form("-u +15550156 verify 000000", 2),
    Form("--config CFG -a +15550156 verify 000-000 --pin 1234", 1),
    Form("-u +15550159 verify 123456", 2),
    Form("-a +15550160 unregister", 1),
    Form("--config CFG -a +15550160 deleteLocalAccountData --ignore-registered", 0),
    Form("--config CFG -a +15550161 register", 1),
)
THE_REST = (
    Form("listAccounts", 0),
    Form("-o json listAccounts", 0),
    Form("--config CFG --output json listAccounts", 0),
    Form("-a +15550100 listAccounts", 1),
    Form("-u +15550100 listAccounts", 1),
    Form("--version", 0),
    Form("version", 0),
    Form("-o json version", 0),
    Form("-v", 1),
    Form("--help", 0),
    Form("", 1),
    Form("--config CFG --scrub-log listAccounts", 0),
    Form("-vv listAccounts", 0),
    Form("--verbose --verbose --config CFG listAccounts", 0),
    Form("link -n MyDevice", RUNS),
    Form("--config CFG link", RUNS),
    Form("--config CFG link --name OpenClaw-HA", RUNS),
    Form("-u +15550100 link -n 'AI Platform Server'", RUNS),
    Form("--config CFG link -n x --qr-code-output FILE", 1),
    Form("-u +15550100 daemon", 1),
    Form("-u +15550100 daemon --http localhost:8095 --no-receive-stdout", 1),
    Form("-a +15550100 jsonRpc", 1),
    Form("-u +15550100 jsonEventLoop", 1),
    Form("-a +15550100 daemon --socket SOCKET", 1),
    Form("--config CFG daemon --tcp 127.0.0.1:7590 --no-receive-stdout --receive-mode manual", 1),
    Form("-u +15550100 fooBar", 1),
    Form("--service-environment live listAccounts", 0),
)
