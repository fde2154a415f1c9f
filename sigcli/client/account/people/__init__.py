"""What the account decides about people: blocked, trusted, named, accepted."""
