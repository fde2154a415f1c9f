"""Groups as the account changes them: made, updated, joined, left."""
