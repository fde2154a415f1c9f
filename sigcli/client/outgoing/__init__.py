"""Messages on their way out: encrypted for every device, sent, their results told."""
