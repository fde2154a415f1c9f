"""signald's format of received messages and of results; values that are None are left out when written."""
