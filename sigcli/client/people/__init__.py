"""Others: found, named, trusted, blocked; their profiles and pictures."""
