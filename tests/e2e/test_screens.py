"""What people see: the installed command on terminals of several kinds, word for word in ``expected/screens``.

After a change that is meant, ``SIGCLI_GOLDEN=write`` writes the files anew; the difference is part of the change.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from sigcli.store import inbox
from sigcli.store.accounts import DataDirectory
from sigcli.store.consumers import COMMAND_LINE, meet_consumer, take_until
from sigcli.store.database import Database
from sigcli.store.group_values import GroupDetails, Member
from sigcli.store.groups import accept_group, note_group, save_details
from sigcli.store.inbox_values import EnvelopeMetadata
from sigcli.store.recipients import list_recipients, update_recipient
from sigcli.wire.addresses import ServiceId, ServiceIdKind
from sigcli.wire.content import AttachmentPointer, Content, DataMessage, encode_content
from sigcli.wire.content.message_parts import GroupContext, Reaction
from sigcli.wire.envelopes import EnvelopeType
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey
from sigcli.zkgroup.groups import GroupSecretParams
from tests.bench.local_account import account_with_contacts
from tests.support.screens import SCREENS, Screen, written_out
from tests.support.sigcli_process import Sigcli, installed_command
from tests.unit.cli.render.test_qr import LONGEST

EXPECTED = Path(__file__).with_name("expected") / "screens"
WRITES = os.environ.get("SIGCLI_GOLDEN") == "write"
MASTER_KEY = GroupMasterKey(b"m" * 32)
TIME_MS = 1_700_000_000_000
OWN = ServiceId.aci("00000000-0000-0000-0000-000000000001")

DOCTOR = """
from sigcli.cli.app import main
from sigcli.client.doctor import examination
from sigcli.client.doctor.findings import Finding, Status

examination.examine = lambda *_, **__: [
    Finding("libraries", Status.OK, "cryptography and PyNaCl have what it takes"),
    Finding("clock", Status.WARNING, "the clock is 90 seconds slow", "have it set by NTP"),
    Finding("login", Status.FAILED, "the service refuses the login", "sigcli link makes a new one"),
    Finding("devices", Status.SKIPPED, "the login is refused"),
    Finding("pin", Status.SKIPPED, "the login is refused"),
]
main(WORDS)
"""
LINK = """
from sigcli.cli.commands.link import _draw

_draw(URI)
"""
PROGRESS = """
import sys
from sigcli.cli import terminal
from sigcli.cli.progress import ProgressLine, progress_line

line = progress_line()
if line is not None:
    line = ProgressLine(sys.stderr, line._columns, iter([0, 1, 2, 3, 3, 4]).__next__)
    line("sending holiday picture.jpg", 0, 12_345_678)
    line("sending holiday picture.jpg", 5_000_000, 12_345_678)
    terminal.warn("the connection broke; trying again")
    line("sending holiday picture.jpg", 12_000_000, 12_345_678)
    line("sending holiday picture.jpg", None, 12_345_678)
terminal.print_line("1700000000000")
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Sigcli:
    """An account with contacts, a group, and messages that were printed before."""
    sigcli = Sigcli(tmp_path_factory.mktemp("home"))
    account_with_contacts(sigcli.data_dir, 3)
    directory = DataDirectory(sigcli.data_dir)
    with directory.open_database(directory.choose(None)) as database:
        _people_and_group(database)
        _messages(database)
    sigcli.environment |= {"TZ": "UTC", "LANG": "C.UTF-8"}
    return sigcli


def _people_and_group(database: Database) -> None:
    first, second, third = list_recipients(database, only_contacts=True)
    params = GroupSecretParams.derive_from_master_key(MASTER_KEY)
    group_id = bytes(params.get_group_identifier())
    assert first.aci is not None
    assert second.aci is not None
    members = (Member(aci=OWN), Member(aci=first.aci), Member(aci=second.aci))
    with database.transaction() as transaction:
        update_recipient(transaction, first.id, given_name="Alice", family_name="王")
        update_recipient(transaction, second.id, given_name=None, profile_given_name="Bob\x1b[31m")
        update_recipient(transaction, third.id, given_name="Carol", blocked=True)
        row = note_group(transaction, GroupIdentifier(group_id), MASTER_KEY)
        save_details(transaction, row, GroupDetails(revision=1, title="Ops", members=members), 1)
        accept_group(transaction, GroupIdentifier(group_id))


