"""The global options, from the table of settings."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from sigcli.errors import UsageError
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.store.setting_table import COUNT, FLAG, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.client.base.settings import Settings
    from sigcli.store.setting_table import SettingRow

    Serve = Callable[[Settings, Mapping[str, object], Callable[[str], None]], int]
    """Serves until told to stop, with ``sigcli daemon``'s options and a function to report its state; returns the
    exit code.
    """

JSON = "json"


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """The options of the command line by field, and their values together with environment and config.toml.

    ``settled`` is the same as ``given`` until ``settle`` has read the others.
    """

    given: Mapping[str, Any] = field(default_factory=dict)
    settled: Mapping[str, Any] = field(default_factory=dict)
    serve: Serve | None = field(default=None, repr=False)
    """Starts the daemon, which the command line may not import."""

    def get(self, name: str) -> Any:
        """The value of a field; None if it is not set anywhere."""
        return self.settled.get(name, self.given.get(name))

    @property
    def json(self) -> bool:
        return bool(self.get("output") == JSON)

    @property
    def verbose(self) -> int:
        return self.get("verbose") or 0

    def having(self, name: str, value: Any) -> GlobalOptions:
        """The options with one more value."""
        return replace(self, given={**self.given, name: value})

    def without(self, name: str) -> GlobalOptions:
        """The options as if a field had not been set anywhere."""
        given, settled = (
            {key: value for key, value in values.items() if key != name}
            for values in (self.given, self.settled)
        )
        return replace(self, given=given, settled=settled)


LONG: dict[str, SettingRow] = {
    spelling: row
    for row in SETTINGS
    for spelling in (*row.spellings, *row.aliases)
    if spelling.startswith("--")
}
SHORT: dict[str, str] = {
    spelling: next(one for one in group if one.startswith("--"))
    for row in SETTINGS
    for group in (row.spellings, row.aliases)
    for spelling in group
    if not spelling.startswith("--")
}


def with_option(options: GlobalOptions, name: str, value: str | None) -> GlobalOptions:
    """The options with one more, given by its long name; raises UsageError for an unsuitable value."""
    row = LONG[name]
    if row.means is not None:
        return options.having(row.field, row.means)
    if row.kind == COUNT:
        return options.having(row.field, options.given.get(row.field, 0) + 1)
    if row.kind == FLAG:
        return options.having(row.field, True)
    if value is None:
        raise UsageError(f"{name} needs a value")
    from sigcli.store.config import read_word

    return options.having(row.field, read_word(row, name, value))


def settle(options: GlobalOptions, environ: Mapping[str, str]) -> GlobalOptions:
    """Fill in from the environment and config.toml what the command line leaves open.

    When standing in for signal-cli, its own configuration files come before config.toml. Raises ConfigFileInvalid and
    UsageError.
    """
    from sigcli.cli.standing_in import manner
    from sigcli.store.config import settled

    how = manner(environ)
    if not how.stands_in:
        return replace(options, settled=settled(options.given, environ))
    from sigcli.cli.signal_cli_config import default_place, read_signal_cli_config

    values = settled(options.given, environ, read_signal_cli_config(environ))
    values |= {"served_version": how.served_version, "shares_attachments": True}
    values.setdefault("data_dir", default_place(environ))
    return replace(options, settled=values)
