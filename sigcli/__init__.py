"""sigcli: a Signal messenger client for the command line."""

__version__ = "0.1.0"