def _messages(database: Database) -> None:
    first, second, _ = list_recipients(database)[:3]
    assert first.aci is not None
    assert second.aci is not None
    group = GroupContext(master_key=MASTER_KEY, revision=1)
    picture = AttachmentPointer(
        cdn_key="abc", cdn_number=3, content_type="image/png", file_name="a.png", size=123_456
    )
    thumb = Reaction(emoji="👍", target_author=OWN, target_timestamp_ms=1)
    said = (
        (first.aci, DataMessage(timestamp_ms=TIME_MS, body="disk is full\nagain", group=group)),
        (
            second.aci,
            DataMessage(timestamp_ms=TIME_MS + 60_000, body="\x1b[2Jlook", attachments=(picture,)),
        ),
        (first.aci, DataMessage(timestamp_ms=TIME_MS + 120_000, reaction=thumb)),
    )
    with database.transaction() as transaction:
        meet_consumer(transaction, COMMAND_LINE, TIME_MS)
        for number, (source, data) in enumerate(said):
            metadata = EnvelopeMetadata(
                server_guid=f"3f1c0f1e-0000-4000-8000-00000000000{number}",
                envelope_type=int(EnvelopeType.UNIDENTIFIED_SENDER),
                timestamp_ms=data.timestamp_ms,
                server_received_ms=data.timestamp_ms,
                server_delivered_ms=data.timestamp_ms,
                source=source,
                source_device=1,
                destination=ServiceIdKind.ACI,
                sealed=True,
                urgent=True,
                story=False,
            )
            content = encode_content(Content(data_message=data))
            last = inbox.store_content(transaction, metadata, content, None, TIME_MS)
        take_until(transaction, COMMAND_LINE, last, TIME_MS, keep=True)


def command(*words: str) -> list[str]:
    return [str(installed_command()), *words]


def program(text: str) -> list[str]:
    return [sys.executable, "-c", text]


SHOWN: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "help": (command("--help"), ("80x24", "120x40", "dumb")),
    "help of receive": (command("help", "receive"), ("80x24", "120x40")),
    "listContacts": (command("listContacts"), tuple(SCREENS)),
    "listGroups": (command("listGroups"), tuple(SCREENS)),
    "receive": (command("receive", "--replay"), ("80x24",)),
    "receive --brief": (command("receive", "--replay", "--brief"), tuple(SCREENS)),
    "doctor": (program(DOCTOR.replace("WORDS", '["doctor"]')), ("80x24", "dumb")),
    "doctor -v": (program(DOCTOR.replace("WORDS", '["doctor", "-v"]')), ("80x24",)),
    "link": (program(LINK.replace("URI", repr(LONGEST))), ("80x24", "dumb", "no-color")),
    "progress": (program(PROGRESS), ("80x24", "dumb")),
}
CASES = [(name, screen) for name, (_, screens) in SHOWN.items() for screen in screens]


@pytest.mark.parametrize(("name", "screen"), CASES)
def test_the_screen_shows_what_is_expected(home: Sigcli, name: str, screen: str) -> None:
    terminal, environment = SCREENS[screen], home.environment
    shown = terminal.shows(SHOWN[name][0], environment, home.home)
    path = EXPECTED / f"{name} on {screen}.txt".replace(" ", "_")
    recorded = written_out(shown.replace(str(home.data_dir), "DATA"))
    if WRITES:
        path.parent.mkdir(exist_ok=True)
        path.write_text(recorded)
    assert recorded == path.read_text()
    _fits(shown, terminal, name)


def _fits(shown: str, terminal: Screen, name: str) -> None:
    plain = re.sub("\x1b\\[[0-9;]*m", "", shown)
    if terminal.term == "dumb" or "NO_COLOR" in terminal.more:
        assert "\x1b" not in shown
    lines = [re.split("\r", line)[-1] for line in plain.split("\n")]
    if not name.startswith(("receive", "doctor")):  # whose lines are as long as what they tell
        assert max(map(len, lines)) <= terminal.columns
    if name == "link":
        assert len(lines) <= terminal.rows


def test_a_pipe_gets_the_lists_as_ever(home: Sigcli) -> None:
    contacts, groups = home.run("listContacts"), home.run("listGroups")
    assert all(line.startswith("Number: +1555") for line in contacts.lines)
    assert groups.lines[0].startswith("Id: ")
    assert "\x1b" not in contacts.stdout + groups.stdout
    coloured = home.run("receive", "--replay", "--brief", "--color", "always").stdout
    assert "\x1b[2m" in coloured
    assert "\x1b[2J" not in coloured
