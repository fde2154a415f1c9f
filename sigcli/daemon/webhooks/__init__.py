"""Webhooks: received messages are posted to a URL, in order, until the handler accepts each."""
