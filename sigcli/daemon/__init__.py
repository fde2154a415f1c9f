"""The same operations for programs: accounts kept open, and channels through which programs reach them."""
