"""v0: the requests without a version, whose answers have types of their own."""
