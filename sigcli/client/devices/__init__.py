"""The own devices: linked, listed, told what this one does."""
