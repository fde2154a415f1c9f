"""What the server answers, one file a subject: each gives its routes."""
