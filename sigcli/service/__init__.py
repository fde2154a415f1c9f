"""A Signal service over the network."""
