"""How a message gets out: audience, composing, delivery, sessions, sender keys, what linked devices are told."""
