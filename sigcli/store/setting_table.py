"""What can be set for a run, in one table: on the command line, in the environment and in config.toml.

Arguments, help, man page, completions, environment and config.toml are read from it. Imports nothing, so that help
costs nothing.
"""

from __future__ import annotations

# How a value is read.
TEXT = "text"
FLAG = "flag"
COUNT = "count"
"""A flag that counts how often it is given; a number in config.toml."""
CHOICE = "choice"
SECONDS = "seconds"
DURATION = "duration"
SIZE = "size"
TABLE = "table"
SECTION = "section"
"""A table whose keys are known where it is used."""

# What a shell completes.
FILES = "files"
DIRECTORIES = "directories"


class SettingRow:
    """One setting: the field that holds it, its option if it has one, its variable, its key in config.toml.

    ``aliases`` are spellings that work without being shown. ``means`` is what an option without a value stands for.
    ``choices`` bind where the kind is CHOICE, and are suggestions elsewhere. A plain class: help waits for no import.
    """

    __slots__ = (
        "aliases",
        "choices",
        "completes",
        "environment",
        "field",
        "help",
        "key",
        "kind",
        "means",
        "metavar",
        "spellings",
        "synonyms",
    )

    def __init__(
        self,
        field: str,
        kind: str = TEXT,
        spellings: tuple[str, ...] = (),
        *,
        aliases: tuple[str, ...] = (),
        environment: str | None = None,
        key: str | None = None,
        choices: tuple[str, ...] = (),
        synonyms: dict[str, str] | None = None,
        means: str | None = None,
        metavar: str | None = None,
        completes: str | None = None,
        help: str = "",
    ) -> None:
        self.field = field
        self.kind = kind
        self.spellings = spellings
        self.aliases = aliases
        self.environment = environment
        self.key = key
        self.choices = choices
        self.synonyms = synonyms or {}
        self.means = means
        self.metavar = metavar
        self.completes = completes
        self.help = help

    @property
    def name(self) -> str:
        """The long spelling of the option."""
        return next(one for one in self.spellings if one.startswith("--"))

    @property
    def takes_value(self) -> bool:
        """Whether a word follows the option."""
        return self.kind not in (FLAG, COUNT) and self.means is None

    @property
    def shown_help(self) -> str:
        """The help with the variable that does the same."""
        return f"{self.help} [{self.environment}]" if self.environment else self.help


SETTINGS: tuple[SettingRow, ...] = (
    SettingRow(
        "account",
        spellings=("-a", "--account"),
        aliases=("-u", "--username"),
        environment="SIGCLI_ACCOUNT",
        key="account",
        metavar="ACCOUNT",
        help="number or ACI of your account",
    ),
    SettingRow(
        "output",
        CHOICE,
        ("-o", "--output"),
        environment="SIGCLI_OUTPUT",
        key="output",
        choices=("plain-text", "json"),
        synonyms={"text": "plain-text"},
        metavar="plain-text|json",
        help="format of the output",
    ),
    SettingRow("output", spellings=("--json",), means="json", help="the same as -o json"),
    SettingRow(
        "data_dir",
        spellings=("-d", "--data-dir"),
        aliases=("-c", "--config"),
        environment="SIGCLI_DATA_DIR",
        key="data_dir",
        metavar="DIR",
        completes=DIRECTORIES,
        help="where accounts are kept (alias --config)",
    ),
    SettingRow(
        "service_environment",
        spellings=("--service-environment",),
        environment="SIGCLI_SERVICE_ENVIRONMENT",
        key="service_environment",
        choices=("live", "staging", "sandbox"),
        metavar="NAME|FILE",
        completes=FILES,
        help="live, staging, sandbox or a file",
    ),
    SettingRow(
        "trust_new_identities",
        CHOICE,
        ("--trust-new-identities",),
        key="trust_new_identities",
        choices=("on-first-use", "unless-verified", "always", "never"),
        metavar="POLICY",
        help="on-first-use, unless-verified, always or never",
    ),
    SettingRow(
        "disable_send_log",
        FLAG,
        ("--disable-send-log",),
        key="disable_send_log",
        help="keep no copy of sent messages to answer retry requests",
    ),
    SettingRow(
        "lock_timeout_s",
        SECONDS,
        ("--lock-timeout",),
        key="lock_timeout",
        metavar="SECONDS",
        help="how long to wait for another process (default 60)",
    ),
    SettingRow(
        "verbose",
        COUNT,
        ("-v", "--verbose"),
        key="verbose",
        help="say more on stderr; twice for all details",
    ),
    SettingRow(
        "quiet",
        FLAG,
        ("--quiet",),
        key="quiet",
        help="no timestamps of what was sent, no notices, no progress; warnings and errors stay",
    ),
    SettingRow(
        "color",
        CHOICE,
        ("--color",),
        aliases=("--colour",),
        key="color",
        choices=("auto", "always", "never"),
        metavar="WHEN",
        help="colours: auto (default), always or never",
    ),
    SettingRow(
        "log_file",
        spellings=("--log-file",),
        key="log_file",
        metavar="FILE",
        completes=FILES,
        help="write details there instead",
    ),
    SettingRow(
        "scrub_log",
        FLAG,
        ("--scrub-log",),
        key="scrub_log",
        help="mask numbers and ids in details",
    ),
    SettingRow(
        "no_daemon",
        FLAG,
        ("--no-daemon",),
        key="no_daemon",
        help="run in this process, even if a daemon is running",
    ),
    SettingRow("help", FLAG, ("-h", "--help"), help="show help, also after a command"),
    SettingRow("version", FLAG, ("--version",), help="print the version"),
    # Of config.toml alone:
    SettingRow("keep_messages_ms", DURATION, key="keep_messages"),
    SettingRow("keep_attachments_ms", DURATION, key="keep_attachments"),
    SettingRow("max_attachment_bytes", SIZE, key="max_attachment_size"),
    SettingRow("aliases", TABLE, key="aliases"),
    SettingRow("daemon", SECTION, key="daemon"),
)
"""Above the line, in the order in which help shows them."""
