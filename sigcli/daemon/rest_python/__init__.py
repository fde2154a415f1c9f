"""The REST interface of python-signal-cli-rest-api 22.10 (reference: programs/rest-python.md)."""
