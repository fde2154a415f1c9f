"""What a message says, and whom it is for: put together from the user's words."""
