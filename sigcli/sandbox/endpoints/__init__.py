"""The endpoints of the server, one file a subject: each has its routes."""
