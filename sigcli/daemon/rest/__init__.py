"""The REST interface of signal-cli-rest-api, as programs expect it (reference: programs/rest.md)."""
