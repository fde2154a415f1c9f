"""Webhooks: everything received is posted to a URL, in order, until the handler has taken it."""
